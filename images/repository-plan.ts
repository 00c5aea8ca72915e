import { ARCHIVE_DAYS } from "../aws/archive";
import type { CleanUpRules } from "../documents/clean-up-request";
import type { ArchivedBefore } from "./archive-records";
import type { RepositoryReport } from "./clean-up-report";
import { familiesOf, type Family } from "./families";
import type { InUse } from "./in-use";
import type { ManifestLinks } from "./links";
import type { RegistryImage, RepositoryRef } from "./registry";
import type { Relations } from "./relations";
import { decide, type Action, type Decided, type Verdict } from "./selection";

/** A repository with what is decided about its images. */
export interface RepositoryPlan {
  report: RepositoryReport;
  /** In the order in which they go. */
  families: Family[];
  relations: Relations;
  /** What happens to each image, by digest. */
  actions: ReadonlyMap<string, Action>;
  /** Digests of those that may be archived: the answer was lost, and they could not be looked at. */
  maybeArchived: string[];
  /** Digests that the repository still had when it was last listed, because an image was gone. */
  present?: ReadonlySet<string>;
}

/** A repository as a run read it. */
export interface ReadRepository {
  repository: RepositoryRef;
  images: RegistryImage[];
  links: ReadonlyMap<string, ManifestLinks>;
  relations: Relations;
}

const DAY = 24 * 3600 * 1000;

/** What happens to images that are selected and, if a person was asked, confirmed together with all that they belong to. */
function confirmedOf(
  decided: readonly Decided[],
  { owners, ordered }: Relations,
  confirmed: ReadonlyMap<string, Action> | undefined,
): Map<string, Verdict & { go: true }> {
  const verdicts = new Map(decided.map(({ image, verdict }) => [image.digest, verdict]));
  const going = new Map<string, Verdict & { go: true }>();
  for (const { digest } of ordered) {
    const verdict = verdicts.get(digest);
    const stays = (owner: string) => verdicts.get(owner)?.go === true && !going.has(owner);
    if (
      verdict?.go === true &&
      (confirmed === undefined || confirmed.get(digest) === verdict.action) &&
      !owners.get(digest)?.some(stays)
    ) {
      going.set(digest, verdict);
    }
  }
  return going;
}

/** What a plan is made of, besides the repository itself. */
interface PlanInput {
  rules: CleanUpRules;
  inUse: InUse;
  now: Date;
  /** When the untagged images were first seen untagged, by digest. */
  untagged?: Readonly<Record<string, string>> | undefined;
  /** Undefined where nothing is archived. */
  archivedBefore?: ArchivedBefore | undefined;
  /** What a person confirmed; nothing else is planned. */
  confirmed?: ReadonlyMap<string, Action> | undefined;
}

/** What happens to the images of a repository. */
export function planOf(
  { repository: { name, team }, images, relations }: ReadRepository,
  { rules, inUse, now, untagged, archivedBefore, confirmed }: PlanInput,
): RepositoryPlan {
  const decided = decide(
    images,
    relations,
    rules,
    (image) => inUse.where(name, image),
    now,
    (digest) => (untagged?.[digest] === undefined ? undefined : new Date(untagged[digest])),
    archivedBefore === undefined ? undefined : (image) => archivedBefore.has(name, image),
  );
  const going = confirmedOf(decided, relations, confirmed);
  const kept: RepositoryReport["kept"] = {};
  for (const { image, verdict } of decided) {
    if (!going.has(image.digest)) {
      const why = verdict.go ? "not confirmed" : verdict.why;
      kept[why] = (kept[why] ?? 0) + 1;
    }
  }
  const families = familiesOf(
    images.filter(({ digest }) => going.has(digest)),
    relations,
  );
  const deletedFrom = new Date(now.getTime() + ARCHIVE_DAYS * DAY).toISOString().slice(0, 10);
  return {
    families,
    relations,
    maybeArchived: [],
    actions: new Map([...going].map(([digest, { action }]) => [digest, action])),
    report: {
      repository: name,
      team,
      images: images.length,
      kept,
      selected: families
        .flatMap(({ steps }) => steps.flat())
        .flatMap(({ digest, tags, bytes, pushedAt }) => {
          const { action, why } = going.get(digest) ?? {};
          return action === undefined || why === undefined
            ? []
            : [
                {
                  digest,
                  tags,
                  bytes,
                  pushedAt: pushedAt.toISOString(),
                  action,
                  why,
                  ...(action === "archive" ? { deletedFrom } : {}),
                },
              ];
        }),
      archived: [],
      deleted: [],
      gone: [],
      failed: [],
      left: [],
      wanted: decided.flatMap(({ image: { digest, tags, status }, verdict }) =>
        !verdict.go && verdict.why === "in use" && status === "ARCHIVED"
          ? [{ digest, tags, where: verdict.by }]
          : [],
      ),
    },
  };
}

/**
 * Signatures may be kept in another repository than their images (COSIGN_REPOSITORY). Those whose image was found in another
 * repository are taken out of the plans, with what belongs to them.
 * @param sawAll whether every repository of the stack was read; if not, the image may be in another one
 */
export function keepSignaturesOfOthers(plans: readonly RepositoryPlan[], sawAll: boolean): void {
  for (const plan of plans) {
    const { owners, subjects } = plan.relations;
    const kept = new Set<string>();
    // In the order of deletion, so that an owner comes before what belongs to it.
    for (const { digest } of plan.report.selected) {
      const here = owners.get(digest) ?? [];
      const isSomewhere = subjects
        .get(digest)
        ?.some(
          (subject) =>
            !owners.has(subject) && (!sawAll || plans.some(({ relations }) => relations.owners.has(subject))),
        );
      if (isSomewhere === true || here.some((owner) => kept.has(owner))) {
        kept.add(digest);
      }
    }
    if (kept.size > 0) {
      plan.families = familiesOf(
        plan.families.flatMap(({ steps }) => steps.flat()).filter(({ digest }) => !kept.has(digest)),
        plan.relations,
      );
      plan.report.selected = plan.report.selected.filter(({ digest }) => !kept.has(digest));
      plan.report.kept["kept with another image"] =
        (plan.report.kept["kept with another image"] ?? 0) + kept.size;
    }
  }
}
