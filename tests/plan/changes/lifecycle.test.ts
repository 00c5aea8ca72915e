import assert from "node:assert/strict";
import fc from "fast-check";
import { lifecyclePolicy, type LifecycleSettings } from "../../../documents/lifecycle";
import { lifecycleStatements } from "../../../plan/changes/lifecycle";
import { expiredByModel } from "../../support/lifecycle";

const usual: LifecycleSettings = {
  protect: ["deployed-*"],
  rules: [{ tags: ["v*"], keep: 100 }],
  untaggedDays: 14,
  others: { days: 180 },
};
const said = (before: Partial<LifecycleSettings>, after: Partial<LifecycleSettings>) =>
  lifecycleStatements({ ...usual, ...before }, { ...usual, ...after }).map(
    ({ what, risk }) => `${risk === undefined ? "" : `${risk}: `}${what}`,
  );

describe("a change of a lifecycle policy in words", () => {
  it("says nothing where nothing changes", () => assert.deepEqual(said({}, {}), []));

  it("says what loses its protection, and which rule decides now", () =>
    assert.deepEqual(said({}, { protect: [] }), [
      "deletes: images tagged deployed-* now expire 180 days after the push (the rule for other images); before, they never expire",
    ]));

  it("says one line about a rule that is dropped, wherever it was in the list", () =>
    assert.deepEqual(
      said(
        { rules: [{ tags: ["rc-*"], days: 365 }, ...usual.rules, { tags: ["pr-*"], days: 3 }] },
        { rules: [...usual.rules, { tags: ["pr-*"], days: 3 }] },
      ),
      [
        "deletes: images tagged rc-* now expire 180 days after the push (the rule for other images); before, they expire 365 days after the push",
      ],
    ));

  it("calls it a risk that fewer images are kept, or for a shorter time, and not that more are", () => {
    const keep = (count: number) => ({ rules: [{ tags: ["v*"], keep: count }] });
    assert.deepEqual(said(keep(100), keep(20)), [
      "deletes: images tagged v* now expire beyond the newest 20; before, they expire beyond the newest 100",
    ]);
    assert.deepEqual(said(keep(20), keep(100)), [
      "images tagged v* now expire beyond the newest 100; before, they expire beyond the newest 20",
    ]);
    assert.deepEqual(said({}, { untaggedDays: 1 }), [
      "deletes: untagged images now expire 1 day after the push; before, they expire 14 days after the push",
    ]);
    assert.match(said(keep(20), { rules: [{ tags: ["v*"], days: 365 }] })[0]!, /^deletes: /);
  });

  it("says together what happens to several patterns", () =>
    assert.deepEqual(said({}, { rules: [...usual.rules, { tags: ["pr-*", "feature-*"], days: 7 }] }), [
      "deletes: images tagged pr-* and feature-* now expire 7 days after the push; before, they expire 180 days after the push (the rule for other images)",
    ]));

  it("sees that a wider pattern in front takes over", () =>
    assert.deepEqual(
      said({}, { rules: [{ tags: ["*"], keep: 5 }, ...usual.rules] }).filter((line) =>
        line.includes("tagged v*"),
      ),
      [
        "deletes: images tagged v* now expire beyond the newest 5 (the rule for *); before, they expire beyond the newest 100",
      ],
    ));

  it("says that images are archived, and until when they can be restored", () => {
    assert.deepEqual(said({}, { others: { archiveDays: 180 } }), [
      "images that no other rule is about now are archived 180 days after the last push; before, they expire 180 days after the push",
    ]);
    assert.deepEqual(
      said({ others: { archiveDays: 180 } }, { others: { archiveDays: 180, deleteArchivedDays: 365 } }),
      [
        "deletes: images that no other rule is about now are archived 180 days after the last push and expire 365 days later; before, they are archived 180 days after the last push",
      ],
    );
  });

  it("sees that the order of two rules decides about images with tags of both", () => {
    const first = { tags: ["v*"], keep: 100 };
    const second = { tags: ["*-rc"], days: 7 };
    assert.deepEqual(said({ rules: [first, second] }, { rules: [second, first] }), [
      "deletes: images tagged both v* and *-rc now expire 7 days after the push (the rule for *-rc); before, they expire beyond the newest 100 (the rule for v*)",
    ]);
  });

  it("calls every policy a risk that expires an image which the earlier one keeps", () => {
    const patterns = ["v*", "v1*", "*-rc", "pr-*", "*"];
    const settings = fc.record({
      protect: fc.subarray(patterns, { maxLength: 2 }),
      rules: fc.uniqueArray(
        fc.record({
          pattern: fc.constantFrom(...patterns),
          keep: fc.boolean(),
          count: fc.integer({ min: 1, max: 4 }),
        }),
        { maxLength: 4, selector: ({ pattern }) => pattern },
      ),
      untaggedDays: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
      others: fc.oneof(
        fc.record({ days: fc.integer({ min: 1, max: 4 }) }),
        fc.record({ keep: fc.integer({ min: 1, max: 4 }) }),
      ),
    });
    const images = fc.array(
      fc.record({
        tags: fc.subarray(["v1", "v2", "v1-rc", "pr-7", "other-rc", "x"], { maxLength: 3 }),
        age: fc.integer({ min: 0, max: 6 }),
      }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(settings, settings, images, (one, other, list) => {
        const [before, after] = [one, other].map(({ rules, ...rest }): LifecycleSettings => ({
          ...rest,
          rules: rules.map(({ pattern, keep, count }) => ({
            tags: [pattern],
            ...(keep ? { keep: count } : { days: count }),
          })),
        })) as [LifecycleSettings, LifecycleSettings];
        const numbered = list.map((image, id) => ({ ...image, id }));
        const [kept, gone] = [before, after].map((policy) =>
          expiredByModel(lifecyclePolicy(policy).rules, numbered),
        ) as [Set<number>, Set<number>];
        if ([...gone].some((id) => !kept.has(id))) {
          assert.ok(lifecycleStatements(before, after).some(({ risk }) => risk === "deletes"));
        }
      }),
      { seed: 20_260_902, numRuns: Number(process.env.LIFECYCLE_RUNS ?? 2000) },
    );
  });
});
