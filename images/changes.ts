import {
  BatchDeleteImageCommand,
  DescribeImagesCommand,
  type ECRClient,
  ImageNotFoundException,
  UpdateImageStorageClassCommand,
} from "@aws-sdk/client-ecr";
import pMap from "p-map";
import { chunks } from "../aws/chunks";
import type { RepositoryReport } from "./clean-up-report";
import { needsManifest } from "./manifests";
import { BATCH, CONCURRENCY, imageOf, imagesOf, messageOf, type RegistryImage } from "./registry";
import type { RepositoryPlan } from "./repository-plan";

/** The given images as they are now, by digest; an image that is gone is not in it. */
async function imagesNow(
  ecr: ECRClient,
  plan: RepositoryPlan,
  images: readonly RegistryImage[],
): Promise<Map<string, RegistryImage>> {
  const repositoryName = plan.report.repository;
  const found = new Map<string, RegistryImage>();
  for (const asked of chunks(
    images.filter(({ digest }) => plan.present?.has(digest) !== false),
    BATCH,
  )) {
    try {
      const { imageDetails = [] } = await ecr.send(
        new DescribeImagesCommand({
          repositoryName,
          imageIds: asked.map(({ digest }) => ({ imageDigest: digest })),
          filter: { imageStatus: "ANY" },
        }),
      );
      imageDetails.map(imageOf).forEach((one) => found.set(one.digest, one));
    } catch (error) {
      // One image that is gone fails the whole request. Another run deletes too, so that later requests may miss images as
      // well: the list answers for them.
      if (error instanceof ImageNotFoundException) {
        const now = new Map((await imagesOf(ecr, repositoryName)).map((one) => [one.digest, one]));
        plan.present = new Set(now.keys());
        return now;
      }
      throw error;
    }
  }
  return found;
}

/** What happened to an image after it was selected that keeps it from being deleted or archived. */
function changeOf(then: RegistryImage, now: RegistryImage): string | undefined {
  const isLater = (a: Date | undefined, b: Date | undefined) => (a?.getTime() ?? 0) > (b?.getTime() ?? 0);
  if (now.tags.some((tag) => !then.tags.includes(tag))) {
    return `it was tagged ${now.tags.join(", ")} in the meantime`;
  }
  // Another rule is about untagged images. The tag may have moved between two pages of the list.
  if (now.tags.length === 0 && then.tags.length > 0) {
    return "it lost its tags in the meantime";
  }
  if (isLater(now.pushedAt, then.pushedAt)) {
    return "it was pushed again in the meantime";
  }
  if (then.status !== now.status) {
    return `it was ${now.status === "ARCHIVED" ? "archived" : "restored"} in the meantime`;
  }
  // Clean-up's own reading of a manifest counts as a pull of a list or an artifact.
  return isLater(now.pulledAt, then.pulledAt) && !needsManifest(then)
    ? "it was pulled in the meantime"
    : undefined;
}

/** Why nothing more of a repository is tried. */
export const AFTER_ERROR = "an earlier image of the repository could not be changed";

/** Reports images that a run does not try to change. */
export function leave(report: RepositoryReport, images: readonly RegistryImage[], reason: string): void {
  report.left.push(...images.map(({ digest }) => ({ digest, reason })));
}

/**
 * Archives and deletes families that are looked at together, request by request. What becomes of each image is in the report,
 * once.
 */
export class FamilyChanges {
  /** Images without an outcome. */
  private readonly open: Set<string>;
  private readonly kept = new Set<string>();
  /** How many images were changed, or may have been because an answer was lost. */
  counted = 0;

  constructor(
    private readonly ecr: ECRClient,
    private readonly plan: RepositoryPlan,
    private readonly requests: readonly RegistryImage[][],
  ) {
    this.open = new Set(requests.flat().map(({ digest }) => digest));
  }

  private settle(digest: string, outcome: "archived" | "deleted" | "gone"): void {
    if (this.open.delete(digest)) {
      this.plan.report[outcome].push(digest);
    }
  }

  private keep(digest: string, reason: string): void {
    if (this.open.delete(digest)) {
      this.kept.add(digest);
      this.plan.report.failed.push({ digest, reason });
    }
  }

  /** Keeps an image that is certainly not changed. */
  private refused(digest: string, reason: string): void {
    this.counted -= this.open.has(digest) ? 1 : 0;
    this.keep(digest, reason);
  }

  /**
   * Looks at images again, and at all that belongs to them, whether it goes later or stays. What changed since it was
   * selected is kept, and what it belongs to: its lists, its image.
   */
  private async look(given: readonly RegistryImage[]): Promise<void> {
    const { owners, ordered } = this.plan.relations;
    const looked = new Set(given.map(({ digest }) => digest));
    // What an image belongs to is before it.
    for (const { digest } of ordered) {
      if (owners.get(digest)?.some((owner) => looked.has(owner)) === true) {
        looked.add(digest);
      }
    }
    const images = ordered.filter(({ digest }) => looked.has(digest));
    const now = await imagesNow(this.ecr, this.plan, images);
    const changed: string[] = [];
    for (const image of images) {
      const found = now.get(image.digest);
      const reason = found === undefined ? undefined : changeOf(image, found);
      if (!this.open.has(image.digest)) {
        changed.push(...(reason === undefined ? [] : [image.digest]));
      } else if (found === undefined) {
        this.settle(image.digest, "gone");
      } else if (reason !== undefined) {
        this.keep(image.digest, reason);
        changed.push(image.digest);
      }
    }
    // The list grows while it is read.
    for (const digest of changed) {
      for (const owner of (owners.get(digest) ?? []).filter((one) => this.open.has(one))) {
        this.keep(owner, `${digest}, which belongs to it, changed in the meantime`);
        changed.push(owner);
      }
    }
  }

  /** Keeps what belongs to an image that could not be changed. */
  private keepWithOwners(images: readonly RegistryImage[]): void {
    for (const { digest } of images) {
      const owner = this.plan.relations.owners.get(digest)?.find((one) => this.kept.has(one));
      if (owner !== undefined) {
        this.keep(digest, `it belongs to ${owner}, which stays`);
      }
    }
  }

  /** @returns the first error */
  private async archive(images: readonly RegistryImage[]): Promise<string | undefined> {
    const errors: string[] = [];
    await pMap(
      images,
      async ({ digest: imageDigest }) => {
        try {
          await this.ecr.send(
            new UpdateImageStorageClassCommand({
              repositoryName: this.plan.report.repository,
              imageId: { imageDigest },
              targetStorageClass: "ARCHIVE",
            }),
          );
          this.settle(imageDigest, "archived");
        } catch (error) {
          errors.push(messageOf(error));
        }
      },
      { concurrency: CONCURRENCY },
    );
    return errors[0];
  }

  /** @returns the error */
  private async delete(images: readonly RegistryImage[]): Promise<string | undefined> {
    try {
      const { imageIds = [], failures = [] } = await this.ecr.send(
        new BatchDeleteImageCommand({
          repositoryName: this.plan.report.repository,
          imageIds: images.map(({ digest }) => ({ imageDigest: digest })),
        }),
      );
      imageIds.forEach(({ imageDigest = "" }) => {
        this.settle(imageDigest, "deleted");
      });
      for (const { imageId, failureCode = "", failureReason = "" } of failures) {
        if (failureCode === "ImageNotFound") {
          this.settle(imageId?.imageDigest ?? "", "gone");
        } else {
          this.refused(imageId?.imageDigest ?? "", `${failureCode}: ${failureReason}`);
        }
      }
      return undefined;
    } catch (error) {
      return messageOf(error);
    }
  }

  /** Images of a request whose answer is lost are changed or not. */
  private async lookForUnanswered(images: readonly RegistryImage[], reason: string): Promise<void> {
    if (images.length === 0) {
      return;
    }
    const now = await imagesNow(this.ecr, this.plan, images).catch(() => undefined);
    for (const { digest, status } of images) {
      const found = now?.get(digest);
      if (now === undefined) {
        const action = this.plan.actions.get(digest);
        this.keep(digest, `${reason}; it may be ${action}d`);
        this.plan.maybeArchived.push(...(action === "archive" ? [digest] : []));
      } else if (found === undefined) {
        this.settle(digest, "gone");
      } else if (found.status === "ARCHIVED" && status === undefined) {
        this.settle(digest, "archived");
      } else {
        this.refused(digest, reason);
      }
    }
  }

  /** @returns whether a request failed; what became of the images is in the report all the same */
  private async change(images: readonly RegistryImage[]): Promise<boolean> {
    const planned = (action: string) =>
      images.filter(({ digest }) => this.plan.actions.get(digest) === action);
    const open = (some: readonly RegistryImage[]) => some.filter(({ digest }) => this.open.has(digest));
    const [toArchive, toDelete] = [planned("archive"), planned("delete")];
    this.counted += images.length;
    const refused = await this.archive(toArchive);
    await this.lookForUnanswered(open(toArchive), refused ?? "");
    const problem = toDelete.length === 0 ? undefined : await this.delete(toDelete);
    await this.lookForUnanswered(open(toDelete), problem ?? "ECR did not say that it was deleted");
    // Each is archived by a request of its own. A second one is refused if only the answer to the first was lost.
    return problem !== undefined || toArchive.some(({ digest }) => this.kept.has(digest));
  }

  /**
   * @param room the number of images that may be changed
   * @param limit why the others are left
   * @returns whether it met an error, after which nothing more is changed
   */
  async run(room: number, limit: string): Promise<boolean> {
    const { report } = this.plan;
    const isOpen = ({ digest }: RegistryImage) => this.open.has(digest);
    let failed = false;
    for (const [i, request] of this.requests.entries()) {
      if (failed) {
        leave(report, request.filter(isOpen), AFTER_ERROR);
        continue;
      }
      try {
        // All of them before the first is changed: whether a list stays depends on its entries.
        await this.look(i === 0 ? this.requests.flat() : request.filter(isOpen));
        this.keepWithOwners(request.filter(isOpen));
        const open = request.filter(isOpen);
        leave(report, open.slice(room), limit);
        const allowed = open.slice(0, room);
        room -= allowed.length;
        failed = allowed.length > 0 && (await this.change(allowed));
      } catch (error) {
        request.filter(isOpen).forEach(({ digest }) => {
          this.keep(digest, messageOf(error));
        });
        failed = true;
      }
    }
    return failed;
  }
}
