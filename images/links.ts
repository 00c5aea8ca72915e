import { BatchGetImageCommand, type ECRClient } from "@aws-sdk/client-ecr";
import { chunks } from "../aws/chunks";
import { isList, LINKING_MANIFESTS, needsManifest, REFERRER_TAG } from "./manifests";
import { BATCH, type RegistryImage } from "./registry";

/** The references from an image to other images of its repository. */
export interface ManifestLinks {
  /** Digests of a manifest list's entries. */
  children: string[];
  /** Digests of the images that a signature, SBOM or attestation belongs to. */
  subjects: string[];
  /** Whether its entries are unknown, because it is an archived list. */
  unread?: true;
}

/** A manifest, as far as it refers to other images. https://github.com/opencontainers/image-spec/blob/main/image-index.md */
interface Manifest {
  manifests?: { digest: string; platform?: { os?: string } }[];
  subject?: { digest: string };
}

/**
 * The images that an artifact's tags name. An image with another tag is not an artifact, and a bare `sha256-<digest>` makes
 * one only of a list of referrers, whose entries have no platform.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#referrers-tag-schema
 */
function taggedSubjects(image: RegistryImage, manifest: Manifest | undefined): string[] {
  const named = image.tags.map((tag) => REFERRER_TAG.exec(tag));
  const listsReferrers =
    isList(image) && manifest?.manifests?.every(({ platform }) => platform === undefined) === true;
  return named.every((match) => match !== null && (match[2] !== undefined || listsReferrers))
    ? named.map((match) => `sha256:${match?.[1]}`)
    : [];
}

/** @throws Error where a manifest is not in the answer */
async function manifestsOf(
  ecr: ECRClient,
  repositoryName: string,
  digests: readonly string[],
): Promise<Map<string, Manifest>> {
  const { images = [], failures = [] } = await ecr.send(
    new BatchGetImageCommand({
      repositoryName,
      imageIds: digests.map((imageDigest) => ({ imageDigest })),
      acceptedMediaTypes: [...LINKING_MANIFESTS, "application/vnd.docker.distribution.manifest.v2+json"],
    }),
  );
  const found = new Map(
    images.flatMap(({ imageId, imageManifest }): [string, Manifest][] =>
      imageId?.imageDigest === undefined || imageManifest === undefined
        ? []
        : [[imageId.imageDigest, JSON.parse(imageManifest) as Manifest]],
    ),
  );
  const missing = digests.find((digest) => !found.has(digest));
  if (missing !== undefined) {
    const failure = failures.find(({ imageId }) => imageId?.imageDigest === missing);
    throw new Error(
      `the manifest of ${missing} cannot be read: ${failure === undefined ? "ECR did not return it" : `${failure.failureCode ?? ""} ${failure.failureReason ?? ""}`}`,
    );
  }
  return found;
}

/**
 * Digests of the images of a manifest list, without the attestations that BuildKit adds to its entries.
 * https://github.com/moby/buildkit/blob/master/docs/attestations/attestation-storage.md
 */
export async function entriesOf(ecr: ECRClient, repositoryName: string, list: string): Promise<string[]> {
  const { manifests = [] } = (await manifestsOf(ecr, repositoryName, [list])).get(list) ?? {};
  return manifests.filter(({ platform }) => platform?.os !== "unknown").map(({ digest }) => digest);
}

/**
 * The links between the images of a repository. Manifests of archived images are not read, because they cannot be pulled.
 * @param known links of archived images by digest, read before they were archived: a digest's manifest never changes
 * @throws Error where a manifest cannot be read, since what depends on it is then unknown
 */
export async function linksOf(
  ecr: ECRClient,
  repositoryName: string,
  images: readonly RegistryImage[],
  known: (digest: string) => ManifestLinks | undefined = () => undefined,
): Promise<Map<string, ManifestLinks>> {
  const manifests = new Map<string, Manifest>();
  for (const batch of chunks(
    images.filter((image) => image.status === undefined && needsManifest(image)),
    BATCH,
  )) {
    const digests = batch.map(({ digest }) => digest);
    for (const [digest, manifest] of await manifestsOf(ecr, repositoryName, digests)) {
      manifests.set(digest, manifest);
    }
  }
  const links = new Map<string, ManifestLinks>();
  for (const image of images) {
    const manifest = manifests.get(image.digest);
    const before = image.status === undefined ? undefined : known(image.digest);
    const children = before?.children ?? (manifest?.manifests ?? []).map(({ digest }) => digest);
    const subject = image.subject ?? manifest?.subject?.digest;
    const subjects = new Set([
      ...(before?.subjects ?? []),
      ...(subject === undefined ? [] : [subject]),
      ...taggedSubjects(image, manifest),
    ]);
    // A list whose subject is one of its entries, or itself, belongs to no other image.
    [image.digest, ...children].forEach((digest) => subjects.delete(digest));
    const unread =
      image.status !== undefined && before === undefined && (image.mediaType === undefined || isList(image));
    if (unread || children.length + subjects.size > 0) {
      links.set(image.digest, { children, subjects: [...subjects], ...(unread ? { unread } : {}) });
    }
  }
  return links;
}
