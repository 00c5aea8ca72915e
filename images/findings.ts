import type { ECRClient } from "@aws-sdk/client-ecr";
import { chunks } from "../aws/chunks";
import { basicScan } from "./basic-scans";
import { ecrClient, inspectorClient, type Connection } from "./clients";
import type { ImageFinding } from "./finding";
import { coveredScans, FILTER_VALUES, imageKey, inspectorFindings } from "./inspector";
import { entriesOf } from "./links";
import { isList } from "./manifests";
import {
  forEachRepository,
  imagesOf,
  type ImageScan,
  type Progress,
  type RegistryImage,
  type RepositoryFailure,
  type RepositoryRef,
} from "./registry";
import { isScannable, notScannedReason, type NotScannedReason } from "./scan-status";
import { scanTypeOf } from "./scans";

/** An image that findings were asked of. */
export interface LookedAt {
  repository: string;
  team: string;
  digest: string;
  tags: string[];
  /** Why its findings are not known; undefined where they are. */
  notScanned?: NotScannedReason;
  /** ECR's or Inspector's word for the state of its scan. */
  status?: string;
  description?: string;
  /** ISO 8601. */
  scannedAt?: string;
}

/** What scans found in the images of some repositories, and which of the images were not scanned. */
export interface Findings {
  scanType: "ENHANCED" | "BASIC";
  images: LookedAt[];
  findings: ImageFinding[];
  /** Repositories that could not be read. */
  failures: RepositoryFailure[];
  /** Tags of the images that were read. */
  tags: string[];
}

interface RepositoryImages {
  repository: RepositoryRef;
  /** Those that scans are about. */
  images: RegistryImage[];
  tags: string[];
}

/** The images that a tag or a digest names: those of a manifest list, or an archived list, whose entries are unknown. */
async function namedImages(
  ecr: ECRClient,
  repository: string,
  images: readonly RegistryImage[],
  name: string,
): Promise<RegistryImage[]> {
  const named = images.find(({ tags, digest }) => tags.includes(name) || digest === name);
  if (named === undefined || !isList(named) || named.status !== undefined) {
    return named === undefined ? [] : [named];
  }
  const entries = await entriesOf(ecr, repository, named.digest);
  return images.filter(({ digest }) => entries.includes(digest));
}

async function readRepository(
  ecr: ECRClient,
  repository: RepositoryRef,
  image: string | undefined,
): Promise<RepositoryImages> {
  const all = await imagesOf(ecr, repository.name);
  return {
    repository,
    images:
      image === undefined ? all.filter(isScannable) : await namedImages(ecr, repository.name, all, image),
    tags: all.flatMap(({ tags }) => tags),
  };
}

function lookedAt({ name, team }: RepositoryRef, image: RegistryImage, scan: ImageScan): LookedAt {
  const reason = notScannedReason({ ...image, scan });
  const { status, description, completedAt } = scan;
  return {
    repository: name,
    team,
    digest: image.digest,
    tags: image.tags,
    ...(reason === undefined ? {} : { notScanned: reason }),
    ...(status === undefined ? {} : { status }),
    ...(description === undefined ? {} : { description }),
    ...(completedAt === undefined ? {} : { scannedAt: completedAt.toISOString() }),
  };
}

async function basic(ecr: ECRClient, { repository, images }: RepositoryImages) {
  const found: Pick<Findings, "images" | "findings"> = { images: [], findings: [] };
  for (const image of images) {
    const { scan, findings } =
      image.status === undefined
        ? await basicScan(ecr, repository, image)
        : { scan: image.scan, findings: [] };
    found.images.push(lookedAt(repository, image, scan));
    found.findings.push(...findings);
  }
  return found;
}

async function enhanced(
  connection: Connection,
  repositories: readonly RepositoryRef[],
  read: readonly RepositoryImages[],
  image: string | undefined,
) {
  const inspector = inspectorClient(connection);
  const scans = new Map<string, ImageScan>();
  for (const some of chunks(
    repositories.map(({ name }) => name),
    FILTER_VALUES,
  )) {
    const ecrRepositoryName = some.map((value) => ({ comparison: "EQUALS" as const, value }));
    for (const [key, scan] of await coveredScans(inspector, { ecrRepositoryName })) {
      scans.set(key, scan);
    }
  }
  const images = read.flatMap(({ repository, images: all }) =>
    all.map((one) =>
      lookedAt(repository, one, scans.get(imageKey(repository.name, one.digest)) ?? { counts: {} }),
    ),
  );
  const named = new Set(images.map(({ repository, digest }) => imageKey(repository, digest)));
  const findings = (await inspectorFindings(inspector, repositories)).filter(
    ({ repository, digest }) => image === undefined || named.has(imageKey(repository, digest)),
  );
  return { images, findings };
}

/**
 * Reads what the registry's scans found.
 * @param image tag or digest, default all images
 */
export async function readFindings(
  connection: Connection,
  repositories: readonly RepositoryRef[],
  image: string | undefined,
  progress?: Progress,
): Promise<Findings> {
  const ecr = ecrClient(connection);
  const scanType = await scanTypeOf(ecr);
  const { results, failures } = await forEachRepository(
    repositories,
    async (repository) => {
      const read = await readRepository(ecr, repository, image);
      return scanType === "BASIC"
        ? { read, ...(await basic(ecr, read)) }
        : { read, images: [], findings: [] };
    },
    progress,
  );
  const read = results.map((one) => one.read);
  const { images, findings } =
    scanType === "BASIC"
      ? { images: results.flatMap((one) => one.images), findings: results.flatMap((one) => one.findings) }
      : await enhanced(connection, repositories, read, image);
  return { scanType, images, findings, failures, tags: [...new Set(read.flatMap(({ tags }) => tags))] };
}
