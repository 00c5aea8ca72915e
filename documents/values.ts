import { z } from "zod";

/** What is wrong, and what to write instead. */
export interface Advice {
  /** The rule that a value breaks. */
  rule: string;
  /** What to write instead. */
  fix: string;
}

/** A rule and its fix as one message, the form in which they travel through zod. */
export function explain(rule: string, fix: string): string {
  return `${rule}\n${fix}`;
}

/** The inverse of {@link explain}; a message that zod wrote itself has no fix of ours. */
export function unexplain(message: string): Advice {
  const [rule = message, fix] = message.split("\n", 2);
  return { rule, fix: fix ?? "see docs/config.md" };
}

/** What is wrong with a number or a boolean where text belongs; undefined for any other value. */
export function unquoted(value: unknown): Advice | undefined {
  return typeof value === "number" || typeof value === "boolean"
    ? {
        rule: `it is ${typeof value === "number" ? "a number" : "true or false"}, and text belongs here`,
        fix: `quote it: "${value}"`,
      }
    : undefined;
}

/** Text, with the error message for a value that is missing or of another kind. */
export function text(error: string): z.ZodString {
  return z.string({
    error: ({ input }) => {
      const advice = unquoted(input);
      return advice === undefined ? error : explain(advice.rule, advice.fix);
    },
  });
}

/** A string matched by one regular expression, with the rule and the fix for the error message. */
export function matching(pattern: RegExp, rule: string, fix: string): z.ZodString {
  const told = explain(rule, fix);
  return text(told).regex(pattern, { error: told });
}

/** A whole number between two bounds, with the unit named. */
export function whole(unit: string, min: number, max: number): z.ZodNumber {
  const told = explain(
    `a whole number of ${unit} from ${min} to ${max}`,
    "write a whole number, without quotes",
  );
  return z.number({ error: told }).int({ error: told }).min(min, { error: told }).max(max, { error: told });
}

/** One of a few words. */
export function oneOf<const T extends readonly [string, ...string[]]>(...words: T) {
  return z.enum(words, { error: explain(`one of ${words.join(", ")}`, `write ${words.join(" or ")}`) });
}

/** ECR's image tag patterns in lifecycle policies: `*` is the wildcard, at most four a pattern. */
export const tagPattern = matching(
  /^(?!(?:[^*]*\*){5})[a-zA-Z0-9_*][a-zA-Z0-9._*-]{0,127}$/,
  "a tag pattern is 1 to 128 letters, digits, . _ - and at most four * (ECR: Lifecycle policy properties)",
  'write it like "v*" or "deployed-prod"',
);
