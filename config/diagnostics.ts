import { quantity } from "../aws/quantity";
import * as pulumi from "@pulumi/pulumi";
import type { Advice } from "../documents/values";
import { SECRET_NAME, textWithoutSecrets, withoutSecrets } from "./secrets";

/**
 * One thing wrong (or doubtful) in a stack's config, in words a reader of the stack file understands. Only
 * {@link diagnostic} makes one.
 */
export interface Diagnostic extends Advice {
  /** Whether it stops the stack (`error`) or is only reported (`warning`). */
  severity: "error" | "warning";
  /** The team file that the key is in, such as `teams/payments.yaml`. Default the stack's file. */
  file?: string;
  /**
   * Path of the key below the project's namespace, such as `teams[2].services[0].name`, or in the team file, such as
   * `services[0].name`; empty for a team file as a whole.
   */
  key: string;
  /** The value that is set there, without secrets; undefined if none is. */
  value: unknown;
  /** The default that applies if no value is set. */
  default?: unknown;
}

/** Path segments as people write them: `teams[2].services[0].name`. */
export function keyPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === "number" ? `${text}[${part}]` : text === "" ? String(part) : `${text}.${String(part)}`,
    "",
  );
}

/** A key and those above it: `a.b[0]`, `a.b` and `a`. */
export function withAncestors(key: string): string[] {
  return [key, ...[...key.matchAll(/(?!^)[.[]/g)].map(({ index }) => key.slice(0, index))];
}

/**
 * The value at a key path, undefined if none is set. A name in the path may contain dots itself, as in
 * `network.existing.ecr.api`.
 */
export function valueAt(config: unknown, key: string): unknown {
  if (key === "") {
    return config;
  }
  if (config === null || typeof config !== "object") {
    return undefined;
  }
  const [element, index] = /^\[(\d+)\]/.exec(key) ?? [];
  const name = Array.isArray(config)
    ? index
    : [...key.matchAll(/[.[]|$/g)]
        .map((end) => key.slice(0, end.index))
        .findLast((one) => Object.hasOwn(config, one));
  return name === undefined || !Object.hasOwn(config, name)
    ? undefined
    : valueAt(
        (config as Record<string, unknown>)[name],
        key.slice((element ?? name).length).replace(/^\./, ""),
      );
}

/** A diagnostic as it may be shown: nothing in it is a secret. */
export function diagnostic({ file, key, value, default: usual, ...advice }: Diagnostic): Diagnostic {
  return {
    ...advice,
    ...(file === undefined ? {} : { file }),
    key: textWithoutSecrets(key),
    value: value !== undefined && SECRET_NAME.test(key) ? "[not shown]" : withoutSecrets(value),
    ...(usual === undefined ? {} : { default: withoutSecrets(usual) }),
    rule: textWithoutSecrets(advice.rule),
    fix: textWithoutSecrets(advice.fix),
  };
}

/** Characters that nobody sees, or that change what others look like, except line breaks. */
const INVISIBLE = /(?![ \n])[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}\p{Z}]/gu;

/** A text in which every invisible character is escaped as in JSON, such as \u200b. */
export function visible(text: string): string {
  return text.replace(INVISIBLE, (characters) =>
    characters.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`),
  );
}

function show(value: unknown): string {
  const text = (JSON.stringify(value) as string | undefined) ?? typeof value;
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

function formatValue({ file, key: name, value, default: usual }: Diagnostic): string {
  if (file !== undefined && name === "") {
    return file;
  }
  const key = file === undefined ? name : `${file}: ${name}`;
  return value !== undefined
    ? `${key} = ${show(value)}`
    : usual === undefined
      ? `${key} is not set`
      : `${key} is not set (default ${show(usual)})`;
}

/** Diagnostics as text, one block each, in the order they were found. */
export function formatDiagnostics(diagnostics: readonly Diagnostic[]): string {
  return visible(
    diagnostics.map((one) => `  ${formatValue(one)}\n    rule: ${one.rule}\n    fix:  ${one.fix}`).join("\n"),
  );
}

/**
 * Every error of a stack's config in one report. A `RunError`, so that Pulumi prints the message
 * without a stack trace.
 */
export class ConfigError extends pulumi.RunError {
  constructor(
    stack: string,
    readonly diagnostics: readonly Diagnostic[],
  ) {
    const count = quantity(diagnostics.length, "problem");
    const files = diagnostics.some(({ file }) => file !== undefined) ? " and its team files have" : " has";
    super(`Pulumi.${stack}.yaml${files} ${count}; nothing was declared.\n${formatDiagnostics(diagnostics)}`);
  }
}
