import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { cloudWatchClient } from "../../images/clients";
import { handler as metricsHandler } from "../../functions/metrics";
import { seedDemo } from "./demo";
import { Emulator, REGION } from "./emulator";
import { invocation } from "./functions";
import { about, image, index, repository } from "./registry";
import { commandsApi } from "./commands";

describe("the commands, against an API", () => {
  let aws: Emulator;
  let folder: string;
  let shims: string;
  const { environment, program, run, json } = commandsApi((started) => {
    ({ aws, folder, shims } = started);
  });

  describe("on another account's credentials", () => {
    it("do nothing, and say which account", () => {
      const { status, stdout, stderr } = run("images", "list", "--stack", "prod");
      assert.equal(status, 1);
      assert.equal(stdout, "");
      assert.match(
        stderr,
        /the credentials belong to account 111122223333, but stack prod is in 444455556666\nfix: set AWS_PROFILE/,
      );
    });
    it("name a repository or team that is mistyped", () => {
      const { stderr } = run("images", "list", "--team", "payment");
      assert.match(stderr, /dev has no team payment\nfix: did you mean payments\?/);
      assert.match(run("findings", "-r", "payments/apii").stderr, /did you mean payments\/api\?/);
    });
    it("go to another address by flag as by variable", () => {
      const { status, stdout } = spawnSync(
        process.execPath,
        [program(), "doctor", "--json", "--endpoint-url", aws.endpoint],
        { cwd: folder, encoding: "utf8", env: { ...environment(), AWS_ENDPOINT_URL: undefined } },
      );
      assert.equal(status, 0, stdout);
    });
  });

  describe("login", () => {
    it("hands the token to the client's standard input, and shows it nowhere", async () => {
      const { status, stdout, stderr } = run("login");
      assert.equal(status, 0, stderr);
      const [args, token] = fs.readFileSync(path.join(shims, "docker.log"), "utf8").split("\n");
      assert.equal(
        args,
        `login --username AWS --password-stdin 111122223333.dkr.ecr.${REGION}.amazonaws.com`,
      );
      assert.ok((token ?? "").length > 10);
      assert.ok(!`${stdout}${stderr}`.includes(token ?? ""));
      assert.equal((await aws.calls()).calls.GetAuthorizationToken, 1);
    });
    it("hides the token in what a client says that fails", () => {
      fs.writeFileSync(
        path.join(shims, "docker"),
        '#!/bin/sh\ntoken=$(cat)\necho "denied: $token" >&2\nexit 3\n',
      );
      const { status, stderr } = run("login");
      assert.equal(status, 1);
      assert.match(stderr, /docker login ended with 3: denied: <token>\nfix: /);
      assert.match(run("login", "--client", "nerdctl").stderr, /nerdctl is not installed/);
    });
    it("prints a command without asking AWS", async () => {
      assert.match(
        run("login", "--print").stdout,
        /^aws ecr get-login-password --region eu-west-1 \| docker login --username AWS --password-stdin \S+\n$/,
      );
      assert.deepEqual((await aws.calls()).calls, {});
    });
  });

  describe("cost", () => {
    type Costs = {
      source: string;
      priceRegions: { storage: string; transfer: string };
      teams: {
        team: string;
        storageBytes: number;
        pulls: number;
        storageUsdPerMonth: number;
        transferBytes?: number;
        transferUsdAtMost?: number;
      }[];
    };
    const pulledTimes = (name: string, times: number, days = 1) =>
      cloudWatchClient(aws.connection).send(
        new PutMetricDataCommand({
          Namespace: "AWS/ECR",
          MetricData: [
            {
              MetricName: "RepositoryPullCount",
              Value: times,
              Timestamp: new Date(Date.now() - days * 24 * 3600_000),
              Dimensions: [{ Name: "RepositoryName", Value: name }],
            },
          ],
        }),
      );
    it("is read from the metrics function's last run, and by listing where that has not run", async () => {
      await seedDemo(aws);
      const listed = json<Costs>("cost");
      assert.equal(listed.source, "images");
      assert.deepEqual(listed.priceRegions, { storage: "us-east-1", transfer: "us-east-1" });
      assert.equal(json<Costs>("cost", "--from", "metrics").teams[0]?.storageBytes, 0);
      await metricsHandler({ project: "ecr-platform", environment: "dev" }, invocation());
      const before = (await aws.calls()).calls.DescribeImages;
      const measured = json<Costs>("cost");
      assert.equal(measured.source, "metrics");
      const held = ({ team, storageBytes, storageUsdPerMonth, pulls }: Costs["teams"][number]) => ({
        team,
        storageBytes,
        storageUsdPerMonth,
        pulls,
      });
      assert.deepEqual(measured.teams.map(held), listed.teams.map(held), "both say the same");
      assert.ok(listed.teams.every(({ transferBytes }) => transferBytes !== undefined));
      assert.ok(
        measured.teams.every(({ transferBytes }) => transferBytes === undefined),
        "the metrics do not know how large a pulled image is",
      );
      assert.match(run("cost").stdout, /run with --from images to estimate the transfer/);
      assert.equal((await aws.calls()).calls.DescribeImages, before);
      const payments = measured.teams.find(({ team }) => team === "payments");
      assert.equal(payments?.pulls, 420);
      assert.ok(
        Math.abs((payments?.storageUsdPerMonth ?? 0) - ((payments?.storageBytes ?? 0) / 2 ** 30) * 0.1) <
          1e-9,
      );
    });
    it("counts a manifest list as its largest image when pulled, and as 0 bytes when stored", async () => {
      const entries = [image("amd64", { bytes: 300 }), image("arm64", { bytes: 200 })];
      const list = index("list", entries, { tags: ["v1"] });
      await aws.seed([
        repository("storefront-web-dev", [
          ...entries,
          list,
          about("signature", list, { tags: [`${list.digest.replace(":", "-")}.sig`], bytes: 10 }),
        ]),
      ]);
      await pulledTimes("storefront-web-dev", 7);
      const [team] = json<Costs>("cost", "-r", "storefront/web").teams;
      assert.deepEqual([team?.storageBytes, team?.transferBytes], [510, 7 * 300]);
      const { images } = json<{ images: { digest: string; bytes: number; pullBytes: number }[] }>(
        "images",
        "list",
        "-r",
        "storefront/web",
      );
      const listed = images.find(({ digest }) => digest === list.digest);
      assert.deepEqual([listed?.bytes, listed?.pullBytes], [0, 300]);
      assert.match(
        run("images", "list", "-r", "storefront/web").stdout,
        /4 images in 1 repository, 510 B stored/,
      );
    });
    it("counts pulls of the days that are asked for", async () => {
      await seedDemo(aws);
      await pulledTimes("payments-ledger-dev", 1000, 20);
      const pulls = (days: string) => json<Costs>("cost", "--days", days, "-t", "payments").teams[0]?.pulls;
      assert.deepEqual([pulls("7"), pulls("30")], [420, 1420]);
    });
  });
});
