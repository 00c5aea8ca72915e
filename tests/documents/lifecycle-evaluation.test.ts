import assert from "node:assert/strict";
import fc from "fast-check";
import { lifecyclePolicy, type LifecycleRule } from "../../documents/lifecycle";
import { evaluateLifecycle, type EvaluatedImage } from "../../documents/lifecycle-evaluation";
import { expiredByModel, lifecycleSettings } from "../support/lifecycle";

const DAY_MS = 86_400_000;
const NOW = new Date("2026-06-01T00:00:00Z");
const daysAgo = (days: number) => new Date(NOW.getTime() - days * DAY_MS);

interface Named extends EvaluatedImage {
  name: string;
}

const image = (name: string, days: number, ...tags: string[]): Named => ({
  name,
  tags,
  pushedAt: daysAgo(days),
});

type Selection = LifecycleRule["selection"];
const tagged = (...tagPatternList: string[]) => ({ tagStatus: "tagged" as const, tagPatternList });
const keep = (countNumber: number) => ({ countType: "imageCountMoreThan" as const, countNumber });
const days = (countNumber: number) => ({
  countType: "sinceImagePushed" as const,
  countUnit: "days" as const,
  countNumber,
});

/** Names of the images on which a policy with these rules acts. */
function actsOn(images: Named[], ...selections: Selection[]): string {
  const rules = selections.map((selection, i) => ({
    rulePriority: i + 1,
    description: "",
    selection,
    action: { type: "expire" as const },
  }));
  return evaluateLifecycle({ rules }, images, NOW)
    .filter(({ acts }) => acts)
    .map((outcome) => outcome.image.name)
    .join(" ");
}

// https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_examples.html
describe("a lifecycle policy is evaluated as in AWS's examples:", () => {
  it("filtering on image age", () => {
    const images = [image("A", 20, "prod-1"), image("B", 13, "prod-2"), image("C", 20, "beta-1")];
    assert.equal(actsOn(images, { ...tagged("prod*"), ...days(14) }), "A");
  });

  it("filtering on image count", () => {
    const images = [image("A", 3), image("B", 2), image("C", 1), image("D", 9, "v1")];
    assert.equal(actsOn(images, { tagStatus: "untagged", ...keep(1) }), "A B");
  });

  describe("filtering on multiple rules", () => {
    const images = [
      image("A", 10, "beta-1", "prod-1"),
      image("B", 9, "beta-2", "prod-2"),
      image("C", 8, "beta-3"),
    ];
    it("example A: an image that an earlier rule has seen is skipped", () => {
      assert.equal(
        actsOn(images, { ...tagged("prod*"), ...keep(1) }, { ...tagged("beta*"), ...keep(1) }),
        "A",
      );
    });
    it("example B: the same rules in the other order", () => {
      assert.equal(
        actsOn(images, { ...tagged("beta*"), ...keep(1) }, { ...tagged("prod*"), ...keep(1) }),
        "A B",
      );
    });
  });

  describe("filtering on multiple tags in a single rule", () => {
    it("example A: an image needs a match for every pattern, and by age", () => {
      const images = [
        image("A", 12, "alpha-1"),
        image("B", 11, "beta-1"),
        image("C", 10, "alpha-2", "beta-2"),
        image("D", 4, "alpha-3"),
        image("E", 3, "beta-3"),
        image("F", 2, "alpha-4", "beta-4"),
      ];
      assert.equal(actsOn(images, { ...tagged("alpha*", "beta*"), ...days(5) }), "C");
    });
    it("example B: tags are not exclusive", () => {
      const images = [
        image("A", 10, "alpha-1", "beta-1", "gamma-1"),
        image("B", 9, "alpha-2", "beta-2"),
        image("C", 8, "alpha-3", "beta-3", "gamma-2"),
      ];
      assert.equal(actsOn(images, { ...tagged("alpha*", "beta*"), ...keep(1) }), "A B");
    });
  });

  describe("filtering on all images", () => {
    const images = [
      image("A", 12, "alpha-1"),
      image("B", 11, "beta-1"),
      image("C", 10, "alpha-2", "beta-2"),
      image("D", 4, "git-hash"),
      image("E", 3),
    ];
    it("by count: all but the newest", () => {
      assert.equal(actsOn(images, { tagStatus: "any", ...keep(1) }), "A B C D");
    });
    it("after another rule, whose images count as if they were kept", () => {
      assert.equal(
        actsOn(images, { ...tagged("alpha*"), ...keep(1) }, { tagStatus: "any", ...keep(1) }),
        "A B D",
      );
    });
  });
});

describe("the evaluation of a lifecycle policy", () => {
  const policy = lifecyclePolicy(
    lifecycleSettings({ protect: ["keep-*"], others: { archiveUnpulledDays: 30, deleteArchivedDays: 100 } }),
  );
  const outcome = (one: EvaluatedImage) => {
    const [{ rule, acts, due } = { acts: undefined }] = evaluateLifecycle(policy, [one], NOW);
    return [rule?.action.type, acts, due?.toISOString().slice(0, 10)];
  };

  it("counts from the last pull, or from the push of an image that was never pulled", () => {
    assert.deepEqual(outcome({ tags: ["v1"], pushedAt: daysAgo(99), pulledAt: daysAgo(2) }), [
      "transition",
      false,
      "2026-06-29",
    ]);
    assert.deepEqual(outcome({ tags: ["v1"], pushedAt: daysAgo(99) }), ["transition", true, "2026-03-24"]);
  });

  it("applies rules for archived images to those only, from the day on which they were archived", () => {
    const archived = { tags: ["v1"], pushedAt: daysAgo(900), archivedAt: daysAgo(99) };
    assert.deepEqual(outcome(archived), ["expire", false, "2026-06-02"]);
    assert.deepEqual(outcome({ ...archived, archivedAt: daysAgo(101) }), ["expire", true, "2026-05-31"]);
    assert.equal(outcome({ ...archived, tags: ["keep-1"], archivedAt: daysAgo(999) })[1], false);
  });

  it("says an image's place among those that its rule counts", () => {
    const { rules } = lifecyclePolicy(lifecycleSettings({ rules: [{ tags: ["v*"], keep: 2 }] }));
    assert.deepEqual(
      evaluateLifecycle({ rules }, [image("A", 3, "v1"), image("B", 1, "v3"), image("C", 2, "v2")], NOW).map(
        ({ place, acts }) => [place, acts],
      ),
      [
        [3, true],
        [1, false],
        [2, false],
      ],
    );
  });

  it("agrees with an independent model of ECR's rules", () => {
    const tag = fc.constantFrom("v1", "v2", "rc-1", "deployed-a", "sha256-ab", "main", "v-rc");
    const pattern = fc.constantFrom("v*", "rc-*", "*-*", "main", "deployed-*", "*1");
    const action = fc.oneof(
      fc.record({ keep: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ days: fc.integer({ min: 1, max: 20 }) }),
    );
    fc.assert(
      fc.property(
        fc.uniqueArray(pattern, { maxLength: 2 }),
        fc.array(fc.tuple(pattern, action), { maxLength: 4 }),
        action,
        // No two pushes at a time: ECR does not say which of them is newer.
        fc.uniqueArray(fc.tuple(fc.integer({ max: 40, min: 0 }), fc.uniqueArray(tag, { maxLength: 3 })), {
          maxLength: 12,
          selector: ([age]) => age,
        }),
        (protect, rules, others, drawn) => {
          const policy = lifecyclePolicy(
            lifecycleSettings({
              protect,
              rules: rules.map(([one, what]) => ({ tags: [one], ...what })),
              others,
            }),
          );
          const images = drawn.map(([age, tags], id) => ({ id, age, tags, pushedAt: daysAgo(age) }));
          assert.deepEqual(
            evaluateLifecycle(policy, images, NOW)
              .filter(({ acts }) => acts)
              .map((one) => one.image.id),
            [...expiredByModel(policy.rules, images)].sort((a, b) => a - b),
          );
        },
      ),
      { numRuns: 300, seed: 20261128 },
    );
  });
});
