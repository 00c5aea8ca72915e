import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { CreateTopicCommand } from "@aws-sdk/client-sns";
import type * as pulumi from "@pulumi/pulumi";
import { PutRegistryScanningConfigurationCommand } from "@aws-sdk/client-ecr";
import { cleanUpPolicy, metricsPolicy } from "../../documents/function-policies";
import type { PolicyDocument } from "../../documents/iam";
import { functionCode, type FunctionSource } from "../../components/parts/function-code";
import { ecrClient, s3Client, snsClient } from "../../images/clients";
import { handler as cleanUpHandler } from "../../functions/clean-up";
import { handler as metricsHandler } from "../../functions/metrics";
import { ACCOUNT, Emulator, REGION } from "./emulator";
import { image, index, repository } from "./registry";
import { Running } from "./running";
import { BUCKET, HOST, WHOLE, CLEANING, functionsApi, invocation, rememberUntagged } from "./functions";

describe("the functions, against an API", () => {
  let aws: Emulator;
  let running: Running;
  functionsApi((emulator, workloads) => {
    aws = emulator;
    running = workloads;
  });

  describe("with their roles", () => {
    /** The IAM action of a call, as the service authorization reference names it. */
    const ACTIONS: Record<string, string> = {
      AssumeRole: "sts:AssumeRole",
      BatchDeleteImage: "ecr:BatchDeleteImage",
      UpdateImageStorageClass: "ecr:UpdateImageStorageClass",
      BatchGetImage: "ecr:BatchGetImage",
      DescribeImages: "ecr:DescribeImages",
      DescribeImageScanFindings: "ecr:DescribeImageScanFindings",
      GetRegistryScanningConfiguration: "ecr:GetRegistryScanningConfiguration",
      "AppRunner.ListServices": "apprunner:ListServices",
      ListModels: "sagemaker:ListModels",
      ListProjects: "codebuild:ListProjects",
      "GET /clusters": "eks:ListClusters",
      "POST /runtimes/": "bedrock-agentcore:ListAgentRuntimes",
      "POST /v1/describejobdefinitions": "batch:DescribeJobDefinitions",
      "POST /v1/describejobqueues": "batch:DescribeJobQueues",
      "POST /v1/listjobs": "batch:ListJobs",
      "POST /coverage/list": "inspector2:ListCoverage",
      "POST /findings/aggregation/list": "inspector2:ListFindingAggregations",
      DescribeRepositories: "ecr:DescribeRepositories",
      DescribeServiceRevisions: "ecs:DescribeServiceRevisions",
      DescribeServices: "ecs:DescribeServices",
      DescribeTaskDefinition: "ecs:DescribeTaskDefinition",
      DescribeTasks: "ecs:DescribeTasks",
      ListClusters: "ecs:ListClusters",
      ListServiceDeployments: "ecs:ListServiceDeployments",
      ListServices: "ecs:ListServices",
      ListTagsForResource: "ecr:ListTagsForResource",
      ListTaskDefinitions: "ecs:ListTaskDefinitions",
      ListTasks: "ecs:ListTasks",
      Publish: "sns:Publish",
      PutMetricData: "cloudwatch:PutMetricData",
    };
    const actionOf = (called: string) =>
      ACTIONS[called] ??
      (called === "GET /2015-03-31/functions"
        ? "lambda:ListFunctions"
        : called.startsWith("GET /2015-03-31/functions/")
          ? "lambda:GetFunction"
          : called.startsWith(`PUT /${BUCKET}/`)
            ? "s3:PutObject"
            : called.startsWith(`GET /${BUCKET}/`)
              ? "s3:GetObject"
              : called);
    const granted = ({ Statement }: PolicyDocument) => Statement.flatMap(({ Action }) => Action);
    const scope = {
      place: { partition: "aws", region: REGION, accountId: ACCOUNT },
      logGroupArn: "arn",
      queueArn: "arn",
      tracing: false,
    };

    it("call nothing that these do not grant, and are granted nothing that they never call", async () => {
      const seeded = repository("a-x-dev", [
        image("tagged", { tags: ["v9"] }),
        image("old", { days: 99 }),
        image("stale", { days: 99, tags: ["v0"] }),
        index("list", [], { tags: ["v1"] }),
      ]);
      await aws.seed([seeded]);
      const during = async (work: () => Promise<unknown>) => {
        const { calls: before } = await aws.calls();
        await work();
        const { calls: after } = await aws.calls();
        return Object.keys(after)
          .filter((one) => (after[one] ?? 0) > (before[one] ?? 0))
          .map(actionOf);
      };
      const enhance = (scanType: "ENHANCED" | "BASIC") =>
        ecrClient(aws.connection).send(new PutRegistryScanningConfigurationCommand({ scanType, rules: [] }));
      // What Lambda and X-Ray do in the role's name is none of the function's calls.
      const byLambda = [
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "sqs:SendMessage",
        "kms:Decrypt",
        "kms:GenerateDataKey",
        // Decides how S3 answers for an object that does not exist.
        "s3:ListBucket",
      ];
      const unused = (policy: PolicyDocument, called: string[]) =>
        granted(policy).filter((one) => !called.includes(one) && !byLambda.includes(one));
      for (const scanType of ["enhanced", "basic"] as const) {
        await enhance(scanType === "enhanced" ? "ENHANCED" : "BASIC");
        const called = await during(() => metricsHandler(WHOLE, invocation()));
        const policy = metricsPolicy(scope, WHOLE, scanType);
        assert.deepEqual(
          called.filter((one) => !granted(policy).includes(one)),
          [],
          scanType,
        );
        assert.deepEqual(unused(policy, called), [], scanType);
      }

      await aws.reset();
      await s3Client(aws.connection).send(
        new CreateBucketCommand({
          Bucket: BUCKET,
          CreateBucketConfiguration: { LocationConstraint: REGION },
        }),
      );
      const topic = await snsClient(aws.connection).send(new CreateTopicCommand({ Name: "alerts" }));
      process.env.TOPIC_ARN = topic.TopicArn;
      await s3Client(aws.connection).send(
        new PutObjectCommand({ Bucket: BUCKET, Key: "eks.txt", Body: "a:1\n" }),
      );
      await aws.seed([seeded]);
      await rememberUntagged(aws, [seeded]);
      await enhance("ENHANCED");
      await running.queue("jobs");
      await running.cluster("c");
      const definition = await running.taskDefinition("f", `${HOST}/a-x-dev:v1`);
      await running.task("c", definition);
      await running.service("c", "s", definition);
      await aws.serviceRevisions([
        { serviceRevisionArn: "r1", serviceArn: `arn:aws:ecs:${REGION}:${ACCOUNT}:service/c/s` },
      ]);
      await running.lambda("f", `${HOST}/a-x-dev:v1`);
      const inUse = {
        roles: ["arn:aws:iam::777788889999:role/reader"],
        list: { bucket: BUCKET, key: "eks.txt", maxAgeDays: 2 },
      };
      const ofCleanUp = await during(async () => {
        const rules = { untaggedDays: 1, olderThanDays: 30 };
        await cleanUpHandler({ ...WHOLE, dryRun: false, rules, inUse }, invocation());
        // A list of images stands for EKS, so without it EKS is looked at. Reads the record of the first.
        await cleanUpHandler({ ...WHOLE, rules, inUse: { roles: inUse.roles } }, invocation());
      });
      const cleanUpRole = cleanUpPolicy(scope, WHOLE, {
        bucketArn: "arn",
        topicArns: ["arn"],
        inUse,
        archive: true,
      });
      assert.deepEqual(
        ofCleanUp.filter((one) => !granted(cleanUpRole).includes(one)),
        [],
      );
      assert.deepEqual(unused(cleanUpRole, ofCleanUp), []);
    });
  });

  describe("as they are deployed, in one file", () => {
    const bundled = async (source: FunctionSource) => {
      const assets = (await functionCode(source).assets) as Record<string, pulumi.asset.StringAsset>;
      const folder = fs.mkdtempSync(path.join(os.tmpdir(), "ecr-platform-function-"));
      fs.writeFileSync(path.join(folder, "index.js"), (await assets["index.js"]?.text) ?? "");
      return folder;
    };
    const invoke = (folder: string, event: object) =>
      JSON.parse(
        execFileSync(
          process.execPath,
          [
            "-e",
            `require("./index.js").handler(${JSON.stringify(event)}, { ...${JSON.stringify(invocation())}, getRemainingTimeInMillis: () => 900000 }).then((answer) => console.log(JSON.stringify(answer)))`,
          ],
          { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
        )
          .trim()
          .split("\n")
          .at(-1) ?? "",
      ) as Record<string, number>;

    it("publish metrics and clean up", async () => {
      const seeded = repository("a-x-dev", [image("old", { days: 99 })]);
      await aws.seed([seeded]);
      await rememberUntagged(aws, [seeded]);
      assert.equal(invoke(await bundled("metrics"), WHOLE).repositories, 1);
      const answer = invoke(await bundled("clean-up"), {
        ...CLEANING,
        dryRun: false,
        rules: { untaggedDays: 1 },
      });
      assert.equal(answer.deleted, 1);
      assert.deepEqual((await aws.images())["a-x-dev"], []);
    });
  });
});
