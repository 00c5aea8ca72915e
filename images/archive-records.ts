import {
  GetObjectCommand,
  NoSuchBucket,
  paginateListObjectsV2,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import pMap from "p-map";
import { z } from "zod";
import { archivedPrefix } from "../documents/clean-up-request";
import type { ManifestLinks } from "./links";
import { CONCURRENCY, messageOf, type RegistryImage } from "./registry";

const archiveRecord = z.strictObject({
  /** Id of the run. */
  run: z.string(),
  /** When the run began to archive. ISO 8601. */
  from: z.iso.datetime(),
  /** When it ended. Without it, the run was ended from outside, and may have archived any of the images. */
  until: z.iso.datetime().optional(),
  /** By repository and digest: what the run archived, with the digests that their manifests refer to. */
  images: z.record(
    z.string(),
    z.record(
      z.string(),
      z.strictObject({
        children: z.array(z.string()).default([]),
        subjects: z.array(z.string()).default([]),
      }),
    ),
  ),
});
/** What one run of clean-up archived: what a later run may delete, and what `images restore --run` restores. */
export type ArchiveRecord = z.output<typeof archiveRecord>;

/** Archived images of one repository, as a record has them. */
export function recordedImages(
  repository: string,
  digests: readonly string[],
  links: ReadonlyMap<string, ManifestLinks>,
): ArchiveRecord["images"] {
  const entries = digests.map((digest) => {
    const { children = [], subjects = [] } = links.get(digest) ?? {};
    return [digest, { children, subjects }] as const;
  });
  return entries.length === 0 ? {} : { [repository]: Object.fromEntries(entries) };
}

/** Where the records of an environment's runs are kept. */
export interface ArchiveStore {
  /** @throws Error where a record cannot be read or understood */
  read: () => Promise<ArchiveRecord[]>;
  write: (record: ArchiveRecord) => Promise<void>;
}

/** The records in the report bucket: one object per run, which no other run writes. */
export function archiveStore(s3: S3Client, bucket: string, environment: string): ArchiveStore {
  const prefix = archivedPrefix(environment);
  const readOne = async (key: string) => {
    try {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return archiveRecord.parse(JSON.parse((await Body?.transformToString()) ?? ""));
    } catch (error) {
      throw new Error(
        `s3://${bucket}/${key} says which images clean-up archived, and cannot be read: ${messageOf(error)}`,
        { cause: error },
      );
    }
  };
  return {
    read: async () => {
      const keys: string[] = [];
      try {
        for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: prefix })) {
          keys.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []));
        }
      } catch (error) {
        // The stack has no clean-up function, so nothing was archived.
        if (error instanceof NoSuchBucket) {
          return [];
        }
        throw error;
      }
      return pMap(keys, readOne, { concurrency: CONCURRENCY });
    },
    write: async (record) => {
      await s3.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: `${prefix}${record.run}.json`,
          Body: JSON.stringify(record),
          ContentType: "application/json",
        }),
      );
    },
  };
}

const MINUTE = 60_000;

/** How much the clocks of ECR and of a run may differ. */
const SKEW_MS = 5 * MINUTE;

/** How long a run without an end can have archived: more than Lambda gives it. */
const UNFINISHED_MS = 60 * MINUTE;

/** What earlier runs archived. */
export class ArchivedBefore {
  private readonly found = new Map<string, { links: ManifestLinks; from: number; until: number }[]>();

  constructor(records: readonly ArchiveRecord[]) {
    for (const record of records) {
      const from = Date.parse(record.from);
      const until = record.until === undefined ? from + UNFINISHED_MS : Date.parse(record.until);
      for (const [repository, images] of Object.entries(record.images)) {
        for (const [digest, links] of Object.entries(images)) {
          const key = `${repository}@${digest}`;
          this.found.set(key, [...(this.found.get(key) ?? []), { links, from, until }]);
        }
      }
    }
  }

  /** The references of an archived image, whose manifest cannot be read any more; undefined if no run archived it. */
  links(repository: string, digest: string): ManifestLinks | undefined {
    return this.found.get(`${repository}@${digest}`)?.[0]?.links;
  }

  /** Whether it was clean-up that archived an image, and not a person or a lifecycle policy, before or since. */
  has(repository: string, { digest, status, archivedAt }: RegistryImage): boolean {
    const time = archivedAt?.getTime();
    return (
      status === "ARCHIVED" &&
      time !== undefined &&
      this.found
        .get(`${repository}@${digest}`)
        ?.some(({ from, until }) => from - SKEW_MS <= time && time <= until + SKEW_MS) === true
    );
  }
}
