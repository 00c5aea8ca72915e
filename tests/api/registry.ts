import { createHash } from "node:crypto";
import type { SeedImage, SeedRepository } from "./emulator";

const DAY = 24 * 3600 * 1000;
const DOCKER = "application/vnd.docker.distribution.manifest.v2+json";
const OCI = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";

/** A digest that stands for a text. */
export function digestOf(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

/** A moment so many days ago. */
export function daysAgo(days: number, now = new Date()): string {
  return new Date(now.getTime() - days * DAY).toISOString();
}

/** An image for the emulator; all of its fields can be given. */
export function image(name: string, fields: Partial<SeedImage> & { days?: number } = {}): SeedImage {
  const { days = 0, ...rest } = fields;
  const digest = rest.digest ?? digestOf(name);
  return {
    digest,
    tags: [],
    bytes: 100 * 2 ** 20,
    pushedAt: daysAgo(days),
    mediaType: DOCKER,
    manifest: JSON.stringify({ schemaVersion: 2, mediaType: DOCKER, config: { digest }, layers: [] }),
    ...rest,
  };
}

/** A manifest list of images that are there. Its size is ECR's: the largest of them. */
export function index(
  name: string,
  children: SeedImage[],
  fields: Partial<SeedImage> & { days?: number } = {},
) {
  return image(name, {
    bytes: children.reduce((most, { bytes }) => Math.max(most, bytes), 0),
    mediaType: INDEX,
    manifest: JSON.stringify({
      schemaVersion: 2,
      mediaType: INDEX,
      manifests: children.map(({ digest, mediaType }) => ({ digest, mediaType })),
    }),
    ...fields,
  });
}

/** A signature or SBOM of an image, as OCI's `subject` says it. */
export function about(name: string, subject: SeedImage, fields: Partial<SeedImage> & { days?: number } = {}) {
  return image(name, {
    bytes: 1000,
    mediaType: OCI,
    manifest: JSON.stringify({ schemaVersion: 2, mediaType: OCI, subject: { digest: subject.digest } }),
    ...fields,
  });
}

/** A repository that carries the stack's tags. */
export function repository(
  name: string,
  images: SeedImage[],
  { team = name.split("-")[0] ?? "", environment = "dev" } = {},
): SeedRepository {
  const tags = { Project: "ecr-platform", Environment: environment, Team: team };
  return { name, images, tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
}
