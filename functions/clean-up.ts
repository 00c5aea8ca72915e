import { PutObjectCommand } from "@aws-sdk/client-s3";
import { PublishCommand } from "@aws-sdk/client-sns";
import type { Context } from "aws-lambda";
import { z } from "zod";
import { chatNotification } from "../documents/messages";
import { cleanUp } from "../images/clean-up";
import type { CleanUpReport } from "../images/clean-up-report";
import { cleanUpRequest, stateKey } from "../documents/clean-up-request";
import { archiveStore } from "../images/archive-records";
import { cloudWatchClient, ecrClient, s3Client, snsClient } from "../images/clients";
import { publish } from "../images/publish";
import { discoverRepositories } from "../images/registry";
import { readState, writeState } from "../images/state";
import { summaryOf } from "../images/summary";
import { connectionOf, log, registryOf } from "./environment";

/** Least time between two records of a run that has not ended: its report can have megabytes. */
const RECORD_MS = 10_000;

/** The part of the time in which repositories are read; the rest is for deleting. */
const READING = 0.5;

/** Time kept for writing the report, before Lambda ends the function. */
const RESERVE_MS = 60_000;

/**
 * Runs a clean-up, writes its report to S3, sends its summary to SNS and publishes its counts. The plan is in S3 before
 * anything is changed, and replaced by what was done since.
 * @throws ZodError for an invalid request, and Error if the images in use cannot be read or the plan cannot be stored;
 * nothing is deleted then
 */
export async function handler(
  event: unknown,
  context: Pick<Context, "invokedFunctionArn" | "awsRequestId" | "getRemainingTimeInMillis">,
): Promise<CleanUpReport["totals"]> {
  const request = cleanUpRequest.parse(event);
  const connection = connectionOf(process.env);
  const { REPORT_BUCKET, TOPIC_ARN, CHAT_TOPIC_ARN } = z
    .object({
      REPORT_BUCKET: z.string(),
      TOPIC_ARN: z.string().optional(),
      CHAT_TOPIC_ARN: z.string().optional(),
    })
    .parse(process.env);
  const now = new Date();
  const s3 = s3Client(connection);
  const stateObject = { bucket: REPORT_BUCKET, key: stateKey(request.environment) };
  const state = await readState(s3, stateObject);
  const readUntil = context.getRemainingTimeInMillis() * (1 - READING);
  const found = await discoverRepositories(ecrClient(connection), request);
  const run = `${now.toISOString()}-${context.awsRequestId}`;
  const key = `clean-up/${request.environment}/${run}.json`;
  const store = (report: CleanUpReport) =>
    s3.send(
      new PutObjectCommand({
        Bucket: REPORT_BUCKET,
        Key: key,
        Body: JSON.stringify(report, null, 1),
        ContentType: "application/json",
      }),
    );
  let recorded = 0;
  const report = await cleanUp(request, {
    connection,
    registry: registryOf(context),
    repositories: found.results,
    failures: found.failures,
    now,
    archive: { run, store: archiveStore(s3, REPORT_BUCKET, request.environment) },
    state,
    remember: (next) => writeState(s3, stateObject, next),
    shouldStopReading: () =>
      context.getRemainingTimeInMillis() < readUntil
        ? "the time for reading repositories ran out"
        : undefined,
    record: async (unfinished) => {
      if (Date.now() - recorded >= RECORD_MS) {
        await store(unfinished());
        recorded = Date.now();
      }
    },
    shouldStop: () =>
      context.getRemainingTimeInMillis() < RESERVE_MS ? "the function's time ran out" : undefined,
  });
  await store(report);
  const failures = report.totals.failed + report.failures.length;
  const dimensions = { Environment: request.environment };
  await publish(
    cloudWatchClient(connection),
    [
      { name: "CleanUpDeletedImages", value: report.totals.deleted, dimensions },
      { name: "CleanUpDeletedBytes", value: report.totals.deletedBytes, dimensions },
      { name: "CleanUpFailures", value: failures, dimensions },
    ],
    now,
  );
  const wanted = report.repositories.reduce((sum, one) => sum + one.wanted.length, 0);
  // If nothing was selected and nothing failed, and no archived image is used, there is only the report.
  if (report.totals.selected + failures + wanted > 0) {
    const { subject, figures, message } = summaryOf(report, `s3://${REPORT_BUCKET}/${key}`);
    const sns = snsClient(connection);
    if (TOPIC_ARN !== undefined) {
      await sns.send(new PublishCommand({ TopicArn: TOPIC_ARN, Subject: subject, Message: message }));
    }
    if (CHAT_TOPIC_ARN !== undefined) {
      await sns.send(
        new PublishCommand({ TopicArn: CHAT_TOPIC_ARN, Message: chatNotification(subject, figures) }),
      );
    }
  }
  log("clean-up done", { dryRun: report.dryRun, ...report.totals, stopped: report.stopped, report: key });
  return report.totals;
}
