import {
  ListTagsForResourceCommand,
  paginateDescribeImages,
  paginateDescribeRepositories,
  RepositoryNotFoundException,
  type ECRClient,
  type ImageDetail,
  type ImageStatusFilter,
} from "@aws-sdk/client-ecr";
import pMap from "p-map";
import { isList } from "./manifests";

/** A repository of the platform, and the team that owns it. */
export interface RepositoryRef {
  /** `<team>-<service>-<env>` */
  name: string;
  team: string;
}

/** The result of an image's scan, as reported by ECR or Inspector. */
export interface ImageScan {
  /** ECR's ScanStatus, or the reason in Inspector's coverage; undefined where the image was never scanned. */
  status?: string;
  /** What ECR adds to the status. */
  description?: string;
  completedAt?: Date;
  /** Findings by severity. */
  counts: Record<string, number>;
}

/** An image (or manifest list, or artifact) as the registry has it. */
export interface RegistryImage {
  digest: string;
  tags: string[];
  /**
   * Compressed size of its layers, with those that it shares with other images. 0 for a manifest list, which has no layers
   * of its own; an image whose media type ECR does not return is treated as one with layers.
   */
  bytes: number;
  /** Bytes that a pull transfers if no layer is cached: `bytes`, or the size of a manifest list's largest entry. */
  pullBytes: number;
  pushedAt: Date;
  /** Last pull that ECR recorded, at most a day late; undefined where there was none. */
  pulledAt?: Date;
  /** Set for an image of the archive class, which cannot be pulled, and while it is restored, which takes up to 20 minutes. */
  status?: "ARCHIVED" | "ACTIVATING";
  /** When it was last moved to the archive class, also if it was restored since. */
  archivedAt?: Date;
  /** When it was last restored from the archive class. */
  restoredAt?: Date;
  /** Media type of the manifest. */
  mediaType?: string;
  /** Media type of what the manifest describes: of an image's configuration, or of an artifact such as a signature. */
  artifactType?: string;
  /** Digest of the image that a signature, SBOM or attestation belongs to, as ECR read it from the manifest. */
  subject?: string;
  scan: ImageScan;
}

/** How many repositories are read at a time. DescribeImages has a quota of requests per second, shared by the account. */
export const CONCURRENCY = 8;

/** The repositories in their order, from the given one. */
export function startingAt<R extends RepositoryRef>(
  repositories: readonly R[],
  name: string | undefined,
): R[] {
  const start = Math.max(
    0,
    repositories.findIndex((one) => one.name === name),
  );
  return [...repositories.slice(start), ...repositories.slice(0, start)];
}

/** Why the work for one repository failed. */
export interface RepositoryFailure {
  repository: string;
  error: string;
}

/** Reports how much of the work is done. */
export type Progress = (done: number, total: number) => void;

/**
 * Does the same work for each repository, several at a time. A failure does not stop the others.
 * @returns results in the order of the repositories, and what failed
 */
export async function forEachRepository<R extends { name: string }, T>(
  repositories: readonly R[],
  work: (repository: R) => Promise<T>,
  progress: Progress = () => undefined,
): Promise<{ results: T[]; failures: RepositoryFailure[] }> {
  let done = 0;
  const settled = await pMap(
    repositories,
    async (repository) => {
      try {
        return { result: await work(repository) };
      } catch (error) {
        return { failure: { repository: repository.name, error: messageOf(error) } };
      } finally {
        progress(++done, repositories.length);
      }
    },
    { concurrency: CONCURRENCY },
  );
  return {
    results: settled.flatMap((one) => ("result" in one ? [one.result as T] : [])),
    failures: settled.flatMap((one) => one.failure ?? []),
  };
}

/** An error as one line: its name in the SDK and its message. */
export function messageOf(error: unknown): string {
  if (error instanceof RepositoryNotFoundException) {
    return "it does not exist (yet: pulumi up makes it)";
  }
  return error instanceof Error
    ? error.name === "Error"
      ? error.message
      : `${error.name}: ${error.message}`
    : String(error);
}

/** The tags by which a stack's repositories are found. */
interface StackTags {
  project: string;
  environment: string;
}

/** The team of a repository with the tags of a stack; undefined where its tags are not the stack's. */
async function teamOf(
  ecr: ECRClient,
  resourceArn: string,
  { project, environment }: StackTags,
): Promise<string | undefined> {
  const { tags = [] } = await ecr.send(new ListTagsForResourceCommand({ resourceArn }));
  const tag = (key: string) => tags.find(({ Key }) => Key === key)?.Value;
  return tag("Project") === project && tag("Environment") === environment ? tag("Team") : undefined;
}

/**
 * Those of the given repositories that have the tags of the stack. The others are failures: a name alone does not say that
 * the stack declares the repository.
 */
export async function taggedRepositories<R extends RepositoryRef>(
  ecr: ECRClient,
  repositories: readonly (R & { arn: string })[],
  stack: StackTags,
): Promise<{ results: R[]; failures: RepositoryFailure[] }> {
  return forEachRepository(repositories, async (repository) => {
    if ((await teamOf(ecr, repository.arn, stack)) === undefined) {
      throw new Error(
        `it does not have the tags Project: ${stack.project}, Environment: ${stack.environment} and Team, so it is not touched`,
      );
    }
    return repository;
  });
}

/**
 * The repositories that a stack declares, found in the registry by its tags Project, Environment and Team, so
 * that a new team changes no function.
 */
export async function discoverRepositories(
  ecr: ECRClient,
  stack: StackTags,
): Promise<{ results: RepositoryRef[]; failures: RepositoryFailure[] }> {
  const named: { name: string; arn: string }[] = [];
  for await (const page of paginateDescribeRepositories({ client: ecr, pageSize: 1000 }, {})) {
    for (const { repositoryName = "", repositoryArn = "" } of page.repositories ?? []) {
      if (repositoryName.endsWith(`-${stack.environment}`)) {
        named.push({ name: repositoryName, arn: repositoryArn });
      }
    }
  }
  const { results, failures } = await forEachRepository(named, async ({ name, arn }) => {
    const team = await teamOf(ecr, arn, stack);
    return team === undefined ? undefined : { name, team };
  });
  return { results: results.filter((one) => one !== undefined), failures };
}

/**
 * An image as DescribeImages returns it.
 * @throws Error if it has no digest or no time of its push: left out, its signatures would belong to nothing
 */
export function imageOf(detail: ImageDetail): RegistryImage {
  const { imageDigest, imagePushedAt } = detail;
  if (imageDigest === undefined || imagePushedAt === undefined) {
    throw new Error(
      `ECR returned an image without ${imageDigest === undefined ? "its digest" : "the time of its push"}`,
    );
  }
  const summary = detail.imageScanFindingsSummary;
  const mediaType = detail.imageManifestMediaType;
  // The size of a manifest list is "the max size of all manifests in the list".
  // https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageDetail.html
  const pullBytes = detail.imageSizeInBytes ?? 0;
  return {
    digest: imageDigest,
    tags: detail.imageTags ?? [],
    bytes: isList({ mediaType }) ? 0 : pullBytes,
    pullBytes,
    pushedAt: imagePushedAt,
    ...(detail.lastRecordedPullTime === undefined ? {} : { pulledAt: detail.lastRecordedPullTime }),
    // ECR answers ACTIVE, or nothing, for an image that can be pulled.
    ...(detail.imageStatus === "ARCHIVED" || detail.imageStatus === "ACTIVATING"
      ? { status: detail.imageStatus }
      : {}),
    ...(detail.lastArchivedAt === undefined ? {} : { archivedAt: detail.lastArchivedAt }),
    ...(detail.lastActivatedAt === undefined ? {} : { restoredAt: detail.lastActivatedAt }),
    ...(mediaType === undefined ? {} : { mediaType }),
    ...(detail.artifactMediaType === undefined ? {} : { artifactType: detail.artifactMediaType }),
    ...(detail.subjectManifestDigest === undefined ? {} : { subject: detail.subjectManifestDigest }),
    scan: {
      ...(detail.imageScanStatus?.status === undefined ? {} : { status: detail.imageScanStatus.status }),
      ...(summary?.imageScanCompletedAt === undefined ? {} : { completedAt: summary.imageScanCompletedAt }),
      counts: summary?.findingSeverityCounts ?? {},
    },
  };
}

/**
 * The images of a repository, page by page until the last.
 * @param imageStatus default `ANY`; ECR's own default leaves archived images out. https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImagesFilter.html
 */
export async function imagesOf(
  ecr: ECRClient,
  repositoryName: string,
  imageStatus: ImageStatusFilter = "ANY",
): Promise<RegistryImage[]> {
  const images: RegistryImage[] = [];
  const pages = paginateDescribeImages(
    { client: ecr, pageSize: 1000 },
    { repositoryName, filter: { imageStatus } },
  );
  for await (const page of pages) {
    images.push(...(page.imageDetails ?? []).map(imageOf));
  }
  return images;
}

/** The most images that one BatchGetImage or BatchDeleteImage takes. https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchDeleteImage.html */
export const BATCH = 100;
