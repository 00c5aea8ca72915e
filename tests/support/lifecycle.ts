import type { LifecycleRule, LifecycleSettings } from "../../documents/lifecycle";

/** An image as the model of ECR sees it. */
export interface ModelImage {
  tags: string[];
  /** Days since the push. */
  age: number;
  id: number;
}

/**
 * An independent reading of ECR's evaluation rules: which images a policy expires. An image that matches a
 * rule's tags is out of reach for every rule after it.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules
 */
export function expiredByModel(rules: LifecycleRule[], images: ModelImage[]): Set<number> {
  const gone = new Set<number>();
  const claimed = new Set<number>();
  for (const { selection } of [...rules].sort((a, b) => a.rulePriority - b.rulePriority)) {
    const regexps = (selection.tagPatternList ?? []).map(
      (pattern) =>
        new RegExp(
          `^${pattern
            .split("*")
            .map((part) => part.replace(/[.-]/g, "\\$&"))
            .join(".*")}$`,
        ),
    );
    const matching = images.filter(({ tags }) =>
      selection.tagStatus === "any"
        ? true
        : selection.tagStatus === "untagged"
          ? tags.length === 0
          : regexps.every((regexp) => tags.some((tag) => regexp.test(tag))),
    );
    const youngestFirst = [...matching].sort((a, b) => a.age - b.age);
    const over =
      selection.countType === "imageCountMoreThan"
        ? youngestFirst.slice(selection.countNumber)
        : youngestFirst.filter(({ age }) => age > selection.countNumber);
    for (const image of over) {
      if (!claimed.has(image.id)) {
        gone.add(image.id);
      }
    }
    matching.forEach(({ id }) => claimed.add(id));
  }
  return gone;
}

/** Settings of a lifecycle policy, of which a test names only what it is about. */
export const lifecycleSettings = (overrides: Partial<LifecycleSettings>): LifecycleSettings => ({
  protect: [],
  rules: [],
  untaggedDays: 7,
  others: { days: 365 },
  ...overrides,
});
