import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { parse } from "yaml";
import { stacksOf } from "../../plan/stack-file";
import { ROOT } from "../support/project";

const FOLDER = path.join(ROOT, ".github/workflows");
const SCRIPTS = path.join(ROOT, ".github/scripts");

interface Job {
  permissions?: Record<string, string>;
  "timeout-minutes"?: number;
  strategy?: { matrix: { stack?: string[]; group?: string[]; node?: number[] } };
  steps: { uses?: string; run?: string; with?: Record<string, unknown> }[];
}

describe("every workflow", () => {
  for (const file of fs.readdirSync(FOLDER)) {
    const text = fs.readFileSync(path.join(FOLDER, file), "utf8");
    const workflow = parse(text) as { permissions: object; jobs: Record<string, Job> };
    const jobs = Object.values(workflow.jobs);
    const steps = jobs.flatMap((job) => job.steps);

    it(`${file} gives each job only the permissions that it names, and an end`, () => {
      assert.deepEqual(workflow.permissions, {});
      assert.ok(jobs.every((job) => job.permissions !== undefined && job["timeout-minutes"] !== undefined));
      for (const { uses, with: inputs } of steps.filter((step) =>
        step.uses?.startsWith("actions/checkout@"),
      )) {
        assert.equal(inputs?.["persist-credentials"], false, uses);
      }
    });

    it(`${file} pins each action to a commit, and says which version it is`, () => {
      const used = [...text.matchAll(/uses: (.*)/g)].map(([, what]) => what!);
      assert.ok(used.length > 0);
      for (const what of used) {
        assert.match(what, /^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
      }
    });

    it(`${file} holds no long-lived key`, () => {
      assert.doesNotMatch(text, /secrets\.|AWS_SECRET_ACCESS_KEY|AWS_ACCESS_KEY_ID/);
    });

    it(`${file} runs what there is, for every stack`, () => {
      const { scripts } = JSON.parse(fs.readFileSync(path.join(ROOT, "package.json"), "utf8")) as {
        scripts: Record<string, string>;
      };
      for (const { run } of steps) {
        for (const [, script] of (run ?? "").matchAll(/npm (?:run (?:-s )?)?(test|[a-z:]+)\b/g)) {
          assert.ok(["ci", "run"].includes(script!) || script! in scripts, run);
        }
        for (const [, script] of (run ?? "").matchAll(/bash (\S+)/g)) {
          assert.ok(fs.existsSync(path.join(ROOT, script!)), run);
        }
      }
      for (const stacks of jobs.flatMap((job) =>
        job.strategy?.matrix.stack === undefined ? [] : [job.strategy.matrix.stack],
      )) {
        const all = stacksOf(ROOT);
        assert.deepEqual(
          [...(stacks ?? [])].sort(),
          all,
          `a workflow runs for every stack that has a file. Fix: in .github/workflows/${file}, write stack: [${all.join(", ")}]`,
        );
      }
    });
  }
});

describe("continuous integration", () => {
  const read = (file: string) => fs.readFileSync(path.join(ROOT, file), "utf8");
  const script = read("scripts/ci.sh");
  const groups = /^groups=\((.*)\)$/m.exec(script)![1]!.split(" ");
  const { jobs } = parse(read(".github/workflows/pull-request.yml")) as { jobs: Record<string, Job> };
  const matrices = Object.values(jobs).flatMap(({ strategy }) =>
    strategy === undefined ? [] : [strategy.matrix],
  );

  it("runs each group of scripts/ci.sh in a job of pull-request.yml, and CONTRIBUTING.md describes it", () => {
    // The job of the unit tests has a matrix of Node's versions instead, which stands for other-nodes.
    const jobsOf = [...matrices.flatMap(({ group }) => group ?? []), "unit", "other-nodes"];
    assert.deepEqual(jobsOf.sort(), [...groups].sort());
    const described = [...read("CONTRIBUTING.md").matchAll(/^\| `([\w-]+)` /gm)].map(([, group]) => group);
    assert.deepEqual(described, groups);
  });

  it("runs the unit tests on the oldest version of Node that package.json allows and on the same newer ones", () => {
    const { engines } = JSON.parse(read("package.json")) as { engines: { node: string } };
    const others = [...script.matchAll(/npm run test:node -- (\d+)/g)].map(([, version]) => Number(version));
    assert.deepEqual(
      matrices.flatMap(({ node }) => node ?? []),
      [Number(/^>=(\d+)$/.exec(engines.node)?.[1]), ...others],
    );
    assert.ok(others.includes(Number(read(".nvmrc"))), ".nvmrc, which the other jobs use, is one of them");
  });

  it("goes on after a failing step, shows its output, and ends with the totals of the tests and an error", () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "ci-"));
    const npm = `#!/bin/bash
case "$*" in
"run lint") echo "the file is not formatted"; exit 1 ;;
test) printf '  21 passing (1s)\\n  1 pending\\n' ;;
*22) printf '  20 passing (1s)\\n  2 failing\\n'; exit 2 ;;
esac
`;
    fs.writeFileSync(path.join(folder, "npm"), npm, { mode: 0o755 });
    const { status, stdout } = spawnSync(
      "bash",
      [path.join(ROOT, "scripts/ci.sh"), "lint", "unit", "other-nodes"],
      {
        encoding: "utf8",
        env: { PATH: `${folder}:${process.env.PATH}` },
      },
    );
    fs.rmSync(folder, { recursive: true });
    assert.equal(status, 1);
    const steps = stdout
      .replace(/ +\d+s {2}/g, " ")
      .trimEnd()
      .split("\n");
    assert.deepEqual(steps.slice(0, 5), [
      "ok npm ci",
      "ok npm run typecheck",
      "FAILED npm run lint",
      "the file is not formatted",
      "ok npm run lint:workflows",
    ]);
    assert.equal(steps.at(-1), "41 passed, 2 failed, 1 skipped");
  });

  it("refuses a group that it does not have, before it runs anything", () => {
    const { status, stderr, stdout } = spawnSync("bash", [path.join(ROOT, "scripts/ci.sh"), "units"], {
      encoding: "utf8",
    });
    assert.equal(status, 2);
    assert.equal(stdout, "");
    assert.match(stderr, /no group of steps is named units; there are: plan lint unit/);
  });
});

describe("the scripts of the workflows", () => {
  let folder: string;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "workflow-scripts-"));
  });
  afterEach(() => {
    fs.rmSync(folder, { recursive: true });
  });

  /** Puts a command on PATH that writes down how it is called and what file it is given, and answers as told. */
  function stub(command: string, answers: string): void {
    const script = `#!/bin/bash
echo "${command} $*" >> "${folder}/calls"
for argument in "$@"; do
  case $argument in
    body=@*) cp "\${argument#body=@}" "${folder}/body" ;;
    *.body) cp "$argument" "${folder}/body" ;;
  esac
done
case "$*" in
${answers}
esac
`;
    fs.writeFileSync(path.join(folder, command), script, { mode: 0o755 });
  }

  function run(script: string, ...args: string[]) {
    const { status, stdout, stderr } = spawnSync("bash", [path.join(SCRIPTS, script), ...args], {
      encoding: "utf8",
      env: { PATH: `${folder}:${process.env.PATH}`, GITHUB_REPOSITORY: "acme/ecr-platform" },
    });
    const read = (name: string) =>
      fs.existsSync(path.join(folder, name)) ? fs.readFileSync(path.join(folder, name), "utf8") : "";
    return { status, text: stdout + stderr, calls: read("calls").trim().split("\n"), body: read("body") };
  }

  const HEAD = "0123456789abcdef0123456789abcdef01234567";
  const plan = (text: string) => {
    fs.writeFileSync(path.join(folder, "plan.md"), text);
    return path.join(folder, "plan.md");
  };

  it("comment a plan once, and then keep that comment up to date", () => {
    stub("gh", "  *pulls*) echo 7 ;;\n  *POST*) ;;\n  *comments*) ;;");
    const first = run("comment.sh", HEAD, plan("## Plan\n"));
    assert.equal(first.status, 0, first.text);
    assert.match(first.calls[2]!, /--method POST repos\/acme\/ecr-platform\/issues\/7\/comments/);
    assert.equal(first.body, "<!-- ecr-platform offline plan -->\n## Plan\n");
    stub("gh", "  *pulls*) echo 7 ;;\n  *PATCH*) ;;\n  *comments*) echo 99 ;;");
    const second = run("comment.sh", HEAD, plan("## Plan 2\n"));
    assert.match(second.calls.at(-2)!, /--method PATCH repos\/acme\/ecr-platform\/issues\/comments\/99/);
    assert.match(second.body, /Plan 2/);
  });

  it("comment nothing where the commit is no pull request's head any more", () => {
    stub("gh", "  *) ;;");
    const { status, calls } = run("comment.sh", HEAD, plan("x"));
    assert.equal(status, 0);
    assert.equal(calls.length, 1);
  });

  it("label a pull request with the risks of its plan, and only with those", () => {
    stub(
      "gh",
      "  *pulls*) echo 7 ;;\n  *POST*) ;;\n  *labels*per_page*) printf 'bug\\nrisk: cost\\nrisk: access\\n' ;;",
    );
    const { status, text, calls } = run(
      "comment.sh",
      HEAD,
      plan("<!-- risks: deletes access -->\n## Plan\n"),
    );
    assert.equal(status, 0, text);
    assert.deepEqual(
      calls.filter((call) => /labels/.test(call) && /--method/.test(call)),
      [
        "gh api --method POST repos/acme/ecr-platform/issues/7/labels -f labels[]=risk: deletes --silent",
        "gh api --method DELETE repos/acme/ecr-platform/issues/7/labels/risk:%20cost --silent",
      ],
    );
  });

  it("label nothing that a text invents", () => {
    stub("gh", "  *pulls*) echo 7 ;;\n  *) ;;");
    const { calls } = run(
      "comment.sh",
      HEAD,
      plan("<!-- risks: approved $(id) -->\n<!-- risks: deletes -->\n"),
    );
    assert.ok(!calls.some((call) => /POST.*labels/.test(call)), calls.join("\n"));
  });

  it("post a whole plan, however many bytes its characters take", () => {
    stub("gh", "  *pulls*) echo 7 ;;\n  *) ;;");
    const text = `${"é".repeat(63_900)} last`;
    assert.match(run("comment.sh", HEAD, plan(text)).body, / last$/);
  });

  it("let a text mention nobody, and cut what is longer than a comment", () => {
    stub("gh", "  *pulls*) echo 7 ;;");
    const { body } = run("comment.sh", HEAD, plan(`@acme/security look\n${"x".repeat(70_000)}`));
    assert.doesNotMatch(body, /@acme/);
    assert.ok(body.length < 65_536);
    assert.match(body, /This is not the whole text/);
  });

  const DRIFT =
    "echo '~ aws:ecr/repository:Repository ```'; echo 'error: no changes were expected for refresh but changes were proposed'; exit 255";

  it("open an issue on drift", () => {
    stub("pulumi", `  *) ${DRIFT} ;;`);
    stub("gh", "  *) ;;");
    const { status, calls, body, text } = run("drift.sh", "prod");
    assert.equal(status, 0, text);
    assert.match(calls[0]!, /^pulumi refresh --preview-only --expect-no-changes .*--stack prod/);
    assert.match(calls.at(-1)!, /^gh issue create --repo acme\/ecr-platform --title Drift in prod/);
    assert.match(body, /aws:ecr\/repository:Repository '''/);
    assert.equal(body.split("```").length, 3, "one block, that the text cannot end");
  });

  it("update the issue that is open", () => {
    stub("pulumi", `  *) ${DRIFT} ;;`);
    stub("gh", "  *list*) echo 12 ;;");
    assert.match(run("drift.sh", "prod").calls.at(-1)!, /^gh issue edit 12 /);
  });

  it("close the issue when the drift is gone, and do nothing where there is none", () => {
    stub("pulumi", "  *) ;;");
    stub("gh", "  *list*) echo 12 ;;");
    assert.match(run("drift.sh", "prod").calls.at(-1)!, /^gh issue close 12 /);
    stub("gh", "  *) ;;");
    assert.match(run("drift.sh", "prod").calls.at(-1)!, /^gh issue list /);
  });

  it("take a refresh that fails for a failure, not for drift", () => {
    stub("pulumi", "  *) echo 'error: AccessDenied'; exit 255 ;;");
    stub("gh", "  *) ;;");
    const { status, calls } = run("drift.sh", "prod");
    assert.equal(status, 255);
    assert.ok(!calls.some((call) => /issue (create|edit|close)/.test(call)));
  });
});
