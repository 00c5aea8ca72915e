import { matchesGlob, scanningGlob } from "../../aws/globs";
import type { Settings } from "../../config/settings";
import type { Statement } from "./change";
import { Saying } from "./saying";

const scans = new Saying("scanning", "scanning");

/** How a repository is scanned, the most often first. */
const FREQUENCIES = ["continuously", "on push", "not at all"] as const;
const NEVER = 2;

function frequency({ scanning }: Settings, name: string): 0 | 1 | 2 {
  const matched = (filters: readonly string[]) =>
    filters.some((filter) => matchesGlob(scanningGlob(filter), name));
  return matched(scanning.continuous) ? 0 : matched(scanning.onPush) ? 1 : NEVER;
}

/** Repositories of the stack that are scanned in another way than before, and new ones that are not scanned. */
function ofRepositories(before: Settings, after: Settings): Statement[] {
  const existing = new Set(before.teams.flatMap(({ repositories }) => repositories.map(({ name }) => name)));
  return after.teams.flatMap(({ repositories }) =>
    repositories.flatMap(({ name }) => {
      const [was, is] = [frequency(before, name), frequency(after, name)];
      const said = existing.has(name)
        ? scans.becomes(FREQUENCIES[was], FREQUENCIES[is], is > was, (words) => `it is scanned ${words}`)
        : scans.say("it is not scanned: no filter matches it", true).filter(() => is === NEVER);
      return said.map((statement) => ({ ...statement, repository: name }));
    }),
  );
}

const TYPES = {
  basic: "images are scanned by ECR (basic scanning)",
  enhanced: "images are scanned by Amazon Inspector (enhanced scanning)",
};

/** What is scanned in another way, or no longer. */
export function scanningStatements(before: Settings, after: Settings): Statement[] {
  const [old, now] = [before.scanning, after.scanning];
  if (!old.manage || !now.manage) {
    return old.manage === now.manage
      ? []
      : scans.say(
          now.manage
            ? "the stack now owns the registry's scanning configuration"
            : "the stack no longer owns the registry's scanning configuration, which is kept in AWS",
          old.manage,
        );
  }
  const how = { continuous: "continuously", onPush: "on push" };
  const filters = (key: "continuous" | "onPush") =>
    scans.lists(old[key], now[key], {
      gone: (words) => `the filter ${words} no longer scans ${how[key]}`,
      come: (words) => `the filter ${words} now scans ${how[key]}`,
      // Repositories of other stacks may be scanned by it only.
      weaker: "gone",
    });
  const enhanced = old.type === "enhanced" && now.type === "enhanced";
  const inspector = (settings: Settings["scanning"]) =>
    settings.inspector.mode === "enable"
      ? "the stack enables Amazon Inspector"
      : "something else enables Amazon Inspector";
  return [
    ...scans.becomes(TYPES[old.type], TYPES[now.type], now.type === "basic"),
    ...(old.type === now.type ? [...filters("continuous"), ...filters("onPush")] : []),
    ...ofRepositories(before, after),
    ...(enhanced
      ? [
          ...scans.becomes(inspector(old), inspector(now), false),
          ...scans.lists(old.inspector.resourceTypes, now.inspector.resourceTypes, {
            gone: (words) => `Amazon Inspector no longer scans ${words} in this account`,
            come: (words) => `Amazon Inspector now scans ${words} in this account`,
            weaker: "gone",
          }),
          ...scans.lists(old.inspector.memberAccounts, now.inspector.memberAccounts, {
            gone: (words) => `the stack no longer manages Amazon Inspector in ${words}`,
            come: (words) => `the stack now enables Amazon Inspector in ${words}`,
            weaker: "gone",
          }),
        ]
      : []),
    // An image that seems unused is cleaned up.
    ...new Saying("clean-up", "deletes").lists(old.pullTimeExclusions, now.pullTimeExclusions, {
      gone: (words) => `pulls by ${words} now count as use`,
      come: (words) => `pulls by ${words} no longer count as use`,
      weaker: "come",
    }),
  ];
}

/** Repositories of a new stack that it does not scan. */
export function unscanned(after: Settings): Statement[] {
  return after.scanning.manage ? ofRepositories({ ...after, teams: [] }, after) : [];
}
