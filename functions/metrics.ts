import type { Context } from "aws-lambda";
import { z } from "zod";
import { cloudWatchClient, ecrClient } from "../images/clients";
import { measure, metricsOf } from "../images/measure";
import { publish } from "../images/publish";
import {
  discoverRepositories,
  forEachRepository,
  imagesOf,
  messageOf,
  startingAt,
  type RepositoryFailure,
} from "../images/registry";
import { scanReader } from "../images/scans";
import { connectionOf, log } from "./environment";

/** Input of the metrics function's schedule. */
const metricsRequest = z.strictObject({ project: z.string(), environment: z.string() });

/** Time kept for publishing: a repository is begun only with more than that, and under basic scanning it takes up to 100 calls. */
const RESERVE_MS = 180_000;

/**
 * Publishes metrics that ECR does not: storage, images, findings and failed scans, for each repository, each team and the
 * environment. Repositories that cannot be read are logged and the others are published, without the totals that they are
 * part of; the run then fails, so that the alarm on errors is raised.
 * @throws Error where anything could not be measured, after everything else was published
 */
export async function handler(
  event: unknown,
  context: Pick<Context, "getRemainingTimeInMillis">,
): Promise<{ repositories: number; metrics: number }> {
  const request = metricsRequest.parse(event);
  const connection = connectionOf(process.env);
  const ecr = ecrClient(connection);
  const now = new Date();
  const found = await discoverRepositories(ecr, request);
  const unread: RepositoryFailure[] = [];
  const readScans = await scanReader(connection).catch((error: unknown) => {
    unread.push({ repository: "scans of all repositories", error: messageOf(error) });
    return undefined;
  });
  // A registry that does not fit in one run is measured in turns: each run starts at another repository.
  const start = Math.floor(Math.random() * found.results.length);
  const turn = startingAt(found.results, found.results[start]?.name);
  const { results, failures } = await forEachRepository(turn, async (repository) => {
    if (context.getRemainingTimeInMillis() < RESERVE_MS) {
      throw new Error("the function's time ran out");
    }
    const images = await imagesOf(ecr, repository.name);
    return {
      repository,
      measures:
        readScans === undefined
          ? measure(images, now, false)
          : measure(await readScans(repository.name, images), now, true),
    };
  });
  const failed = [...found.failures, ...unread, ...failures];
  // A repository without its tags may belong to any team, or to another stack.
  const missing = [
    ...found.failures.map(() => undefined),
    ...failures.map(({ repository }) => found.results.find(({ name }) => name === repository)?.team),
  ];
  const points = metricsOf(request.environment, results, missing, failed.length);
  await publish(cloudWatchClient(connection), points, now);
  const answer = { repositories: results.length, metrics: points.length };
  log("metrics published", { ...answer, failed });
  if (failed.length > 0) {
    throw new Error(
      `not everything could be measured, ${failed.length} failed: ${failed[0]?.repository}: ${failed[0]?.error}` +
        (missing.length > 0
          ? `; the totals of ${missing.includes(undefined) ? "all teams" : [...new Set(missing)].sort().join(", ")} and of the environment are not published`
          : ""),
    );
  }
  return answer;
}
