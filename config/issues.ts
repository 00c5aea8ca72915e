import type { z } from "zod";
import { unexplain, type Advice } from "../documents/values";
import { keyPath, valueAt } from "./diagnostics";
import { stackConfigSchema, type JsonSchema } from "./json-schema";
import { nearest } from "./suggest";

type Path = readonly PropertyKey[];

/** Keys that the schema knows at a path, for "did you mean". */
function knownKeys(path: Path): string[] {
  const at = path.reduce<JsonSchema | undefined>(
    (schema, part) => (typeof part === "number" ? schema?.items : schema?.properties?.[String(part)]),
    stackConfigSchema(),
  );
  return Object.keys(at?.properties ?? {});
}

/** Keys of earlier versions, by the end of their path without indexes. */
const REMOVED: Record<string, Advice> = {
  "lifecycle.rules.since": {
    // ECR takes sinceImagePulled with the action transition only.
    // https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
    rule: "days always counts from the push: ECR does not expire images by their last pull",
    fix: "remove since; to delete images that nobody pulls, set cleanUp.unpulledDays",
  },
};

function removedKey(path: Path): Advice | undefined {
  const names = `.${path.filter((part) => typeof part !== "number").join(".")}`;
  return Object.entries(REMOVED).find(([end]) => names.endsWith(`.${end}`))?.[1];
}

function unknownKey(name: string, known: readonly string[]): Advice {
  const near = nearest(name, known);
  return {
    rule: "unknown key",
    fix: near === undefined ? `remove it; known keys here: ${known.join(", ")}` : `did you mean ${near}?`,
  };
}

/** A value of another kind than the schema wants, such as text where a list stands. */
function kindProblem(issue: z.core.$ZodIssueInvalidType, value: unknown): Advice {
  const known = knownKeys(issue.path);
  if (issue.expected === "array") {
    return {
      rule: "must be a list",
      fix:
        value === undefined
          ? "add it"
          : `write it as [${typeof value === "object" ? "..." : JSON.stringify(value)}], or one "- " a line`,
    };
  }
  if (issue.expected === "object" || issue.expected === "record") {
    return {
      rule: "must be a mapping",
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

/** What the schema's issues say, each with its key. */
export function adviceOf(raw: unknown, issues: readonly z.core.$ZodIssue[]): ({ key: string } & Advice)[] {
  return issues.flatMap((issue): ({ key: string } & Advice)[] => {
    const key = keyPath(issue.path);
    if (issue.code === "unrecognized_keys") {
      const known = knownKeys(issue.path);
      return issue.keys.map((name) => ({
        key: keyPath([...issue.path, name]),
        ...(removedKey([...issue.path, name]) ?? unknownKey(name, known)),
      }));
    }
    if (issue.code === "invalid_key") {
      return issue.issues.map(({ message }) => ({ key, ...unexplain(message) }));
    }
    return [
      {
        key,
        ...(issue.code === "invalid_type" && !issue.message.includes("\n")
          ? kindProblem(issue, valueAt(raw, key))
          : unexplain(issue.message)),
      },
    ];
  });
}
