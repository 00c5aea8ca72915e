import assert from "node:assert/strict";
import { ECRClient, GetRegistryScanningConfigurationCommand } from "@aws-sdk/client-ecr";
import {
  DescribeTasksCommand,
  DescribeTaskDefinitionCommand,
  ListClustersCommand,
  ListServicesCommand,
  ListTaskDefinitionsCommand,
  ListTasksCommand,
} from "@aws-sdk/client-ecs";
import { GetFunctionCommand, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { mockClient } from "aws-sdk-client-mock";
import { cleanUpRequest } from "../../documents/clean-up-request";
import { InUse, readInUse } from "../../images/in-use";
import { listedImages, parseReference } from "../../images/references";
import { mockImageUsers } from "../support/image-users";

const registry = { accountId: "111122223333", region: "eu-west-1" };
const HOST = "111122223333.dkr.ecr.eu-west-1.amazonaws.com";
const DIGEST = `sha256:${"a".repeat(64)}`;

describe("a reference to an image", () => {
  for (const [image, expected] of [
    [`${HOST}/a-x-dev:v1`, { repository: "a-x-dev", tag: "v1" }],
    [`${HOST}/a-x-dev`, { repository: "a-x-dev", tag: "latest" }],
    [`${HOST}/a-x-dev@${DIGEST}`, { repository: "a-x-dev", digest: DIGEST }],
    [`${HOST}/a-x-dev:v1@${DIGEST}`, { repository: "a-x-dev", tag: "v1", digest: DIGEST }],
    [`${HOST}/cache/library/nginx:1`, { repository: "cache/library/nginx", tag: "1" }],
    ["111122223333.dkr-ecr.eu-west-1.on.aws/a-x-dev:v1", { repository: "a-x-dev", tag: "v1" }],
    ["111122223333.dkr.ecr-fips.eu-west-1.amazonaws.com/a-x-dev:v1", { repository: "a-x-dev", tag: "v1" }],
    ["a-x-dev:v1.*", { repository: "a-x-dev", tag: "v1.*" }],
    ["999988887777.dkr.ecr.eu-west-1.amazonaws.com/a-x-dev:v1", undefined],
    ["111122223333.dkr.ecr.eu-central-1.amazonaws.com/a-x-dev:v1", undefined],
    ["ghcr.io:443/a/b:c", undefined],
    [`${HOST.toUpperCase()}/a-x-dev:v1`, { repository: "a-x-dev", tag: "v1" }],
    [`${HOST}:443/a-x-dev:v1`, { repository: "a-x-dev", tag: "v1" }],
    ["111122223333.dkr.ecr.eu-west-1.amazonaws.eu/a-x-dev:v1", { repository: "a-x-dev", tag: "v1" }],
    ["two words", undefined],
  ] as const) {
    it(`is taken apart: ${image}`, () => {
      assert.deepEqual(parseReference(image, registry), expected);
    });
  }
});

describe("what runs", () => {
  it("is a task's digest too, for its tag may have moved since it started, and any version of a function", async () => {
    // The API emulator's tasks have no digest.
    const users = mockImageUsers();
    users.reset();
    const { ecs, lambda } = users;
    const ecr = mockClient(ECRClient);
    ecr.on(GetRegistryScanningConfigurationCommand).resolves({});
    ecs.on(ListClustersCommand).resolves({ clusterArns: ["c"] });
    ecs.on(ListServicesCommand).resolves({ serviceArns: [] });
    ecs.on(ListTaskDefinitionsCommand).resolves({ taskDefinitionArns: [] });
    ecs.on(ListTasksCommand).resolves({ taskArns: ["t1"], nextToken: "more" });
    ecs.on(ListTasksCommand, { nextToken: "more" }).resolves({ taskArns: ["t2"] });
    ecs.on(DescribeTasksCommand, { tasks: ["t1", "t2"] }).resolves({
      tasks: [
        {
          taskArn: "t1",
          taskDefinitionArn: "gone:1",
          containers: [
            { image: `${HOST}/a-x-dev:latest`, imageDigest: DIGEST },
            { image: `localhost:5000/other`, imageDigest: DIGEST },
          ],
        },
      ],
      // It has stopped since it was listed.
      failures: [{ arn: "t2", reason: "MISSING" }],
    });
    ecs
      .on(DescribeTaskDefinitionCommand, { taskDefinition: "gone:1" })
      .resolves({ taskDefinition: { containerDefinitions: [{ image: `${HOST}/a-x-dev:old` }] } });
    lambda.on(ListFunctionsCommand, { FunctionVersion: "ALL" }).resolves({
      Functions: [
        { FunctionName: "f", Version: "$LATEST", PackageType: "Image" },
        { FunctionName: "f", Version: "3", PackageType: "Image" },
        { FunctionName: "zip", Version: "1", PackageType: "Zip" },
      ],
    });
    lambda
      .on(GetFunctionCommand, { FunctionName: "f" })
      .resolves({ Code: { ImageUri: `${HOST}/a-x-dev:new` } })
      .on(GetFunctionCommand, { FunctionName: "f", Qualifier: "3" })
      .resolves({ Code: { ImageUri: `${HOST}/a-x-dev:third` } });
    const request = cleanUpRequest.parse({ project: "p", environment: "dev", rules: {} });
    const inUse = await readInUse({ region: "eu-west-1" }, registry, request.inUse, new Date());
    const where = (tags: string[], digest: string) => inUse.where("a-x-dev", { digest, tags });
    assert.equal(where([], DIGEST), "ECS task t1");
    assert.equal(where(["latest"], "sha256:other"), "ECS task t1");
    assert.equal(where(["old"], "sha256:other"), "ECS task definition gone:1");
    assert.equal(where(["new"], "sha256:other"), "Lambda function f $LATEST");
    assert.equal(
      where(["third"], "sha256:other"),
      "Lambda function f 3",
      "an alias may point to an old version",
    );
    assert.equal(where(["v9"], "sha256:other"), undefined);
    lambda.on(GetFunctionCommand, { FunctionName: "f", Qualifier: "3" }).resolves({});
    await assert.rejects(
      readInUse({ region: "eu-west-1" }, registry, request.inUse, new Date()),
      /the image of Lambda function f 3 was not returned/,
    );
    users.restore();
    ecr.restore();
  });
  it("is found by digest or by tag, in its own repository only", () => {
    const inUse = new InUse(
      [
        { image: `${HOST}/a-x-dev@${DIGEST}`, where: "a task" },
        { image: "a-y-dev:v1.*", where: "a list" },
        { image: "docker.io:443/library/nginx:1", where: "elsewhere" },
      ],
      registry,
    );
    const where = (repository: string, tags: string[], digest = "sha256:b") =>
      inUse.where(repository, { digest, tags });
    assert.equal(where("a-x-dev", [], DIGEST), "a task");
    assert.equal(where("a-x-dev", ["v1"]), undefined);
    assert.equal(where("a-y-dev", ["other", "v1.2"]), "a list");
    assert.equal(where("a-y-dev", ["v2"], DIGEST), undefined);
  });
  it("is listed one per line, with comments, whatever the line ends", () => {
    assert.deepEqual(
      listedImages("# pods\n\n a:1 \nb:2 # old\r\nc:3\rghcr.io/d/e:4", "f").map(({ image }) => image),
      ["a:1", "b:2", "c:3", "ghcr.io/d/e:4"],
    );
  });
  it("is every image of a repository that is listed without a tag", () => {
    const inUse = new InUse(listedImages(`${HOST}/a-x-dev`, "a list"), registry);
    assert.equal(inUse.where("a-x-dev", { digest: "sha256:b", tags: ["v7"] }), "a list");
  });
  for (const [what, text] of [
    ["the text of an error", "Error from server (Forbidden): pods is forbidden"],
    ["several images in one line", "a:1 b:2"],
    ["images with commas", "a:1,b:2"],
    ["a tab and a pod's name", "a:1\tpod-7"],
    ["quotes", '"a:1"'],
    ["a YAML list", "- a:1"],
    ["JSON", '{"images":["a:1"]}'],
    ["a URL", `oci://${HOST}/a-x-dev:v1`],
    ["a runtime's own form", `docker-pullable://${HOST}/a-x-dev@${DIGEST}`],
    ["a digest alone", DIGEST],
    ["a repository with a wildcard", "a-*:v1"],
    ["UTF-16", "\ufeffa\u0000:\u00001\u0000"],
  ] as const) {
    it(`is not read from a list with ${what}, and the line is named`, () => {
      assert.throws(
        () => listedImages(`# pods\nghcr.io/fine:1\n${text}\n`, "f"),
        /f, line 3: .* is not a reference/,
      );
    });
  }
  for (const [what, text] of [
    ["nothing", ""],
    ["comments only", "# cluster a at 2026-01-01T00:00:00Z\n\n"],
  ] as const) {
    it(`is not read from a list with ${what}`, () => {
      assert.throws(() => listedImages(text, "f"), /f names no image/);
    });
  }
});
