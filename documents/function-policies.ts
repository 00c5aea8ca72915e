import { archivedPrefix, stateKey, type InUseRequest } from "./clean-up-request";
import { NAMESPACE } from "../aws/metrics";
import { arnOf, dnsSuffix, repositoryArn, type Place } from "../aws/arns";
import { denyPlainHttp, policyOf, writeLogStreams, type PolicyDocument, type Statement } from "./iam";

/** What a function's role needs to know about it. */
export interface FunctionScope {
  place: Place;
  logGroupArn: string;
  /** ARN of its dead-letter queue. */
  queueArn: string;
  /** Whether it is traced by X-Ray. */
  tracing: boolean;
}

/** The repositories that a function is about: those that carry the stack's tags. */
export interface RepositoryScope {
  project: string;
  environment: string;
}

/** Every function writes logs, sends failed runs to its queue and publishes metrics in the platform's namespace. */
function common({ logGroupArn, queueArn, tracing }: FunctionScope): Statement[] {
  return [
    writeLogStreams(logGroupArn),
    { Sid: "KeepDeadLetters", Effect: "Allow", Action: "sqs:SendMessage", Resource: queueArn },
    {
      Sid: "PublishMetrics",
      Effect: "Allow",
      // Has no resource; its namespace is what it can be narrowed to.
      Action: "cloudwatch:PutMetricData",
      Resource: "*",
      Condition: { StringEquals: { "cloudwatch:namespace": NAMESPACE } },
    },
    ...(tracing
      ? [
          {
            Sid: "Trace",
            Effect: "Allow" as const,
            Action: ["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
            Resource: "*",
          },
        ]
      : []),
  ];
}

/** Finding the stack's repositories. Actions that read or delete images are limited to repositories with the stack's tags. */
function repositories(
  place: Place,
  { project, environment }: RepositoryScope,
  actions: string[],
): Statement[] {
  return [
    {
      Sid: "FindRepositories",
      Effect: "Allow",
      Action: ["ecr:DescribeRepositories", "ecr:ListTagsForResource"],
      Resource: repositoryArn(place, "*"),
    },
    {
      Sid: "ImagesOfTheStack",
      Effect: "Allow",
      Action: actions,
      Resource: repositoryArn(place, `*-${environment}`),
      Condition: {
        StringEquals: { "aws:ResourceTag/Project": project, "aws:ResourceTag/Environment": environment },
      },
    },
  ];
}

/** Policy of the metrics function. Findings come from Inspector under enhanced scanning, otherwise from ECR. */
export function metricsPolicy(
  scope: FunctionScope,
  of: RepositoryScope,
  scanType: "enhanced" | "basic",
): PolicyDocument {
  const actions = ["ecr:DescribeImages", ...(scanType === "basic" ? ["ecr:DescribeImageScanFindings"] : [])];
  return policyOf(
    ...common(scope),
    ...repositories(scope.place, of, actions),
    {
      Sid: "HowTheRegistryIsScanned",
      Effect: "Allow",
      Action: "ecr:GetRegistryScanningConfiguration",
      Resource: "*",
    },
    scanType === "basic"
      ? undefined
      : {
          Sid: "WhatInspectorFound",
          Effect: "Allow",
          Action: ["inspector2:ListCoverage", "inspector2:ListFindingAggregations"],
          Resource: "*",
        },
  );
}

/** Encryption by a key of this account, only on behalf of one service. https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service */
function keysOf(place: Place, sid: string, service: string): Statement {
  return {
    Sid: sid,
    Effect: "Allow",
    Action: ["kms:Decrypt", "kms:GenerateDataKey"],
    Resource: arnOf(place, "kms", "key/*"),
    Condition: {
      StringEquals: { "kms:ViaService": `${service}.${place.region}.${dnsSuffix(place.partition)}` },
    },
  };
}

/** What clean-up reaches beside the registry. */
export interface CleanUpReach {
  bucketArn: string;
  /** Topics that get the summary. */
  topicArns: string[];
  inUse: Pick<InUseRequest, "roles" | "list">;
  /** Whether it archives images before it deletes them. */
  archive: boolean;
}

/** Reading the images in use. These are list actions, which cannot be limited to resources, except for functions. */
export function readInUseStatements(place: Pick<Place, "partition" | "accountId">): Statement[] {
  return [
    {
      Sid: "SeeTasks",
      Effect: "Allow",
      Action: [
        "batch:DescribeJobDefinitions",
        "batch:DescribeJobQueues",
        "batch:ListJobs",
        "ecs:DescribeServiceRevisions",
        "ecs:DescribeServices",
        "ecs:DescribeTaskDefinition",
        "ecs:DescribeTasks",
        "ecs:ListClusters",
        "ecs:ListServiceDeployments",
        "ecs:ListServices",
        "ecs:ListTaskDefinitions",
        "ecs:ListTasks",
        "lambda:ListFunctions",
      ],
      Resource: "*",
    },
    {
      Sid: "SeeUnreadServices",
      Effect: "Allow",
      Action: [
        "apprunner:ListServices",
        "bedrock-agentcore:ListAgentRuntimes",
        "codebuild:ListProjects",
        "eks:ListClusters",
        "sagemaker:ListModels",
      ],
      Resource: "*",
    },
    {
      Sid: "SeeFunctions",
      Effect: "Allow",
      Action: "lambda:GetFunction",
      Resource: arnOf({ ...place, region: "*" }, "lambda", "function:*"),
    },
  ];
}

/**
 * Policy of the clean-up function: read the images in use, delete or archive images of the stack's repositories, write reports
 * and publish notifications. It cannot change a repository, a policy or a tag.
 */
export function cleanUpPolicy(
  scope: FunctionScope,
  of: RepositoryScope,
  reach: CleanUpReach,
): PolicyDocument {
  const { place } = scope;
  const { roles, list } = reach.inUse;
  return policyOf(
    ...common(scope),
    ...repositories(place, of, [
      "ecr:BatchDeleteImage",
      "ecr:BatchGetImage",
      "ecr:DescribeImages",
      ...(reach.archive ? ["ecr:UpdateImageStorageClass"] : []),
    ]),
    ...readInUseStatements(place),
    {
      Sid: "SeeClustersOfInspector",
      Effect: "Allow",
      Action: ["ecr:GetRegistryScanningConfiguration", "inspector2:ListCoverage"],
      Resource: "*",
    },
    roles.length === 0
      ? undefined
      : { Sid: "SeeOtherAccounts", Effect: "Allow", Action: "sts:AssumeRole", Resource: roles },
    list === undefined
      ? undefined
      : {
          Sid: "ReadList",
          Effect: "Allow",
          Action: "s3:GetObject",
          Resource: `arn:${place.partition}:s3:::${list.bucket}/${list.key}`,
        },
    {
      Sid: "WriteReports",
      Effect: "Allow",
      Action: "s3:PutObject",
      Resource: `${reach.bucketArn}/clean-up/*`,
    },
    {
      Sid: "KeepState",
      Effect: "Allow",
      Action: ["s3:GetObject", "s3:PutObject"],
      Resource: `${reach.bucketArn}/${stateKey(of.environment)}`,
    },
    reach.archive
      ? {
          Sid: "SeeWhatWasArchived",
          Effect: "Allow",
          Action: "s3:GetObject",
          Resource: `${reach.bucketArn}/${archivedPrefix(of.environment)}*`,
        }
      : undefined,
    // Without it, S3 answers 403 and not 404 to the first run, which has no state.
    // https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
    { Sid: "SeeThatThereIsNoState", Effect: "Allow", Action: "s3:ListBucket", Resource: reach.bucketArn },
    keysOf(place, "EncryptReports", "s3"),
    { Sid: "TellOfReports", Effect: "Allow", Action: "sns:Publish", Resource: reach.topicArns },
    keysOf(place, "EncryptMessages", "sns"),
  );
}

/** Policy of a schedule: invoke its function, and send what it could not deliver to the queue. */
export function schedulePolicy(functionArn: string, queueArn: string): PolicyDocument {
  return policyOf(
    { Sid: "InvokeFunction", Effect: "Allow", Action: "lambda:InvokeFunction", Resource: functionArn },
    { Sid: "KeepDeadLetters", Effect: "Allow", Action: "sqs:SendMessage", Resource: queueArn },
  );
}

/** The report bucket's policy: never without TLS. */
export function reportBucketPolicy(bucketArn: string): PolicyDocument {
  return policyOf(denyPlainHttp("s3:*", [bucketArn, `${bucketArn}/*`]));
}
