import {
  isScalar,
  parseDocument,
  visit,
  type Document,
  type DocumentOptions,
  type ScalarTag,
  type SchemaOptions,
  type YAMLError,
} from "yaml";
import type { Advice } from "../documents/values";
import { withoutSecrets } from "./secrets";

/** A scalar without quotes that is read as something else than its text: 0042 is 34, 1.0 is 1. */
class Misread {
  constructor(
    readonly text: string,
    readonly value: unknown,
  ) {}

  toJSON(): unknown {
    return this.value;
  }
}

/** A scalar that is read as something else than its text, and where it is. */
export interface MisreadScalar {
  /** Keys and indexes from the root of the file. */
  path: readonly PropertyKey[];
  /** The text in the file. */
  text: string;
  /** What it is read as. */
  value: unknown;
}

/** A text that is not the YAML that Pulumi takes. */
export class YamlError extends Error {
  readonly rule: string;

  /** @param line the first line is 1 */
  constructor(
    readonly line: number,
    rule: string,
    readonly fix: string,
  ) {
    const shown = withoutSecrets(rule);
    super(`line ${line}: ${shown}`);
    this.rule = shown;
  }
}

/** The date and time formats of Go's yaml.v3. https://github.com/go-yaml/yaml/blob/v3.0.1/resolve.go */
const TIMESTAMP =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:[Tt](\d\d?):(\d\d?):(\d\d?)(\.\d+)?(Z|[+-]\d\d:\d\d)| (\d\d?):(\d\d?):(\d\d?)(\.\d+)?)?$/;

/** A timestamp in the form in which Pulumi hands it over, Go's `time.Time.String`. */
function timestamp(text: string): string | undefined {
  const match = TIMESTAMP.exec(text);
  if (match === null) {
    return undefined;
  }
  const [, year, month, day, hour = match[9] ?? "0", minute = match[10] ?? "0", second = match[11] ?? "0"] =
    match;
  const parts = [year, month, day, hour, minute, second].map(Number);
  const [y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0] = parts;
  const date = new Date(Date.UTC(y, mo - 1, d, h, mi, s));
  const read = [
    date.getUTCFullYear(),
    date.getUTCMonth() + 1,
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
  ];
  if (read.join() !== parts.join()) {
    return undefined;
  }
  const fraction = (match[7] ?? match[12] ?? "").slice(0, 10).replace(/\.?0*$/, "");
  const zone = (match[8] ?? "Z").replace(":", "");
  const at = date.toISOString().slice(0, 19).replace("T", " ");
  return `${at}${fraction} ${zone === "Z" ? "+0000 UTC" : `${zone} ${zone}`}`;
}

const WORDS: Record<string, boolean | null> = {
  ...Object.fromEntries(["true", "True", "TRUE"].map((word) => [word, true])),
  ...Object.fromEntries(["false", "False", "FALSE"].map((word) => [word, false])),
  ...Object.fromEntries(["", "~", "null", "Null", "NULL"].map((word) => [word, null])),
};

/** A whole number as Go reads it with base 0. A leading zero makes it octal. */
function integer(text: string): bigint | undefined {
  const [sign, digits] = /^[-+]/.test(text) ? [text.charAt(0), text.slice(1)] : ["", text];
  const literal = /^0[0-7]+$/.test(digits) ? digits.replace(/^0/, "0o") : digits;
  if (!/^(0x[0-9a-f]+|0o[0-7]+|0b[01]+|0|[1-9]\d*)$/i.test(literal)) {
    return undefined;
  }
  const value = sign === "-" ? -BigInt(literal) : BigInt(literal);
  return value >= -(2n ** 63n) && value < 2n ** 64n ? value : undefined;
}

/**
 * A scalar without quotes as Go's yaml.v3 reads it, with which Pulumi reads its files.
 * https://github.com/go-yaml/yaml/blob/v3.0.1/resolve.go
 */
function plainScalar(text: string): string | number | boolean | null {
  const word = WORDS[text];
  if (word !== undefined && Object.hasOwn(WORDS, text)) {
    return word;
  }
  if (/^[-+]?\.(inf|Inf|INF)$/.test(text)) {
    return text.startsWith("-") ? -Infinity : Infinity;
  }
  if (/^\.(nan|NaN|NAN)$/.test(text)) {
    return NaN;
  }
  if (!/^[-+.\d]/.test(text)) {
    return text;
  }
  const plain = text.replaceAll("_", "");
  const whole = integer(plain);
  if (whole !== undefined) {
    return Number(whole);
  }
  if (/^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/.test(plain) && Number.isFinite(Number(plain))) {
    return Number(plain);
  }
  return timestamp(text) ?? text;
}

const PLAIN: ScalarTag = {
  tag: "tag:yaml.org,2002:str",
  default: true,
  test: /^/,
  resolve: (text) => {
    const value = plainScalar(text);
    return value === null || String(value) === text ? value : new Misread(text, value);
  },
};

/** What Pulumi's YAML is to the yaml package. Only plain scalars have a test, so quoted ones remain text. */
const AS_PULUMI: DocumentOptions & SchemaOptions = { schema: "failsafe", customTags: [PLAIN], merge: true };

/** The package's errors in other words. */
function inWords({ code, message }: YAMLError, line: string, at: number): Advice {
  const says = message.replace(/ at line \d+, column \d+:?[\s\S]*$/, "");
  const behind = line.indexOf(": ");
  const value = (behind === -1 ? line.replace(/^ *- /, "") : line.slice(behind + 2)).trim();
  const inFlow = /[[{]/.test(line.slice(0, at));
  const token = line
    .slice(at)
    .replace(inFlow ? /[,\]}].*/ : "", "")
    .trim();
  // A comma may have cut the value inside of an address.
  const quoted = (one: string) =>
    `quote the value${withoutSecrets(line) === line ? `: ${JSON.stringify(one)}` : ""}`;
  switch (code) {
    case "BAD_ALIAS":
      return { rule: "a value that begins with * or & needs quotes", fix: quoted(token) };
    case "BAD_SCALAR_START":
      return { rule: `a value that begins with ${token.charAt(0)} needs quotes`, fix: quoted(token) };
    case "BLOCK_AS_IMPLICIT_KEY":
      return {
        rule: 'a value that contains ": " needs quotes, and a key of a mapping its own line',
        fix: quoted(value),
      };
    case "TAB_AS_INDENT":
      return { rule: "indented with a tab, which YAML does not allow", fix: "indent with spaces" };
    case "DUPLICATE_KEY":
      return { rule: "a key that its mapping has already", fix: "remove one of the two" };
    case "MULTIPLE_DOCS":
      return {
        rule: "a second document begins here, which Pulumi does not read",
        fix: "remove the line ---",
      };
    case "TAG_RESOLVE_FAILED":
      return {
        rule: "a tag: only !!str is read here",
        fix: "remove the tag; quote what is text",
      };
    case "BAD_INDENT":
      return {
        rule: `not YAML: ${says}`,
        fix: "indent the keys of one mapping, and the entries of one list, by the same number of spaces",
      };
    default:
      return { rule: `not YAML: ${says}`, fix: "correct this line, or the one before it" };
  }
}

/**
 * A YAML text as Pulumi reads it.
 * @throws YamlError where it is not YAML, or a key is read as something else than its text
 */
function parseYaml(text: string): Document.Parsed {
  if (/[\0\uFFFD]/.test(text)) {
    throw new YamlError(1, "the file is not UTF-8", "save it as UTF-8");
  }
  const document = parseDocument(text, AS_PULUMI);
  const lineOf = (offset: number) => text.slice(0, offset).split("\n").length;
  const [error] = [
    ...document.errors,
    ...document.warnings.filter(({ code }) => code === "TAG_RESOLVE_FAILED"),
  ];
  if (error !== undefined) {
    const line = lineOf(error.pos[0]);
    const start = text.lastIndexOf("\n", error.pos[0] - 1) + 1;
    const { rule, fix } = inWords(error, text.slice(start).split("\n", 1)[0] ?? "", error.pos[0] - start);
    throw new YamlError(line, rule, fix);
  }
  visit(document, {
    Alias: (_, alias, within) => {
      const node = alias.resolve(document);
      if (node !== undefined && within.includes(node)) {
        throw new YamlError(
          lineOf(alias.range?.[0] ?? 0),
          `*${alias.source} is part of what it stands for`,
          "write the value in its place",
        );
      }
    },
    Pair: (_, { key }) => {
      if (isScalar(key) && key.value instanceof Misread) {
        const { text: written, value } = key.value;
        throw new YamlError(
          lineOf(key.range?.[0] ?? 0),
          `the key ${written} is read as ${String(value)}`,
          `quote it: "${written}"`,
        );
      }
    },
  });
  return document;
}

/**
 * The data of a YAML text as Pulumi reads it.
 * @throws YamlError as {@link parseYaml}
 */
export function readYaml(text: string): { value: unknown; misread: MisreadScalar[] } {
  const misread: MisreadScalar[] = [];
  const plain = (value: unknown, path: readonly PropertyKey[]): unknown => {
    if (value instanceof Misread) {
      misread.push({ path, text: value.text, value: value.value });
      return value.value;
    }
    if (Array.isArray(value)) {
      return value.map((one, i) => plain(one, [...path, i]));
    }
    return value !== null && typeof value === "object"
      ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner, [...path, key])]))
      : value;
  };
  const document = parseYaml(text);
  let data: unknown;
  try {
    data = document.toJS();
  } catch (error) {
    // Aliases without an anchor, or too many of them, and merge keys whose value is not a mapping.
    throw new YamlError(
      1,
      `not YAML: ${error instanceof Error ? error.message : String(error)}`,
      "correct the aliases (*name) and merge keys (<<)",
    );
  }
  return { value: plain(data, []), misread };
}
