import assert from "node:assert/strict";
import {
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import { CreateQueueCommand, PurgeQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import {
  action,
  basicScan,
  byRole,
  byRoot,
  caching,
  call,
  coverage,
  finding,
  frequencies,
  inspectorScan,
  otherScan,
  replication,
} from "../support/events";
import { ACCOUNT, REGION } from "./emulator";
import { type Inputs, stackOnApi, type StackOnApi } from "./documents";

for (const stackName of ["dev", "prod"]) {
  describe(`the documents of the ${stackName} stack`, () => {
    let aws: StackOnApi["aws"];
    let each: StackOnApi["each"];
    let close: StackOnApi["close"];
    before(async () => {
      ({ aws, each, close } = await stackOnApi(stackName));
    });
    after(() => {
      close();
    });

    it("match the events that AWS sends, each by the rules that it is for and by no other", async () => {
      const [events, sqs] = [new EventBridgeClient(aws.connection), new SQSClient(aws.connection)];
      const environment = stackName;
      const own = `payments-api-${environment}`;
      // An event, and the rules (by the end of their names) that report it under each scan type.
      const enhanced = stackName === "prod";
      const samples: [string, Inputs, string[]][] = [
        [
          "critical finding",
          finding("CRITICAL", own),
          enhanced ? ["findings-finding", "findings-payments-finding"] : [],
        ],
        ["medium finding", finding("MEDIUM", own), enhanced ? ["findings-payments-finding"] : []],
        [
          "storefront's finding",
          finding("HIGH", `storefront-web-${environment}`),
          enhanced ? ["findings-finding", "findings-storefront-finding"] : [],
        ],
        ["closed finding", finding("CRITICAL", own, undefined, "CLOSED"), []],
        ["EC2's finding", finding("CRITICAL", own, "AWS_EC2_INSTANCE"), []],
        [
          "first scan",
          inspectorScan({ CRITICAL: 1, HIGH: 0 }, own),
          enhanced ? ["findings-initial-scan", "findings-payments-initial-scan"] : [],
        ],
        [
          "storefront's first scan",
          inspectorScan({ HIGH: 1 }, `storefront-web-${environment}`),
          enhanced ? ["findings-initial-scan", "findings-storefront-initial-scan"] : [],
        ],
        ["clean first scan", inspectorScan({ CRITICAL: 0, HIGH: 0 }, own), []],
        [
          "not covered",
          coverage("UNSUPPORTED_OS", `arn:aws:ecr:${REGION}:${ACCOUNT}:repository/${own}/sha256:abc`),
          enhanced ? ["findings-not-covered"] : [],
        ],
        [
          "expired",
          coverage(
            "SCAN_ELIGIBILITY_EXPIRED",
            `arn:aws:ecr:${REGION}:${ACCOUNT}:repository/${own}/sha256:abc`,
          ),
          [],
        ],
        ["basic scan", basicScan("COMPLETE", { CRITICAL: 2 }, own), enhanced ? [] : ["findings-basic-scan"]],
        ["clean basic scan", basicScan("COMPLETE", {}, own), []],
        ["failed scan", basicScan("FAILED", {}, own), enhanced ? [] : ["findings-failed-scan"]],
        ["first scan of an instance", otherScan({ CRITICAL: 1, TOTAL: 1 }, "i-0abc"), []],
        ["not scanned any more", frequencies({ [own]: "MANUAL" }), enhanced ? ["findings-not-scanned"] : []],
        ["scanned from now on", frequencies({ [own]: "CONTINUOUS_SCAN" }), []],
        ["failed replication", replication("FAILED", own), ["findings-failed-replication"]],
        ["replication", replication("SUCCESS", own), []],
        ["failed sync", caching("FAILURE"), ["findings-failed-cache"]],
        ["sync", caching("SUCCESS"), []],
        ["push", action("PUSH", "SUCCESS", own), ["findings-image-push"]],
        ["failed push", action("PUSH", "FAILURE", own), []],
        ["delete", action("DELETE", "SUCCESS", own), ["findings-image-delete"]],
        [
          "call by a person",
          call("DeleteRepository", byRole(`arn:aws:iam::${ACCOUNT}:role/somebody`)),
          ["audit-sensitive-call"],
        ],
        ["call by root", call("SetRepositoryPolicy", byRoot), ["audit-sensitive-call"]],
        [
          "call by the deployment",
          call("DeleteRepository", byRole(`arn:aws:iam::${ACCOUNT}:role/ecr-platform-deploy`)),
          [],
        ],
        [
          "call by clean-up",
          call(
            "BatchDeleteImage",
            byRole(`arn:aws:iam::${ACCOUNT}:role/ecr-platform-${environment}-${REGION}-clean-up`),
          ),
          [],
        ],
        ["harmless call", call("DescribeImages", byRole(`arn:aws:iam::${ACCOUNT}:role/somebody`)), []],
      ];
      const queues = new Map<string, string>();
      await each("cloudwatch/eventRule:EventRule", 4, async (inputs) => {
        await events.send(new PutRuleCommand({ Name: inputs.name, EventPattern: inputs.eventPattern }));
        const QueueName = `events-${queues.size}`;
        const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName }));
        queues.set(inputs.name, QueueUrl ?? "");
        await events.send(
          new PutTargetsCommand({
            Rule: inputs.name,
            Targets: [{ Id: "queue", Arn: `arn:aws:sqs:${REGION}:${ACCOUNT}:${QueueName}` }],
          }),
        );
      });
      const matched = new Set<string>();
      for (const [what, event, expected] of samples) {
        const detail = { ...event.detail };
        for (const list of ["resources", "repositories"]) {
          if (Array.isArray(detail[list])) {
            // AWS matches a list of structures where one of them does; the emulator does not look into lists.
            detail[list] = detail[list][0];
          }
        }
        await events.send(
          new PutEventsCommand({
            Entries: [
              {
                Source: event.source,
                DetailType: event["detail-type"],
                Resources: event.resources ?? [],
                Detail: JSON.stringify(detail),
              },
            ],
          }),
        );
        const reached: string[] = [];
        for (const [rule, QueueUrl] of queues) {
          const { Messages = [] } = await sqs.send(
            new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
          );
          if (Messages.length > 0) {
            reached.push(rule.replace(`ecr-platform-${environment}-`, ""));
            await sqs.send(new PurgeQueueCommand({ QueueUrl }));
          }
        }
        assert.deepEqual(reached.sort(), [...expected].sort(), what);
        reached.forEach((rule) => matched.add(rule));
      }
      assert.equal(matched.size, queues.size, "each rule was seen to match something");
      // Targets as they are declared: accepted, and no more, since the emulator delivers nothing to SNS.
      await each("cloudwatch/eventTarget:EventTarget", 4, (inputs) =>
        events.send(
          new PutTargetsCommand({
            Rule: inputs.rule,
            Targets: [
              {
                Id: inputs.targetId,
                Arn: inputs.arn,
                InputTransformer: {
                  InputPathsMap: inputs.inputTransformer.inputPaths,
                  InputTemplate: inputs.inputTransformer.inputTemplate,
                },
                DeadLetterConfig: { Arn: inputs.deadLetterConfig.arn },
                RetryPolicy: {
                  MaximumEventAgeInSeconds: inputs.retryPolicy.maximumEventAgeInSeconds,
                  MaximumRetryAttempts: inputs.retryPolicy.maximumRetryAttempts,
                },
              },
            ],
          }),
        ),
      );
    });
  });
}
