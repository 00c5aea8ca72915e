/** Manifests that list others. */
const LISTS = [
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.index.v1+json",
];

/** OCI's manifest of a single image or artifact; unlike Docker's, it can have a subject. */
const OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";

/** Manifests that can refer to other images. */
export const LINKING_MANIFESTS: readonly string[] = [...LISTS, OCI_MANIFEST];

/** Media types of the configuration of container images, as opposed to artifacts. */
const IMAGE_CONFIGS = [
  "application/vnd.docker.container.image.v1+json",
  "application/vnd.oci.image.config.v1+json",
];

/** Tags by which artifacts name their image where the registry knows no subject: cosign's and OCI's fallback. */
export const REFERRER_TAG = /^sha256-([0-9a-f]{64})(\.(sig|att|sbom))?$/;

/** Whether an image is a manifest list: without layers of its own, so that no scan is about it. */
export function isList({ mediaType }: { mediaType?: string }): boolean {
  return LISTS.includes(mediaType ?? "");
}

/** Whether it is an image with layers of its own, as far as the registry knows: neither a manifest list nor an artifact. */
export function isContainerImage(image: {
  mediaType?: string;
  artifactType?: string;
  subject?: string;
}): boolean {
  const { artifactType, subject } = image;
  return (
    !isList(image) &&
    subject === undefined &&
    (artifactType === undefined || IMAGE_CONFIGS.includes(artifactType))
  );
}

/**
 * Whether an image's references to others can be known only from its manifest. Those of container images are known from
 * DescribeImages. Their manifests are not read because BatchGetImage counts as a pull.
 */
export function needsManifest(image: {
  mediaType?: string;
  artifactType?: string;
  subject?: string;
}): boolean {
  return (
    image.mediaType === undefined ||
    isList(image) ||
    (image.mediaType === OCI_MANIFEST &&
      image.subject === undefined &&
      !IMAGE_CONFIGS.includes(image.artifactType ?? ""))
  );
}
