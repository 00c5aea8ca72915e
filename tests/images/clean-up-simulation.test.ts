import assert from "node:assert/strict";
import fc from "fast-check";
import { play, scenarios } from "../support/simulation/scenario";
import { simulationEnvironment } from "../support/simulation/simulation";

// SIMULATIONS=5000 SIMULATION_SEED=7 npx mocha tests/images/clean-up-simulation.test.ts
const [COUNT, SEED] = [Number(process.env.SIMULATIONS ?? 60), Number(process.env.SIMULATION_SEED ?? 1)];

describe("clean-up of a registry that others use while AWS fails", function () {
  this.timeout(0);
  const variables = { ...process.env };
  before(() => {
    Object.assign(process.env, simulationEnvironment);
  });
  after(() => {
    process.env = variables;
  });

  it("keeps every promise of docs/clean-up.md", async () => {
    let [archived, deleted] = [0, 0];
    const unavoidable = new Map<string, number>();
    for (const [i, scenario] of fc.sample(scenarios, { numRuns: COUNT, seed: SEED }).entries()) {
      const oracle = await play(scenario);
      archived += oracle.archived;
      deleted += oracle.deleted;
      for (const [promise, times] of oracle.unavoidable) {
        unavoidable.set(promise, (unavoidable.get(promise) ?? 0) + times);
      }
      assert.deepEqual(oracle.violations, [], `scenario ${i} of seed ${SEED}`);
    }
    if (process.env.SIMULATIONS !== undefined) {
      console.log({ scenarios: COUNT, archived, deleted, unavoidable });
    }
    assert.ok(deleted > COUNT, `there was something to delete (${deleted})`);
  });
});
