import * as pulumi from "@pulumi/pulumi";

/** One thing wrong (or doubtful) in a stack's config, in words a reader of the stack file understands. */
export interface Problem {
  /** Path of the key below the project's namespace, such as `teams[2].services[0].name`. */
  key: string;
  /** The value found there; `undefined` where the key is missing. */
  value: unknown;
  /** The rule that the value breaks. */
  rule: string;
  /** What to write instead. */
  fix: string;
}

/** A rule and its fix as one message, the form in which they travel through zod. */
export function explain(rule: string, fix: string): string {
  return `${rule}\n${fix}`;
}

/** The inverse of {@link explain}; a message that zod wrote itself has no fix of ours. */
export function unexplain(message: string): { rule: string; fix: string } {
  const [rule = message, fix] = message.split("\n", 2);
  return { rule, fix: fix ?? "see docs/config.md" };
}

/** Path segments as people write them: `teams[2].services[0].name`. */
export function keyPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === "number" ? `${text}[${part}]` : text === "" ? String(part) : `${text}.${String(part)}`,
    "",
  );
}

function show(value: unknown): string {
  if (value === undefined) {
    return "(missing)";
  }
  const text = (JSON.stringify(value) as string | undefined) ?? typeof value;
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

/** A list of problems as text, one block each, in the order they were found. */
export function formatProblems(problems: readonly Problem[]): string {
  return problems
    .map((p) => `  ${p.key} = ${show(p.value)}\n    rule: ${p.rule}\n    fix:  ${p.fix}`)
    .join("\n");
}

/**
 * Every problem of a stack's config in one report. A `RunError`, so that Pulumi prints the message
 * without a stack trace.
 */
export class ConfigError extends pulumi.RunError {
  constructor(
    stack: string,
    readonly problems: readonly Problem[],
  ) {
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    super(`Pulumi.${stack}.yaml has ${count}; nothing was declared.\n${formatProblems(problems)}`);
  }
}
