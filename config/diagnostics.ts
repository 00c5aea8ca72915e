import * as pulumi from "@pulumi/pulumi";
import type { Advice } from "../documents/values";

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

/** Begins what stands for an encrypted value offline. A webhook's address may be one. */
export const ENCRYPTED = "https://secret.invalid/";

const ENCRYPTED_VALUES = /https:\/\/secret\.invalid\/\w*/g;

/** Path segments as people write them: `teams[2].services[0].name`. */
export function keyPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === "number" ? `${text}[${part}]` : text === "" ? String(part) : `${text}.${String(part)}`,
    "",
  );
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

/** Words that look like an address and hold no secret: ARNs, and images in Amazon ECR. */
const PUBLIC = /^arn:aws|^\d{12}\.dkr\.ecr\./;

/** Whether a part of a word ends with a name of the Internet, such as `hooks.example.com:443`. */
function isHost(part: string): boolean {
  const labels =
    part
      .replace(/:\d+$/, "")
      .split(/[^\w.-]/)
      .at(-1)
      ?.split(".") ?? [];
  return /\w/.test(labels.at(-2) ?? "") && /^[a-z]{2,}$/i.test(labels.at(-1) ?? "");
}

/** A word without what follows the host of an address, with or without `https://`, and without the user before it. */
function withoutPath(word: string): string {
  const parts = PUBLIC.test(word) ? [] : word.split(/([/?#]+)/);
  const [host = -1] = parts.flatMap((part, i) => {
    const [scheme = "-", slashes = ""] = [parts[i - 2], parts[i - 1]];
    const afterScheme = slashes.startsWith("/") && (scheme.endsWith(":") || `${scheme}${slashes}` === "//");
    return i % 2 === 0 && part !== "" && (afterScheme || (i + 1 < parts.length && isHost(part))) ? [i] : [];
  });
  const name = parts[host]?.replace(/^.*@/s, "");
  return name === undefined
    ? word
    : `${parts.slice(0, host).join("")}${name}${host + 1 < parts.length ? "/…" : ""}`;
}

/** A text that may quote values, without their secrets. */
function textWithoutSecrets(text: string): string {
  return text.replace(ENCRYPTED_VALUES, "[secret]").replace(/[^\s"]+/g, withoutPath);
}

/** A value that is text, up to its first secret. */
function stringWithoutSecrets(value: string): string {
  const words = value.replace(ENCRYPTED_VALUES, "[secret]").split(/([\s"]+)/);
  const first = words.findIndex((word) => withoutPath(word) !== word);
  return words
    .slice(0, first === -1 ? undefined : first + 1)
    .map(withoutPath)
    .join("");
}

/** Names of keys whose value is shown nowhere. */
const SECRET_NAME = /secret|token|password|webhook/i;

/**
 * A value without secrets: encrypted values, what keys such as `token` hold, and all that follows the host in an
 * address, where webhooks have their token.
 */
export function withoutSecrets<T>(value: T): T;
export function withoutSecrets(value: unknown): unknown {
  if (typeof value === "string") {
    return stringWithoutSecrets(value);
  }
  if (Array.isArray(value)) {
    return value.map((one: unknown) => withoutSecrets(one));
  }
  return value !== null && typeof value === "object"
    ? Object.fromEntries(
        Object.entries(value).map(([key, inner]) => [
          textWithoutSecrets(key),
          SECRET_NAME.test(key) ? "[not shown]" : withoutSecrets(inner),
        ]),
      )
    : value;
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
    const count = diagnostics.length === 1 ? "1 problem" : `${diagnostics.length} problems`;
    const files = diagnostics.some(({ file }) => file !== undefined) ? " and its team files have" : " has";
    super(`Pulumi.${stack}.yaml${files} ${count}; nothing was declared.\n${formatDiagnostics(diagnostics)}`);
  }
}
