import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { exitCodeFor } from "../../cli/commands/plan";
import { RISKS, type Risk } from "../../plan/changes/change";
import { DEFAULT_ASSUMPTIONS } from "../../plan/cost";
import { summaryText } from "../../plan/difference-text";
import { reportOf } from "../../plan/report";
import { risksOf, summaryOf } from "../../plan/summary";
import { fitted } from "../../plan/table";
import { accepts, team } from "../support/config";
import { planned, runOf } from "../support/planned";

/** The report on a stack whose services are shared with the given accounts, and were with none. */
function reportOn(stack: string, accounts: string[]) {
  const runWith = (...names: string[]) => ({ ...runOf(...names.map((name) => planned(name, {}))), stack });
  const run = runWith("payments-api");
  const settings = (shared: string[]) =>
    accepts(
      { teams: [team("payments", ["api", "ledger"])], repositories: { sharing: { accounts: shared } } },
      { stack },
    );
  return reportOf(
    accounts.length === 0 ? run : runWith("payments-api", "payments-web"),
    DEFAULT_ASSUMPTIONS,
    { before: { revision: "main", run, settings: settings([]) }, settings: settings(accounts) },
  );
}

describe("the summary of several stacks", () => {
  const reports = [
    reportOn("dev", ["777788889999"]),
    reportOn("staging", []),
    reportOn("test", ["777788889999"]),
  ];

  it("says once what changes in several stacks, and in one line which do not change", () => {
    const summary = summaryOf(reports)!;
    const [change, ...others] = summary.changes.filter(({ kind }) => kind === "access");
    assert.deepEqual(others, []);
    assert.equal(change?.sentence, "4 repositories of dev and test: account 777788889999 may now pull");
    assert.deepEqual([change?.stacks, change?.repositories.length], [["dev", "test"], 4]);
    assert.deepEqual(summary.unchanged, ["staging"]);
    assert.match(stripVTControlCharacters(summaryText(summary)), /^Unchanged since main: staging\n/);
  });

  it("has a risk where all stacks together cost more than the limit", () => {
    const increase = reports.reduce((sum, { cost, against }) => sum + cost.total - against!.costBefore, 0);
    assert.deepEqual(risksOf(summaryOf(reports, { maxCostIncrease: increase })!), ["access"]);
    assert.deepEqual(risksOf(summaryOf(reports, { maxCostIncrease: increase / 2 })!), ["access", "cost"]);
  });

  it("does not exist where nothing was compared", () =>
    assert.equal(summaryOf([reportOf(runOf(), DEFAULT_ASSUMPTIONS)]), undefined));
});

describe("the exit code of a plan", () => {
  it("is that of the gravest risk, and of a difference where there is none", () => {
    const stack = { stack: "dev", newStack: false, added: 1, changed: 0, removed: 0, costBefore: 0, cost: 0 };
    const summary = { revision: "main", stacks: [stack], unchanged: [], changes: [] };
    const withRisks = (...risks: Risk[]) => ({
      ...summary,
      changes: risks.map((risk) => ({
        kind: "program" as const,
        risk,
        what: "",
        sentence: "",
        stacks: ["dev"],
        repositories: [],
      })),
    });
    assert.equal(exitCodeFor(undefined), 0);
    assert.equal(exitCodeFor({ ...summary, stacks: [] }), 0);
    assert.equal(exitCodeFor(summary), 2);
    assert.deepEqual(
      RISKS.map((risk) => exitCodeFor(withRisks(risk))),
      [3, 4, 5, 6, 7],
    );
    assert.equal(exitCodeFor(withRisks("cost", "access", "scanning")), 4);
  });
});

describe("a text on a terminal", () => {
  const text = "payments-api-prod: account 777788889999 may now pull, only from organization o-a1b2c3d4e5";
  for (const width of [44, 80, 200]) {
    it(`fits ${width} columns, without a broken word`, () => {
      const lines = fitted(text, 2, width).split("\n");
      assert.ok(lines.every((line) => line.length <= width));
      assert.equal(lines.map((line) => line.trim()).join(" "), text);
      assert.equal(lines.length, width === 200 ? 1 : width === 80 ? 2 : 3);
    });
  }
});
