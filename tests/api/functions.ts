import { spawnSync } from "node:child_process";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import {
  cleanUpRequest,
  stateKey,
  type CleanUpInput,
  type CleanUpRequest,
} from "../../documents/clean-up-request";
import { cleanUp, type CleanUpContext } from "../../images/clean-up";
import type { CleanUpReport } from "../../images/clean-up-report";
import { s3Client } from "../../images/clients";
import { writeState } from "../../images/state";
import { ACCOUNT, Emulator, REGION, type SeedRepository } from "./emulator";
import { Running } from "./running";

export const HOST = `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com`;
export const WHOLE = { project: "ecr-platform", environment: "dev" };
/** What clean-up is asked for where nothing is archived, as outside of production. */
export const CLEANING = { ...WHOLE, archive: false };
export const BUCKET = "reports";

/** The context in which Lambda runs a function. */
export const invocation = (remaining = 900_000) => ({
  invokedFunctionArn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:ecr-platform-dev-clean-up`,
  awsRequestId: "11111111-2222-3333-4444-555555555555",
  getRemainingTimeInMillis: () => remaining,
});

/** Asks the emulator for something where nothing can be awaited. */
export function askSync(endpoint: string, what: string, body: string): void {
  const script = `fetch(${JSON.stringify(endpoint + what)}, { method: "POST", headers: { "content-type": "application/json" }, body: ${JSON.stringify(body)} })`;
  spawnSync(process.execPath, ["-e", script]);
}

/** Starts the emulator for the tests of a `describe`, and empties it before each: no image, an empty report bucket. */
export function functionsApi(started: (aws: Emulator, running: Running) => void): void {
  let aws: Emulator;
  const variables = { ...process.env };
  before(async () => {
    aws = await Emulator.start();
    Object.assign(process.env, aws.environment, { REPORT_BUCKET: BUCKET });
    started(aws, new Running(aws.connection));
  });
  beforeEach(async () => {
    await aws.reset();
    delete process.env.TOPIC_ARN;
    delete process.env.CHAT_TOPIC_ARN;
    await s3Client(aws.connection).send(
      new CreateBucketCommand({ Bucket: BUCKET, CreateBucketConfiguration: { LocationConstraint: REGION } }),
    );
  });
  after(() => {
    aws.close();
    process.env = variables;
  });
}

/** Puts the state into the report bucket that a run leaves which saw the untagged images of repositories 60 days ago. */
export async function rememberUntagged(
  aws: Emulator,
  repositories: readonly SeedRepository[],
): Promise<void> {
  const since = new Date(Date.now() - 60 * 24 * 3600 * 1000).toISOString();
  await writeState(
    s3Client(aws.connection),
    { bucket: BUCKET, key: stateKey(WHOLE.environment) },
    {
      untagged: Object.fromEntries(
        repositories.map(({ name, images }) => [
          name,
          Object.fromEntries(images.map(({ digest }) => [digest, since])),
        ]),
      ),
    },
  );
}

/** A request that deletes. */
export function request(given: Partial<CleanUpInput>): CleanUpRequest {
  return cleanUpRequest.parse({ ...CLEANING, dryRun: false, maxDeletions: 100_000, rules: {}, ...given });
}

/** A function that cleans up the given repositories of an emulator. */
export function cleanUpOn(emulator: () => Emulator) {
  return (
    given: Partial<CleanUpInput>,
    repositories: readonly SeedRepository[],
    more: Partial<CleanUpContext> = {},
  ): Promise<CleanUpReport> =>
    cleanUp(request(given), {
      connection: emulator().connection,
      registry: { accountId: ACCOUNT, region: REGION },
      repositories: repositories.map(({ name }) => ({ name, team: name.split("-")[0] ?? "" })),
      now: new Date(),
      ...more,
    });
}
