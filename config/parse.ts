import type { z } from "zod";
import { crossChecks } from "./checks";
import type { Finding } from "./checks/report";
import { keyPath, unexplain } from "./report";
import { stackConfig, type StackConfig } from "./schema";
import { stackConfigSchema, type JsonSchema } from "./json-schema";
import { resolve, type Settings, type Surroundings } from "./settings";
import { nearest } from "./suggest";

/** What a stack's config came to: its settings where nothing is wrong, and everything there is to say. */
export interface Parsed {
  /** Undefined where a finding is an error. */
  settings: Settings | undefined;
  /** Errors and warnings, in the order of the stack file's parts. */
  findings: Finding[];
}

type Path = readonly PropertyKey[];

function valueAt(raw: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      value === null || typeof value !== "object" ? undefined : (value as Record<PropertyKey, unknown>)[part],
    raw,
  );
}

/** Keys that the schema knows at a path, for "did you mean". */
function knownKeys(path: Path): string[] {
  const at = path.reduce<JsonSchema | undefined>(
    (schema, part) => (typeof part === "number" ? schema?.items : schema?.properties?.[String(part)]),
    stackConfigSchema(),
  );
  return Object.keys(at?.properties ?? {});
}

/** Keys of earlier versions, by the end of their path without indexes. */
const REMOVED: Record<string, { rule: string; fix: string }> = {
  "lifecycle.rules.since": {
    // ECR takes sinceImagePulled with the action transition only.
    // https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
    rule: "days always counts from the push: ECR does not expire images by their last pull",
    fix: "remove since; to delete images that nobody pulls, set cleanUp.unpulledDays",
  },
};

function removedKey(path: Path): { rule: string; fix: string } | undefined {
  const names = `.${path.filter((part) => typeof part !== "number").join(".")}`;
  return Object.entries(REMOVED).find(([end]) => names.endsWith(`.${end}`))?.[1];
}

function findingsOf(raw: unknown, issues: readonly z.core.$ZodIssue[]): Finding[] {
  return issues.flatMap((issue): Finding[] => {
    if (issue.code === "unrecognized_keys") {
      const known = knownKeys(issue.path);
      return issue.keys.map((key) => {
        const near = nearest(key, known);
        return {
          severity: "error",
          key: keyPath([...issue.path, key]),
          value: valueAt(raw, [...issue.path, key]),
          ...(removedKey([...issue.path, key]) ?? {
            rule: "unknown key",
            fix:
              near === undefined
                ? `remove it; known keys here: ${known.join(", ")}`
                : `did you mean ${near}?`,
          }),
        };
      });
    }
    if (issue.code === "invalid_key") {
      return issue.issues.map((inner) => ({
        severity: "error" as const,
        key: keyPath(issue.path),
        value: valueAt(raw, issue.path),
        ...unexplain(inner.message),
      }));
    }
    const value = valueAt(raw, issue.path);
    const told =
      issue.code === "invalid_type" && !issue.message.includes("\n")
        ? kindProblem(issue, value)
        : unexplain(issue.message);
    return [{ severity: "error", key: keyPath(issue.path), value, ...told }];
  });
}

/** One finding a key: what is of the wrong kind need not be told that it is too long as well. */
function firstOfEachKey(findings: Finding[]): Finding[] {
  return findings.filter((finding, i) => findings.findIndex(({ key }) => key === finding.key) === i);
}

/** A value of another kind than the schema wants, such as text where a list stands. */
function kindProblem(issue: z.core.$ZodIssueInvalidType, value: unknown): { rule: string; fix: string } {
  const known = knownKeys(issue.path);
  if (issue.expected === "array") {
    return {
      rule: "a list",
      fix:
        value === undefined
          ? "add it"
          : `write it as [${typeof value === "object" ? "..." : JSON.stringify(value)}], or one "- " a line`,
    };
  }
  if (issue.expected === "object" || issue.expected === "record") {
    return {
      rule: "keys with values",
      fix:
        known.includes("name") && typeof value === "string"
          ? `write { name: ${value} }`
          : `write its keys below it${known.length === 0 ? "" : `; known keys here: ${known.join(", ")}`}`,
    };
  }
  if (issue.expected === "string") {
    return { rule: "text", fix: value === undefined ? "add it" : "write it in quotes" };
  }
  return unexplain(issue.message);
}

/** Stand-ins for the required keys, so that the rest can be compared although one of them is wrong. */
const STAND_INS: Record<string, unknown> = {
  accountId: "000000000000",
  contact: "nobody@invalid.example",
  teams: [],
};

/** Marks an array element that is left out, without moving those behind it. */
const LEFT_OUT = Symbol("left out");

function leaveOut(raw: unknown, path: Path, wholeElement: boolean): void {
  const depth = wholeElement ? path.findLastIndex((part) => typeof part === "number") + 1 : path.length;
  const cut = path.slice(0, depth === 0 ? 1 : depth);
  const parent = valueAt(raw, cut.slice(0, -1));
  const last = cut.at(-1);
  if (last === undefined || parent === null || typeof parent !== "object") {
    return;
  }
  if (Array.isArray(parent)) {
    parent[last as number] = LEFT_OUT;
  } else if (cut.length === 1 && Object.hasOwn(STAND_INS, last)) {
    (parent as Record<PropertyKey, unknown>)[last] = STAND_INS[String(last)];
  } else {
    delete (parent as Record<PropertyKey, unknown>)[last];
  }
}

/** Arrays without what was left out; `where` remembers at which index an element stood. */
function compact(value: unknown, where: WeakMap<object, number[]>): unknown {
  if (Array.isArray(value)) {
    const kept = value.flatMap((element, i) => (element === LEFT_OUT ? [] : [i]));
    const array = kept.map((i) => compact(value[i], where));
    where.set(array, kept);
    return array;
  }
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, compact(inner, where)]));
  }
  return value;
}

/** The key path of a finding about a compacted config, with the indexes of the stack file. */
function restoreIndexes(key: string, compacted: unknown, where: WeakMap<object, number[]>): string {
  let at = compacted;
  return key.replace(/[^.[\]]+|\[(\d+)\]/g, (part, index: string | undefined) => {
    const parent = at;
    at = valueAt(at, [index === undefined ? part : Number(index)]);
    return index === undefined ? part : `[${where.get(parent as object)?.[Number(index)] ?? index}]`;
  });
}

/** The part of a config that is well-formed, for the checks that compare keys with each other. */
function wellFormed(raw: unknown): { config: StackConfig; restore: (key: string) => string } | undefined {
  const copy: unknown = structuredClone(raw);
  for (let round = 0; round < 8; round++) {
    const where = new WeakMap<object, number[]>();
    const compacted = compact(copy, where);
    const result = stackConfig.safeParse(compacted);
    if (result.success) {
      return { config: result.data, restore: (key) => restoreIndexes(key, compacted, where) };
    }
    for (const issue of result.error.issues) {
      const path = issue.path.map((part, i) =>
        typeof part === "number"
          ? (where.get(valueAt(compacted, issue.path.slice(0, i)) as object)?.[part] ?? part)
          : part,
      );
      const paths = issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...path, key]) : [path];
      paths.forEach((one) => {
        leaveOut(copy, one, round > 0);
      });
    }
  }
  return undefined;
}

/**
 * Checks a stack's config and resolves it into settings. Pure, and never throws: whatever the input, what
 * is wrong with it comes back as findings, all at once.
 * @param raw the project's own keys, by name without the namespace
 * @param around the project, the stack and the `aws:` namespace
 */
export function parseStack(raw: unknown, around: Surroundings & { allowedAccountIds: unknown }): Parsed {
  const strict = stackConfig.safeParse(raw);
  const malformed = strict.success ? [] : firstOfEachKey(findingsOf(raw, strict.error.issues));
  const usable = strict.success ? { config: strict.data, restore: (key: string) => key } : wellFormed(raw);
  if (usable === undefined) {
    return { settings: undefined, findings: malformed };
  }
  const settings = resolve(usable.config, around);
  // What was left out or stood in for has been reported already; its consequences are no news.
  const within = (inner: string, outer: string) =>
    inner === outer || /^[.[]/.test(inner.startsWith(outer) ? inner.slice(outer.length) : "");
  const consequence = (key: string) =>
    malformed.some((told) => within(told.key, key) || within(key, told.key)) ||
    (/^aws:allowedAccountIds$|\.credentialArn$/.test(key) &&
      malformed.some((told) => told.key === "accountId"));
  const compared = crossChecks({
    config: usable.config,
    settings,
    allowedAccountIds: around.allowedAccountIds,
  })
    .map((finding) => ({ ...finding, key: usable.restore(finding.key) }))
    .filter(({ key }) => !consequence(key));
  const findings = [...malformed, ...compared];
  return { settings: findings.some(({ severity }) => severity === "error") ? undefined : settings, findings };
}
