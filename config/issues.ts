import type { z } from "zod";
import { unexplain, unquoted, type Advice } from "../documents/values";
import { keyPath, valueAt, withoutSecrets } from "./diagnostics";
import type { JsonSchema } from "./json-schema";
import { nearest } from "./suggest";
import type { MisreadScalar } from "./yaml";

type Path = readonly PropertyKey[];

/** The schemas that a value at a part of a path may have. */
function below(schema: JsonSchema, part: PropertyKey): JsonSchema[] {
  const { items, properties, additionalProperties, anyOf = [] } = schema;
  const own =
    typeof part === "number"
      ? items
      : (properties?.[String(part)] ??
        (typeof additionalProperties === "object" ? additionalProperties : undefined));
  return [...(own === undefined ? [] : [own]), ...anyOf.flatMap((one) => below(one, part))];
}

/** The schemas that a value at a path may have. */
function schemasAt(root: JsonSchema, path: Path): JsonSchema[] {
  return path.reduce<JsonSchema[]>((schemas, part) => schemas.flatMap((one) => below(one, part)), [root]);
}

/**
 * What is wrong with scalars that are read as something else than their text: those that mean something else to a
 * reader, wherever they are, such as 010 (8) and dates, and any other where text belongs, such as 1.0 (1).
 * @param path the path below the schema of the path in a file
 */
export function misreadAdvice(
  misread: readonly MisreadScalar[],
  schema: JsonSchema,
  path: (inFile: Path) => Path = (same) => same,
): ({ key: string; value: unknown } & Advice)[] {
  return misread.flatMap(({ path: inFile, text, value }) => {
    const below = path(inFile);
    const isText =
      String(below[0]).startsWith("aws:") || schemasAt(schema, below).some(({ type }) => type === "string");
    const number = Number(text.replaceAll("_", ""));
    const isSame =
      typeof value === "boolean" || (number === value && Math.abs(number) <= Number.MAX_SAFE_INTEGER);
    if (isSame && !isText) {
      return [];
    }
    return [
      {
        key: keyPath(below),
        value: text,
        rule: `${text} is written without quotes, and Pulumi reads it as ${String(value)}`,
        fix:
          isText || typeof value !== "number"
            ? `quote it: ${JSON.stringify(text)}`
            : `write ${Number.isFinite(number) ? number : "a number"}, or quote it if it is text: ${JSON.stringify(text)}`,
      },
    ];
  });
}

/** Keys that a schema knows, for "did you mean". */
function keysOf({ properties = {}, anyOf = [] }: JsonSchema): string[] {
  return [...Object.keys(properties), ...anyOf.flatMap(keysOf)];
}

/** The issues of the form that a value was meant to have, where it may have several: a list or a mapping. */
function issuesOfForm({ errors, path }: z.core.$ZodIssueInvalidUnion): z.core.$ZodIssue[] | undefined {
  return errors
    .find((issues) =>
      issues.every((issue) => issue.path.length > 0 || !/^invalid_(type|value)$/.test(issue.code)),
    )
    ?.map((issue) => ({ ...issue, path: [...path, ...issue.path] }));
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

/** A value as an entry of a list. */
function entry(value: unknown, kinds: readonly JsonSchema[]): string {
  return typeof value === "string" && kinds.some(({ properties = {} }) => Object.hasOwn(properties, "name"))
    ? `{ name: ${value} }`
    : kinds.some(({ type }) => type === "string" || type === "object")
      ? JSON.stringify(String(value))
      : String(value);
}

/** What is wrong where a list belongs: text is often the list's entries, separated by commas. */
function notAList(value: unknown, kinds: readonly JsonSchema[]): Advice {
  const entries = () =>
    withoutSecrets(value) === value
      ? String(value)
          .split(/[,;]/)
          .map((part) => part.trim())
          .filter((part) => part !== "")
      : [withoutSecrets(value)];
  return {
    rule: "must be a list",
    fix:
      value === undefined || value === null
        ? "list its entries below it"
        : typeof value === "object"
          ? 'put "- " in front of it, or write it as [{ ... }]'
          : `write [${entries()
              .map((one) => entry(one, kinds))
              .join(", ")}], or one "- " per line`,
  };
}

/** A value of another kind than the schema wants, such as text where a list stands. */
function kindProblem(
  issue: z.core.$ZodIssueInvalidType,
  value: unknown,
  schemas: readonly JsonSchema[],
): Advice {
  const known = schemas.flatMap(keysOf);
  if (issue.expected === "array") {
    return notAList(
      value,
      schemas.flatMap(({ items }) => (items === undefined ? [] : [items])),
    );
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
    return unquoted(value) ?? { rule: "text", fix: value === undefined ? "add it" : "write it in quotes" };
  }
  return unexplain(issue.message);
}

/** Keys that no mapping can have: zod's records leave `__proto__` out without a word. */
export function reservedKeys(value: unknown, path: Path = []): ({ key: string } & Advice)[] {
  if (value === null || typeof value !== "object") {
    return [];
  }
  return Object.entries(value).flatMap(([name, inner]) => {
    const inside = [...path, Array.isArray(value) ? Number(name) : name];
    return name === "__proto__"
      ? [{ key: keyPath(inside), rule: "JavaScript has a use of its own for this key", fix: "rename it" }]
      : reservedKeys(inner, inside);
  });
}

/** What the schema's issues say, each with its key. */
export function adviceOf(
  raw: unknown,
  issues: readonly z.core.$ZodIssue[],
  schema: JsonSchema,
): ({ key: string } & Advice)[] {
  return issues.flatMap((issue): ({ key: string } & Advice)[] => {
    const key = keyPath(issue.path);
    const ofForm = issue.code === "invalid_union" ? issuesOfForm(issue) : undefined;
    if (ofForm !== undefined) {
      return adviceOf(raw, ofForm, schema);
    }
    const schemas = schemasAt(schema, issue.path);
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((name) => ({
        key: keyPath([...issue.path, name]),
        ...(removedKey([...issue.path, name]) ?? unknownKey(name, schemas.flatMap(keysOf))),
      }));
    }
    if (issue.code === "invalid_key") {
      return issue.issues.map(({ message }) => ({ key, ...unexplain(message) }));
    }
    return [
      {
        key,
        ...(issue.code === "invalid_type" && !issue.message.includes("\n")
          ? kindProblem(issue, valueAt(raw, key), schemas)
          : unexplain(issue.message)),
      },
    ];
  });
}
