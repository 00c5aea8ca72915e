import { UpdateImageStorageClassCommand, type ECRClient } from "@aws-sdk/client-ecr";
import { messageOf, type RegistryImage } from "./registry";
import type { Relations } from "./relations";

/**
 * The archived images among the given ones and all that belongs to them: entries of lists, signatures, SBOMs. Each is after
 * what belongs to it, so that a list is never restored before its entries.
 */
export function archivedWith(
  { owners, ordered }: Pick<Relations, "owners" | "ordered">,
  chosen: (image: RegistryImage) => boolean,
): RegistryImage[] {
  const found = new Set<string>();
  for (const image of ordered) {
    if (chosen(image) || owners.get(image.digest)?.some((owner) => found.has(owner)) === true) {
      found.add(image.digest);
    }
  }
  return ordered.filter(({ digest, status }) => found.has(digest) && status === "ARCHIVED").reverse();
}

/** What happened to images that were to be restored. */
export interface Restoration {
  repository: string;
  /** Digests of those that ECR restores: they can be pulled within 20 minutes. */
  restored: string[];
  failed: { digest: string; reason: string }[];
}

/** Restores archived images of a repository, in the order given; after an error it goes on with the next. */
export async function restoreImages(
  ecr: ECRClient,
  repositoryName: string,
  images: readonly RegistryImage[],
  onEach: () => void,
): Promise<Restoration> {
  const result: Restoration = { repository: repositoryName, restored: [], failed: [] };
  for (const { digest } of images) {
    try {
      await ecr.send(
        new UpdateImageStorageClassCommand({
          repositoryName,
          imageId: { imageDigest: digest },
          targetStorageClass: "STANDARD",
        }),
      );
      result.restored.push(digest);
      onEach();
    } catch (error) {
      result.failed.push({ digest, reason: messageOf(error) });
    }
  }
  return result;
}
