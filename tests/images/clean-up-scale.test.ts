import assert from "node:assert/strict";
import type { Cleaner } from "../support/simulation/cleaner";
import { Random } from "../support/simulation/random";
import { Simulation, simulationEnvironment } from "../support/simulation/simulation";
import { imageOf, World } from "../support/simulation/world";

// REPOSITORIES=20000 KILLS=50 npx mocha tests/images/clean-up-scale.test.ts
const [REPOSITORIES, KILLS] = [Number(process.env.REPOSITORIES ?? 200), Number(process.env.KILLS ?? 10)];
const DAY = 24 * 3600 * 1000;
const digestOf = (repository: number, image: number) =>
  `sha256:${repository.toString(16).padStart(32, "0")}${image.toString(16).padStart(32, "0")}`;

/** Repositories with a multi-platform image and a plain one of 90 days ago, and one of today. */
function world(): World {
  const made = new World();
  for (let r = 0; r < REPOSITORIES; r++) {
    const old = made.now - 90 * DAY;
    const images = [
      imageOf(digestOf(r, 1), old),
      imageOf(digestOf(r, 2), old),
      imageOf(digestOf(r, 3), old, {
        tags: new Set(["v1"]),
        mediaType: "application/vnd.oci.image.index.v1+json",
        manifest: { manifests: [1, 2].map((i) => ({ digest: digestOf(r, i), platform: { os: "linux" } })) },
      }),
      imageOf(digestOf(r, 4), old, { tags: new Set(["v2"]) }),
      imageOf(digestOf(r, 5), made.now, { tags: new Set(["v3"]) }),
    ];
    const name = `t-r${r}-dev`;
    made.repositories.set(name, {
      name,
      ours: true,
      images: new Map(images.map((one) => [one.digest, one])),
    });
  }
  return made;
}

const images = ({ repositories }: World) =>
  [...repositories.values()].reduce((sum, one) => sum + one.images.size, 0);

describe(`clean-up of ${REPOSITORIES} repositories`, function () {
  this.timeout(0);
  const variables = { ...process.env };
  let simulation: Simulation;
  before(() => {
    Object.assign(process.env, simulationEnvironment);
  });
  beforeEach(() => {
    simulation = new Simulation(world(), new Random(1), {
      rules: { keepBy: "pushed", protect: [], olderThanDays: 30 },
      maxDeletions: 100_000,
      pace: 10,
    });
  });
  afterEach(() => {
    simulation.restore();
    assert.deepEqual(simulation.oracle.violations, []);
  });
  after(() => {
    process.env = variables;
  });

  it("needs one call per repository to find it, to list it, to read its lists, and two per step to delete", async () => {
    const [cleaner] = (await simulation.run(["function"], 600)) as [Cleaner];
    assert.equal(images(simulation.world), REPOSITORIES);
    const calls = Object.fromEntries(cleaner.calls);
    // The tags, the list and its manifests; a list goes before its entries, and each step is looked at before.
    const needed = {
      DescribeRepositories: Math.ceil(REPOSITORIES / 1000),
      ListTagsForResource: REPOSITORIES,
      DescribeImages: REPOSITORIES + 2 * REPOSITORIES,
      BatchGetImage: REPOSITORIES,
      BatchDeleteImage: 2 * REPOSITORIES,
    };
    const sum = (counts: Record<string, number>) =>
      Object.values(counts).reduce((total, one) => total + one, 0);
    assert.ok(sum(calls) <= 1.1 * sum(needed), JSON.stringify({ calls, needed }));
  });

  it("comes to its end in the runs after those that were killed, with nothing left behind for ever", async () => {
    const whole = 8 * REPOSITORIES;
    for (let kill = 1; kill <= KILLS; kill++) {
      simulation.conditions.killAfter = Math.ceil((kill * whole) / (KILLS + 1));
      await simulation.run(["function"], 600);
    }
    delete simulation.conditions.killAfter;
    simulation.conditions.rules.untaggedDays = 1;
    await simulation.run(["function"], 600);
    simulation.passDays(2);
    await simulation.settle();
    assert.equal(images(simulation.world), REPOSITORIES);
  });
});
