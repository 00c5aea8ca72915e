import {
  BatchDeleteImageCommand,
  DescribeImagesCommand,
  type ECRClient,
  ImageNotFoundException,
  UpdateImageStorageClassCommand,
} from "@aws-sdk/client-ecr";
import pMap from "p-map";
import { needsManifest } from "./manifests";
import { CONCURRENCY, imageOf, imagesOf, messageOf, type RegistryImage } from "./registry";
import type { RepositoryPlan } from "./repository-plan";

/** The given images as they are now, by digest; an image that is gone is not in it. */
async function imagesNow(
  ecr: ECRClient,
  plan: RepositoryPlan,
  batch: readonly RegistryImage[],
): Promise<Map<string, RegistryImage>> {
  const repositoryName = plan.report.repository;
  const asked = batch.filter(({ digest }) => plan.present?.has(digest) !== false);
  if (asked.length === 0) {
    return new Map();
  }
  try {
    const { imageDetails = [] } = await ecr.send(
      new DescribeImagesCommand({
        repositoryName,
        imageIds: asked.map(({ digest }) => ({ imageDigest: digest })),
        filter: { imageStatus: "ANY" },
      }),
    );
    return new Map(imageDetails.flatMap((detail) => imageOf(detail) ?? []).map((one) => [one.digest, one]));
  } catch (error) {
    // One image that is gone fails the whole request. Another run deletes too, so that later batches may miss images as well:
    // the list answers for them.
    if (error instanceof ImageNotFoundException) {
      const now = new Map((await imagesOf(ecr, repositoryName)).map((one) => [one.digest, one]));
      plan.present = new Set(now.keys());
      return now;
    }
    throw error;
  }
}

/** What happened to an image after it was selected that keeps it from being deleted or archived. */
function changeOf(then: RegistryImage, now: RegistryImage): string | undefined {
  const isLater = (a: Date | undefined, b: Date | undefined) => (a?.getTime() ?? 0) > (b?.getTime() ?? 0);
  if (now.tags.some((tag) => !then.tags.includes(tag))) {
    return `it was tagged ${now.tags.join(", ")} in the meantime`;
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

/**
 * Archives images. An image whose request failed is looked at again: it is archived where only the answer was lost, or where
 * another run archived it in the same moment.
 * @throws Error where ECR refused one, after the others have been tried
 */
async function archive(
  ecr: ECRClient,
  plan: RepositoryPlan,
  images: readonly RegistryImage[],
): Promise<void> {
  const { report } = plan;
  const refused: { image: RegistryImage; error: unknown }[] = [];
  await pMap(
    images,
    async (image) => {
      try {
        await ecr.send(
          new UpdateImageStorageClassCommand({
            repositoryName: report.repository,
            imageId: { imageDigest: image.digest },
            targetStorageClass: "ARCHIVE",
          }),
        );
        report.archived.push(image.digest);
      } catch (error) {
        refused.push({ image, error });
      }
    },
    { concurrency: CONCURRENCY },
  );
  if (refused.length === 0) {
    return;
  }
  const now = await imagesNow(
    ecr,
    plan,
    refused.map(({ image }) => image),
  );
  let problem: string | undefined;
  for (const { image, error } of refused) {
    const status = now.get(image.digest)?.status;
    if (!now.has(image.digest)) {
      report.gone.push(image.digest);
    } else if (status === "ARCHIVED") {
      report.archived.push(image.digest);
    } else {
      problem ??= messageOf(error);
      report.failed.push({ digest: image.digest, reason: messageOf(error) });
    }
  }
  if (problem !== undefined) {
    throw new Error(problem);
  }
}

/** Deletes images. */
async function remove(ecr: ECRClient, { report }: RepositoryPlan, images: readonly RegistryImage[]) {
  const { imageIds = [], failures = [] } = await ecr.send(
    new BatchDeleteImageCommand({
      repositoryName: report.repository,
      imageIds: images.map(({ digest }) => ({ imageDigest: digest })),
    }),
  );
  const deleted = new Set(imageIds.map(({ imageDigest }) => imageDigest));
  for (const { digest } of images) {
    const failure = failures.find(({ imageId }) => imageId?.imageDigest === digest);
    if (deleted.has(digest)) {
      report.deleted.push(digest);
    } else if (failure?.failureCode === "ImageNotFound") {
      report.gone.push(digest);
    } else {
      const { failureCode = "", failureReason = "" } = failure ?? {};
      const reason =
        failure === undefined ? "ECR did not say that it was deleted" : `${failureCode}: ${failureReason}`;
      report.failed.push({ digest, reason });
    }
  }
}

/** Archives and deletes the images of one batch, as planned. Images that changed after they were selected are left. */
export async function changeBatch(
  ecr: ECRClient,
  plan: RepositoryPlan,
  batch: readonly RegistryImage[],
): Promise<void> {
  const { report, actions } = plan;
  if (batch.length === 0) {
    return;
  }
  const images = await imagesNow(ecr, plan, batch);
  const unchanged = batch.filter((image) => {
    const now = images.get(image.digest);
    const reason = now === undefined ? undefined : changeOf(image, now);
    if (now === undefined) {
      report.gone.push(image.digest);
    } else if (reason !== undefined) {
      report.failed.push({ digest: image.digest, reason });
    }
    return now !== undefined && reason === undefined;
  });
  const [archived, deleted] = (["archive", "delete"] as const).map((action) =>
    unchanged.filter(({ digest }) => actions.get(digest) === action),
  ) as [RegistryImage[], RegistryImage[]];
  await archive(ecr, plan, archived);
  if (deleted.length > 0) {
    await remove(ecr, plan, deleted);
  }
}
