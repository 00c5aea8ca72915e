import type { ManifestLinks } from "./links";
import type { RegistryImage } from "./registry";

/** How the images of a repository depend on each other. */
export interface Relations {
  /** The owners of each image that the repository still has: lists that contain it, and the images that it signs or describes. */
  owners: ReadonlyMap<string, readonly string[]>;
  /** Signatures, SBOMs and attestations, also of images that the repository no longer has: subjects by digest. */
  subjects: ReadonlyMap<string, readonly string[]>;
  /** When each image was last pulled: a manifest list when one of its entries was, since clean-up reads lists itself. */
  pulledAt: ReadonlyMap<string, Date>;
  /** The images, each after its owners. Images in a circle of digests, which no registry should have, are left out. */
  ordered: readonly RegistryImage[];
  /** An archived list whose entries are unknown; undefined if there is none. */
  unread?: string;
}

/** The relations between the images of a repository. */
export function relationsOf(
  images: readonly RegistryImage[],
  links: ReadonlyMap<string, ManifestLinks>,
): Relations {
  const byDigest = new Map(images.map((image) => [image.digest, image]));
  const owners = new Map<string, string[]>(images.map(({ digest }) => [digest, []]));
  const belonging = new Map<string, string[]>(images.map(({ digest }) => [digest, []]));
  const subjects = new Map<string, readonly string[]>();
  const relate = (owner: string, digest: string) => {
    owners.get(digest)?.push(owner);
    belonging.get(owner)?.push(digest);
  };
  for (const [digest, link] of links) {
    link.children
      .filter((child) => byDigest.has(child))
      .forEach((child) => {
        relate(digest, child);
      });
    link.subjects
      .filter((subject) => byDigest.has(subject))
      .forEach((subject) => {
        relate(subject, digest);
      });
    if (link.subjects.length > 0) {
      subjects.set(digest, link.subjects);
    }
  }
  const waitsFor = new Map([...owners].map(([digest, above]) => [digest, above.length]));
  const ordered = images.filter(({ digest }) => waitsFor.get(digest) === 0);
  // The list grows while it is read.
  for (const { digest } of ordered) {
    for (const below of belonging.get(digest) ?? []) {
      const left = (waitsFor.get(below) ?? 0) - 1;
      waitsFor.set(below, left);
      const image = byDigest.get(below);
      if (left === 0 && image !== undefined) {
        ordered.push(image);
      }
    }
  }
  const pulledAt = new Map<string, Date>();
  for (const { digest, pulledAt: own } of [...ordered].reverse()) {
    const children = links.get(digest)?.children ?? [];
    const pulls = children.length === 0 ? [own] : children.map((child) => pulledAt.get(child));
    const last = Math.max(...pulls.map((pull) => pull?.getTime() ?? 0));
    if (last > 0) {
      pulledAt.set(digest, new Date(last));
    }
  }
  const unread = [...links].find(([, link]) => link.unread === true)?.[0];
  return { owners, subjects, pulledAt, ordered, ...(unread === undefined ? {} : { unread }) };
}

/** Whether an image has no tag of its own and belongs to no other: `untaggedDays` decides about it. */
export function isLoose(
  { digest, tags }: RegistryImage,
  { owners, subjects }: Pick<Relations, "owners" | "subjects">,
): boolean {
  return (tags.length === 0 || subjects.has(digest)) && (owners.get(digest)?.length ?? 0) === 0;
}
