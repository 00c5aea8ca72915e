import assert from "node:assert/strict";
import { ROOT, runCommand } from "../support/project";

describe("explain", function () {
  this.timeout(60_000);
  const explain = (...args: string[]) => runCommand(ROOT, "explain", ...args);

  it("says which rule decides about a tag, and whether the tag can be pushed again", () => {
    const { stdout } = explain(
      "payments/api",
      "--stack",
      "prod",
      "--tag",
      "v1.2.3",
      "deployed-1",
      "some-branch",
    );
    assert.match(stdout, /^Lifecycle policy of payments-api-prod, as stack prod declares it\.\n/);
    assert.match(stdout, /\n +v1\.2\.3 +3 +Keep the newest 100 of v\* +refused\n/);
    assert.match(stdout, /\n +deployed-1 +2 +Never expire deployed-\* +refused\n/);
    assert.match(stdout, /\n +some-branch +6 +Expire all other images 180 days after the push +refused\n/);
  });

  it("prints the rules and the answers as JSON", () => {
    const { rules, tags } = JSON.parse(explain("storefront-web-dev", "--tag", "latest", "--json").stdout) as {
      rules: { rulePriority: number }[];
      tags: unknown[];
    };
    assert.deepEqual(tags, [{ tag: "latest", moves: true, rule: rules.at(-1)?.rulePriority }]);
  });

  it("suggests the repository that was meant", () => {
    const { status, stderr } = explain("payments/apii");
    assert.deepEqual(
      [status, stderr],
      [1, "dev has no repository payments/apii\nfix: did you mean payments/api?\n"],
    );
  });
});
