import assert from "node:assert/strict";
import {
  cacheLifecyclePolicy,
  lifecyclePolicy,
  type LifecycleRule,
  type LifecycleSettings,
  type OtherImages,
} from "../../documents/lifecycle";

/** An image, by days since its push, its last pull and, in the archive class, its transition. */
interface Image {
  tags: string[];
  pushed: number;
  pulled: number;
  archived?: number;
}

/**
 * An independent reading of what ECR does to an image: the first rule of its storage class whose tags it matches decides.
 * The emulator refuses transitions, so this holds the policies to AWS's documentation.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
 */
function fateOf(rules: LifecycleRule[], image: Image): "kept" | "archived" | "expired" {
  const rule = rules.find(
    ({ selection: { storageClass, tagStatus, tagPatternList = [] } }) =>
      (storageClass === "archive") === (image.archived !== undefined) &&
      (tagStatus === "any" ||
        (tagStatus === "untagged"
          ? image.tags.length === 0
          : tagPatternList.every((pattern) =>
              image.tags.some((tag) => tag.startsWith(pattern.replace("*", ""))),
            ))),
  );
  const days = {
    imageCountMoreThan: -1,
    sinceImagePushed: image.pushed,
    sinceImagePulled: image.pulled,
    sinceImageTransitioned: image.archived ?? -1,
  };
  return rule === undefined || days[rule.selection.countType] <= rule.selection.countNumber
    ? "kept"
    : rule.action.type === "expire"
      ? "expired"
      : "archived";
}

const settings = (others: OtherImages): LifecycleSettings => ({
  protect: ["deployed-*"],
  rules: [{ tags: ["rc-*"], days: 30 }],
  untaggedDays: 7,
  others,
});

const OLD: Image = { tags: ["v1"], pushed: 900, pulled: 50 };

describe("a lifecycle policy that archives", () => {
  const fate = (others: OtherImages, image: Partial<Image>) =>
    fateOf(lifecyclePolicy(settings(others)).rules, { ...OLD, ...image });

  it("archives the images that no other rule claims, by the push or by the last pull", () => {
    assert.equal(fate({ archiveDays: 180 }, {}), "archived");
    assert.equal(fate({ archiveDays: 180 }, { pushed: 180 }), "kept");
    assert.equal(fate({ archiveUnpulledDays: 180 }, {}), "kept");
    assert.equal(fate({ archiveUnpulledDays: 180 }, { pulled: 181 }), "archived");
    assert.equal(fate({ archiveDays: 180 }, { tags: ["rc-1"] }), "expired");
    assert.equal(fate({ archiveDays: 180 }, { tags: [] }), "expired");
  });

  it("expires archived images only where it says so", () => {
    assert.equal(fate({ archiveDays: 180 }, { archived: 9999 }), "kept");
    assert.equal(fate({ archiveDays: 180, deleteArchivedDays: 90 }, { archived: 90 }), "kept");
    assert.equal(fate({ archiveDays: 180, deleteArchivedDays: 90 }, { archived: 91 }), "expired");
  });

  it("never archives protected images and signatures, nor expires those that somebody archived", () => {
    for (const tags of [["deployed-1"], ["v1", "deployed-1"], ["sha256-1.sig"]]) {
      const others = { archiveUnpulledDays: 30, deleteArchivedDays: 90 };
      assert.equal(fate(others, { tags, pulled: 900 }), "kept", tags.join());
      assert.equal(fate(others, { tags, archived: 900 }), "kept", tags.join());
    }
  });

  it("has one rule on any image per storage class, last, with the keys that ECR asks for", () => {
    const { rules } = lifecyclePolicy(settings({ archiveUnpulledDays: 180, deleteArchivedDays: 365 }));
    assert.deepEqual(rules.slice(-2), [
      {
        rulePriority: 7,
        description: "Archive all other images 180 days after the last pull",
        selection: { tagStatus: "any", countType: "sinceImagePulled", countUnit: "days", countNumber: 180 },
        action: { type: "transition", targetStorageClass: "archive" },
      },
      {
        rulePriority: 8,
        description: "Expire archived images after 365 days",
        selection: {
          tagStatus: "any",
          storageClass: "archive",
          countType: "sinceImageTransitioned",
          countUnit: "days",
          countNumber: 365,
        },
        action: { type: "expire" },
      },
    ]);
    assert.equal(rules.filter(({ selection }) => selection.tagStatus === "any").length, 2);
  });

  it("expires images of a cache instead: an archived one could not be pulled", () => {
    for (const others of [{ archiveDays: 180, deleteArchivedDays: 90 }, { archiveUnpulledDays: 180 }]) {
      const { rules } = cacheLifecyclePolicy(settings(others));
      assert.equal(fateOf(rules, { ...OLD, pushed: 181 }), "expired");
      assert.ok(rules.every(({ action }) => action.type === "expire"));
    }
  });
});
