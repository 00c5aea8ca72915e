/** Manifests that list others. */
const LISTS = [
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.index.v1+json",
];

/** Manifests that can name other images: lists, and OCI manifests with a subject. Docker's single images cannot. */
export const LINKING_MANIFESTS: readonly string[] = [...LISTS, "application/vnd.oci.image.manifest.v1+json"];

/** Whether an image is a manifest list: without layers of its own, so that no scan is about it. */
export function isList({ mediaType }: { mediaType?: string }): boolean {
  return LISTS.includes(mediaType ?? "");
}
