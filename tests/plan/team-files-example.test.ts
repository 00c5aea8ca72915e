import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { copyOfProject, ROOT } from "../support/project";

describe("the example with team files", function () {
  this.timeout(120_000);

  it("is valid, without a warning, and has in each environment what its files say", () => {
    const folder = copyOfProject();
    fs.cpSync(path.join(ROOT, "docs/examples/team-files"), folder, { recursive: true });
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [path.join(folder, "cli/ecr-platform.js"), ...args], {
        cwd: folder,
        encoding: "utf8",
        env: { ...process.env, NO_COLOR: "1" },
      });
    assert.equal(run("validate").stdout, "ok  Pulumi.dev.yaml\nok  Pulumi.prod.yaml\n");
    const { status, stdout, stderr } = run("plan", "--all", "--json");
    assert.equal(status, 0, stderr);
    const plans = JSON.parse(stdout) as { outputs: { repositories: object; githubRoleArns: object } }[];
    assert.deepEqual(
      plans.map(({ outputs }) => Object.keys(outputs.repositories)),
      [
        [
          "payments/api",
          "payments/ledger",
          "research/notebook",
          "storefront/recommendations",
          "storefront/search",
          "storefront/web",
        ],
        ["payments/api", "payments/ledger", "storefront/search", "storefront/web"],
      ],
    );
    fs.rmSync(folder, { recursive: true });
  });
});
