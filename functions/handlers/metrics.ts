import { z } from "zod";
import { cloudWatchClient, ecrClient } from "../clients";
import { measure, metricsOf } from "../measure";
import { publish } from "../publish";
import { discoverRepositories, forEachRepository, imagesOf } from "../registry";
import { connectionOf, log } from "./environment";

/** Input of the metrics function's schedule. */
const metricsRequest = z.strictObject({ project: z.string(), environment: z.string() });

/**
 * Publishes what ECR does not: storage, images, findings and failed scans, for each repository, team and the
 * environment. Repositories that cannot be read are told, and the rest is published; the run then fails, so that
 * the alarm on errors tells too.
 * @throws Error where anything could not be measured, after everything else was published
 */
export async function handler(event: unknown): Promise<{ repositories: number; metrics: number }> {
  const request = metricsRequest.parse(event);
  const connection = connectionOf(process.env);
  const ecr = ecrClient(connection);
  const now = new Date();
  const found = await discoverRepositories(ecr, request);
  const { results, failures } = await forEachRepository(found.results, async (repository) => ({
    repository,
    measures: measure(await imagesOf(ecr, repository.name), now),
  }));
  const failed = [...found.failures, ...failures];
  const points = metricsOf(request.environment, results, failed.length);
  await publish(cloudWatchClient(connection), points, now);
  const answer = { repositories: results.length, metrics: points.length };
  log("metrics published", { ...answer, failed });
  if (failed.length > 0) {
    throw new Error(
      `${failed.length} of ${found.results.length + found.failures.length} repositories could not be measured: ${failed[0]?.repository}: ${failed[0]?.error}`,
    );
  }
  return answer;
}
