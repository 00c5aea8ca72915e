import {
  BatchDeleteImageCommand,
  BatchGetImageCommand,
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  GetRegistryScanningConfigurationCommand,
  ImageNotFoundException,
  type ImageDetail,
  type ImageFailure,
  ListTagsForResourceCommand,
  RepositoryNotFoundException,
  UpdateImageStorageClassCommand,
} from "@aws-sdk/client-ecr";
import type { Operations } from "./operations";
import { pageOf } from "./operations";
import { ACCOUNT, entriesOf, REGION, type StoredImage, type StoredRepository, type World } from "./world";

/** What the registry reports about a call that it has answered. */
export interface RegistryEvents<Caller> {
  /** Images that a listing of a whole repository returned, page by page. */
  listed(
    by: Caller,
    repository: StoredRepository,
    images: readonly StoredImage[],
    page: { isFirst: boolean; isLast: boolean },
  ): void;
  /** Images that were described by their digests. */
  checked(by: Caller, repository: StoredRepository, digests: readonly string[]): void;
  /** An image that is about to be deleted. */
  deleting(by: Caller, repository: StoredRepository, image: StoredImage): void;
  /** An image that is about to be archived. */
  archiving(by: Caller, repository: StoredRepository, image: StoredImage): void;
  /** Whether reading a manifest counts as a pull. */
  countsPulls(by: Caller): boolean;
  /** Why the registry refuses to delete an image for a reason of its own. */
  refuses(by: Caller, image: StoredImage): string | undefined;
  pageSize(): number;
}

const arnOf = (name: string) => `arn:aws:ecr:${REGION}:${ACCOUNT}:repository/${name}`;
const dateOf = (time: number | undefined) => (time === undefined ? undefined : new Date(time));
const failureOf = (imageDigest: string, failureCode: string): ImageFailure => ({
  imageId: { imageDigest },
  failureCode: failureCode as ImageFailure["failureCode"],
  failureReason: "as the simulation has it",
});

function detailOf(image: StoredImage): ImageDetail {
  return {
    imageDigest: image.digest,
    imageTags: image.tags.size === 0 ? undefined : [...image.tags],
    imageSizeInBytes: image.bytes,
    imagePushedAt: new Date(image.pushedAt),
    lastArchivedAt: dateOf(image.archivedAt),
    lastActivatedAt: dateOf(image.restoredAt),
    lastRecordedPullTime: dateOf(image.pulledAt),
    imageStatus: image.status ?? "ACTIVE",
    imageManifestMediaType: image.mediaType,
    artifactMediaType: image.artifactType,
    subjectManifestDigest: image.subject,
  };
}

/** ECR's operations on a world, as its API reference describes them. https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_Operations.html */
export function ecrOperations<Caller>(
  operations: Operations<Caller>,
  world: World,
  events: RegistryEvents<Caller>,
): void {
  const repositoryOf = (name: string | undefined) => {
    const repository = world.repositories.get(name ?? "");
    if (repository === undefined) {
      throw new RepositoryNotFoundException({ message: "not found", $metadata: {} });
    }
    return repository;
  };
  operations
    .on(DescribeRepositoriesCommand, ({ nextToken, maxResults = 100 }) => {
      const { page, ...rest } = pageOf([...world.repositories.keys()], nextToken, maxResults);
      return {
        repositories: page.map((repositoryName) => ({
          repositoryName,
          repositoryArn: arnOf(repositoryName),
        })),
        ...rest,
      };
    })
    .on(ListTagsForResourceCommand, ({ resourceArn = "" }) => {
      const { ours } = repositoryOf(resourceArn.split("/").at(-1));
      const tags = { Project: ours ? "ecr-platform" : "another", Environment: "dev", Team: "t" };
      return { tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
    })
    .on(GetRegistryScanningConfigurationCommand, () => ({
      scanningConfiguration: { scanType: world.scanType },
    }))
    .on(DescribeImagesCommand, ({ repositoryName, imageIds, filter, nextToken, maxResults = 100 }, by) => {
      const repository = repositoryOf(repositoryName);
      const wanted = (image: StoredImage) =>
        filter?.imageStatus === "ANY" || (image.status ?? "ACTIVE") === (filter?.imageStatus ?? "ACTIVE");
      if (imageIds !== undefined) {
        const found = imageIds.map(({ imageDigest = "" }) => repository.images.get(imageDigest));
        if (imageIds.length > 100 || found.includes(undefined)) {
          throw new ImageNotFoundException({ message: "an image was not found", $metadata: {} });
        }
        events.checked(
          by,
          repository,
          found.flatMap((image) => image?.digest ?? []),
        );
        return { imageDetails: found.flatMap((image) => (image && wanted(image) ? [detailOf(image)] : [])) };
      }
      // The token is a digest, so that what is deleted between two pages moves no other image.
      const all = [...repository.images.values()]
        .filter((image) => wanted(image) && image.digest > (nextToken ?? ""))
        .sort((a, b) => (a.digest < b.digest ? -1 : 1));
      const page = all.slice(0, Math.min(maxResults, events.pageSize()));
      const isLast = page.length === all.length;
      events.listed(by, repository, page, { isFirst: nextToken === undefined, isLast });
      return { imageDetails: page.map(detailOf), ...(isLast ? {} : { nextToken: page.at(-1)?.digest }) };
    })
    .on(BatchGetImageCommand, ({ repositoryName, imageIds = [] }, by) => {
      const repository = repositoryOf(repositoryName);
      const found = imageIds.map(({ imageDigest = "" }) => ({
        imageDigest,
        image: repository.images.get(imageDigest),
      }));
      const readable = found.flatMap(({ image }) => (image?.status === undefined ? (image ?? []) : []));
      if (events.countsPulls(by)) {
        readable.forEach((image) => {
          image.pulledAt = world.now;
        });
      }
      return {
        images: readable.map(({ digest, manifest }) => ({
          imageId: { imageDigest: digest },
          imageManifest: JSON.stringify({ schemaVersion: 2, ...manifest }),
        })),
        failures: found.flatMap(({ imageDigest, image }) =>
          image === undefined || image.status !== undefined ? [failureOf(imageDigest, "ImageNotFound")] : [],
        ),
      };
    })
    .on(BatchDeleteImageCommand, ({ repositoryName, imageIds = [] }, by) => {
      const repository = repositoryOf(repositoryName);
      const imageDigests = imageIds.flatMap(({ imageDigest }) => imageDigest ?? []);
      // AWS does not document whether a list and its entries may be in one request: here they may not.
      const entries = new Set([...repository.images.values()].flatMap(entriesOf));
      const answers = imageDigests.map((digest) => {
        const image = repository.images.get(digest);
        const refused =
          image === undefined
            ? "ImageNotFound"
            : entries.has(digest)
              ? "ImageReferencedByManifestList"
              : events.refuses(by, image);
        return { digest, image, refused };
      });
      for (const { digest, image, refused } of answers) {
        if (image !== undefined && refused === undefined) {
          events.deleting(by, repository, image);
          repository.images.delete(digest);
        }
      }
      return {
        imageIds: answers.flatMap(({ digest, refused }) =>
          refused === undefined ? [{ imageDigest: digest }] : [],
        ),
        failures: answers.flatMap(({ digest, refused }) =>
          refused === undefined ? [] : [failureOf(digest, refused)],
        ),
      };
    })
    .on(UpdateImageStorageClassCommand, ({ repositoryName, imageId, targetStorageClass }, by) => {
      const repository = repositoryOf(repositoryName);
      const image = repository.images.get(imageId?.imageDigest ?? "");
      if (image === undefined) {
        throw new ImageNotFoundException({ message: "an image was not found", $metadata: {} });
      }
      if ((targetStorageClass === "ARCHIVE") === (image.status !== undefined)) {
        throw Object.assign(new Error("it is in that class"), {
          name: "ImageStorageClassUpdateNotSupportedException",
        });
      }
      if (targetStorageClass === "ARCHIVE") {
        events.archiving(by, repository, image);
        world.archive(image, true);
      } else {
        world.restore(image);
      }
      return {};
    });
}
