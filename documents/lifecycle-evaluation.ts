import { matchesGlob } from "../aws/globs";
import type { LifecyclePolicyDocument, LifecycleRule } from "./lifecycle";

/** What a lifecycle policy knows of an image. */
export interface EvaluatedImage {
  tags: readonly string[];
  pushedAt: Date;
  /** Last pull; undefined for an image that was never pulled. */
  pulledAt?: Date;
  /** When it was moved to the archive class; undefined for an image of the standard class. */
  archivedAt?: Date;
}

/** What a lifecycle policy does to an image. */
export interface Outcome<I extends EvaluatedImage> {
  image: I;
  /** The only rule that can act on the image; undefined if no rule selects it. */
  rule?: LifecycleRule;
  /** Whether the rule acts on it now. ECR does so within 24 hours. */
  acts: boolean;
  /** With a rule that counts days: when it acts. */
  due?: Date;
  /** With a rule that counts images: the image's place among those that the rule selects; 1 is the newest. */
  place?: number;
}

const DAY_MS = 86_400_000;

/** Whether a rule selects images of these tags. Entries of a list of patterns are combined with AND. */
export function selectsTags({ selection }: LifecycleRule, tags: readonly string[]): boolean {
  switch (selection.tagStatus) {
    case "any":
      return true;
    case "untagged":
      return tags.length === 0;
    case "tagged":
      return (selection.tagPatternList ?? []).every((pattern) =>
        tags.some((tag) => matchesGlob(pattern, tag)),
      );
  }
}

/**
 * The rule of a policy that decides about an image: the first, by priority, that selects its tags in its storage class.
 */
export function rulingRule(
  policy: LifecyclePolicyDocument,
  image: { tags: readonly string[]; archivedAt?: Date },
): LifecycleRule | undefined {
  return [...policy.rules]
    .sort((a, b) => a.rulePriority - b.rulePriority)
    .find((rule) => selects(rule, image));
}

function selects(rule: LifecycleRule, { tags, archivedAt }: { tags: readonly string[]; archivedAt?: Date }) {
  const archived = rule.selection.storageClass === "archive";
  return archived === (archivedAt !== undefined) && selectsTags(rule, tags);
}

/** When the days of a rule start for an image. */
function start({ selection }: LifecycleRule, { pushedAt, pulledAt, archivedAt }: EvaluatedImage): Date {
  switch (selection.countType) {
    case "sinceImagePulled":
      return pulledAt ?? pushedAt;
    case "sinceImageTransitioned":
      return archivedAt ?? pushedAt;
    default:
      return pushedAt;
  }
}

/**
 * What a lifecycle policy does to the images of a repository. An image that the tags of a rule match is out of reach for
 * every rule after it, but counts there as if it were kept. For rules that count from the last pull, an image that was
 * never pulled counts from its push.
 *
 * Not considered: that ECR keeps an image while a manifest list refers to it, and deletes referrers after their subject.
 *
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules
 * @returns the outcome of each image, in the order of `images`
 */
export function evaluateLifecycle<I extends EvaluatedImage>(
  policy: LifecyclePolicyDocument,
  images: readonly I[],
  now: Date,
): Outcome<I>[] {
  const places = new Map<LifecycleRule, Map<I, number>>();
  const placeOf = (rule: LifecycleRule, image: I): number => {
    let ofRule = places.get(rule);
    if (ofRule === undefined) {
      const selected = images.filter((one) => selects(rule, one));
      selected.sort((a, b) => b.pushedAt.getTime() - a.pushedAt.getTime());
      ofRule = new Map(selected.map((one, i) => [one, i + 1]));
      places.set(rule, ofRule);
    }
    return ofRule.get(image) ?? NaN;
  };
  return images.map((image) => {
    const rule = rulingRule(policy, image);
    if (rule === undefined) {
      return { image, acts: false };
    }
    const { countType, countNumber } = rule.selection;
    if (countType === "imageCountMoreThan") {
      const place = placeOf(rule, image);
      return { image, rule, place, acts: place > countNumber };
    }
    const due = new Date(start(rule, image).getTime() + countNumber * DAY_MS);
    return { image, rule, due, acts: due < now };
  });
}
