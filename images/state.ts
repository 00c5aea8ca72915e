import { GetObjectCommand, NoSuchKey, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { z } from "zod";
import type { RegistryImage } from "./registry";
import { isLoose, type Relations } from "./relations";

const cleanUpState = z.strictObject({
  /** Repository that the next run reads and cleans first. */
  next: z.string().optional(),
  /** By repository and digest: when an untagged image was first seen untagged. ISO 8601. */
  untagged: z.record(z.string(), z.record(z.string(), z.iso.datetime())).default({}),
});
/** What a run of the clean-up function leaves for the next one. */
export type CleanUpState = z.output<typeof cleanUpState>;

/** Where the state of an environment's clean-up is kept. */
export interface StateObject {
  bucket: string;
  key: string;
}

/**
 * The state that the last run left; an empty one before the first run.
 * @throws Error where it cannot be read or understood
 */
export async function readState(s3: S3Client, { bucket, key }: StateObject): Promise<CleanUpState> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return cleanUpState.parse(JSON.parse((await Body?.transformToString()) ?? ""));
  } catch (error) {
    if (error instanceof NoSuchKey) {
      return { untagged: {} };
    }
    throw error;
  }
}

/** Replaces the state. */
export async function writeState(
  s3: S3Client,
  { bucket, key }: StateObject,
  state: CleanUpState,
): Promise<void> {
  await s3.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: key,
      Body: JSON.stringify(state),
      ContentType: "application/json",
    }),
  );
}

/** When the untagged images of a repository were first seen untagged: the known times, and now for the others. */
export function seenUntagged(
  images: readonly RegistryImage[],
  relations: Relations,
  known: Readonly<Record<string, string>> | undefined,
  now: Date,
): Record<string, string> {
  return Object.fromEntries(
    images
      .filter((image) => isLoose(image, relations))
      .map(({ digest }) => [digest, known?.[digest] ?? now.toISOString()]),
  );
}
