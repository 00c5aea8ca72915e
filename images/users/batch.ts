import {
  DescribeJobDefinitionsCommand,
  paginateDescribeJobDefinitions,
  paginateDescribeJobQueues,
  paginateListJobs,
  type BatchClient,
  type JobDefinition,
} from "@aws-sdk/client-batch";
import pMap from "p-map";
import { chunks } from "../../aws/chunks";
import type { ImageReference } from "../references";
import { CONCURRENCY } from "../registry";
import { itemsOf, newestRevisions } from "./pages";

/** Jobs that have not ended. https://docs.aws.amazon.com/batch/latest/userguide/job_states.html */
const UNFINISHED = ["SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING"] as const;

/** The containers of a definition: of one container, of an ECS task, of an EKS pod, or of each group of nodes. */
function imagesOfDefinition(definition: JobDefinition): string[] {
  const parts = [definition, ...(definition.nodeProperties?.nodeRangeProperties ?? [])].map((one) => ({
    ...one,
    container: "container" in one ? one.container : definition.containerProperties,
  }));
  return parts
    .flatMap(({ container, ecsProperties, eksProperties }) => [
      container,
      ...(ecsProperties?.taskProperties ?? []).flatMap((task) => task.containers ?? []),
      ...(eksProperties?.podProperties?.containers ?? []),
      ...(eksProperties?.podProperties?.initContainers ?? []),
    ])
    .flatMap((container) => container?.image ?? []);
}

/** Images of the active job definitions of AWS Batch, and of those that unfinished jobs were submitted with. */
export async function batchImages(
  batch: BatchClient,
  revisions: number | undefined,
): Promise<ImageReference[]> {
  const active = new Map(
    (
      await itemsOf(
        paginateDescribeJobDefinitions({ client: batch }, { status: "ACTIVE" }),
        (page) => page.jobDefinitions,
      )
    ).map((one) => [one.jobDefinitionArn ?? "", one]),
  );
  const queues = await itemsOf(paginateDescribeJobQueues({ client: batch }, {}), (page) => page.jobQueues);
  const used = new Set<string>();
  await pMap(
    queues.flatMap(({ jobQueueArn: jobQueue }) => UNFINISHED.map((jobStatus) => ({ jobQueue, jobStatus }))),
    async (which) => {
      for (const { jobDefinition } of await itemsOf(
        paginateListJobs({ client: batch }, which),
        (page) => page.jobSummaryList,
      )) {
        if (jobDefinition !== undefined) {
          used.add(jobDefinition);
        }
      }
    },
    { concurrency: CONCURRENCY },
  );
  const definitions = newestRevisions([...active.keys()], revisions).flatMap((arn) => active.get(arn) ?? []);
  for (const arns of chunks([...used], 100)) {
    const { jobDefinitions = [] } = await batch.send(
      new DescribeJobDefinitionsCommand({ jobDefinitions: arns }),
    );
    definitions.push(...jobDefinitions);
  }
  return definitions.flatMap((definition) =>
    imagesOfDefinition(definition).map((image) => ({
      image,
      where: `Batch job definition ${definition.jobDefinitionName ?? ""}:${definition.revision ?? ""}`,
    })),
  );
}
