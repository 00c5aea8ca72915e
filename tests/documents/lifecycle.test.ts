import assert from "node:assert/strict";
import fc from "fast-check";
import { coversGlob, matchesGlob } from "../../aws/globs";
import {
  cacheLifecyclePolicy,
  deadRules,
  lifecyclePolicy,
  type LifecycleSettings,
} from "../../documents/lifecycle";
import { expiredByModel, lifecycleSettings } from "../support/lifecycle";

describe("a lifecycle policy", () => {
  it("puts signatures and protection first, rules as written, untagged images next and the backstop last", () => {
    const { rules } = lifecyclePolicy(
      lifecycleSettings({
        protect: ["deployed-*"],
        rules: [
          { tags: ["v*", "rc-*"], keep: 5 },
          { tags: ["pr-*"], days: 3 },
        ],
      }),
    );
    assert.deepEqual(
      rules.map(
        ({ rulePriority, selection: { tagStatus, tagPatternList, countType, countNumber, countUnit } }) =>
          [rulePriority, tagStatus, tagPatternList?.join(), countType, countNumber, countUnit].join(" "),
      ),
      [
        "1 tagged sha256-* imageCountMoreThan 100000 ",
        "2 tagged deployed-* imageCountMoreThan 100000 ",
        "3 tagged v* imageCountMoreThan 5 ",
        "4 tagged rc-* imageCountMoreThan 5 ",
        "5 tagged pr-* sinceImagePushed 3 days",
        "6 untagged  sinceImagePushed 7 days",
        "7 any  sinceImagePushed 365 days",
      ],
    );
  });

  it("never expires a protected image, whatever other tags and age it has", () => {
    const { rules } = lifecyclePolicy(
      lifecycleSettings({ protect: ["deployed-*"], rules: [{ tags: ["v*"], keep: 1 }], others: { days: 1 } }),
    );
    const images = [
      { id: 1, tags: ["v1", "deployed-prod"], age: 900 },
      { id: 2, tags: ["v2"], age: 800 },
      { id: 3, tags: ["v3"], age: 1 },
    ];
    assert.deepEqual([...expiredByModel(rules, images)], [2]);
  });

  it("never expires the signatures and attestations of an image that it keeps", () => {
    const of = (digit: string) => `sha256-${digit.repeat(64)}`;
    const images = [
      { id: 1, tags: ["v1"], age: 900 },
      { id: 2, tags: [`${of("a")}.sig`], age: 900 },
      { id: 3, tags: [`${of("a")}.att`], age: 899 },
      { id: 4, tags: [of("a")], age: 898 },
      { id: 5, tags: ["nightly"], age: 900 },
    ];
    for (const others of [{ days: 365 }, { keep: 1 }]) {
      const { rules } = lifecyclePolicy(
        lifecycleSettings({ protect: ["v*"], rules: [{ tags: ["*"], days: 30 }], others }),
      );
      assert.deepEqual([...expiredByModel(rules, images)], [5]);
      assert.deepEqual(
        [
          ...expiredByModel(
            lifecyclePolicy(lifecycleSettings({ protect: ["v*"], others: { days: 365 } })).rules,
            images,
          ),
        ],
        [5],
      );
    }
  });

  it("has one rule for signatures if the config protects them too, and reports any other rule on them", () => {
    const settings = lifecycleSettings({
      protect: ["sha256-*"],
      rules: [
        { tags: ["sha256-*.sig"], days: 9 },
        { tags: ["sha256-*"], keep: 9 },
      ],
    });
    assert.deepEqual(
      deadRules(settings).map(({ key, refused }) => [key, refused]),
      [
        ["rules[0].tags[0]", false],
        ["rules[1].tags[0]", true],
      ],
    );
    assert.match(deadRules(settings)[0]!.rule, /never expire signatures \(sha256-\*\)/);
    const { rules } = lifecyclePolicy({ ...settings, rules: [] });
    assert.equal(rules.filter(({ selection }) => selection.tagPatternList?.[0] === "sha256-*").length, 1);
  });

  it("of a cache has no rule for untagged images, which may be in use by their digest", () => {
    const images = [
      { id: 1, tags: [], age: 300 },
      { id: 2, tags: [], age: 366 },
      { id: 3, tags: ["pr-1"], age: 9 },
    ];
    const settings = lifecycleSettings({ rules: [{ tags: ["pr-*"], days: 3 }] });
    assert.deepEqual([...expiredByModel(cacheLifecyclePolicy(settings).rules, images)].sort(), [2, 3]);
    assert.deepEqual([...expiredByModel(lifecyclePolicy(settings).rules, images)].sort(), [1, 2, 3]);
  });

  it("reaches every image that no rule claims, by the backstop", () => {
    const { rules } = lifecyclePolicy(
      lifecycleSettings({ rules: [{ tags: ["v*"], keep: 9 }], others: { days: 30 } }),
    );
    const images = [
      { id: 1, tags: ["nightly-1"], age: 31 },
      { id: 2, tags: [], age: 8 },
      { id: 3, tags: ["v1"], age: 999 },
    ];
    assert.deepEqual([...expiredByModel(rules, images)].sort(), [1, 2]);
  });

  it("names what can never fire: a shadowed pattern, and a backstop that nothing reaches", () => {
    const dead = deadRules(
      lifecycleSettings({
        protect: ["v*"],
        rules: [
          { tags: ["v1.*"], keep: 5 },
          { tags: ["*"], keep: 9 },
          { tags: ["pr-*"], days: 1 },
        ],
      }),
    );
    assert.deepEqual(
      dead.map(({ key }) => key),
      ["rules[0].tags[0]", "rules[2].tags[0]", "others"],
    );
    assert.match(dead[0]!.rule, /protect\[0\] \(v\*\) comes first/);
  });
});

const pattern = fc.stringMatching(/^[ab*][ab*]{0,3}$/).filter((text) => text.split("*").length <= 5);
const anySettings: fc.Arbitrary<LifecycleSettings> = fc.record({
  protect: fc.array(pattern, { maxLength: 2 }),
  rules: fc.array(
    fc.oneof(
      fc.record({
        tags: fc.array(pattern, { minLength: 1, maxLength: 2 }),
        keep: fc.integer({ min: 1, max: 5 }),
      }),
      fc.record({
        tags: fc.array(pattern, { minLength: 1, maxLength: 2 }),
        days: fc.integer({ min: 1, max: 50 }),
      }),
    ),
    { maxLength: 3 },
  ),
  untaggedDays: fc.integer({ min: 1, max: 50 }),
  others: fc.oneof(
    fc.record({ days: fc.integer({ min: 1, max: 50 }) }),
    fc.record({ keep: fc.integer({ min: 1, max: 5 }) }),
  ),
});
const anyImages = fc
  .array(
    fc.record({
      tags: fc.uniqueArray(fc.stringMatching(/^[ab]{1,4}$/), { maxLength: 2 }),
      age: fc.integer({ min: 0, max: 100 }),
    }),
    { maxLength: 12 },
  )
  .map((images) => images.map((image, id) => ({ ...image, id })));

describe("lifecycle policies, for any settings", () => {
  it("keep to what ECR accepts", () => {
    fc.assert(
      fc.property(anySettings, (settings) => {
        const { rules } = lifecyclePolicy(settings);
        assert.deepEqual(
          rules.map(({ rulePriority }) => rulePriority),
          rules.map((_, i) => i + 1),
        );
        assert.equal(
          rules.findIndex(({ selection }) => selection.tagStatus === "any"),
          rules.length - 1,
        );
        assert.equal(rules.filter(({ selection }) => selection.tagStatus === "untagged").length, 1);
        for (const { selection } of rules) {
          assert.equal(selection.tagStatus === "tagged", selection.tagPatternList?.length === 1);
          assert.equal(
            selection.countUnit,
            selection.countType === "imageCountMoreThan" ? undefined : "days",
          );
          assert.ok(Number.isInteger(selection.countNumber) && selection.countNumber > 0);
        }
        assert.doesNotMatch(JSON.stringify(rules), /null/);
      }),
    );
  });

  it("never expire what is protected, and expire the same without the rules called dead", () => {
    let deadSeen = 0;
    fc.assert(
      fc.property(anySettings, anyImages, (settings, images) => {
        const { rules } = lifecyclePolicy(settings);
        const gone = expiredByModel(rules, images);
        for (const { id, tags } of images) {
          assert.ok(!(gone.has(id) && tags.some((tag) => settings.protect.some((p) => matchesGlob(p, tag)))));
        }
        const dead = deadRules(settings)
          .filter(({ key }) => key !== "others")
          .map(({ key }) => key);
        deadSeen += dead.length;
        const alive: LifecycleSettings = {
          ...settings,
          rules: settings.rules
            .map((rule, i) => ({
              ...rule,
              tags: rule.tags.filter((_, j) => !dead.includes(`rules[${i}].tags[${j}]`)),
            }))
            .filter(({ tags }) => tags.length > 0),
        };
        assert.deepEqual(expiredByModel(lifecyclePolicy(alive).rules, images), gone);
      }),
      { numRuns: 500 },
    );
    assert.ok(deadSeen > 100);
  });
});

describe("tag patterns, for any two", () => {
  it("cover one another exactly when no tag tells them apart", () => {
    const tags = ["", "a", "b"].flatMap((x) =>
      ["", "a", "b"].flatMap((y) =>
        ["", "a", "b", "ab"].flatMap((z) => ["", "a", "c"].map((w) => x + y + z + w)),
      ),
    );
    fc.assert(
      fc.property(pattern, pattern, (wide, narrow) => {
        if (coversGlob(wide, narrow)) {
          assert.ok(tags.every((tag) => !matchesGlob(narrow, tag) || matchesGlob(wide, tag)));
        } else {
          const witness = [...tags, narrow.replaceAll("*", "c")].find(
            (tag) => matchesGlob(narrow, tag) && !matchesGlob(wide, tag),
          );
          assert.notEqual(witness, undefined);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
