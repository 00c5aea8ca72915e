import assert from "node:assert/strict";
import fc from "fast-check";
import { selectsAny } from "../../documents/clean-up-request";
import { ArchiveWorld, type Change } from "../support/archive-world";
import { anyRules, DAY, NOW, registries } from "../support/registries";

/** What happens between two runs, to the image with this number. */
const events = fc.record({
  kind: fc.constantFrom("restore", "restore all", "policy", "use", "release", "nothing", "nothing"),
  image: fc.nat(30),
  /** Hours until the next run. */
  hours: fc.constantFrom(2, 30, 24 * 7, 24 * 30, 24 * 90 - 3, 24 * 90, 24 * 100),
  /** Changes after which the run is ended from outside. */
  killed: fc.option(fc.nat(6), { nil: undefined, freq: 3 }),
});

const digestOf = ({ before }: Change) => before.image.digest;

describe("clean-up that archives, for any registry over time", () => {
  it("changes nothing in use, deletes only what it archived 90 days before, and all of that can be restored", async () => {
    const seen = { archived: 0, deleted: 0, restored: 0, emptied: 0 };
    await fc.assert(
      fc.asyncProperty(
        registries,
        anyRules,
        fc.array(events, { minLength: 2, maxLength: 8 }),
        async (registry, rules, story) => {
          const world = new ArchiveWorld(registry, NOW);
          const run = async (most?: number) => {
            const needed = new Set(
              world.all().flatMap(({ image, used }) => (used ? [...world.needsOf(image.digest)] : [])),
            );
            const needs = new Map(
              world.all().map(({ image }) => [image.digest, world.needsOf(image.digest)]),
            );
            const there = new Set(world.images.keys());
            const changes = await world.cleanUp(rules, most);
            const gone = new Set(changes.flatMap((one) => (one.action === "delete" ? digestOf(one) : [])));
            for (const { action, before, owners } of changes) {
              const { image, subjects } = before;
              seen[action === "archive" ? "archived" : "deleted"] += 1;
              assert.ok(!needed.has(image.digest), `${image.digest} is in use`);
              const restoredDays = (world.now.getTime() - (image.restoredAt?.getTime() ?? 0)) / DAY;
              if (action === "archive") {
                assert.equal(image.status, undefined);
                assert.ok(restoredDays >= 90, `${image.digest} was restored ${restoredDays} days ago`);
              } else if (image.status === "ARCHIVED") {
                assert.equal(before.archivedBy, "clean-up", `${image.digest} was archived by somebody else`);
                const days = (world.now.getTime() - (image.archivedAt?.getTime() ?? NaN)) / DAY;
                assert.ok(days >= 90, `${image.digest} was archived ${days} days ago`);
              } else {
                assert.ok(image.tags.length === 0 || subjects.length > 0, `${image.digest} has a tag`);
                assert.ok(
                  owners.every((owner) => gone.has(owner)),
                  `${image.digest} belongs to others`,
                );
              }
            }
            for (const digest of world.images.keys()) {
              for (const need of needs.get(digest) ?? []) {
                assert.ok(
                  !there.has(need) || world.images.has(need),
                  `${digest} needs ${need}, which is gone`,
                );
              }
            }
            for (const { image, archivedBy } of world.all()) {
              // A list that a policy archived has entries that nobody knows.
              const known = [...world.needsOf(image.digest)].every(
                (one) => world.images.get(one)?.archivedBy !== "policy",
              );
              if (archivedBy === "clean-up" && image.status === "ARCHIVED" && known) {
                const restored = new Set(await world.restoredWith(image.digest));
                for (const need of world.needsOf(image.digest)) {
                  const status = world.images.get(need)?.image.status;
                  assert.ok(
                    status === undefined || restored.has(need),
                    `${need} is not restored with ${image.digest}`,
                  );
                }
                seen.restored += restored.size;
              }
            }
            return changes;
          };
          for (const { kind, image, hours, killed } of story) {
            await run(killed);
            if (killed !== undefined) {
              world.pass(1);
              await run();
            }
            assert.deepEqual(await run(), [], "a second run finds nothing new");
            world.pass(2);
            const all = world.all();
            const one = all[image % Math.max(1, all.length)];
            if (kind === "restore all") {
              all.forEach((each) => {
                world.restore(each);
              });
            } else if (one !== undefined) {
              if (kind === "restore") {
                world.restore(one);
              } else if (kind === "policy") {
                world.archive(one, "policy");
              } else if (kind === "use" || kind === "release") {
                one.used = kind === "use";
              }
            }
            world.pass(hours);
          }
          // Nothing is archived for ever: unless somebody else archives, too, it is all deleted in the end, but for what an
          // active image needs, such as a restored one that no rule selects.
          world.all().forEach((one) => {
            one.used = false;
          });
          if (selectsAny(rules) && !story.some(({ kind }) => kind === "policy")) {
            for (let i = 0; i < 4; i++) {
              world.pass(24 * 100);
              await run();
            }
            const active = world.all().filter(({ image }) => image.status === undefined);
            const needed = new Set(active.flatMap(({ image }) => [...world.needsOf(image.digest)]));
            assert.deepEqual(
              world.all().filter(({ image }) => !needed.has(image.digest)),
              [],
            );
            seen.emptied += 1;
          }
        },
      ),
      { numRuns: Number(process.env.RUNS ?? 200), seed: 90 },
    );
    assert.ok(
      Object.values(seen).every((count) => count > 50),
      JSON.stringify(seen),
    );
  });
});
