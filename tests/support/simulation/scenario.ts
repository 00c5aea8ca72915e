import fc from "fast-check";
import { anyRules, registries } from "../registries";
import type { Oracle } from "./oracle";
import { somethingHappens } from "./events";
import { Random } from "./random";
import { Simulation } from "./simulation";
import { worldOf } from "./world";

/** What a simulation starts with; everything else follows from the seed. */
export const scenarios = fc.record({
  registries: fc.array(registries, { minLength: 1, maxLength: 4 }),
  rules: anyRules,
  maxDeletions: fc.constantFrom(3, 10, 500),
  seed: fc.nat(),
});
/** One of them. */
export type Scenario = typeof scenarios extends fc.Arbitrary<infer T> ? T : never;

/** Some weeks in which cleaners run, fail and are killed, while others use the registry; then it calms down. */
export async function play({ registries: all, rules, maxDeletions, seed }: Scenario): Promise<Oracle> {
  const random = new Random(seed);
  const world = worldOf(all, random);
  world.scanType = random.of(["BASIC", "ENHANCED"]);
  const simulation = new Simulation(world, random, {
    rules,
    maxDeletions,
    archive: random.chance(0.5),
    faults: random.of([0, 0, 0.01, 0.05]),
    happenings: random.of([0, 0.02, 0.1]),
    pageSize: random.of([2, 7, 1000]),
    // A run stores its report every ten seconds.
    pace: random.of([100, 5000]),
    ...(random.chance(0.15)
      ? {
          denied: {
            repository: random.of([...world.repositories.keys()]),
            name: random.of(["DescribeImages", "BatchGetImage", "BatchDeleteImage", "ListTagsForResource"]),
          },
        }
      : {}),
  });
  try {
    for (let week = 0; week < 3; week++) {
      world.hasUnread = random.chance(0.1);
      await simulation.run(
        random.of([["function"], ["function", "function"], ["function", "command"], ["command"]] as const),
      );
      simulation.passDays(random.below(30) + random.next());
      // Others archive between two runs, too.
      for (let i = 0; i < 10 * simulation.conditions.happenings; i++) {
        somethingHappens(world, random);
      }
      simulation.passDays(1);
    }
    world.hasUnread = false;
    simulation.conditions.pace = 100;
    await simulation.settle();
    if (simulation.conditions.archive) {
      simulation.passDays(91);
      await simulation.settle();
    }
  } finally {
    simulation.restore();
  }
  return simulation.oracle;
}
