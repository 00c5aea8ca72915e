import {
  DescribeServiceRevisionsCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ListServiceDeploymentsCommand,
  paginateListClusters,
  paginateListServices,
  paginateListTaskDefinitions,
  paginateListTasks,
  ServiceNotFoundException,
  type ECSClient,
  type Failure,
  type Service,
  type ServiceDeploymentBrief,
} from "@aws-sdk/client-ecs";
import pMap from "p-map";
import { chunks } from "../../aws/chunks";
import type { ImageReference } from "../references";
import { CONCURRENCY } from "../registry";
import { itemsOf, newestRevisions } from "./pages";

/** References to what a container was given and, since a tag may have moved, to the digest that ECS resolved it to. */
function containerImages(
  containers: readonly { image?: string; imageDigest?: string }[] | undefined,
  where: string,
): ImageReference[] {
  return (containers ?? []).flatMap(({ image, imageDigest }) =>
    image === undefined
      ? []
      : [
          { image, where },
          ...(imageDigest === undefined
            ? []
            : [{ image: `${image.replace(/(@.*|:[^:/]*)$/, "")}@${imageDigest}`, where }]),
        ],
  );
}

/** Deployments whose service revision may still start tasks, in progress or being rolled back. */
const OPEN = [
  "PENDING",
  "IN_PROGRESS",
  "STOP_REQUESTED",
  "ROLLBACK_REQUESTED",
  "ROLLBACK_IN_PROGRESS",
] as const;

/**
 * ARNs of the revisions from which a service starts tasks, at a desired count of 0 too: the current ones, those of
 * unfinished deployments, and the last that was deployed successfully, to which ECS rolls back.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-revision.html
 */
async function revisionsOf(ecs: ECSClient, cluster: string, service: Service): Promise<string[]> {
  // Other deployment controllers have no service revisions.
  if ((service.deploymentController?.type ?? "ECS") !== "ECS") {
    return [];
  }
  const deployments: ServiceDeploymentBrief[] = [];
  let nextToken: string | undefined;
  try {
    do {
      const page = await ecs.send(
        new ListServiceDeploymentsCommand({
          cluster,
          service: service.serviceArn,
          status: [...OPEN, "SUCCESSFUL"],
          nextToken,
        }),
      );
      deployments.push(...(page.serviceDeployments ?? []));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
  } catch (error) {
    // It was deleted since it was listed.
    if (!(error instanceof ServiceNotFoundException)) {
      throw error;
    }
  }
  const startedAt = ({ createdAt }: ServiceDeploymentBrief) => createdAt?.getTime() ?? 0;
  const last = deployments
    .filter(({ status }) => status === "SUCCESSFUL")
    .sort((a, b) => startedAt(b) - startedAt(a))
    .slice(0, 1);
  return [...deployments.filter(({ status }) => status !== "SUCCESSFUL"), ...last].flatMap(
    ({ targetServiceRevisionArn }) => targetServiceRevisionArn ?? [],
  );
}

/**
 * What ECS described of what it was asked for, except what was stopped or deleted since.
 * @throws Error where something is missing: what it uses would count as unused
 */
function described<T>(asked: readonly string[], found: T[] = [], failures: Failure[] = []): T[] {
  const failure = failures.find(({ reason }) => reason !== "MISSING");
  if (failure !== undefined || found.length + failures.length < asked.length) {
    throw new Error(
      failure === undefined
        ? `ECS described ${found.length} of ${asked.join(", ")}`
        : `${failure.arn ?? ""}: ${failure.reason ?? ""}`,
    );
  }
  return found;
}

async function revisionImages(ecs: ECSClient, arns: Iterable<string>): Promise<ImageReference[]> {
  const found = await pMap(
    chunks([...new Set(arns)], 20),
    async (serviceRevisionArns) => {
      const { serviceRevisions, failures } = await ecs.send(
        new DescribeServiceRevisionsCommand({ serviceRevisionArns }),
      );
      return described(serviceRevisionArns, serviceRevisions, failures).flatMap((one) =>
        containerImages(one.containerImages, `ECS service ${one.serviceArn ?? ""}`),
      );
    },
    { concurrency: CONCURRENCY },
  );
  return found.flat();
}

/** Images of running tasks, of what services deploy, and of the active task definitions. */
export async function ecsImages(ecs: ECSClient, revisions: number | undefined): Promise<ImageReference[]> {
  const clusters = await itemsOf(paginateListClusters({ client: ecs }, {}), (page) => page.clusterArns);
  const definitions = new Set(
    newestRevisions(
      await itemsOf(
        paginateListTaskDefinitions({ client: ecs }, { status: "ACTIVE" }),
        (page) => page.taskDefinitionArns,
      ),
      revisions,
    ),
  );
  const references: ImageReference[] = [];
  const serviceRevisions: string[] = [];
  await pMap(
    clusters,
    async (cluster) => {
      const tasks = await itemsOf(paginateListTasks({ client: ecs }, { cluster }), (page) => page.taskArns);
      for (const batch of chunks(tasks, 100)) {
        const { tasks: running, failures } = await ecs.send(
          new DescribeTasksCommand({ cluster, tasks: batch }),
        );
        for (const task of described(batch, running, failures)) {
          if (task.taskDefinitionArn !== undefined) {
            definitions.add(task.taskDefinitionArn);
          }
          references.push(...containerImages(task.containers, `ECS task ${task.taskArn ?? ""}`));
        }
      }
      const services = await itemsOf(
        paginateListServices({ client: ecs }, { cluster }),
        (page) => page.serviceArns,
      );
      for (const batch of chunks(services, 10)) {
        const answer = await ecs.send(new DescribeServicesCommand({ cluster, services: batch }));
        for (const service of described(batch, answer.services, answer.failures)) {
          // A service may still run a definition that is deregistered.
          [service, ...(service.deployments ?? []), ...(service.taskSets ?? [])].forEach(
            ({ taskDefinition }) => {
              if (taskDefinition !== undefined) {
                definitions.add(taskDefinition);
              }
            },
          );
          serviceRevisions.push(
            ...(service.currentServiceRevisions ?? []).flatMap(({ arn }) => arn ?? []),
            ...(await revisionsOf(ecs, cluster, service)),
          );
        }
      }
    },
    { concurrency: CONCURRENCY },
  );
  await pMap(
    definitions,
    async (taskDefinition) => {
      const answer = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }));
      const where = `ECS task definition ${taskDefinition.split("/").at(-1) ?? ""}`;
      if (answer.taskDefinition === undefined) {
        throw new Error(`${where} was not described`);
      }
      references.push(...containerImages(answer.taskDefinition.containerDefinitions, where));
    },
    { concurrency: CONCURRENCY },
  );
  return [...references, ...(await revisionImages(ecs, serviceRevisions))];
}
