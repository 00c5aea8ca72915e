import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { CreateVpcCommand, CreateVpcEndpointCommand, EC2Client } from "@aws-sdk/client-ec2";
import {
  PutRegistryPolicyCommand,
  PutRegistryScanningConfigurationCommand,
  PutReplicationConfigurationCommand,
} from "@aws-sdk/client-ecr";
import { CreateOpenIDConnectProviderCommand, IAMClient } from "@aws-sdk/client-iam";
import { EnableCommand, Inspector2Client } from "@aws-sdk/client-inspector2";
import type { Checked } from "../../cli/doctor/result";
import { cloudWatchClient, ecrClient } from "../../images/clients";
import { editStack } from "../support/project";
import { seedDemo } from "./demo";
import { Emulator, REGION } from "./emulator";
import { commandsApi } from "./commands";

describe("the commands, against an API", () => {
  let aws: Emulator;
  let folder: string;
  const { environment, program, run } = commandsApi((started) => {
    ({ aws, folder } = started);
  });

  describe("doctor", () => {
    const checks = (status = 0): Map<string, Checked> => {
      const ran = run("doctor", "--json");
      assert.equal(ran.status, status, ran.stdout + ran.stderr);
      return new Map((JSON.parse(ran.stdout) as Checked[]).map((one) => [one.check, one]));
    };
    it("finds nothing in a new account but what no stack has made yet", () => {
      assert.deepEqual(
        [...checks().values()].filter(({ status }) => status !== "ok"),
        [],
      );
    });
    it("stops at credentials that are none, or another account's", () => {
      const other = JSON.parse(run("doctor", "--stack", "prod", "--json").stdout) as Checked[];
      assert.deepEqual(
        other.map(({ check, status }) => [check, status]),
        [
          ["endpoints reachable", "ok"],
          ["credentials", "fail"],
        ],
      );
      assert.match(
        other[1]?.detail ?? "",
        /belong to account 111122223333, but stack prod is in 444455556666/,
      );
    });
    it("tells of permissions that an update lacks, by IAM's simulation", async () => {
      await aws.deny("ecr:CreateRepository", "kms:CreateGrant");
      const found = checks().get("permissions");
      assert.equal(found?.status, "warn");
      assert.match(
        found?.detail ?? "",
        /^2 of the \d+ actions that an update takes are not allowed: ecr:CreateRepository, kms:CreateGrant$/,
      );
      assert.match(found?.fix ?? "", /npm run permissions -- --stack dev/);
    });
    it("tells of what it may not look at, and of what does not answer", async () => {
      await aws.fault({
        action: "GetRegistryScanningConfiguration",
        count: 1,
        kind: "error",
        name: "AccessDeniedException",
      });
      await aws.fault({ action: "DescribeRegistry", count: 1, kind: "error", name: "ServerException" });
      await aws.fault({
        action: "DescribeRegistry",
        count: 20,
        kind: "error",
        name: "InvalidParameterException",
      });
      const found = checks();
      assert.equal(found.get("scanning configuration")?.status, "warn");
      assert.match(found.get("scanning configuration")?.detail ?? "", /not allowed to look/);
      assert.equal(found.get("replication and registry policy")?.status, "skip");
    });
    it("tells of singletons that somebody else has set", async () => {
      const ecr = ecrClient(aws.connection);
      await ecr.send(
        new PutRegistryScanningConfigurationCommand({
          scanType: "BASIC",
          rules: [
            {
              scanFrequency: "SCAN_ON_PUSH",
              repositoryFilters: [{ filter: "theirs", filterType: "WILDCARD" }],
            },
          ],
        }),
      );
      await ecr.send(
        new PutReplicationConfigurationCommand({
          replicationConfiguration: {
            rules: [{ destinations: [{ region: "us-east-1", registryId: "111122223333" }] }],
          },
        }),
      );
      await new IAMClient(aws.connection).send(
        new CreateOpenIDConnectProviderCommand({
          Url: "https://token.actions.githubusercontent.com",
          ThumbprintList: ["a".repeat(40)],
        }),
      );
      const found = checks();
      assert.match(
        found.get("scanning configuration")?.detail ?? "",
        /it is BASIC with SCAN_ON_PUSH theirs, and this stack would overwrite it/,
      );
      assert.match(
        found.get("replication and registry policy")?.detail ?? "",
        /replicated to us-east-1 111122223333/,
      );
      assert.equal(found.get("GitHub's OIDC provider")?.status, "warn");
    });
    it("reports a registry policy unless this stack declares one, as for shared caches", async () => {
      const policy = {
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "Theirs",
            Effect: "Allow",
            Principal: { AWS: "arn:aws:iam::222233334444:root" },
            Action: "ecr:CreateRepository",
            Resource: `arn:aws:ecr:${REGION}:111122223333:repository/*`,
          },
        ],
      };
      await ecrClient(aws.connection).send(
        new PutRegistryPolicyCommand({ policyText: JSON.stringify(policy) }),
      );
      const detail = () => checks().get("replication and registry policy")?.detail ?? "";
      assert.match(detail(), /a registry policy that this stack does not declare/);
      editStack(folder, "dev", (config) => {
        config["ecr-platform:repositories"].sharing = { accounts: ["222233334444"] };
        config["ecr-platform:operations"].cleanUp.mode = "dry-run";
      });
      assert.doesNotMatch(detail(), /does not declare/);
    });
    it("is at ease with what this stack has declared", async () => {
      await ecrClient(aws.connection).send(
        new PutRegistryScanningConfigurationCommand({
          scanType: "BASIC",
          rules: [
            { scanFrequency: "SCAN_ON_PUSH", repositoryFilters: [{ filter: "*", filterType: "WILDCARD" }] },
          ],
        }),
      );
      assert.equal(checks().get("scanning configuration")?.detail, "BASIC, as this stack declares it");
    });
    it("lists the claims of GitHub's tokens that each push role accepts", () => {
      editStack(folder, "dev", (config) => {
        config["ecr-platform:registry"] = { githubOidcProvider: "create" };
        const [team] = config["ecr-platform:teams"] as [Record<string, unknown>];
        team.githubRoles = [{ name: "ci", repository: "acme@123/x@456", branches: ["main"] }];
      });
      assert.match(
        checks().get("GitHub roles")?.detail ?? "",
        /^payments\/ci accepts repository_id 456, sub repo:\*:ref:refs\/heads\/main;/,
      );
    });
    it("tells of resource types that the Inspector enabler would switch off", async () => {
      editStack(folder, "dev", (config) => {
        config["ecr-platform:scanning"] = { type: "enhanced" };
      });
      await new Inspector2Client(aws.connection).send(
        new EnableCommand({ accountIds: ["111122223333"], resourceTypes: ["ECR", "LAMBDA"] }),
      );
      const found = checks(1).get("Inspector");
      assert.match(found?.detail ?? "", /it scans LAMBDA too, which the enabler would switch off/);
      assert.match(found?.fix ?? "", /resourceTypes: \[ECR, LAMBDA\]/);
    });
    it("reports whether Inspector's findings reach Security Hub", async () => {
      const set = (securityHub: string) => {
        editStack(folder, "dev", (config) => {
          config["ecr-platform:findings"].securityHub = securityHub;
        });
      };
      const subscription = (product: string) =>
        `arn:aws:securityhub:${REGION}:111122223333:product-subscription/aws/${product}`;
      set("enable");
      assert.equal(checks().get("Security Hub")?.detail, "this stack enables it");
      set("integrate");
      const missing = checks(1).get("Security Hub");
      assert.match(missing?.detail ?? "", /Security Hub is not enabled in eu-west-1/);
      assert.equal(missing?.fix, "enable it, or set findings.securityHub: enable");
      await aws.securityHub(subscription("guardduty"));
      assert.match(checks().get("Security Hub")?.detail ?? "", /Inspector does not send findings to it/);
      await aws.securityHub(subscription("guardduty"), subscription("inspector"));
      assert.deepEqual(checks().get("Security Hub"), {
        check: "Security Hub",
        status: "ok",
        detail: "Inspector sends its findings there",
      });
    });
    it("tells of an endpoint with private DNS that the VPC has already", async () => {
      const ec2 = new EC2Client(aws.connection);
      const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.9.0.0/16" }));
      const vpcId = Vpc?.VpcId ?? "";
      const { VpcEndpoint } = await ec2.send(
        new CreateVpcEndpointCommand({
          VpcId: vpcId,
          ServiceName: `com.amazonaws.${REGION}.ecr.dkr`,
          VpcEndpointType: "Interface",
          PrivateDnsEnabled: true,
        }),
      );
      const id = VpcEndpoint?.VpcEndpointId ?? "";
      const network = (existing: object) => {
        editStack(folder, "dev", (config) => {
          config["ecr-platform:network"] = {
            vpc: {
              id: vpcId,
              subnetIds: ["subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60712"],
              routeTableIds: ["rtb-0a1b2c3d4e5f60721"],
            },
            allowedCidrs: ["10.9.0.0/16"],
            existing,
          };
        });
      };
      network({});
      const found = checks(1).get("private DNS of endpoints");
      assert.match(
        found?.detail ?? "",
        new RegExp(`${vpcId} has ${id} for ecr\\.dkr already, and a second one is refused`),
      );
      assert.equal(found?.fix, `write network.existing: { ecr.dkr: ${id} }`);
      network({ "ecr.dkr": id });
      assert.equal(checks().get("private DNS of endpoints")?.status, "ok");
    });
    it("tells of a billing alarm that can never fire", async () => {
      editStack(folder, "dev", (config) => {
        config["ecr-platform:costs"].billingAlarm = 60;
      });
      assert.match(checks().get("billing alerts")?.detail ?? "", /would never fire/);
      await cloudWatchClient({ ...aws.connection, region: "us-east-1" }).send(
        new PutMetricDataCommand({
          Namespace: "AWS/Billing",
          MetricData: [{ MetricName: "EstimatedCharges", Value: 1 }],
        }),
      );
      assert.equal(checks().get("billing alerts")?.status, "ok");
    });
    it("tells of subscriptions that nobody has confirmed", async () => {
      await seedDemo(aws);
      assert.match(
        checks().get("subscriptions")?.detail ?? "",
        /not confirmed: platform-dev@acme\.example to ecr-platform-dev-alerts/,
      );
      await aws.confirm("platform-dev@acme.example");
      assert.equal(checks().get("subscriptions")?.detail, "1 confirmed");
    });
    it("says that nothing answers where nothing does", () => {
      const { status, stdout } = spawnSync(
        process.execPath,
        [program(), "doctor", "--endpoint-url", "http://127.0.0.1:9"],
        { cwd: folder, encoding: "utf8", env: environment() },
      );
      assert.equal(status, 1);
      assert.match(stdout, /^fail {2}endpoints reachable: 127\.0\.0\.1:9 cannot be reached/);
    });
  });
});
