import * as pulumi from "@pulumi/pulumi";
import type { Advice } from "../documents/values";

/** One thing wrong (or doubtful) in a stack's config, in words a reader of the stack file understands. */
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

/** Stands for an encrypted value offline, where only its place is known. A webhook's address may be one. */
export const ENCRYPTED = "https://secret.invalid/";

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

/** A value without secrets: encrypted values, and what follows the host in an address, where webhooks have their token. */
export function withoutSecrets<T>(value: T): T;
export function withoutSecrets(value: unknown): unknown {
  if (typeof value === "string") {
    return value
      .replaceAll(ENCRYPTED, "[secret]")
      .replace(/:\/\/(?:[^\s/@]*@)?([^\s/?#]+)[/?#][^\s"'\]]+/g, "://$1/…");
  }
  if (Array.isArray(value)) {
    return value.map((one: unknown) => withoutSecrets(one));
  }
  return value !== null && typeof value === "object"
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutSecrets(inner)]))
    : value;
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
  return diagnostics
    .map((one) => `  ${formatValue(one)}\n    rule: ${one.rule}\n    fix:  ${one.fix}`)
    .join("\n");
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
