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
  others: OtherImages;
}

/** Backstop for images that no other rule claims. Exactly one of the first four is set. */
export interface OtherImages {
  /** Expire them this number of days after the push. */
  days?: number;
  /** The number of newest ones to keep; the others expire. */
  keep?: number;
  /** Archive them this number of days after the push. */
  archiveDays?: number;
  /** Archive them this number of days after the last pull. */
  archiveUnpulledDays?: number;
  /** With either of the archive keys: expire archived images this number of days later. */
  deleteArchivedDays?: number;
}

/** A rule as ECR takes it. Unset keys are left out: ECR refuses `null`. */
export interface LifecycleRule {
  rulePriority: number;
  description: string;
  selection: {
    tagStatus: "tagged" | "untagged" | "any";
    tagPatternList?: string[];
    /** Default `standard`. */
    storageClass?: "archive";
    /**
     * `sinceImagePulled` goes with the action `transition` only, and `sinceImageTransitioned` with `expire` in the archive
     * class.
     */
    countType: "imageCountMoreThan" | "sinceImagePushed" | "sinceImagePulled" | "sinceImageTransitioned";
    countUnit?: "days";
    countNumber: number;
  };
  action: { type: "expire" } | { type: "transition"; targetStorageClass: "archive" };
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

/** Longest time that the config accepts, in days. */
const CENTURY = 36_500;

type UnnumberedRule = Omit<LifecycleRule, "rulePriority">;

/** A rule on archived images, which are selected by the time in the archive class only. */
function archivedRule(
  description: string,
  days: number,
  selection: Pick<LifecycleRule["selection"], "tagStatus" | "tagPatternList">,
): UnnumberedRule {
  return {
    description,
    selection: {
      ...selection,
      storageClass: "archive",
      countType: "sinceImageTransitioned",
      countUnit: "days",
      countNumber: days,
    },
    action: { type: "expire" },
  };
}

/**
 * The backstop: one `any` rule per storage class, as in AWS's examples. Protected patterns hold in the archive class, too.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_examples.html
 */
function backstop(others: OtherImages, kept: readonly string[]): UnnumberedRule[] {
  const { archiveDays, archiveUnpulledDays, deleteArchivedDays } = others;
  const archive = archiveDays ?? archiveUnpulledDays;
  if (archive === undefined) {
    return [
      {
        description: describe("all other images", others),
        selection: { tagStatus: "any", ...count(others) },
        action: { type: "expire" },
      },
    ];
  }
  const pulled = archiveDays === undefined;
  return [
    ...(deleteArchivedDays === undefined
      ? []
      : kept.map((pattern) =>
          archivedRule(`Never expire archived ${pattern}`, CENTURY, {
            tagStatus: "tagged",
            tagPatternList: [pattern],
          }),
        )),
    {
      description: `Archive all other images ${archive} days after the ${pulled ? "last pull" : "push"}`,
      selection: {
        tagStatus: "any",
        countType: pulled ? "sinceImagePulled" : "sinceImagePushed",
        countUnit: "days",
        countNumber: archive,
      },
      action: { type: "transition", targetStorageClass: "archive" },
    },
    ...(deleteArchivedDays === undefined
      ? []
      : [
          archivedRule(`Expire archived images after ${deleteArchivedDays} days`, deleteArchivedDays, {
            tagStatus: "any",
          }),
        ]),
  ];
}

/**
 * The lifecycle policy of a repository. Patterns that no rule expires come first, since an image that matches a
 * rule's tags cannot be expired by a rule of lower priority: signatures, which would otherwise expire before the
 * images that they belong to, and protected patterns. Then the tagged rules as written, one rule per
 * pattern because ECR ANDs the patterns of a list; then untagged images; last the `any` backstop, which
 * ECR requires at the highest number, and which may archive images instead. https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
 */
export function lifecyclePolicy(settings: LifecycleSettings): LifecyclePolicyDocument {
  const expire = { type: "expire" } as const;
  const kept = [...new Set([SIGNATURE_TAGS, ...settings.protect])];
  const rules: UnnumberedRule[] = [
    ...kept.map((pattern) => ({
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
    ...backstop(settings.others, kept),
  ];
  return { rules: rules.map((rule, i) => ({ rulePriority: i + 1, ...rule })) };
}

/**
 * The lifecycle policy of a repository that ECR creates for a pull through cache rule: without the rule for untagged
 * images. There, an untagged image may be in use: it was pulled by its digest, or the upstream has moved its tag since,
 * and the upstream may not have it any more. A backstop that archives expires images instead: an archived image could not
 * be pulled, and the next pull fetches an expired one again.
 */
export function cacheLifecyclePolicy(settings: LifecycleSettings): LifecyclePolicyDocument {
  const { days, keep, archiveDays, archiveUnpulledDays } = settings.others;
  const others = keep === undefined ? { days: days ?? archiveDays ?? archiveUnpulledDays } : { keep };
  return lifecyclePolicy({ ...settings, untaggedDays: undefined, others });
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
