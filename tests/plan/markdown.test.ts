import assert from "node:assert/strict";
import { MAX_COMMENT } from "../../plan/comment";
import { DEFAULT_ASSUMPTIONS } from "../../plan/cost";
import { renderMarkdown, type FailedPlan } from "../../plan/markdown";
import { reportOf, type PlanReport } from "../../plan/report";
import { summaryOf } from "../../plan/summary";
import { accepts, team } from "../support/config";
import { planned, runOf } from "../support/planned";

const SERVICES = Array.from({ length: 500 }, (_, i) => `service-${i}`);

type Options = { mutable?: string[]; accounts?: string[] };

/** The report on a stack of 500 repositories, all of which change. */
function large(stack: string, options: Options, services = SERVICES): PlanReport {
  const run = (tag: string) => ({
    ...runOf(
      ...services.map((name) => planned(name, { name: `${name}-${"x".repeat(60)}`, tags: { a: tag } })),
    ),
    stack,
  });
  const settings = ({ mutable = [], accounts = [] }: Options) =>
    accepts(
      {
        teams: [team("payments", services)],
        repositories: {
          imageTags: { mutable, reason: "r" },
          sharing: { accounts },
        },
      },
      { stack },
    );
  return reportOf(run("after"), DEFAULT_ASSUMPTIONS, {
    before: {
      revision: "0123456789abcdef0123456789abcdef01234567",
      run: run("before"),
      settings: settings({}),
    },
    settings: settings(options),
    policyConfig: { all: "disabled" },
  });
}

const render = (reports: PlanReport[], failed: FailedPlan[] = []) =>
  renderMarkdown({ reports, failed, summary: summaryOf(reports) }, { policies: false });

describe("the comment on a pull request", () => {
  it("fits in one comment for all stacks, and loses no risk of the last one", () => {
    const text = render([
      large("dev", {}),
      large("staging", { accounts: ["222233334444"] }),
      large("prod", { mutable: ["latest*"], accounts: ["222233334444"] }),
    ]);
    assert.ok(text.length <= MAX_COMMENT, String(text.length));
    assert.ok(text.length > MAX_COMMENT * 0.8, "what fits is there");
    assert.match(
      text,
      /^<!-- risks: access protection -->\n## Plan for p: 2 risks\n\nCompared with `0123456789ab`, offline/,
    );
    assert.match(
      text,
      /> \[!WARNING\]\n> \*\*Wider access\*\*\n>\n> - 1,000 repositories of staging and prod: account 222233334444 may now pull\n/,
    );
    assert.match(text, /\n> - 500 repositories of prod: tags matching latest\\\* may move to another image/);
    assert.match(
      text,
      /more lines do not fit in a comment: plan --stack dev --against <revision> shows them/,
    );
    assert.equal(text.match(/<details>/g)?.length, text.match(/<\/details>/g)?.length);
  });

  it("says how many risks it has no room for, if they alone are too long", () => {
    const report = large("dev", {}, ["api"]);
    const changes = Array.from({ length: 2000 }, (_, i) => ({
      kind: "access" as const,
      risk: "access" as const,
      what: `role ${i} ${"x".repeat(40)} may now pull`,
      sentence: "",
      stacks: ["dev"],
      repositories: [],
    }));
    const text = render([{ ...report, against: { ...report.against!, changes } }]);
    assert.ok(text.length <= MAX_COMMENT, String(text.length));
    assert.match(text, /## Plan for p: 2000 risks\n/);
    const shown = text.match(/may now pull$/gm)!.length;
    assert.ok(shown > 500);
    assert.ok(text.includes(`and ${2000 - shown} more of this kind`), String(shown));
  });

  it("shows the whole report on a stack that cannot be planned, first and line by line", () => {
    const problem = "Pulumi.dev.yaml has 2 problems\n  teams[0].name = Payments\n    fix: write payments";
    const text = render([large("prod", {}, ["api"])], [{ stack: "dev", problem }]);
    assert.match(
      text,
      /^<!-- risks: -->\n## Plan for p: 1 stack cannot be planned; no risks in the others\n/,
    );
    assert.match(
      text,
      /\n> \[!CAUTION\]\n> \*\*dev cannot be planned, so nothing is said about it\*\*\n>\n> ```text\n> Pulumi\.dev\.yaml has 2 problems\n> {3}teams\[0\]\.name = Payments\n> {5}fix: write payments\n> ```\n\n\| stack/,
    );
  });

  it("names unchanged stacks in one line, and nothing else of them", () => {
    const unchanged = large("dev", {}, ["api"]);
    const same = {
      ...unchanged,
      against: { ...unchanged.against!, diff: { added: [], changed: [], removed: [], dangers: [] } },
    };
    const text = render([same]);
    assert.equal(
      text,
      "<!-- risks: -->\n## Plan for p: nothing changes\n\nCompared with `0123456789ab`, offline.\n\n\nUnchanged: dev.\n",
    );
  });

  it("lets no name or value format the text", () => {
    const report = large("dev", {}, ["api"]);
    const what = "images tagged *_v* [x](https://example.com) <b> now expire";
    const text = render([
      {
        ...report,
        against: {
          ...report.against!,
          changes: [{ kind: "lifecycle", what, sentence: "", stacks: ["dev"], repositories: [] }],
        },
      },
    ]);
    assert.match(
      text,
      /\n- dev: images tagged \\\*\\_v\\\* \\\[x\\\]\(https:\/\/example\.com\) \\<b\\> now expire\n/,
    );
  });
});
