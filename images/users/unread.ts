import { AppRunnerClient, ListServicesCommand } from "@aws-sdk/client-apprunner";
import {
  BedrockAgentCoreControlClient,
  ListAgentRuntimesCommand,
} from "@aws-sdk/client-bedrock-agentcore-control";
import { CodeBuildClient, ListProjectsCommand } from "@aws-sdk/client-codebuild";
import { EKSClient, ListClustersCommand } from "@aws-sdk/client-eks";
import { ListModelsCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import pMap from "p-map";
import type { InUseRequest, UnreadService } from "../../documents/clean-up-request";
import { clientConfig, type Connection } from "../clients";
import { CONCURRENCY, messageOf } from "../registry";

/** How to see whether a service is used whose images are not read. */
const SERVICES: Record<
  UnreadService,
  { name: string; what: string; isUsed: (place: Connection) => Promise<boolean> }
> = {
  eks: {
    name: "Amazon EKS",
    what: "clusters",
    isUsed: async (place) => {
      const { clusters = [] } = await new EKSClient(clientConfig(place)).send(
        new ListClustersCommand({ maxResults: 1 }),
      );
      return clusters.length > 0;
    },
  },
  "app-runner": {
    name: "AWS App Runner",
    what: "services",
    isUsed: async (place) => {
      const { ServiceSummaryList = [] } = await new AppRunnerClient(clientConfig(place)).send(
        new ListServicesCommand({ MaxResults: 1 }),
      );
      return ServiceSummaryList.length > 0;
    },
  },
  sagemaker: {
    name: "Amazon SageMaker AI",
    what: "models",
    isUsed: async (place) => {
      const { Models = [] } = await new SageMakerClient(clientConfig(place)).send(
        new ListModelsCommand({ MaxResults: 1 }),
      );
      return Models.length > 0;
    },
  },
  codebuild: {
    name: "AWS CodeBuild",
    what: "projects",
    isUsed: async (place) => {
      const { projects = [] } = await new CodeBuildClient(clientConfig(place)).send(
        new ListProjectsCommand({}),
      );
      return projects.length > 0;
    },
  },
  agentcore: {
    name: "Amazon Bedrock AgentCore",
    what: "runtimes",
    isUsed: async (place) => {
      const { agentRuntimes = [] } = await new BedrockAgentCoreControlClient(clientConfig(place)).send(
        new ListAgentRuntimesCommand({ maxResults: 1 }),
      );
      return agentRuntimes.length > 0;
    },
  },
};

/** A service that may use images, and that clean-up does not read. */
export interface UnreadUse {
  service: UnreadService;
  /** For people: what there is, and where. */
  found: string;
}

/** What is wrong with deleting images while such services are in use, and what to do. */
export function unreadProblem(unread: readonly UnreadUse[]): { rule: string; fix: string } {
  const services = [...new Set(unread.map(({ service }) => service))].join(", ");
  return {
    rule: `${unread.map(({ found }) => found).join("; ")}, and clean-up cannot see which images they use`,
    fix: `keep their images by operations.cleanUp.inUse.images, inUse.list or protect, and add ${services} to operations.cleanUp.inUse.checkedByHand`,
  };
}

/** Whether an address does not exist: the service is not in the region. */
function hasNoEndpoint(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOTFOUND";
}

/**
 * The services in use that clean-up does not read, except those that the config lists as checked by hand. A list of images
 * in use stands for EKS.
 * @throws Error where that cannot be seen
 */
export async function unreadUsers(
  places: readonly { connection: Connection; name: string }[],
  { checkedByHand, list }: Pick<InUseRequest, "checkedByHand" | "list">,
): Promise<UnreadUse[]> {
  const asked = (Object.keys(SERVICES) as UnreadService[]).filter(
    (service) => !checkedByHand.includes(service) && !(service === "eks" && list !== undefined),
  );
  const found = await pMap(
    places.flatMap((place) => asked.map((service) => ({ place, service }))),
    async ({ place, service }) => {
      const { name, what, isUsed } = SERVICES[service];
      try {
        return (await isUsed(place.connection))
          ? [{ service, found: `${name} has ${what} in ${place.name}` }]
          : [];
      } catch (error) {
        if (hasNoEndpoint(error)) {
          return [];
        }
        throw new Error(
          `whether ${name} is used in ${place.name} cannot be seen, so nothing is deleted: ${messageOf(error)}`,
          { cause: error },
        );
      }
    },
    { concurrency: CONCURRENCY },
  );
  return found.flat();
}
