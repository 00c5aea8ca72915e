import type { Registry } from "../registries";
import type { Random } from "./random";

export const ACCOUNT = "111122223333";
export const REGION = "eu-west-1";
export const HOST = `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com`;
const DOCKER = "application/vnd.docker.distribution.manifest.v2+json";
const DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json";
const OCI = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";
const CONFIG = "application/vnd.oci.image.config.v1+json";
const BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json";

/** An image as the registry keeps it. */
export interface StoredImage {
  digest: string;
  tags: Set<string>;
  bytes: number;
  pushedAt: number;
  pulledAt?: number;
  /** Last pull by anybody but a clean-up, whose reading of manifests counts as one. */
  usedAt?: number;
  status?: "ARCHIVED" | "ACTIVATING";
  /** Whether it was a clean-up that archived it last. */
  archivedByCleanUp?: boolean;
  /** The images that it belonged to then, which a record of clean-up has. */
  recordedSubjects?: string[];
  archivedAt?: number;
  restoredAt?: number;
  mediaType?: string;
  artifactType?: string;
  /** As DescribeImages returns it. */
  subject?: string;
  manifest: { manifests?: { digest: string; platform?: object }[]; subject?: { digest: string } };
}

export interface StoredRepository {
  name: string;
  /** Whether it has the tags of the stack. */
  ours: boolean;
  images: Map<string, StoredImage>;
}

/** Something that uses an image, by a reference that may have a digest. */
export interface Use {
  kind: "task" | "definition" | "service" | "lambda" | "batch" | "inspector" | "list";
  repository: string;
  tag?: string;
  digest?: string;
  since: number;
}

/** The truth: what the registry, the bucket and the users of images have. */
export class World {
  now = Date.UTC(2026, 10, 1, 12);
  readonly repositories = new Map<string, StoredRepository>();
  readonly objects = new Map<string, { text: string; modified: number }>();
  uses: Use[] = [];
  /** Whether there is a service whose images clean-up does not read. */
  hasUnread = false;
  scanType: "ENHANCED" | "BASIC" = "BASIC";

  archive(image: StoredImage, archivedByCleanUp: boolean): void {
    const subject = image.manifest.subject?.digest;
    Object.assign(image, {
      status: "ARCHIVED",
      archivedAt: this.now,
      archivedByCleanUp,
      recordedSubjects: archivedByCleanUp ? subjectsOf(image) : [],
      // ECR describes it; nobody can read the manifest any more.
      ...(subject === undefined ? {} : { subject }),
    });
  }

  restore(image: StoredImage): void {
    delete image.status;
    image.restoredAt = this.now;
  }

  image(repository: string, digest: string): StoredImage | undefined {
    return this.repositories.get(repository)?.images.get(digest);
  }
}

/** The entries of a list. */
export const entriesOf = ({ manifest }: StoredImage): string[] =>
  (manifest.manifests ?? []).map(({ digest }) => digest);

const REFERRER_TAG = /^sha256-([0-9a-f]{64})(\.(sig|att|sbom))?$/;

/** The images that a signature or SBOM belongs to: by OCI's `subject`, cosign's tags, or OCI's referrers tag. */
export function subjectsOf(image: StoredImage): string[] {
  const subject = image.manifest.subject?.digest;
  const named = [...image.tags].map((tag) => REFERRER_TAG.exec(tag));
  const isReferrers =
    // The manifest of an archived one cannot be read.
    image.status === undefined &&
    image.manifest.manifests !== undefined &&
    image.manifest.manifests.every(({ platform }) => platform === undefined);
  const byTag = named.every((match) => match !== null && (match[2] !== undefined || isReferrers))
    ? named.map((match) => `sha256:${match?.[1]}`)
    : [];
  const recorded = image.status === undefined ? [] : (image.recordedSubjects ?? []);
  return [...new Set([...(subject === undefined ? [] : [subject]), ...byTag, ...recorded])];
}

const hex = (n: number, length: number) => n.toString(16).padStart(length, "0");
const digestOf = (repository: number, image: number) => `sha256:${hex(repository, 32)}${hex(image, 32)}`;

/** An image that is pushed now. */
export function imageOf(digest: string, now: number, fields: Partial<StoredImage> = {}): StoredImage {
  return {
    digest,
    tags: new Set(),
    bytes: 100,
    pushedAt: now,
    mediaType: DOCKER,
    artifactType: "application/vnd.docker.container.image.v1+json",
    manifest: {},
    ...fields,
  };
}

/** Media types and manifest by which a registry has what an image of the model is. */
function formOf(
  { image, children, subjects, unread }: Registry[number],
  digests: { own: (i: number) => string; unknown: () => string; earlier: number },
  random: Random,
): Pick<StoredImage, "mediaType" | "artifactType" | "subject" | "manifest"> & { tags?: Set<string> } {
  const isArchived = image.status !== undefined;
  const subjectDigests = subjects.map((i) => (i < 0 ? digests.unknown() : digests.own(i)));
  const [subject] = subjectDigests;
  if (subject !== undefined) {
    const tags = new Set(
      subjectDigests.map((one) => `${one.replace(":", "-")}${random.of([".sig", ".att", ".sbom"])}`),
    );
    if (subjects.length > 1 || random.chance(0.3)) {
      return { mediaType: OCI, artifactType: CONFIG, manifest: {}, tags };
    }
    if (!isArchived && random.chance(0.2)) {
      return {
        mediaType: INDEX,
        manifest: { manifests: [] },
        tags: new Set([subject.replace(":", "-")]),
      };
    }
    // ECR describes the subjects of what is pushed today; nobody can read the manifest of an archived artifact.
    return isArchived || random.chance(0.5)
      ? { mediaType: OCI, artifactType: BUNDLE, subject, manifest: { subject: { digest: subject } } }
      : { mediaType: OCI, artifactType: BUNDLE, manifest: { subject: { digest: subject } } };
  }
  // The model does not know the entries of an archived list, the registry does.
  const entries = unread && digests.earlier > 0 ? [random.below(digests.earlier)] : children;
  if (entries.length > 0 || unread) {
    const manifests = entries.map((i) => ({ digest: digests.own(i), platform: { os: "linux" } }));
    return { mediaType: random.of([INDEX, DOCKER_LIST]), manifest: { manifests } };
  }
  return random.of([
    { mediaType: DOCKER, artifactType: "application/vnd.docker.container.image.v1+json", manifest: {} },
    { mediaType: OCI, artifactType: CONFIG, manifest: {} },
    { manifest: {} },
  ]);
}

/** A world that has the given registries of the model, the first ones as the stack's repositories. */
export function worldOf(registries: readonly Registry[], random: Random): World {
  const world = new World();
  const addDays = (then: Date, base: number) => world.now - (base - then.getTime());
  const base = Date.UTC(2026, 10, 1, 12);
  registries.forEach((registry, r) => {
    const images = new Map<string, StoredImage>();
    const name = `t-r${r}-dev`;
    // Some digests are in several repositories, as where an image is copied.
    const own = (i: number) => digestOf(i < 2 ? 0 : r + 1, i + 1);
    // An image of another repository, as with cosign's COSIGN_REPOSITORY, or none.
    const unknown = () => {
      const other = random.below(2 * registries.length);
      return other < registries.length && other !== r
        ? digestOf(other + 1, 3 + random.below(10))
        : digestOf(0, 1000);
    };
    registry.forEach((model, i) => {
      const form = formOf(model, { own, unknown, earlier: i }, random);
      const { tags, status, pulledAt, pushedAt } = model.image;
      images.set(own(i), {
        digest: own(i),
        tags: new Set(tags),
        bytes: random.below(1000),
        pushedAt: addDays(pushedAt, base),
        ...(pulledAt === undefined ? {} : { pulledAt: addDays(pulledAt, base) }),
        ...(status === undefined ? {} : { status, archivedAt: addDays(pushedAt, base) }),
        ...form,
      });
      if (model.used) {
        world.uses.push(useOf(name, images.get(own(i))!, 0, random));
      }
    });
    // A tag is at one image: the latest that got it.
    const seen = new Set<string>();
    for (const image of [...images.values()].reverse()) {
      image.tags.forEach((tag) => {
        if (seen.has(tag)) {
          image.tags.delete(tag);
        }
        seen.add(tag);
      });
    }
    world.repositories.set(name, { name, ours: true, images });
  });
  return world;
}

/** A use of an image, by a tag that it has or by its digest. */
export function useOf(repository: string, image: StoredImage, since: number, random: Random): Use {
  const kind = random.of(["task", "definition", "service", "lambda", "batch", "list"] as const);
  const tags = [...image.tags];
  const byDigest = kind === "service" || tags.length === 0 || random.chance(0.5);
  return {
    kind,
    repository,
    since,
    ...(byDigest ? { digest: image.digest } : { tag: random.of(tags) }),
  };
}
