/** A registry: where references to its images point. */
export interface RegistryPlace {
  accountId: string;
  region: string;
}

/** One image in use. */
export interface ImageReference {
  /** As it is written there: `host/repository:tag`, `host/repository@sha256:…`, or without the host. */
  image: string;
  /** What uses it, for people. */
  where: string;
}

/**
 * A reference to an image of any registry: host, repository, tag and digest; `*` in a tag stands for any text. As
 * in Docker, a first part with a dot or a port is a host. https://pkg.go.dev/github.com/distribution/reference
 */
const REFERENCE =
  /^(?!sha256:[0-9a-f]{64}$)(?:(?<host>localhost(?::\d+)?|[A-Za-z0-9-]+(?::\d+|(?:\.[A-Za-z0-9-]+)+(?::\d+)?))\/)?(?<repository>[a-z0-9][a-z0-9._/-]*)(?::(?<tag>[\w*][\w.*-]*))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$/;

/** Host of a private registry in ECR, in its classic, FIPS and dual-stack forms, in any partition. */
const ECR_HOST = /^(?<account>\d{12})\.dkr[.-]ecr(?:-fips)?\.(?<region>[a-z0-9-]+)\.[a-z.]+(?::\d+)?$/;

/** A reference to an image of the registry, taken apart; undefined where it is another registry's. */
export interface ParsedReference {
  repository: string;
  /** A pattern: `*` stands for any text. */
  tag?: string;
  digest?: string;
}

/** Takes a reference apart; one without tag and digest means `latest`. */
export function parseReference(image: string, registry: RegistryPlace): ParsedReference | undefined {
  const groups = REFERENCE.exec(image)?.groups;
  if (groups?.repository === undefined) {
    return undefined;
  }
  if (groups.host !== undefined) {
    const { account, region } = ECR_HOST.exec(groups.host.toLowerCase())?.groups ?? {};
    if (account !== registry.accountId || region !== registry.region) {
      return undefined;
    }
  }
  const { repository, tag, digest } = groups;
  return {
    repository,
    ...(digest === undefined ? { tag: tag ?? "latest" } : { digest, ...(tag === undefined ? {} : { tag }) }),
  };
}

/**
 * The images of a list: one reference per line, `#` begins a comment. A repository without tag and digest means
 * all its images.
 * @throws Error where a line is not a reference, or there is none: a list that cannot be understood must not count as
 * a list of nothing
 */
export function listedImages(text: string, where: string): ImageReference[] {
  const listed = text.split(/\r\n|\r|\n/).flatMap((line, i) => {
    const image = line.replace(/#.*/, "").trim();
    if (image === "") {
      return [];
    }
    const groups = REFERENCE.exec(image)?.groups;
    if (groups === undefined) {
      throw new Error(
        `${where}, line ${i + 1}: ${JSON.stringify(image.slice(0, 100))} is not a reference to one image, such as ` +
          "payments-api-prod:v1.2.0",
      );
    }
    return [{ image: groups.tag === undefined && groups.digest === undefined ? `${image}:*` : image, where }];
  });
  if (listed.length === 0) {
    throw new Error(`${where} names no image: the job that writes it has failed`);
  }
  return listed;
}
