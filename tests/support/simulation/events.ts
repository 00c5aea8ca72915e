import type { Random } from "./random";
import { imageOf, useOf, type StoredImage, type StoredRepository, type World } from "./world";

/** Something that other people, or ECR itself, do to a registry: pushes, tags, pulls, new uses, archiving. */
export function somethingHappens(world: World, random: Random): StoredRepository {
  const repository = random.of([...world.repositories.values()]);
  const images = [...repository.images.values()];
  const image = images.length === 0 ? undefined : random.of(images);
  const untag = (tag: string) => {
    images.forEach(({ tags }) => tags.delete(tag));
  };
  const push = (fields: Partial<StoredImage>) => {
    const digest = `sha256:${random.next().toString(16).slice(2).padEnd(64, "f").slice(0, 64)}`;
    repository.images.set(digest, imageOf(digest, world.now, fields));
  };
  const tag = random.of(["v1.2.0", "v3.0.0", "latest", "deployed-a", "main"]);
  const happenings = {
    "an image is pushed": () => {
      untag(tag);
      push({ tags: new Set([tag]) });
    },
    "an image is tagged": () => {
      untag(tag);
      image?.tags.add(tag);
    },
    "a tag is removed": () => {
      [...(image?.tags ?? [])].slice(0, 1).forEach(untag);
    },
    "an image is pulled": () => {
      const entry = image?.manifest.manifests?.[0]?.digest;
      [image, entry === undefined ? undefined : repository.images.get(entry)].forEach((one) => {
        if (one !== undefined && one.status === undefined) {
          one.pulledAt = world.now;
          one.usedAt = world.now;
        }
      });
    },
    "an image is pushed again": () => {
      if (image !== undefined) {
        image.pushedAt = world.now;
        delete image.status;
      }
    },
    "an image is signed": () => {
      if (image !== undefined) {
        push({
          tags: new Set([`${image.digest.replace(":", "-")}.sig`]),
          mediaType: "application/vnd.oci.image.manifest.v1+json",
        });
      }
    },
    "a list is pushed": () => {
      if (image !== undefined && image.status === undefined) {
        untag(tag);
        push({
          tags: new Set([tag]),
          mediaType: "application/vnd.oci.image.index.v1+json",
          manifest: { manifests: [{ digest: image.digest, platform: { os: "linux" } }] },
        });
      }
    },
    "something starts to use an image": () => {
      if (image !== undefined) {
        world.uses.push(useOf(repository.name, image, world.now, random));
      }
    },
    "something stops": () => {
      const here = world.uses.filter((use) => use.repository === repository.name);
      if (here.length > 0) {
        world.uses.splice(world.uses.indexOf(random.of(here)), 1);
      }
    },
    "an image is archived": () => {
      if (image !== undefined && image.status === undefined) {
        world.archive(image, false);
      }
    },
    "an image is restored": () => {
      if (image?.status !== undefined) {
        world.restore(image);
      }
    },
    "a lifecycle policy deletes an image": () => {
      const isEntry = images.some(({ manifest }) =>
        manifest.manifests?.some(({ digest }) => digest === image?.digest),
      );
      if (image !== undefined && !isEntry) {
        repository.images.delete(image.digest);
      }
    },
  };
  random.of(Object.values(happenings))();
  return repository;
}
