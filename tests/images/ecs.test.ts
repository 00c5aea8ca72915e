import assert from "node:assert/strict";
import {
  DescribeServiceRevisionsCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ECSClient,
  ListClustersCommand,
  ListServiceDeploymentsCommand,
  ListServicesCommand,
  ListTaskDefinitionsCommand,
  ListTasksCommand,
  ServiceNotFoundException,
} from "@aws-sdk/client-ecs";
import { mockClient } from "aws-sdk-client-mock";
import { ecsImages } from "../../images/users/ecs";
import { newestRevisions } from "../../images/users/pages";

const digestOf = (letter: string) => `sha256:${letter.repeat(64)}`;

describe("images in use by ECS services", () => {
  const ecs = mockClient(ECSClient);
  const read = async () =>
    (await ecsImages(new ECSClient({ region: "eu-west-1" }), undefined)).map(({ image }) => image);
  const revision = (arn: string, letter: string) => ({
    serviceRevisionArn: arn,
    serviceArn: "s",
    containerImages: [{ image: "a-x-dev:v1", imageDigest: digestOf(letter) }],
  });

  beforeEach(() => {
    ecs.reset();
    ecs.onAnyCommand().resolves({});
    ecs.on(ListClustersCommand).resolves({ clusterArns: ["c"] });
    ecs.on(ListTaskDefinitionsCommand).resolves({ taskDefinitionArns: [] });
    ecs.on(ListServicesCommand).resolves({ serviceArns: ["s"] });
    ecs.on(DescribeServicesCommand).resolves({ services: [{ serviceArn: "s", desiredCount: 0 }] });
    ecs
      .on(DescribeTaskDefinitionCommand)
      .resolves({ taskDefinition: { containerDefinitions: [{ image: "a-x-dev:v1" }] } });
  });
  after(() => {
    ecs.restore();
  });

  it("are the digests of the current revisions, although the service has no tasks", async () => {
    ecs.on(DescribeServicesCommand).resolves({
      services: [{ serviceArn: "s", desiredCount: 0, currentServiceRevisions: [{ arn: "r1" }] }],
    });
    ecs
      .on(DescribeServiceRevisionsCommand, { serviceRevisionArns: ["r1"] })
      .resolves({ serviceRevisions: [revision("r1", "a")] });
    assert.ok((await read()).includes(`a-x-dev@${digestOf("a")}`));
  });

  it("are those of unfinished deployments and of the last successful one, on any page", async () => {
    const at = (day: number) => new Date(Date.UTC(2026, 0, day));
    ecs
      .on(ListServiceDeploymentsCommand)
      .resolves({
        serviceDeployments: [{ status: "SUCCESSFUL", createdAt: at(1), targetServiceRevisionArn: "old" }],
        nextToken: "more",
      })
      .on(ListServiceDeploymentsCommand, { nextToken: "more" })
      .resolves({
        serviceDeployments: [
          { status: "SUCCESSFUL", createdAt: at(2), targetServiceRevisionArn: "last" },
          { status: "IN_PROGRESS", createdAt: at(3), targetServiceRevisionArn: "next" },
        ],
      });
    ecs
      .on(DescribeServiceRevisionsCommand, { serviceRevisionArns: ["next", "last"] })
      .resolves({ serviceRevisions: [revision("next", "b"), revision("last", "c")] });
    assert.deepEqual(
      (await read()).filter((image) => image.includes("@")),
      [`a-x-dev@${digestOf("b")}`, `a-x-dev@${digestOf("c")}`],
    );
  });

  it("are not asked for where another controller deploys", async () => {
    ecs
      .on(DescribeServicesCommand)
      .resolves({ services: [{ serviceArn: "s", deploymentController: { type: "CODE_DEPLOY" } }] });
    ecs.on(ListServiceDeploymentsCommand).rejects(new Error("not supported"));
    assert.deepEqual(await read(), []);
  });

  it("are not those of a service that was deleted after it was listed", async () => {
    ecs
      .on(ListServiceDeploymentsCommand)
      .rejects(new ServiceNotFoundException({ message: "gone", $metadata: {} }));
    assert.deepEqual(await read(), []);
  });

  it("are unknown if ECS does not describe a revision that exists", async () => {
    ecs.on(ListServiceDeploymentsCommand).resolves({
      serviceDeployments: [{ status: "SUCCESSFUL", targetServiceRevisionArn: "r1" }],
    });
    ecs
      .on(DescribeServiceRevisionsCommand)
      .resolvesOnce({ failures: [{ arn: "r1", reason: "MISSING" }] })
      .resolves({ failures: [{ arn: "r1", reason: "INTERNAL" }] });
    assert.deepEqual(await read(), [], "a missing revision went with its service");
    await assert.rejects(read(), /r1: INTERNAL/);
  });

  it("are unknown if ECS leaves something out of its answer, unless it has stopped", async () => {
    ecs.on(ListTasksCommand).resolves({ taskArns: ["t1", "t2"] });
    const failures = [{ arn: "t2", reason: "MISSING" }];
    ecs.on(DescribeTasksCommand).resolves({ tasks: [{ taskArn: "t1" }], failures });
    assert.deepEqual(await read(), []);
    ecs.on(DescribeTasksCommand).resolves({ tasks: [{ taskArn: "t1" }] });
    await assert.rejects(read(), /ECS described 1 of t1, t2/);
    ecs.on(DescribeTasksCommand).resolves({ failures: [{ arn: "t1", reason: "MISSING" }, ...failures] });
    ecs.on(DescribeServicesCommand).resolves({});
    await assert.rejects(read(), /ECS described 0 of s/);
  });

  it("are unknown if ECS does not describe a task definition", async () => {
    ecs.on(ListTaskDefinitionsCommand).resolves({ taskDefinitionArns: ["f:1"] });
    ecs.on(DescribeTaskDefinitionCommand).resolves({});
    await assert.rejects(read(), /ECS task definition f:1 was not described/);
  });
});

describe("the newest revisions", () => {
  it("are those with the highest number of each family, also of very long lists", () => {
    const arns = Array.from({ length: 100_000 }, (_, i) => `arn:task-definition/f:${i + 1}`);
    assert.deepEqual(newestRevisions(["arn:task-definition/g:9", ...arns], 2), [
      "arn:task-definition/g:9",
      "arn:task-definition/f:100000",
      "arn:task-definition/f:99999",
    ]);
    assert.equal(newestRevisions(arns, undefined).length, 100_000);
  });
});
