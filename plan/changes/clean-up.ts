import { ARCHIVE_DAYS } from "../../aws/archive";
import { archivesFirst, cleansUp, type RepositorySettings, type Settings } from "../../config/settings";
import { CLEAN_UP_DEFAULTS, selectsAny, type CleanUpRules } from "../../documents/clean-up-request";
import { counted, listed, type Statement } from "./change";
import { Saying } from "./saying";

const cleanUp = new Saying("clean-up", "deletes");

/** What clean-up does in a stack. */
function modeOf(settings: Settings): "off" | "dry-run" | "delete" {
  return cleansUp(settings) ? settings.operations.cleanUp.mode : "off";
}

const MODES = {
  off: "there is no clean-up",
  "dry-run": "clean-up only reports the images that its rules select",
  delete: "clean-up deletes the images that its rules select",
};

function tagged({ olderThanDays, unpulledDays, keep, keepBy }: CleanUpRules): string | undefined {
  const conditions = [
    ...(olderThanDays === undefined ? [] : [`pushed at least ${counted(olderThanDays, "day")} ago`]),
    ...(unpulledDays === undefined ? [] : [`neither pulled nor pushed for ${counted(unpulledDays, "day")}`]),
    ...(keep === undefined
      ? []
      : [
          `not among the newest ${keep.toLocaleString("en-US")} (${keepBy === "semver" ? "by version" : "by push"})`,
        ]),
  ];
  return conditions.length === 0 ? undefined : `tagged images ${listed(conditions)}`;
}

function untagged({ untaggedDays }: CleanUpRules): string | undefined {
  return untaggedDays === undefined ? undefined : `images without a tag for ${counted(untaggedDays, "day")}`;
}

/** Whether rules select no image that the earlier ones did not. */
function selectsNoMore(before: CleanUpRules, after: CleanUpRules): boolean {
  const notSooner = (key: "untaggedDays" | "olderThanDays" | "unpulledDays" | "keep", none: number) =>
    (after[key] ?? none) >= (before[key] ?? none);
  return (
    notSooner("untaggedDays", Infinity) &&
    (tagged(after) === undefined ||
      (tagged(before) !== undefined &&
        notSooner("olderThanDays", 0) &&
        notSooner("unpulledDays", 0) &&
        notSooner("keep", 0) &&
        (after.keep === undefined || before.keep === undefined || after.keepBy === before.keepBy)))
  );
}

/** What clean-up now takes from one repository, in the mode that it has after the change. */
export function cleanUpOfRepository(
  before: RepositorySettings["cleanUp"],
  after: RepositorySettings["cleanUp"],
  mode: "dry-run" | "delete",
): Statement[] {
  const verb = mode === "delete" ? "deletes" : "reports";
  const loses = mode === "delete";
  const more = loses && !selectsNoMore(before, after);
  return [
    ...[tagged, untagged].flatMap((words) => {
      const [was, is] = [words(before), words(after)];
      return is === undefined
        ? was === undefined
          ? []
          : cleanUp.say(`clean-up no longer ${verb} ${was}`)
        : was === undefined
          ? cleanUp.say(`clean-up now ${verb} ${is}`, more)
          : cleanUp.becomes(was, is, more, (now) => `clean-up now ${verb} ${now}`);
    }),
    ...(selectsAny(after)
      ? cleanUp.lists(before.protect, after.protect, {
          gone: (words) => `clean-up no longer spares images tagged ${words}`,
          come: (words) => `clean-up now spares images tagged ${words}`,
          weaker: loses ? "gone" : undefined,
        })
      : []),
  ];
}

type CleanUp = Settings["operations"]["cleanUp"];

function listInWords({ inUse: { list } }: CleanUp): string {
  return list === undefined
    ? "no list of images in use"
    : `the list of images in use s3://${list.bucket}/${list.key}, if it is at most ${counted(list.maxAgeDays, "day")} old`;
}

function revisionsInWords({ inUse: { taskDefinitionRevisions: newest } }: CleanUp): string {
  return newest === undefined
    ? "all active task definitions"
    : `the newest ${counted(newest, "task definition")} of a family`;
}

/** What changes for the clean-up of a whole stack: whether it deletes, what it sees, and how much a run takes. */
export function cleanUpOfStack(before: Settings, after: Settings): Statement[] {
  const [was, is] = [modeOf(before), modeOf(after)];
  const deletes = is === "delete";
  const mode = cleanUp.becomes(MODES[was], MODES[is], deletes);
  if (is === "off" || was === "off") {
    return mode;
  }
  const [old, now] = [before.operations.cleanUp, after.operations.cleanUp];
  const sees = (key: "roles" | "regions" | "images", how: string) =>
    cleanUp.lists(old.inUse[key], now.inUse[key], {
      gone: (words) => `clean-up no longer sees images in use ${how} ${words}`,
      come: (words) => `clean-up now also sees images in use ${how} ${words}`,
      weaker: deletes ? "gone" : undefined,
    });
  const archives = (settings: Settings) =>
    archivesFirst(settings)
      ? `clean-up archives tagged images, and deletes them ${ARCHIVE_DAYS} days later`
      : "clean-up deletes tagged images without archiving them first";
  return [
    ...mode,
    ...cleanUp.becomes(archives(before), archives(after), deletes && !archivesFirst(after)),
    ...sees("roles", "through the role"),
    ...sees("regions", "in region"),
    ...sees("images", "by the reference"),
    ...cleanUp.lists(old.inUse.checkedByHand, now.inUse.checkedByHand, {
      gone: (words) => `clean-up now stops where it finds ${words} in use`,
      come: (words) => `clean-up no longer stops where it finds ${words} in use`,
      weaker: deletes ? "come" : undefined,
    }),
    ...cleanUp.becomes(
      listInWords(old),
      listInWords(now),
      deletes && old.inUse.list !== undefined,
      (words) => `clean-up now reads ${words}`,
    ),
    ...cleanUp.becomes(
      revisionsInWords(old),
      revisionsInWords(now),
      deletes &&
        (now.inUse.taskDefinitionRevisions ?? Infinity) < (old.inUse.taskDefinitionRevisions ?? Infinity),
      (words) => `the images of ${words} count as in use`,
    ),
    ...cleanUp.becomes(
      counted(old.maxDeletions, "image"),
      counted(now.maxDeletions, "image"),
      deletes && now.maxDeletions > old.maxDeletions,
      (words) => `one run of clean-up takes at most ${words}`,
    ),
    ...new Saying("clean-up", "protection").becomes(
      counted(old.reportDays, "day"),
      counted(now.reportDays, "day"),
      now.reportDays < old.reportDays,
      (days) => `reports of clean-up are kept for ${days}`,
    ),
    ...cleanUp.becomes(old.schedule, now.schedule, false, (words) => `clean-up runs at ${words}`),
  ];
}

/** The clean-up rules of a repository that its stack applies; undefined where nothing is cleaned up. */
export function appliedRules(settings: Settings, repository: RepositorySettings): CleanUpRules {
  return modeOf(settings) === "off" ? CLEAN_UP_DEFAULTS : repository.cleanUp;
}

/** The mode in which rules of a stack are reported. */
export function reportedMode(settings: Settings): "dry-run" | "delete" | undefined {
  const mode = modeOf(settings);
  return mode === "off" ? undefined : mode;
}
