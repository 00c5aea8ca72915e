import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { DEV, EngineProject } from "./engine";
import { LIFECYCLE, madeIn, REPOSITORY, smallTeams, teamsOf, wholeOf } from "./small-stack";

describe("an update that fails or is killed, on the real engine", () => {
  let project: EngineProject;
  beforeEach(async () => {
    project = await EngineProject.of("dev", DEV, smallTeams);
  });
  afterEach(() => {
    project.close();
  });

  const whole = () => wholeOf(project);
  const made = () => madeIn(project);

  it("reaches the same end after a failure at each of many calls, with nothing made twice", async () => {
    const expected = await whole();
    for (const at of [1, 2, 4, 7, 11, 17]) {
      project.world({ ...project.world(), fault: { operation: "create", at, how: "fail" } });
      const { status, text } = project.pulumi("up", "--yes", "--skip-preview", "--stack", "dev");
      assert.notEqual(status, 0, text);
      assert.match(text, /ThrottlingException/);
    }
    project.up();
    assert.deepEqual(made(), expected);
    project.must("up", "--yes", "--skip-preview", "--expect-no-changes", "--stack", "dev");
    // Not only creates fail.
    project.edit((config) => {
      config["ecr-platform:tags"] = { Division: "other" };
      teamsOf(config).pop();
    });
    for (const operation of ["update", "update", "delete"] as const) {
      project.world({ ...project.world(), fault: { operation, at: 1, how: "fail" } });
      assert.notEqual(project.pulumi("up", "--yes", "--skip-preview", "--stack", "dev").status, 0);
    }
    project.up();
    // Its lifecycle policy goes with the repository in AWS; the stand-in keeps what Pulumi retains.
    assert.deepEqual(made(), [...(await whole()), `${LIFECYCLE} data-etl-lifecycle`].sort());
    project.must("up", "--yes", "--skip-preview", "--expect-no-changes", "--stack", "dev");
  });

  it("reaches the same end after being killed in each of many calls, with nothing made twice", async () => {
    const expected = await whole();
    for (const at of [1, 5, 12, 20]) {
      await project.interruptUp(
        { operation: "create", at, how: "hang-before" },
        "SIGKILL",
        "--parallel",
        "1",
      );
      project.must("cancel", "--yes", "dev");
    }
    project.must("refresh", "--yes", "--skip-preview", "--clear-pending-creates", "--stack", "dev");
    project.up();
    assert.deepEqual(made(), expected);
    project.edit((config) => {
      config["ecr-platform:tags"] = { Division: "other" };
      teamsOf(config).pop();
    });
    for (const operation of ["update", "delete"] as const) {
      await project.interruptUp({ operation, at: 1, how: "hang-before" }, "SIGKILL", "--parallel", "1");
      project.must("cancel", "--yes", "dev");
    }
    project.up();
    assert.deepEqual(made(), [...(await whole()), `${LIFECYCLE} data-etl-lifecycle`].sort());
    project.must("up", "--yes", "--skip-preview", "--expect-no-changes", "--stack", "dev");
  });

  it("takes in what AWS made although the process was killed before it got the answer", async () => {
    await project.interruptUp({ operation: "create", type: REPOSITORY, at: 1, how: "hang-after" }, "SIGKILL");
    project.must("cancel", "--yes", "dev");
    const { name } = project.world().calls.find(({ type }) => type === REPOSITORY)!;
    const { status, text } = project.pulumi("up", "--yes", "--skip-preview", "--stack", "dev");
    assert.notEqual(status, 0, "AWS has the repository, and Pulumi does not know");
    assert.match(text, /RepositoryAlreadyExistsException/);
    // The commands of docs/deploying.md: what Pulumi would create, cut down to what AWS has.
    project.must("preview", "--stack", "dev", "--import-file", "import.json");
    const file = path.join(project.folder, "import.json");
    const { resources, ...rest } = JSON.parse(fs.readFileSync(file, "utf8")) as {
      resources: { name: string; type: string; id?: string }[];
    };
    const orphan = resources.find((one) => one.name === name && one.type === REPOSITORY)!;
    fs.writeFileSync(file, JSON.stringify({ ...rest, resources: [{ ...orphan, id: `${name}-dev` }] }));
    project.must(
      ...["import", "--yes", "--skip-preview", "--stack", "dev", "--file", "import.json"],
      ...["--generate-code=false", "--protect=false"],
    );
    project.up();
    assert.deepEqual(made(), await whole());
    assert.equal(
      project.world().calls.filter((call) => call.operation === "create" && call.name === name).length,
      1,
    );
  });

  it("stops cleanly when it is cancelled, and goes on from there", async () => {
    const status = await project.interruptUp({ operation: "create", at: 6, how: "slow" }, "SIGINT");
    assert.notEqual(status, 0);
    const stopped = made();
    assert.ok(stopped.length >= 6 && stopped.length < (await whole()).length);
    project.up();
    assert.deepEqual(made(), await whole());
    const creates = project.world().calls.map(({ type, name }) => `${type} ${name}`);
    assert.equal(new Set(creates).size, creates.length, "nothing was made twice");
  });
});
