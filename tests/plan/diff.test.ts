import assert from "node:assert/strict";
import { dashboardBody } from "../../documents/dashboard";
import { diffRuns } from "../../plan/diff";
import { planned, runOf } from "../support/planned";

describe("the difference of two runs", () => {
  it("takes an alias for a rename, not for a removal", () => {
    const diff = diffRuns(
      runOf(planned("old", { name: "r" })),
      runOf(planned("new", { name: "r" }, { aliases: ["old"] })),
    );
    assert.deepEqual([diff.added.length, diff.removed.length, diff.changed[0]?.renamedFrom], [0, 0, "old"]);
  });

  it("looks inside policies", () => {
    const policy = (action: string) => JSON.stringify({ Statement: [{ Action: action }] });
    const type = "aws:ecr/repositoryPolicy:RepositoryPolicy";
    const diff = diffRuns(
      runOf(planned("p", { policy: policy("a") }, { type })),
      runOf(planned("p", { policy: policy("b") }, { type })),
    );
    assert.deepEqual(diff.changed[0]?.fields, [
      { field: "policy.Statement[0].Action", before: "a", after: "b", replaces: false },
    ]);
  });

  it("shows one more line of a dashboard as that line, wherever it stands", () => {
    const dashboard = (teams: Record<string, string[]>) =>
      runOf(
        planned("d", {
          dashboardBody: JSON.stringify(
            dashboardBody({ region: "eu-west-1", environment: "dev", period: 3600, teams, alarmArns: [] }),
          ),
        }),
      );
    const { changed } = diffRuns(dashboard({ b: ["b-x-dev"] }), dashboard({ a: [], b: ["b-x-dev"] }));
    assert.deepEqual(
      changed[0]?.fields.map(({ field }) => field),
      [
        "dashboardBody.text 0.markdown",
        "dashboardBody.Storage by team.shows.EcrPlatform StorageSize Environment dev Team a",
        "dashboardBody.Images by team.shows.EcrPlatform ImageCount Environment dev Team a",
        "dashboardBody.Critical findings by team.shows.EcrPlatform ImageScanFindingsCount Environment dev Team a Severity CRITICAL",
        "dashboardBody.Images not scanned by team.shows.EcrPlatform NotScannedImageCount Environment dev Team a",
      ],
    );
  });
  it("names lost protection", () => {
    const diff = diffRuns(runOf(planned("r", {}, { protect: true })), runOf(planned("r", {})));
    assert.deepEqual(diff.changed[0]?.fields, [
      { field: "(protect)", before: true, after: false, replaces: false },
    ]);
  });

  it("does not call the replacement of something unprotected a danger", () => {
    const diff = diffRuns(runOf(planned("r", { name: "a" })), runOf(planned("r", { name: "b" })));
    assert.equal(diff.changed[0]?.replaced, true);
    assert.deepEqual(diff.dangers, []);
  });
});
