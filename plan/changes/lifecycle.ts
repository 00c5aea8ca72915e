import { coversGlob } from "../../aws/globs";
import { SIGNATURE_TAGS, type LifecycleSettings } from "../../documents/lifecycle";
import { counted, listed, type Statement } from "./change";

/** What a lifecycle policy does with images, without saying which. */
type Fate =
  | { how: "never" }
  | { how: "days" | "keep"; count: number }
  | { how: "push" | "pull"; count: number; deleteArchivedDays?: number };

/** A fate, with the rule that decides it: a pattern, or undefined for the rule for other images. */
type Ruled = Fate & { by: string | undefined };

/** Stands for the images without a tag: no pattern that a config can have. */
const UNTAGGED = "";

function otherFate({ others }: LifecycleSettings): Ruled {
  const { days, keep, archiveDays, archiveUnpulledDays, deleteArchivedDays } = others;
  const by = undefined;
  return keep !== undefined
    ? { how: "keep", count: keep, by }
    : archiveDays !== undefined
      ? { how: "push", count: archiveDays, deleteArchivedDays, by }
      : archiveUnpulledDays !== undefined
        ? { how: "pull", count: archiveUnpulledDays, deleteArchivedDays, by }
        : { how: "days", count: days ?? 0, by };
}

/** Patterns with a rule of their own, in the order in which ECR tries them, and the untagged images. */
function ownFates(settings: LifecycleSettings): Ruled[] {
  return [
    ...[SIGNATURE_TAGS, ...settings.protect].map((by): Ruled => ({ how: "never", by })),
    ...settings.rules.flatMap(({ tags, keep, days }) =>
      tags.map((by): Ruled =>
        keep === undefined ? { how: "days", count: days ?? 0, by } : { how: "keep", count: keep, by },
      ),
    ),
    ...(settings.untaggedDays === undefined
      ? []
      : [{ how: "days" as const, count: settings.untaggedDays, by: UNTAGGED }]),
  ];
}

/**
 * What happens to images that have a tag of each of the patterns: the first rule that covers one of them decides, else the
 * rule for other images.
 */
export function fateOf(settings: LifecycleSettings, ...patterns: string[]): Ruled {
  const covering = ownFates(settings).find(({ by }) =>
    patterns.some((pattern) =>
      by === UNTAGGED || pattern === UNTAGGED ? by === pattern : coversGlob(by ?? "", pattern),
    ),
  );
  return covering ?? otherFate(settings);
}

function inWords(fate: Ruled, pattern: string): string {
  const rule =
    fate.by === pattern
      ? ""
      : fate.by === undefined
        ? " (the rule for other images)"
        : ` (the rule for ${fate.by})`;
  switch (fate.how) {
    case "never":
      return `never expire${rule}`;
    case "days":
      return `expire ${counted(fate.count, "day")} after the push${rule}`;
    case "keep":
      return `expire beyond the newest ${fate.count.toLocaleString("en-US")}${rule}`;
    default:
      return `are archived ${counted(fate.count, "day")} after the last ${fate.how}${
        fate.deleteArchivedDays === undefined
          ? ""
          : ` and expire ${counted(fate.deleteArchivedDays, "day")} later`
      }${rule}`;
  }
}

/** Whether a fate surely keeps, and lets people pull, everything that an earlier one did. */
function keepsAsMuch(before: Ruled, after: Ruled): boolean {
  if (after.how === "never") {
    return true;
  }
  if (before.how === "never") {
    return false;
  }
  if (before.how !== after.how) {
    return (
      before.how === "days" &&
      after.how === "push" &&
      after.count >= before.count &&
      after.deleteArchivedDays === undefined
    );
  }
  const deletedLater =
    (after.how !== "push" && after.how !== "pull") ||
    after.deleteArchivedDays === undefined ||
    ("deleteArchivedDays" in before && (before.deleteArchivedDays ?? Infinity) <= after.deleteArchivedDays);
  // The newest of one pattern are other images than the newest of another.
  const sameImages = after.how !== "keep" || before.by === after.by;
  return after.count >= before.count && deletedLater && sameImages;
}

function subject(patterns: readonly (string | undefined)[]): string {
  const [first] = patterns;
  return first === undefined
    ? "images that no other rule is about"
    : first === UNTAGGED
      ? "untagged images"
      : `images tagged ${listed(patterns.map(String))}`;
}

/** What the lifecycle policy of a repository now expires, keeps or archives, pattern by pattern. */
export function lifecycleStatements(before: LifecycleSettings, after: LifecycleSettings): Statement[] {
  const patterns = [...new Set([...ownFates(before), ...ownFates(after)].map(({ by }) => by))];
  const groups = new Map<string, { patterns: (string | undefined)[]; risk: boolean; what: string }>();
  for (const pattern of [...patterns, undefined]) {
    const [was, is] = [before, after].map((settings) =>
      pattern === undefined ? otherFate(settings) : fateOf(settings, pattern),
    ) as [Ruled, Ruled];
    const [old, now] = [inWords(was, pattern ?? ""), inWords(is, pattern ?? "")].map((words) =>
      pattern === undefined ? words.replace(" (the rule for other images)", "") : words,
    );
    if (old === now || (pattern === UNTAGGED && was.by === undefined && is.by === undefined)) {
      continue;
    }
    const risk = !keepsAsMuch(was, is);
    const what = `now ${now}; before, they ${old}`;
    const key = JSON.stringify([
      what,
      pattern === undefined || pattern === UNTAGGED ? pattern : "tagged",
      risk,
    ]);
    const group = groups.get(key) ?? { patterns: [], risk, what };
    group.patterns.push(pattern);
    groups.set(key, group);
  }
  return [
    ...[...groups.values()].map(({ patterns: together, risk, what }) => ({
      kind: "lifecycle" as const,
      ...(risk ? { risk: "deletes" as const } : {}),
      what: `${subject(together)} ${what}`,
    })),
    ...otherRuleFirst(
      before,
      after,
      patterns.filter((pattern) => pattern !== undefined && pattern !== UNTAGGED) as string[],
    ),
  ];
}

/** What is lost only by images with tags of two patterns, since another of their rules comes first now. */
function otherRuleFirst(
  before: LifecycleSettings,
  after: LifecycleSettings,
  patterns: readonly string[],
): Statement[] {
  const loses = (...some: string[]) => !keepsAsMuch(fateOf(before, ...some), fateOf(after, ...some));
  const unharmed = patterns.filter((pattern) => !loses(pattern));
  return unharmed.flatMap((one, i) =>
    unharmed.slice(i + 1).flatMap((other): Statement[] =>
      loses(one, other)
        ? [
            {
              kind: "lifecycle",
              risk: "deletes",
              what: `images tagged both ${one} and ${other} now ${inWords(fateOf(after, one, other), "")}; before, they ${inWords(fateOf(before, one, other), "")}`,
            },
          ]
        : [],
    ),
  );
}
