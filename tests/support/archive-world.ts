import type { ECRClient } from "@aws-sdk/client-ecr";
import type { CleanUpRules } from "../../documents/clean-up-request";
import { ArchivedBefore, recordedImages, type ArchiveRecord } from "../../images/archive-records";
import { archivedWith } from "../../images/archive";
import type { InUse } from "../../images/in-use";
import { linksOf } from "../../images/links";
import type { RegistryImage } from "../../images/registry";
import { relationsOf } from "../../images/relations";
import { planOf } from "../../images/repository-plan";
import type { Action } from "../../images/selection";
import { DAY, type Registry } from "./registries";

const REPOSITORY = "a-x-dev";
const HOUR = DAY / 24;
const LIST = "application/vnd.oci.image.index.v1+json";
const ARTIFACT = "application/vnd.oci.image.manifest.v1+json";

/** An image as ECR has it, with what only the test knows. */
export interface WorldImage {
  image: RegistryImage;
  children: string[];
  subjects: string[];
  used: boolean;
  /** Who archived it last. */
  archivedBy?: "clean-up" | "policy";
}

/** What happened to an image in a run, and the image as it was before. */
export interface Change {
  action: Action;
  before: WorldImage;
  /** Digests of the images that it belonged to. */
  owners: string[];
}

/** A repository over time: clean-up runs on it with its own records, and people and lifecycle policies change it, too. */
export class ArchiveWorld {
  readonly images = new Map<string, WorldImage>();
  private readonly records: ArchiveRecord[] = [];
  private runs = 0;

  constructor(
    registry: Registry,
    public now: Date,
  ) {
    const digestOf = (i: number) => registry[i]?.image.digest ?? "sha256:gone";
    for (const { image, children, subjects, used } of registry) {
      const { status: _, ...active } = image;
      this.images.set(image.digest, {
        image: {
          ...active,
          mediaType: children.length > 0 ? LIST : subjects.length > 0 ? ARTIFACT : "",
        },
        children: children.map(digestOf),
        // A manifest has one subject.
        subjects: subjects.slice(0, 1).map(digestOf),
        used,
      });
    }
  }

  all(): WorldImage[] {
    return [...this.images.values()];
  }

  pass(hours: number): void {
    this.now = new Date(this.now.getTime() + hours * HOUR);
  }

  archive({ image }: WorldImage, by: "clean-up" | "policy"): void {
    const one = this.images.get(image.digest);
    // The entries of a list that somebody else archived are unknown, and clean-up keeps those that are plain and untagged.
    const isPlain = (digest: string) => {
      const entry = this.images.get(digest);
      return entry === undefined || (entry.image.tags.length === 0 && entry.subjects.length === 0);
    };
    if (
      one?.image.status === undefined &&
      (by === "clean-up" || one?.children.every(isPlain) === true) &&
      one !== undefined
    ) {
      one.image = { ...one.image, status: "ARCHIVED", archivedAt: this.now };
      one.archivedBy = by;
    }
  }

  restore({ image }: WorldImage): void {
    const one = this.images.get(image.digest);
    if (one?.image.status === "ARCHIVED") {
      const { status: _, ...active } = one.image;
      one.image = { ...active, restoredAt: this.now };
    }
  }

  ownersOf(digest: string): string[] {
    const { subjects = [] } = this.images.get(digest) ?? {};
    return [
      ...this.all().flatMap(({ image, children }) => (children.includes(digest) ? image.digest : [])),
      ...subjects.filter((subject) => this.images.has(subject)),
    ];
  }

  /** A registry that hands out the manifests of active images only. */
  private readonly ecr = {
    send: ({ input }: { input: { imageIds: { imageDigest: string }[] } }) => {
      const found = input.imageIds.flatMap(({ imageDigest }) => this.images.get(imageDigest) ?? []);
      if (found.some(({ image }) => image.status !== undefined)) {
        throw new Error("the manifest of an archived image was read");
      }
      return Promise.resolve({
        images: found.map(({ image, children, subjects }) => ({
          imageId: { imageDigest: image.digest },
          imageManifest: JSON.stringify({
            manifests: children.map((digest) => ({ digest, platform: {} })),
            ...(subjects[0] === undefined ? {} : { subject: { digest: subjects[0] } }),
          }),
        })),
      });
    },
  } as unknown as ECRClient;

  private async relations() {
    const images = this.all().map(({ image }) => image);
    const before = new ArchivedBefore(this.records);
    const links = await linksOf(this.ecr, REPOSITORY, images, (digest) => before.links(REPOSITORY, digest));
    return { images, before, links, relations: relationsOf(images, links) };
  }

  /** The archived images that restoring one restores. */
  async restoredWith(digest: string): Promise<string[]> {
    const { relations } = await this.relations();
    return archivedWith(relations, (image) => image.digest === digest).map((image) => image.digest);
  }

  /**
   * One run of clean-up.
   * @param most changes after which it is ended from outside
   */
  async cleanUp(rules: CleanUpRules, most = Infinity): Promise<Change[]> {
    const { images, before, links, relations } = await this.relations();
    const where = (_: string, { digest }: RegistryImage) =>
      this.images.get(digest)?.used === true ? "a task" : undefined;
    const { report, families, actions } = planOf(
      { repository: { name: REPOSITORY, team: "a" }, images, links, relations },
      { rules, inUse: { where } as unknown as InUse, now: this.now, archivedBefore: before },
    );
    const record = (digests: string[], until?: Date): ArchiveRecord => ({
      run: String(this.runs),
      from: this.now.toISOString(),
      ...(until === undefined ? {} : { until: until.toISOString() }),
      images: recordedImages(REPOSITORY, digests, links),
    });
    const meant = report.selected.flatMap(({ digest, action }) => (action === "archive" ? digest : []));
    this.records[this.runs] = record(meant);
    const changes: Change[] = [];
    for (const { digest } of families.flatMap(({ steps }) => steps.flat()).slice(0, most)) {
      const action = actions.get(digest);
      const one = this.images.get(digest);
      if (action !== undefined && one !== undefined) {
        changes.push({ action, before: { ...one }, owners: this.ownersOf(digest) });
      }
    }
    for (const { action, before: one } of changes) {
      if (action === "archive") {
        this.archive(one, "clean-up");
      } else {
        this.images.delete(one.image.digest);
      }
    }
    if (changes.length === report.selected.length) {
      this.records[this.runs] = record(
        changes.flatMap(({ action, before: { image } }) => (action === "archive" ? image.digest : [])),
        this.now,
      );
    }
    this.runs += 1;
    return changes;
  }

  /** All that an image needs to be used: entries of lists, and what signs or describes any of it. */
  needsOf(digest: string): Set<string> {
    const found = new Set([digest]);
    // The set grows while it is read.
    for (const one of found) {
      this.images.get(one)?.children.forEach((child) => found.add(child));
      this.all().forEach(({ image, subjects }) => {
        if (subjects.includes(one)) {
          found.add(image.digest);
        }
      });
    }
    return found;
  }
}
