import { GetObjectCommand } from "@aws-sdk/client-s3";
import { matchesGlob } from "../aws/globs";
import type { InUseRequest } from "../documents/clean-up-request";
import {
  batchClient,
  ecrClient,
  ecsClient,
  inspectorClient,
  lambdaClient,
  s3Client,
  type Connection,
} from "./clients";
import { listedImages, parseReference, type ImageReference, type RegistryPlace } from "./references";
import { messageOf, type RegistryImage } from "./registry";
import { scanTypeOf } from "./scans";
import { batchImages } from "./users/batch";
import { ecsImages } from "./users/ecs";
import { inspectorImages } from "./users/inspector";
import { lambdaImages } from "./users/lambda";

/** What uses the images of one repository. */
interface RepositoryUse {
  digests: Map<string, string>;
  tags: Map<string, string>;
  /** Tags with `*`. */
  patterns: Map<string, string>;
}

/** The images in use, by repository. */
export class InUse {
  private readonly repositories = new Map<string, RepositoryUse>();

  constructor(references: Iterable<ImageReference>, registry: RegistryPlace) {
    for (const { image, where } of references) {
      const parsed = parseReference(image, registry);
      if (parsed !== undefined) {
        const { repository, tag, digest } = parsed;
        const use = this.repositories.get(repository) ?? {
          digests: new Map(),
          tags: new Map(),
          patterns: new Map(),
        };
        this.repositories.set(repository, use);
        if (digest !== undefined) {
          use.digests.set(digest, where);
        }
        if (tag !== undefined) {
          (tag.includes("*") ? use.patterns : use.tags).set(tag, where);
        }
      }
    }
  }

  /** Where an image of a repository is used; undefined where nothing that was read uses it. */
  where(repository: string, { digest, tags }: Pick<RegistryImage, "digest" | "tags">): string | undefined {
    const use = this.repositories.get(repository);
    if (use === undefined) {
      return undefined;
    }
    const tagged = tags.find((tag) => use.tags.has(tag));
    return (
      use.digests.get(digest) ??
      (tagged === undefined
        ? [...use.patterns].find(([pattern]) => tags.some((tag) => matchesGlob(pattern, tag)))?.[1]
        : use.tags.get(tagged))
    );
  }
}

/** A comment by which the job that writes a list says when it looked, and in which cluster. */
const HEADER = /^#\s*cluster (?<cluster>\S+) at (?<time>\S+)\s*$/;

/**
 * Reads a list of images in use from S3. A job outside this program writes it, for clusters that this program cannot see
 * (EKS).
 * @throws Error where the object, or what a header says of one cluster, is older than the list may be
 */
async function ofList(
  connection: Connection,
  list: NonNullable<InUseRequest["list"]>,
  now: Date,
): Promise<ImageReference[]> {
  const where = `s3://${list.bucket}/${list.key}`;
  const { Body, LastModified } = await s3Client(connection).send(
    new GetObjectCommand({ Bucket: list.bucket, Key: list.key }),
  );
  const checkAge = (what: string, written: Date | undefined) => {
    const hours = (now.getTime() - (written?.getTime() ?? NaN)) / 3_600_000;
    // Also where there is no time, or none that can be read.
    if (!(hours <= list.maxAgeDays * 24)) {
      throw new Error(
        `${what} is ${Number.isNaN(hours) ? "of an unknown time" : `${hours.toFixed(1)} hours old`}, and may be ` +
          `${list.maxAgeDays * 24} hours old: the job that writes it has stopped`,
      );
    }
  };
  checkAge(where, LastModified);
  const text = (await Body?.transformToString()) ?? "";
  for (const line of text.split(/\r\n|\r|\n/)) {
    const { cluster, time } = HEADER.exec(line)?.groups ?? {};
    if (cluster !== undefined) {
      checkAge(`${where}, cluster ${cluster},`, new Date(time ?? ""));
    }
  }
  return listedImages(text, where);
}

/** Where images may be in use: every region, in this account and in those of the roles. */
export function placesOf(
  connection: Connection,
  registry: RegistryPlace,
  { regions, roles }: Pick<InUseRequest, "regions" | "roles">,
): { connection: Connection; name: string }[] {
  return [registry.region, ...regions].flatMap((region) =>
    [undefined, ...roles].map((roleArn) => ({
      connection: { ...connection, region, ...(roleArn === undefined ? {} : { roleArn }) },
      name: `${region}${roleArn === undefined ? "" : ` as ${roleArn}`}`,
    })),
  );
}

/** What Inspector sees, if it scans the registry. */
async function ofInspector(connection: Connection): Promise<ImageReference[]> {
  return (await scanTypeOf(ecrClient(connection))) === "ENHANCED"
    ? inspectorImages(inspectorClient(connection))
    : [];
}

/**
 * All images known to be in use: by ECS tasks, services and task definitions, Batch jobs and Lambda functions in this account
 * and the accounts of the given roles, in this region and the given ones, by what Inspector sees of the registry's images, and
 * those in the user's lists.
 * @throws Error where any of it cannot be read: an image that cannot be checked counts as in use
 */
export async function readInUse(
  connection: Connection,
  registry: RegistryPlace,
  request: InUseRequest,
  now: Date,
): Promise<InUse> {
  const reading = (what: string, read: Promise<ImageReference[]>) =>
    read.catch((error: unknown) => {
      throw new Error(`what runs in ${what} cannot be read, so nothing is deleted: ${messageOf(error)}`, {
        cause: error,
      });
    });
  const revisions = request.taskDefinitionRevisions;
  const found = await Promise.all([
    ...placesOf(connection, registry, request).flatMap(({ connection: place, name }) => [
      reading(`ECS (${name})`, ecsImages(ecsClient(place), revisions)),
      reading(`Batch (${name})`, batchImages(batchClient(place), revisions)),
      reading(`Lambda (${name})`, lambdaImages(lambdaClient(place))),
    ]),
    reading("Inspector's clusters", ofInspector({ ...connection, region: registry.region })),
    ...(request.list === undefined ? [] : [reading("the list", ofList(connection, request.list, now))]),
  ]);
  return new InUse(
    [...found.flat(), ...request.images.map((image) => ({ image, where: "the list in the request" }))],
    registry,
  );
}
