import assert from "node:assert/strict";
import { runProgram } from "../../plan/run";
import { readStackConfig } from "../../plan/stack-file";
import { copyProgram } from "../support/project";
import { EngineProject, STACKS } from "./engine";

/** The version whose state must update in place. Raise it with each release. */
const BEFORE = "2c1897fd7d65";

/** Resources that the program no longer declares. They are retained, so they leave the state and stay in AWS. */
const DROPPED = {
  dev: [],
  // AWS subscribes Inspector by itself.
  prod: ["findings-security-hub-inspector"],
};

const LIFECYCLE = "aws:ecr/lifecyclePolicy:LifecyclePolicy";

for (const [stack, account, change] of STACKS) {
  describe(`an upgrade of the ${stack} stack from ${BEFORE}`, () => {
    let project: EngineProject;
    before(async () => {
      project = await EngineProject.of(stack, account, change, BEFORE);
      project.up();
      copyProgram(project.folder);
    });
    after(() => {
      project.close();
    });

    it("replaces nothing and deletes nothing in AWS, with the stack's file as it was", async () => {
      const had = new Set(Object.values(project.world().resources).map(({ name }) => name));
      // Without a preview: in one, the stand-in knows no outputs of what it would update.
      const calls = project.up();
      const lost = calls.filter(
        ({ operation, name, type }) =>
          // An edited lifecycle policy is put over the old one.
          operation === "delete" || (operation === "create" && had.has(name) && type !== LIFECYCLE),
      );
      assert.deepEqual(lost, []);
      const { resources } = await runProgram(project.folder, readStackConfig(project.folder, stack));
      const declared = new Set(resources.map(({ name }) => name));
      assert.deepEqual(
        Object.values(project.world().resources)
          .map(({ name }) => name)
          .filter((name) => !declared.has(name)),
        DROPPED[stack],
      );
    });

    it("is finished after one update", () => {
      project.must("up", "--yes", "--skip-preview", "--expect-no-changes", "--stack", stack);
    });
  });
}
