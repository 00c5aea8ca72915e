import { coversGlob } from "../aws/globs";
import { LIMITS } from "../aws/limits";

/** A rule on tagged images, in readable terms. Either `keep` or `days` is set. */
export interface TaggedRule {
  /** Tag patterns; each becomes a rule of its own. */
  tags: string[];
  /** The number of newest images of each pattern to keep. */
  keep?: number;
  /** Expire images this number of days after the push. */
  days?: number;
}

/** Which images of a repository expire, in readable terms. */
export interface LifecycleSettings {
  /** Tag patterns that no rule expires. */
  protect: string[];
  rules: TaggedRule[];
  /** Days after which images without a tag expire. Default: when the backstop reaches them. */
  untaggedDays?: number;
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
    /** Not `sinceImagePulled`: ECR takes it with the action `transition` only. */
    countType: "imageCountMoreThan" | "sinceImagePushed";
    countUnit?: "days";
    countNumber: number;
  };
  action: { type: "expire" };
}

/** A lifecycle policy as ECR takes it. */
export interface LifecyclePolicyDocument {
  rules: LifecycleRule[];
}

/**
 * Tags of signatures, SBOMs and attestations: cosign's (`sha256-<digest>.sig`) and those of OCI's referrers tag
 * schema (`sha256-<digest>`). To a lifecycle policy they are ordinary tagged images.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#referrers-tag-schema
 */
export const SIGNATURE_TAGS = "sha256-*";

type Count = Pick<LifecycleRule["selection"], "countType" | "countUnit" | "countNumber">;

function count(rule: { keep?: number; days?: number }): Count {
  return rule.keep !== undefined
    ? { countType: "imageCountMoreThan", countNumber: rule.keep }
    : { countType: "sinceImagePushed", countUnit: "days", countNumber: rule.days ?? 0 };
}

function describe(subject: string, rule: { keep?: number; days?: number }): string {
  return rule.keep !== undefined
    ? `Keep the newest ${rule.keep} of ${subject}`
    : `Expire ${subject} ${rule.days} days after the push`;
}

/** A tag pattern of a policy, and the key where it is written; undefined for the platform's own rule. */
interface Claim {
  pattern: string;
  key?: string;
}

/** The patterns of a policy in the order in which ECR tries them. */
function claims(settings: LifecycleSettings): Claim[] {
  return [
    { pattern: SIGNATURE_TAGS },
    ...settings.protect.flatMap((pattern, i) =>
      pattern === SIGNATURE_TAGS ? [] : [{ pattern, key: `protect[${i}]` }],
    ),
    ...settings.rules.flatMap((rule, i) =>
      rule.tags.map((pattern, j) => ({ pattern, key: `rules[${i}].tags[${j}]` })),
    ),
  ];
}

/**
 * The lifecycle policy of a repository. Patterns that no rule expires come first, since an image that matches a
 * rule's tags cannot be expired by a rule of lower priority: signatures, which would otherwise expire before the
 * images that they belong to, and protected patterns. Then the tagged rules as written, one rule per
 * pattern because ECR ANDs the patterns of a list; then untagged images; last the `any` backstop, which
 * ECR requires at the highest number. https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
 */
export function lifecyclePolicy(settings: LifecycleSettings): LifecyclePolicyDocument {
  const expire = { type: "expire" } as const;
  const rules: Omit<LifecycleRule, "rulePriority">[] = [
    ...[...new Set([SIGNATURE_TAGS, ...settings.protect])].map((pattern) => ({
      description: `Never expire ${pattern}`,
      selection: {
        tagStatus: "tagged" as const,
        tagPatternList: [pattern],
        // More images than a repository holds by default.
        ...count({ keep: LIMITS.imagesPerRepository.max }),
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
    ...(settings.untaggedDays === undefined
      ? []
      : [
          {
            description: describe("untagged images", { days: settings.untaggedDays }),
            selection: { tagStatus: "untagged" as const, ...count({ days: settings.untaggedDays }) },
            action: expire,
          },
        ]),
    {
      description: describe("all other images", settings.others),
      selection: { tagStatus: "any", ...count(settings.others) },
      action: expire,
    },
  ];
  return { rules: rules.map((rule, i) => ({ rulePriority: i + 1, ...rule })) };
}

/**
 * The lifecycle policy of a repository that ECR creates for a pull through cache rule: without the rule for untagged
 * images. There, an untagged image may be in use: it was pulled by its digest, or the upstream has moved its tag since,
 * and the upstream may not have it any more.
 */
export function cacheLifecyclePolicy(settings: LifecycleSettings): LifecyclePolicyDocument {
  return lifecyclePolicy({ ...settings, untaggedDays: undefined });
}

/** A part of a lifecycle policy that can never take effect. */
export interface DeadRule {
  /** Where it is written, below `lifecycle`: `rules[0].tags[1]`. */
  key: string;
  /** Whether ECR refuses the policy because of it; otherwise it is accepted and does nothing. */
  refused: boolean;
  rule: string;
  fix: string;
}

/**
 * Patterns whose images all match an earlier pattern, and a backstop that no image reaches. ECR accepts them,
 * except for a pattern in two rules.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules
 */
export function deadRules(settings: LifecycleSettings): DeadRule[] {
  const tried = claims(settings);
  const dead = tried.flatMap(({ pattern, key }, i): DeadRule[] => {
    const before = tried.slice(0, i);
    const same = before.find((other) => other.pattern === pattern);
    const earlier = same ?? before.find((other) => coversGlob(other.pattern, pattern));
    if (key === undefined || earlier === undefined) {
      return [];
    }
    const reported = { key, refused: same !== undefined };
    if (earlier.key === undefined) {
      return [
        {
          ...reported,
          rule: `the platform's lifecycle policies never expire signatures (${SIGNATURE_TAGS})`,
          fix: "remove it; clean-up deletes signatures together with their images",
        },
      ];
    }
    return same !== undefined
      ? [
          {
            ...reported,
            rule: `ECR takes each tag pattern in one rule only, and ${earlier.key} is the same`,
            fix: "remove one of them",
          },
        ]
      : [
          {
            ...reported,
            rule: `has no effect: ${earlier.key} (${earlier.pattern}) comes first and matches the same images`,
            fix: "put the narrower pattern first, or remove this one",
          },
        ];
  });
  const everything = tried.find((claim) => /^\*+$/.test(claim.pattern));
  if (everything !== undefined) {
    dead.push({
      key: "others",
      refused: false,
      rule: `has no effect: ${everything.key} (${everything.pattern}) matches every tagged image, and untaggedDays the others`,
      fix: "narrow the pattern, or remove others",
    });
  }
  return dead;
}
