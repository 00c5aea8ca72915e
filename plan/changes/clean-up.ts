import { cleansUp, type RepositorySettings, type Settings } from "../../config/settings";
import { selectsAny, type CleanUpRules } from "../../documents/clean-up-request";
import { counted, listed, type Statement } from "./change";
import { withAndWithout } from "./values";

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
  const risk = (lost: boolean) => (lost && mode === "delete" ? { risk: "deletes" as const } : {});
  const more = risk(!selectsNoMore(before, after));
  const { gone, come } = withAndWithout(before.protect, after.protect);
  const selections = [tagged, untagged].flatMap((words): Statement[] => {
    const [was, is] = [words(before), words(after)];
    return was === is
      ? []
      : [
          {
            kind: "clean-up",
            ...more,
            what:
              is === undefined
                ? `clean-up no longer ${verb} ${was}`
                : `clean-up now ${verb} ${is}${was === undefined ? "" : `; before, ${was}`}`,
          },
        ];
  });
  return [
    ...selections,
    ...(gone.length === 0 || !selectsAny(after)
      ? []
      : [
          {
            kind: "clean-up" as const,
            ...risk(true),
            what: `clean-up no longer spares images tagged ${listed(gone)}`,
          },
        ]),
    ...(come.length === 0 || !selectsAny(after)
      ? []
      : [{ kind: "clean-up" as const, what: `clean-up now spares images tagged ${listed(come)}` }]),
  ];
}

/** What changes for the clean-up of a whole stack: whether it deletes, what it sees, and how much a run takes. */
export function cleanUpOfStack(before: Settings, after: Settings): Statement[] {
  const [was, is] = [modeOf(before), modeOf(after)];
  const say = (what: string, lost = false): Statement => ({
    kind: "clean-up",
    ...(lost && is === "delete" ? { risk: "deletes" as const } : {}),
    what,
  });
  const statements = was === is ? [] : [say(`${MODES[is]}; before, ${MODES[was]}`, true)];
  if (is === "off" || was === "off") {
    return statements;
  }
  const [old, now] = [before.operations.cleanUp, after.operations.cleanUp];
  const seen = (
    [
      ["roles", "through the role"],
      ["regions", "in region"],
      ["images", "by the reference"],
    ] as const
  ).flatMap(([key, how]) => {
    const { gone, come } = withAndWithout(old.inUse[key], now.inUse[key]);
    return [
      ...(gone.length === 0
        ? []
        : [say(`clean-up no longer sees images in use ${how} ${listed(gone)}`, true)]),
      ...(come.length === 0 ? [] : [say(`clean-up now also sees images in use ${how} ${listed(come)}`)]),
    ];
  });
  const byHand = withAndWithout(old.inUse.checkedByHand, now.inUse.checkedByHand);
  const lists = [old.inUse.list, now.inUse.list].map((list) =>
    list === undefined
      ? "no list of images in use"
      : `the list of images in use s3://${list.bucket}/${list.key}, at most ${counted(list.maxAgeDays, "day")} old`,
  );
  const revisions = [old, now].map(({ inUse: { taskDefinitionRevisions: newest } }) =>
    newest === undefined
      ? "all active task definitions"
      : `the newest ${counted(newest, "task definition")} of a family`,
  );
  return [
    ...statements,
    ...seen,
    ...(byHand.come.length === 0
      ? []
      : [say(`clean-up no longer stops where it finds ${listed(byHand.come)} in use`, true)]),
    ...(byHand.gone.length === 0
      ? []
      : [say(`clean-up now deletes nothing where it finds ${listed(byHand.gone)} in use`)]),
    ...(lists[0] === lists[1] ? [] : [say(`clean-up now reads ${lists[1]}; before, ${lists[0]}`, true)]),
    ...(revisions[0] === revisions[1]
      ? []
      : [
          say(
            `the images of ${revisions[1]} count as in use; before, those of ${revisions[0]}`,
            (now.inUse.taskDefinitionRevisions ?? Infinity) < (old.inUse.taskDefinitionRevisions ?? Infinity),
          ),
        ]),
    ...(old.maxDeletions === now.maxDeletions
      ? []
      : [
          say(
            `one run of clean-up takes at most ${counted(now.maxDeletions, "image")}; before, ${old.maxDeletions.toLocaleString("en-US")}`,
            now.maxDeletions > old.maxDeletions,
          ),
        ]),
    ...(old.schedule === now.schedule
      ? []
      : [say(`clean-up runs at ${now.schedule}; before, ${old.schedule}`)]),
  ];
}

/** The clean-up rules of a repository that its stack applies; undefined where nothing is cleaned up. */
export function appliedRules(settings: Settings, { cleanUp }: RepositorySettings): CleanUpRules {
  return modeOf(settings) === "off" ? { keepBy: "pushed", protect: [] } : cleanUp;
}

/** The mode in which rules of a stack are reported. */
export function reportedMode(settings: Settings): "dry-run" | "delete" | undefined {
  const mode = modeOf(settings);
  return mode === "off" ? undefined : mode;
}
