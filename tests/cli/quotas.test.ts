import assert from "node:assert/strict";
import {
  GetServiceQuotaCommand,
  NoSuchResourceException,
  ServiceQuotasClient,
} from "@aws-sdk/client-service-quotas";
import { mockClient } from "aws-sdk-client-mock";
import { checkQuotas } from "../../cli/doctor/quotas";
import type { Settings } from "../../config/settings";
import type { Measurable } from "../../plan/limits";
import { parse, smallStack } from "../support/config";

const context = { connection: { region: "eu-west-1" }, settings: parse(smallStack()).settings as Settings };
const rules = (count: number): Measurable[] =>
  Array.from({ length: count }, (_, i) => ({
    type: "aws:cloudwatch/eventRule:EventRule",
    name: `r${i}`,
    inputs: {},
  }));
const trusting = (length: number): Measurable[] => [
  {
    type: "aws:iam/role:Role",
    name: "ci",
    inputs: { assumeRolePolicy: JSON.stringify("x".repeat(length - 2)) },
  },
];

describe("doctor, on quotas", () => {
  const quotas = mockClient(ServiceQuotasClient);
  beforeEach(() => quotas.reset());
  after(() => void quotas.restore());
  const asked = () => quotas.commandCalls(GetServiceQuotaCommand).map(({ args }) => args[0].input);

  it("asks nothing where AWS's defaults are enough", async () => {
    assert.deepEqual(await checkQuotas(context, rules(300)), {
      status: "ok",
      detail: "AWS's defaults are enough",
    });
    assert.deepEqual(asked(), []);
  });

  it("is content with a quota that was raised far enough", async () => {
    quotas.on(GetServiceQuotaCommand).resolves({ Quota: { Value: 705 } });
    assert.deepEqual(await checkQuotas(context, rules(705)), {
      status: "ok",
      detail: "the account's quotas are enough",
    });
    assert.deepEqual(asked(), [{ ServiceCode: "events", QuotaCode: "L-244521F2" }]);
  });

  it("fails where the account's quota is too low, with the number and the quota's code", async () => {
    quotas.on(GetServiceQuotaCommand).resolves({ Quota: { Value: 400 } });
    assert.deepEqual(await checkQuotas(context, rules(705)), {
      status: "fail",
      detail:
        "the default event bus: an EventBridge event bus has at most 300 rules, unless the account's quota is raised; here it is 705, and the account's quota is 400",
      fix: "request an increase of L-244521F2 (events) in Service Quotas; doctor compares with the account",
    });
  });

  it("takes a quota that nobody has raised for AWS's default", async () => {
    quotas
      .on(GetServiceQuotaCommand)
      .rejects(new NoSuchResourceException({ $metadata: {}, message: "none" }));
    const found = await checkQuotas(context, trusting(3000));
    assert.equal(found.status, "fail");
    assert.match(
      found.detail,
      /^ci\.assumeRolePolicy: .*here it is 3,000, and the account's quota is AWS's default$/,
    );
  });

  it("asks for IAM's quotas where they are, in us-east-1", async () => {
    quotas.on(GetServiceQuotaCommand).resolves({ Quota: { Value: 4096 } });
    assert.equal((await checkQuotas(context, trusting(3000))).status, "ok");
    const [call] = quotas.commandCalls(GetServiceQuotaCommand);
    const client = call?.thisValue as ServiceQuotasClient;
    assert.equal(await client.config.region(), "us-east-1");
  });
});
