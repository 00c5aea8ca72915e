import { coversGlob } from "./globs";

/** A rule on tagged images, in readable terms. Either `keep` or `days` is set. */
export interface TaggedRule {
  /** Tag patterns; each becomes a rule of its own. */
  tags: string[];
  /** Keep the newest so many images of each pattern. */
  keep?: number;
  /** Expire images so many days after `since`. */
  days?: number;
  since?: "pushed" | "pulled";
}

/** Which images of a repository expire, in readable terms. */
export interface LifecycleSettings {
  /** Tag patterns that no rule expires. */
  protect: string[];
  rules: TaggedRule[];
  /** Days after which images without a tag expire. */
  untaggedDays: number;
  /** Backstop for images that no other rule claims: `days` since the push, or `keep` the newest. */
  others: { days?: number; keep?: number };
}

/** A rule as ECR takes it. Unset keys are left out: ECR refuses `null`. */
export interface LifecycleRule {
  rulePriority: number;
  description: string;
  selection: {
    tagStatus: "tagged" | "untagged" | "any";
    tagPatternList?: string[];
    countType: "imageCountMoreThan" | "sinceImagePushed" | "sinceImagePulled";
    countUnit?: "days";
    countNumber: number;
  };
  action: { type: "expire" };
}

/** A lifecycle policy as ECR takes it. */
export interface LifecyclePolicyDocument {
  rules: LifecycleRule[];
}

/** ECR's quota of images in a repository: a count that a protected pattern cannot pass. */
const MORE_THAN_A_REPOSITORY_HOLDS = 100_000;

/** At most so many rules in a policy (Amazon ECR service quotas). */
export const MAX_RULES = 50;
/** At most so many characters in a policy (PutLifecyclePolicy, lifecyclePolicyText). */
export const MAX_CHARACTERS = 30_720;

type Count = Pick<LifecycleRule["selection"], "countType" | "countUnit" | "countNumber">;

function count(rule: { keep?: number; days?: number; since?: "pushed" | "pulled" }): Count {
  if (rule.keep !== undefined) {
    return { countType: "imageCountMoreThan", countNumber: rule.keep };
  }
  return {
    countType: rule.since === "pulled" ? "sinceImagePulled" : "sinceImagePushed",
    countUnit: "days",
    countNumber: rule.days ?? 0,
  };
}

function describe(
  subject: string,
  rule: { keep?: number; days?: number; since?: "pushed" | "pulled" },
): string {
  return rule.keep !== undefined
    ? `Keep the newest ${rule.keep} of ${subject}`
    : `Expire ${subject} ${rule.days} days after the ${rule.since === "pulled" ? "last pull" : "push"}`;
}

/** The patterns of a policy in the order in which ECR tries them, with where each was written. */
function claims(settings: LifecycleSettings): { pattern: string; key: string }[] {
  return [
    ...settings.protect.map((pattern, i) => ({ pattern, key: `protect[${i}]` })),
    ...settings.rules.flatMap((rule, i) =>
      rule.tags.map((pattern, j) => ({ pattern, key: `rules[${i}].tags[${j}]` })),
    ),
  ];
}

/**
 * The lifecycle policy that ECR is given. Protected patterns come first, since an image that matches a
 * rule's tags cannot be expired by a rule of lower priority; then the tagged rules as written, one a
 * pattern because ECR ANDs the patterns of a list; then untagged images; last the `any` backstop, which
 * ECR wants at the highest number. https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
 */
export function lifecyclePolicy(settings: LifecycleSettings): LifecyclePolicyDocument {
  const expire = { type: "expire" } as const;
  const rules: Omit<LifecycleRule, "rulePriority">[] = [
    ...settings.protect.map((pattern) => ({
      description: `Never expire ${pattern}`,
      selection: {
        tagStatus: "tagged" as const,
        tagPatternList: [pattern],
        ...count({ keep: MORE_THAN_A_REPOSITORY_HOLDS }),
      },
      action: expire,
    })),
    ...settings.rules.flatMap((rule) =>
      rule.tags.map((pattern) => ({
        description: describe(pattern, rule),
        selection: { tagStatus: "tagged" as const, tagPatternList: [pattern], ...count(rule) },
        action: expire,
      })),
    ),
    {
      description: describe("untagged images", { days: settings.untaggedDays }),
      selection: { tagStatus: "untagged", ...count({ days: settings.untaggedDays }) },
      action: expire,
    },
    {
      description: describe("all other images", settings.others),
      selection: { tagStatus: "any", ...count(settings.others) },
      action: expire,
    },
  ];
  return { rules: rules.map((rule, i) => ({ rulePriority: i + 1, ...rule })) };
}

/** Why a part of a lifecycle policy can never take effect. */
export interface DeadRule {
  /** Where it is written, below `lifecycle`: `rules[0].tags[1]`. */
  key: string;
  value: unknown;
  reason: string;
}

/**
 * Patterns whose images an earlier pattern claims, whole, and a backstop that nothing reaches. Such
 * parts are accepted by ECR and never do anything; a repeated pattern ECR refuses.
 */
export function deadRules(settings: LifecycleSettings): DeadRule[] {
  const tried = claims(settings);
  const dead: DeadRule[] = [];
  tried.forEach((claim, i) => {
    const earlier = tried.slice(0, i).find((other) => coversGlob(other.pattern, claim.pattern));
    if (earlier !== undefined) {
      dead.push({
        key: claim.key,
        value: claim.pattern,
        reason: `never fires: ${earlier.key} (${earlier.pattern}) comes first and claims the same images`,
      });
    }
  });
  const everything = tried.find((claim) => /^\*+$/.test(claim.pattern));
  if (everything !== undefined) {
    dead.push({
      key: "others",
      value: settings.others,
      reason: `never fires: ${everything.key} (${everything.pattern}) claims every tagged image, and untaggedDays the rest`,
    });
  }
  return dead;
}
