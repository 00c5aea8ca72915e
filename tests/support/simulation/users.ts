import { ListServicesCommand as ListAppRunnerServicesCommand } from "@aws-sdk/client-apprunner";
import {
  DescribeJobDefinitionsCommand,
  DescribeJobQueuesCommand,
  ListJobsCommand,
} from "@aws-sdk/client-batch";
import { ListAgentRuntimesCommand } from "@aws-sdk/client-bedrock-agentcore-control";
import { PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { ListProjectsCommand } from "@aws-sdk/client-codebuild";
import {
  DescribeServiceRevisionsCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ListClustersCommand,
  ListServiceDeploymentsCommand,
  ListServicesCommand,
  ListTaskDefinitionsCommand,
  ListTasksCommand,
} from "@aws-sdk/client-ecs";
import { ListClustersCommand as ListEksClustersCommand } from "@aws-sdk/client-eks";
import { ListCoverageCommand } from "@aws-sdk/client-inspector2";
import { GetFunctionCommand, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { GetObjectCommand, ListObjectsV2Command, NoSuchKey, PutObjectCommand } from "@aws-sdk/client-s3";
import { ListModelsCommand } from "@aws-sdk/client-sagemaker";
import { PublishCommand } from "@aws-sdk/client-sns";
import { pageOf, type Operations } from "./operations";
import { ACCOUNT, HOST, REGION, type Use, type World } from "./world";

/** Key of the list of images in use elsewhere. */
export const LIST = "images.txt";

/** A reference as a definition has it. */
const referenceOf = ({ repository, tag, digest }: Use): string =>
  `${HOST}/${repository}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;

/** The services that use images and those around clean-up: what of a world they answer, two items per page. */
export function otherOperations<Caller>(
  operations: Operations<Caller>,
  world: World,
  stored: (by: Caller, key: string, text: string) => void,
): void {
  const uses = (kind: Use["kind"]) => world.uses.filter((use) => use.kind === kind);
  const arns = (kind: Use["kind"], prefix: string) => uses(kind).map((_, i) => `${prefix}/${i}:1`);
  const useAt = (kind: Use["kind"], arn: string) => uses(kind)[Number(/(\d+):1$/.exec(arn)?.[1])];
  operations
    .on(ListClustersCommand, () => ({ clusterArns: ["arn:cluster"] }))
    .on(ListTasksCommand, ({ nextToken }) => {
      const { page, ...rest } = pageOf(arns("task", "arn:task"), nextToken, 2);
      return { taskArns: page, ...rest };
    })
    .on(DescribeTasksCommand, ({ tasks = [] }) => ({
      tasks: tasks.flatMap((taskArn) => {
        const use = useAt("task", taskArn);
        // The tag from which a task started may be at another image today.
        const image = use === undefined ? "" : `${HOST}/${use.repository}:${use.tag ?? "started"}`;
        return use === undefined
          ? []
          : [
              {
                taskArn,
                containers: [{ image, ...(use.digest === undefined ? {} : { imageDigest: use.digest }) }],
              },
            ];
      }),
    }))
    .on(ListTaskDefinitionsCommand, ({ nextToken }) => {
      const { page, ...rest } = pageOf(arns("definition", "arn:definition"), nextToken, 2);
      return { taskDefinitionArns: page, ...rest };
    })
    .on(DescribeTaskDefinitionCommand, ({ taskDefinition = "" }) => {
      const use = useAt("definition", taskDefinition);
      return {
        taskDefinition: { containerDefinitions: use === undefined ? [] : [{ image: referenceOf(use) }] },
      };
    })
    .on(ListServicesCommand, ({ nextToken }) => {
      const { page, ...rest } = pageOf(arns("service", "arn:service"), nextToken, 2);
      return { serviceArns: page, ...rest };
    })
    .on(DescribeServicesCommand, ({ services = [] }) => ({
      services: services.map((serviceArn) => ({
        serviceArn,
        currentServiceRevisions: [{ arn: serviceArn }],
      })),
    }))
    .on(ListServiceDeploymentsCommand, () => ({ serviceDeployments: [] }))
    .on(DescribeServiceRevisionsCommand, ({ serviceRevisionArns = [] }) => ({
      serviceRevisions: serviceRevisionArns.flatMap((serviceArn) => {
        const use = useAt("service", serviceArn);
        return use === undefined
          ? []
          : [
              {
                serviceArn,
                containerImages: [{ image: `${HOST}/${use.repository}:deployed`, imageDigest: use.digest }],
              },
            ];
      }),
    }))
    .on(ListFunctionsCommand, ({ Marker }) => {
      const { page, nextToken } = pageOf(arns("lambda", "function"), Marker, 2);
      return {
        Functions: page.map((FunctionName) => ({
          FunctionName,
          Version: "$LATEST",
          PackageType: "Image" as const,
        })),
        NextMarker: nextToken,
      };
    })
    .on(GetFunctionCommand, ({ FunctionName = "" }) => {
      const use = useAt("lambda", FunctionName);
      return use === undefined ? {} : { Code: { ImageUri: referenceOf(use) } };
    })
    .on(DescribeJobDefinitionsCommand, ({ jobDefinitions, nextToken }) => {
      const wanted = jobDefinitions ?? arns("batch", "job");
      const { page, ...rest } = pageOf(wanted, nextToken, jobDefinitions === undefined ? 2 : wanted.length);
      return {
        jobDefinitions: page.flatMap((jobDefinitionArn) => {
          const use = useAt("batch", jobDefinitionArn);
          return use === undefined
            ? []
            : [
                {
                  jobDefinitionArn,
                  jobDefinitionName: "job",
                  revision: 1,
                  type: "container",
                  containerProperties: { image: referenceOf(use) },
                },
              ];
        }),
        ...rest,
      };
    })
    .on(DescribeJobQueuesCommand, () => ({ jobQueues: [] }))
    .on(ListJobsCommand, () => ({ jobSummaryList: [] }))
    .on(ListCoverageCommand, () => ({
      coveredResources: uses("inspector").map(({ repository, digest = "" }) => ({
        accountId: ACCOUNT,
        resourceType: "AWS_ECR_CONTAINER_IMAGE" as const,
        scanType: "PACKAGE" as const,
        resourceId: `arn:aws:ecr:${REGION}:${ACCOUNT}:repository/${repository}/${digest}`,
        resourceMetadata: { ecrImage: { inUseCount: 1 } },
      })),
    }))
    .on(ListEksClustersCommand, () => ({ clusters: [] }))
    .on(ListAppRunnerServicesCommand, () => ({
      ServiceSummaryList: world.hasUnread ? [{ ServiceName: "site" }] : [],
    }))
    .on(ListModelsCommand, () => ({ Models: [] }))
    .on(ListProjectsCommand, () => ({ projects: [] }))
    .on(ListAgentRuntimesCommand, () => ({ agentRuntimes: [] }))
    .on(PutMetricDataCommand, () => ({}))
    .on(PublishCommand, () => ({}))
    .on(GetObjectCommand, ({ Key = "" }) => {
      if (Key === LIST) {
        // The job that writes it looks again and again.
        const lines = [`${HOST}/another:v1`, ...uses("list").map(referenceOf)];
        const Body = { transformToString: () => Promise.resolve(lines.join("\n")) };
        return { Body: Body as never, LastModified: new Date(world.now) };
      }
      const object = world.objects.get(Key);
      if (object === undefined) {
        throw new NoSuchKey({ message: "not found", $metadata: {} });
      }
      const Body = { transformToString: () => Promise.resolve(object.text) };
      return { Body: Body as never, LastModified: new Date(object.modified) };
    })
    .on(ListObjectsV2Command, ({ Prefix = "", ContinuationToken }) => {
      const keys = [...world.objects.keys()].filter((key) => key.startsWith(Prefix));
      const { page, nextToken } = pageOf(keys, ContinuationToken, 3);
      return {
        Contents: page.map((Key) => ({ Key })),
        IsTruncated: nextToken !== undefined,
        NextContinuationToken: nextToken,
      };
    })
    .on(PutObjectCommand, ({ Key = "", Body }, by) => {
      world.objects.set(Key, { text: Body as string, modified: world.now });
      stored(by, Key, Body as string);
      return {};
    });
}
