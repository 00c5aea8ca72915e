import type { z } from "zod";
import { unexplain, unquoted, type Advice } from "../documents/values";
import { keyPath, valueAt, withAncestors } from "./diagnostics";
import type { JsonSchema } from "./json-schema";
import { partsOf, type Part } from "./parts";
import { isCiphertext, isEncrypted, withoutSecrets } from "./secrets";
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
function keysOf({ properties = {}, propertyNames, anyOf = [] }: JsonSchema): string[] {
  return [...Object.keys(properties), ...(propertyNames?.enum ?? []).map(String), ...anyOf.flatMap(keysOf)];
}

/** Where below a schema a key of a name is: the paths of the mappings that may have it. */
function placesOf(schema: JsonSchema, name: string, place = ""): string[] {
  const { properties = {}, items, anyOf = [] } = schema;
  return [
    ...(Object.hasOwn(properties, name) ? [place] : []),
    ...Object.entries(properties).flatMap(([key, inner]) =>
      placesOf(inner, name, place === "" ? key : `${place}.${key}`),
    ),
    ...(items === undefined ? [] : placesOf(items, name, `${place}[]`)),
    ...anyOf.flatMap((one) => placesOf(one, name, place)),
  ];
}

/** What to do with a key that belongs elsewhere. Undefined where that may be in many places, or nowhere. */
function misplacedKey(schema: JsonSchema, path: Path, name: string): string | undefined {
  const own = path.reduce<string>(
    (text, part) => (typeof part === "number" ? `${text}[]` : `${text}${text && "."}${String(part)}`),
    "",
  );
  const everywhere = placesOf(schema, name);
  const below = everywhere.filter((place) => withAncestors(place).includes(own));
  // What repositories have by default, a team and its services may have, too.
  const places = (below.length > 0 ? below : everywhere).filter(
    (place, _, all) => !(place.startsWith("teams") && all.some((other) => other.startsWith("repositories"))),
  );
  const shown = places.map((place) => (place === "" ? "the top level" : place));
  return shown.length === 0 || shown.length > 3 ? undefined : `move it to ${shown.join(" or ")}`;
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

/** @param missing required keys beside it that are not set: a single one is what a single unknown key was meant to be */
function unknownKey(
  { keys, path }: z.core.$ZodIssueUnrecognizedKeys,
  name: string,
  missing: readonly string[],
  schema: JsonSchema,
): Advice & { meant?: string } {
  const known = schemasAt(schema, path).flatMap(keysOf);
  const meant =
    nearest(name, known) ??
    known.find((one) => name.endsWith(`.${one}`)) ??
    (keys.length === 1 && missing.length === 1 ? missing[0] : undefined);
  return {
    rule: "unknown key",
    ...(meant === undefined
      ? { fix: misplacedKey(schema, path, name) ?? `remove it; known keys here: ${known.join(", ")}` }
      : { fix: `did you mean ${meant}?`, meant: keyPath([...path, meant]) }),
  };
}

/** A mapping with the keys that it must have; text is the name of one that needs no other. */
function mapping(value: unknown, required: readonly string[]): string {
  return required.length === 1 && typeof value === "string"
    ? `{ ${required[0]}: ${value} }`
    : `{ ${required.map((key) => `${key}: ...`).join(", ")} }`;
}

/** A value as an entry of a list. */
function entry(value: unknown, kinds: readonly JsonSchema[]): string {
  const required = kinds.flatMap((one) => one.required ?? []);
  return required.length > 0
    ? mapping(value, required)
    : kinds.some(({ type }) => type === "string")
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
    const required = schemas.flatMap((one) => one.required ?? []);
    return {
      rule: "must be a mapping",
      fix:
        required.length > 0 && issue.path.length > 0
          ? `write ${mapping(value, required)}`
          : `write its keys below it${known.length === 0 ? "" : `; known keys here: ${known.join(", ")}`}`,
    };
  }
  if (issue.expected === "string") {
    return unquoted(value) ?? { rule: "text", fix: value === undefined ? "add it" : "write it in quotes" };
  }
  return unexplain(issue.message);
}

/** What is wrong at a key. */
export interface Found extends Advice {
  key: string;
  /** The key that was meant, where it is another one. */
  meant?: string;
}

/** Keys that no mapping can have: zod's records leave `__proto__` out without a word. */
function reservedKeys(parts: readonly Part[]): Found[] {
  return parts
    .filter(({ path }) => path.at(-1) === "__proto__")
    .map(({ path }) => ({
      key: keyPath(path),
      rule: "JavaScript has a use of its own for this key",
      fix: "rename it",
    }));
}

/** Encrypted values where nothing can decrypt them. */
function misplacedSecrets(parts: readonly Part[]): Found[] {
  return parts.flatMap(({ path, value, parent }): Found[] => {
    const key = keyPath(path);
    const isWebhook = path.at(-1) === "endpoint" && (parent as { protocol?: unknown }).protocol === "https";
    if (isEncrypted(value) && !isWebhook) {
      return [
        {
          key,
          rule: "it is encrypted, so that commands cannot check and plan the stack: only the endpoint of an https subscription may be encrypted",
          fix: "write it in plain text",
        },
      ];
    }
    return isCiphertext(value)
      ? [
          {
            key,
            rule: "it is encrypted, and Pulumi decrypts only what is in the stack's file",
            fix: "move the team to teams in the stack's file",
          },
        ]
      : [];
  });
}

/**
 * What is wrong with the parts of a config, each with its key: once per key, and not again what follows from it.
 * @param issues what the schema says
 */
export function problemsOf(raw: unknown, issues: readonly z.core.$ZodIssue[], schema: JsonSchema): Found[] {
  const parts = partsOf(raw);
  const encrypted = misplacedSecrets(parts);
  const others = adviceOf(raw, issues, schema);
  const isMeant = new Set(others.flatMap(({ meant }) => meant ?? []));
  const isEncryptedKey = new Set(encrypted.map(({ key }) => key));
  const seen = new Set<string>();
  return (
    [
      ...reservedKeys(parts),
      ...encrypted,
      ...others.filter(
        ({ key }) =>
          !(isMeant.has(key) && valueAt(raw, key) === undefined) &&
          !withAncestors(key).some((one) => isEncryptedKey.has(one)),
      ),
    ]
      // What is of the wrong kind is not reported as too long as well.
      .filter(({ key }) => !seen.has(key) && seen.add(key))
  );
}

/** What the schema's issues say, each with its key. */
function adviceOf(raw: unknown, issues: readonly z.core.$ZodIssue[], schema: JsonSchema): Found[] {
  const withUnknownKeys = new Set(
    issues.flatMap(({ code, path }) => (code === "unrecognized_keys" ? [keyPath(path)] : [])),
  );
  const missing = new Map<string, string[]>();
  for (const { path } of issues) {
    const above = keyPath(path.slice(0, -1));
    if (withUnknownKeys.has(above) && valueAt(raw, keyPath(path)) === undefined) {
      missing.set(above, [...(missing.get(above) ?? []), String(path.at(-1))]);
    }
  }
  return issues.flatMap((issue): Found[] => {
    const key = keyPath(issue.path);
    const ofForm = issue.code === "invalid_union" ? issuesOfForm(issue) : undefined;
    if (ofForm !== undefined) {
      return adviceOf(raw, ofForm, schema);
    }
    // What a mapping lacks may be what an unknown key was meant to be.
    if (issue.code === "custom" && withUnknownKeys.has(key)) {
      return [];
    }
    const schemas = schemasAt(schema, issue.path);
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((name) => {
        const unknown = [...issue.path, name];
        return {
          key: keyPath(unknown),
          ...(removedKey(unknown) ?? unknownKey(issue, name, missing.get(key) ?? [], schema)),
        };
      });
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
