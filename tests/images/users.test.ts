import assert from "node:assert/strict";
import { ListServicesCommand } from "@aws-sdk/client-apprunner";
import {
  BatchClient,
  DescribeJobDefinitionsCommand,
  DescribeJobQueuesCommand,
  ListJobsCommand,
} from "@aws-sdk/client-batch";
import { ListAgentRuntimesCommand } from "@aws-sdk/client-bedrock-agentcore-control";
import { ListProjectsCommand } from "@aws-sdk/client-codebuild";
import { ECRClient, GetRegistryScanningConfigurationCommand } from "@aws-sdk/client-ecr";
import { ListClustersCommand } from "@aws-sdk/client-eks";
import { ListCoverageCommand } from "@aws-sdk/client-inspector2";
import { ListModelsCommand } from "@aws-sdk/client-sagemaker";
import { mockClient } from "aws-sdk-client-mock";
import { cleanUpRequest, type CleanUpInput } from "../../documents/clean-up-request";
import { cleanUp } from "../../images/clean-up";
import { readInUse } from "../../images/in-use";
import { batchImages } from "../../images/users/batch";
import { unreadUsers } from "../../images/users/unread";
import { mockImageUsers } from "../support/image-users";

const registry = { accountId: "111122223333", region: "eu-west-1" };
const connection = { region: "eu-west-1" };
const DIGEST = `sha256:${"a".repeat(64)}`;
const place = { connection, name: "eu-west-1" };
const users = mockImageUsers();
const ecr = mockClient(ECRClient);

describe("users of images", () => {
  beforeEach(() => {
    users.reset();
    ecr.reset();
    ecr.onAnyCommand().resolves({});
  });
  after(() => {
    users.restore();
    ecr.restore();
  });

  describe("in AWS Batch", () => {
    const definition = (revision: number, more: object) => ({
      jobDefinitionName: "d",
      jobDefinitionArn: `arn:aws:batch:eu-west-1:111122223333:job-definition/d:${revision}`,
      revision,
      type: "container",
      ...more,
    });

    it("are job definitions, with one container, an ECS task, an EKS pod or groups of nodes", async () => {
      users.batch.on(DescribeJobDefinitionsCommand, { status: "ACTIVE" }).resolves({
        jobDefinitions: [
          definition(1, { containerProperties: { image: "a:1" } }),
          definition(2, { ecsProperties: { taskProperties: [{ containers: [{ image: "a:2" }] }] } }),
          definition(3, {
            eksProperties: {
              podProperties: { containers: [{ image: "a:3" }], initContainers: [{ image: "a:4" }] },
            },
          }),
          definition(4, {
            nodeProperties: {
              mainNode: 0,
              numNodes: 2,
              nodeRangeProperties: [{ targetNodes: "0:", container: { image: "a:5" } }],
            },
          }),
        ],
      });
      const found = await batchImages(new BatchClient(connection), undefined);
      assert.deepEqual(
        found.map(({ image }) => image),
        ["a:1", "a:2", "a:3", "a:4", "a:5"],
      );
      assert.equal(found[0]?.where, "Batch job definition d:1");
      assert.deepEqual(
        (await batchImages(new BatchClient(connection), 1)).map(({ image }) => image),
        ["a:5"],
        "only the newest revision",
      );
    });

    it("are definitions of jobs that wait or run, although they are not active anymore", async () => {
      const inactive = definition(7, { containerProperties: { image: "a:7" } });
      users.batch.on(DescribeJobQueuesCommand).resolves({
        jobQueues: [
          { jobQueueArn: "q", jobQueueName: "q", state: "ENABLED", priority: 1, computeEnvironmentOrder: [] },
        ],
      });
      users.batch.on(ListJobsCommand, { jobQueue: "q", jobStatus: "RUNNABLE" }).resolves({
        jobSummaryList: [{ jobId: "j", jobName: "j", jobDefinition: inactive.jobDefinitionArn }],
      });
      users.batch
        .on(DescribeJobDefinitionsCommand, { jobDefinitions: [inactive.jobDefinitionArn] })
        .resolves({ jobDefinitions: [inactive] });
      const found = await batchImages(new BatchClient(connection), undefined);
      assert.deepEqual(
        found.map(({ image }) => image),
        ["a:7"],
      );
    });
  });

  describe("that Amazon Inspector sees", () => {
    const arn = (digest: string) => `arn:aws:ecr:eu-west-1:111122223333:repository/a-x-dev/${digest}`;
    const where = async () => {
      const { inUse } = cleanUpRequest.parse({ project: "p", environment: "dev", rules: {} });
      return (await readInUse(connection, registry, inUse, new Date())).where("a-x-dev", {
        digest: DIGEST,
        tags: [],
      });
    };
    beforeEach(() => {
      users.inspector.on(ListCoverageCommand).resolves({
        coveredResources: [
          {
            resourceType: "AWS_ECR_CONTAINER_IMAGE",
            resourceId: arn(DIGEST),
            accountId: "111122223333",
            scanType: "PACKAGE",
            resourceMetadata: { ecrImage: { inUseCount: 2 } },
          },
        ],
      });
    });

    it("are added, where it scans the registry", async () => {
      ecr
        .on(GetRegistryScanningConfigurationCommand)
        .resolves({ scanningConfiguration: { scanType: "ENHANCED" } });
      assert.equal(await where(), "2 clusters, as Amazon Inspector reports");
    });

    it("are not asked for where it does not", async () => {
      assert.equal(await where(), undefined);
      assert.equal(users.inspector.calls().length, 0);
    });
  });

  describe("that are not read", () => {
    const none = { checkedByHand: [], list: undefined };
    const use = {
      eks: () => users.eks.on(ListClustersCommand).resolves({ clusters: ["c"] }),
      "app-runner": () => users.appRunner.on(ListServicesCommand).resolves({ ServiceSummaryList: [{}] }),
      sagemaker: () =>
        users.sageMaker
          .on(ListModelsCommand)
          .resolves({ Models: [{ ModelName: "m", ModelArn: "m", CreationTime: new Date(0) }] }),
      codebuild: () => users.codeBuild.on(ListProjectsCommand).resolves({ projects: ["p"] }),
      agentcore: () =>
        users.agentCore.on(ListAgentRuntimesCommand).resolves({
          agentRuntimes: [
            {
              agentRuntimeArn: "r",
              agentRuntimeId: "r",
              agentRuntimeVersion: "1",
              agentRuntimeName: "r",
              description: "",
              lastUpdatedAt: new Date(0),
              status: "READY",
            },
          ],
        }),
    };

    for (const [service, begin] of Object.entries(use)) {
      it(`are found in ${service}, unless the config says that it was checked by hand`, async () => {
        begin();
        const found = await unreadUsers([place], none);
        assert.deepEqual(
          found.map((one) => one.service),
          [service],
        );
        assert.match(found[0]?.found ?? "", / has \w+ in eu-west-1$/);
        assert.deepEqual(
          await unreadUsers([place], { ...none, checkedByHand: [service as keyof typeof use] }),
          [],
        );
      });
    }

    it("are not looked for in EKS where there is a list of images in use", async () => {
      use.eks();
      assert.deepEqual(
        await unreadUsers([place], { ...none, list: { bucket: "b", key: "k", maxAgeDays: 2 } }),
        [],
      );
    });

    it("are not in a region that does not have the service, and unknown after any other error", async () => {
      users.appRunner
        .on(ListServicesCommand)
        .rejectsOnce(Object.assign(new Error("getaddrinfo"), { code: "ENOTFOUND" }))
        .rejects(new Error("denied"));
      assert.deepEqual(await unreadUsers([place], none), []);
      await assert.rejects(
        unreadUsers([place], none),
        /AWS App Runner is used in eu-west-1 cannot be seen, so nothing is deleted: denied/,
      );
    });

    it("stop a run that deletes, and are in the report of a dry run", async () => {
      use.codebuild();
      const run = (dryRun: boolean) => {
        const request: CleanUpInput = {
          project: "p",
          environment: "dev",
          dryRun,
          archive: false,
          rules: { untaggedDays: 1 },
        };
        return cleanUp(cleanUpRequest.parse(request), {
          connection,
          registry,
          repositories: [{ name: "a-x-dev", team: "a" }],
          now: new Date(),
        });
      };
      await assert.rejects(
        run(false),
        /AWS CodeBuild has projects in eu-west-1.* add codebuild to .*checkedByHand/,
      );
      assert.equal(ecr.calls().length, 0, "nothing is read or deleted");
      assert.deepEqual((await run(true)).unread, [
        { service: "codebuild", found: "AWS CodeBuild has projects in eu-west-1" },
      ]);
    });
  });
});
