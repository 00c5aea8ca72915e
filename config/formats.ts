import { Region } from "@pulumi/aws/types/enums";
import * as cron from "aws-cron-parser";
import * as ipaddr from "ipaddr.js";
import { z } from "zod";
import { exceeded, LIMITS, type Limit } from "../aws/limits";
import { explain, matching, text, unquoted } from "../documents/values";
import { nearest } from "./suggest";

/** A limit on the length of a text or list, as zod's `max` takes it. The limit is the same in every region. */
export function atMost(limit: Limit, fix: string) {
  const error = ({ input }: { input?: unknown }) =>
    explain(exceeded(limit, "", (input as string | unknown[]).length), fix);
  return [limit.max, { error }] as const;
}

/** A name part of the house convention: lowercase letters and digits in groups joined by single hyphens. */
export const SLUG = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/**
 * A GitHub repository without wildcards: `owner/name`, or `owner@id/name@id` with GitHub's ids, which stay the
 * same when it is renamed. No name ends in `.git`. https://docs.github.com/actions/reference/security/oidc
 */
export const GITHUB_REPOSITORY =
  /^(?!.*\.git(@|$))[A-Za-z0-9][A-Za-z0-9_-]*(\/[A-Za-z0-9._-]+|@\d+\/[A-Za-z0-9._-]+@\d+)$/;

/** Regular expression of an IAM principal's ARN (role or user) in any partition. */
const PRINCIPAL_ARN = /^arn:aws(-cn|-us-gov)?:iam::\d{12}:(role|user)\/[\w+=,.@/-]+$/;

/** What is wrong with the name of a GitHub repository. */
export function githubRepositoryProblem(input?: unknown): string {
  const name =
    typeof input === "string"
      ? input.replace(/^(https:\/\/github\.com\/|git@github\.com:)/, "").replace(/\.git(?=@|$)/, "")
      : "";
  return explain(
    "a GitHub repository is owner/name, or owner@id/name@id with both ids; without a URL, .git or wildcards",
    GITHUB_REPOSITORY.test(name)
      ? `write repository: ${name}`
      : "write it like repository: acme/payments, or repository: acme@123/payments@456",
  );
}

/** A team, service or environment: one part of a repository's name. */
export const slug = matching(
  SLUG,
  "lowercase letters and digits, in groups joined by single hyphens",
  'write it like "payments" or "card-vault"',
);

function accountIdProblem(input: unknown): string {
  const advice = unquoted(input);
  const digits = /^\d+$/.exec(String(input))?.[0];
  if (advice !== undefined && digits?.length === 12) {
    return explain(advice.rule, advice.fix);
  }
  return digits === undefined
    ? explain("an AWS account id is exactly twelve digits", 'write it in quotes, such as "111122223333"')
    : explain(
        `an AWS account id is exactly twelve digits, and this has ${digits.length}`,
        "write all twelve in quotes: without quotes, YAML does not keep a zero in front",
      );
}

/** An AWS account id, kept as text. */
export const accountId = z
  .string({ error: (issue) => accountIdProblem(issue.input) })
  .regex(/^\d{12}$/, { error: (issue) => accountIdProblem(issue.input) });

/** An AWS organization's id. https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html */
export const organizationId = matching(
  /^o-[a-z0-9]{10,32}$/,
  "an AWS organization id is o- and 10 to 32 lowercase letters or digits",
  "copy it from `aws organizations describe-organization`",
);

/** A path in an organization, the form of `aws:PrincipalOrgPaths`. */
export const organizationPath = matching(
  /^o-[a-z0-9]{10,32}\/r-[a-z0-9]{4,32}(\/ou-[a-z0-9]{4,32}-[a-z0-9]{8,32})*\/\*?$/,
  "an organization path is organization/root/unit…, such as o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*, and ends with / or /*: no account matches any other",
  "build it from the ids that `aws organizations list-parents` prints; end it with /* to include what lies below, or with / for the accounts of that unit only",
);

/** Regular expression of one plain mail address, at most 254 characters long (RFC 5321, errata 1690). */
export const EMAIL = /^(?=.{3,254}$)[^\s@"'<>]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/;

/** One plain mail address. */
export const email = matching(
  EMAIL,
  "a mail address, name@domain, of at most 254 characters",
  "write one plain address, without a display name",
);

/** The characters of a resource tag, in its key and its value. */
const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

const contactRule = explain(
  "a mail address, name@domain, of at most 254 characters that a tag takes (letters, digits and _ . : / = + - @): it is the Contact tag",
  "write one plain address, such as that of a mailing list",
);

/** A mail address that is also a tag's value: it is the Contact tag of resources. */
export const contact = text(contactRule)
  .regex(EMAIL, { error: contactRule })
  .regex(TAG_TEXT, { error: contactRule });

/** The ARN of an IAM role or user. */
export const principalArn = matching(
  PRINCIPAL_ARN,
  "the ARN of an IAM role or user, without wildcards",
  "write it like arn:aws:iam::111122223333:role/deploy",
);

/**
 * The id of a Microsoft Teams channel, URL-encoded as in the channel's link.
 * https://docs.aws.amazon.com/chatbot/latest/APIReference/API_CreateMicrosoftTeamsChannelConfiguration.html
 */
export const TEAMS_CHANNEL = /^[\w=+/.,-]*%3[aA][\w=+/.,-]*%40[\w=+/.,-]*$/;

/** What is wrong with the id of a Microsoft Teams channel. */
export function teamsChannelProblem(input?: unknown): string {
  const encoded = typeof input === "string" ? encodeURIComponent(input) : "";
  return explain(
    "a Teams channel id is URL-encoded, as in the channel's link, and has at most 255 characters",
    TEAMS_CHANNEL.test(encoded)
      ? `write channelId: ${encoded}`
      : "copy it from the channel's link, such as 19%3Aabc%40thread.tacv2",
  );
}

/** Ids of EC2: 8 hexadecimal digits in old accounts, 17 otherwise. */
export const vpcId = matching(
  /^vpc-([0-9a-f]{8}|[0-9a-f]{17})$/,
  "a VPC id is vpc- and 8 or 17 hexadecimal digits",
  "copy it from `aws ec2 describe-vpcs`",
);
export const subnetId = matching(
  /^subnet-([0-9a-f]{8}|[0-9a-f]{17})$/,
  "a subnet id is subnet- and 8 or 17 hexadecimal digits",
  "copy it from `aws ec2 describe-subnets`",
);
export const routeTableId = matching(
  /^rtb-([0-9a-f]{8}|[0-9a-f]{17})$/,
  "a route table id is rtb- and 8 or 17 hexadecimal digits",
  "copy it from `aws ec2 describe-route-tables`",
);
export const securityGroupId = matching(
  /^sg-([0-9a-f]{8}|[0-9a-f]{17})$/,
  "a security group id is sg- and 8 or 17 hexadecimal digits",
  "copy it from `aws ec2 describe-security-groups`",
);
export const prefixListId = matching(
  /^pl-([0-9a-f]{8}|[0-9a-f]{17})$/,
  "a prefix list id is pl- and 8 or 17 hexadecimal digits",
  "copy it from `aws ec2 describe-managed-prefix-lists`",
);
export const vpcEndpointId = matching(
  /^vpce-([0-9a-f]{8}|[0-9a-f]{17})$/,
  "a VPC endpoint id is vpce- and 8 or 17 hexadecimal digits",
  "copy it from `aws ec2 describe-vpc-endpoints`",
);

/** The network address of a CIDR, or undefined where the text is not a CIDR. */
export function networkOf(cidr: string): { network: string; bits: number; version: 4 | 6 } | undefined {
  if (!ipaddr.isValidCIDR(cidr)) {
    return undefined;
  }
  const [address, bits] = ipaddr.parseCIDR(cidr);
  const version = address.kind() === "ipv4" ? 4 : 6;
  const network =
    version === 4
      ? ipaddr.IPv4.networkAddressFromCIDR(cidr).toString()
      : ipaddr.IPv6.networkAddressFromCIDR(cidr).toString();
  return { network: `${network}/${bits}`, bits, version };
}

/** An IPv4 or IPv6 block, written with the first address of its network, not the whole internet. */
export const cidr = text(explain("a CIDR block", "write it like 10.20.0.0/16")).superRefine(
  (block, context) => {
    const parsed = networkOf(block);
    const problem =
      parsed === undefined
        ? explain("not a CIDR block (address/bits)", "write it like 10.20.0.0/16")
        : parsed.network !== block
          ? explain("a CIDR block's address is the first of its network", `write ${parsed.network}`)
          : parsed.bits === 0
            ? explain("the whole internet is not a source of private traffic", "list the networks that pull")
            : undefined;
    if (problem !== undefined) {
      context.addIssue({ code: "custom", message: problem, input: block });
    }
  },
);

/** ECR's filters for tags that stay mutable: `*` is the wildcard, at most two a filter. */
export const mutableTagFilter = matching(
  /^(?!(?:[^*]*\*){3})[0-9a-zA-Z._*-]{1,128}$/,
  "an exclusion filter is 1 to 128 letters, digits, . _ - and at most two * (ECR: ImageTagMutabilityExclusionFilter)",
  'write it like "latest*"',
);

/** ECR's filters on repository names in the registry scanning configuration. */
export const scanningFilter = matching(
  /^(?=.{1,256}$)[a-z0-9*]+(?:[._\-/][a-z0-9*]+)*$/,
  "a scanning filter is a repository name in which * stands for any text (ECR: ScanningRepositoryFilter)",
  'write it like "*" or "payments-*"',
);

/** A prefix of repositories that ECR creates. */
export const repositoryPrefix = matching(
  /^(?=.{2,30}$)[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/,
  "2 to 30 characters: lowercase letters and digits joined by . _ - or / (ECR: CreatePullThroughCacheRule)",
  'write it like "docker-hub"',
);

/**
 * A prefix of the repositories that a replication rule copies. It may end in a separator.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_RepositoryFilter.html
 */
export const replicationPrefix = matching(
  /^(?=.{2,256}$)(?:[a-z0-9][a-z0-9._-]*(?:\/|$))*(?:[._-][a-z0-9._-]*)?$/,
  "the beginning of repository names: 2 to 256 lowercase letters, digits and . _ - / without wildcards (ECR: RepositoryFilter)",
  'write it like "payments-"; leave prefixes out to replicate every repository',
);

/** The name of an S3 bucket. */
export const bucketName = matching(
  /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
  "a bucket name",
  "write the bare name, without s3:// or an ARN",
);

/** The value of a resource tag. https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html */
export const tagValue = text(explain("a tag's value is text", "add it"))
  .max(...atMost(LIMITS.tagValue, "shorten it"))
  .regex(TAG_TEXT, {
    error: explain(
      "a tag's value is letters, digits, spaces and _ . : / = + - @",
      "leave other characters out",
    ),
  });

/** The key of a resource tag. */
export const tagKey = z
  .string()
  .min(1, { error: explain("a tag's key has at least one character", "name it, or remove it") })
  .max(...atMost(LIMITS.tagKey, "shorten it"))
  .regex(TAG_TEXT, {
    error: explain(
      "a tag's key is letters, digits, spaces and _ . : / = + - @",
      "leave other characters out",
    ),
  })
  .regex(/^(?!aws:)/i, {
    error: explain("tag keys that begin with aws: are AWS's own", "choose another prefix"),
  })
  // The first one stops Pulumi's SDK, and the second one marks its secrets and assets:
  // https://github.com/pulumi/pulumi/blob/master/sdk/nodejs/runtime/rpc.ts
  .regex(/^(?!(toString|4dabf18193072939515e22adb298388d)$)/, {
    error: explain("Pulumi has a use of its own for this key", "choose another one"),
  });

/** An amount of money in USD. */
export function usd(): z.ZodNumber {
  const told = explain(
    "an amount in USD, more than 0 and at most 10,000,000",
    "write a plain number without quotes, such as 250",
  );
  return z.number({ error: told }).positive({ error: told }).max(10_000_000, { error: told });
}

/** True or false. */
export function flag(): z.ZodBoolean {
  return z.boolean({ error: explain("true or false", "write true or false, without quotes") });
}

/** An amount of storage in GiB. */
export function gib(): z.ZodNumber {
  const told = explain("a number of GiB, more than 0", "write a plain number without quotes, such as 250");
  return z.number({ error: told }).positive({ error: told }).max(1_000_000_000, { error: told });
}

/** Regions of the partitions that this platform knows. */
const REGIONS: readonly string[] = Object.values(Region).filter((region) =>
  /^(?!.*iso)(?!eusc)/.test(region),
);

/** What is wrong with a region's name, if anything. */
export function regionProblem(region: string): { rule: string; fix: string } | undefined {
  if (REGIONS.includes(region)) {
    return undefined;
  }
  const near = nearest(region, REGIONS);
  return {
    rule: "a region of the partitions aws, aws-cn or aws-us-gov",
    fix: near === undefined ? "write it like eu-west-1" : `did you mean ${near}?`,
  };
}

/** The name of a region. */
export const regionName = z.string().superRefine((region, context) => {
  const problem = regionProblem(region);
  if (problem !== undefined) {
    context.addIssue({ code: "custom", message: explain(problem.rule, problem.fix), input: region });
  }
});

/** The fields of a cron expression. */
const CRON_FIELDS: { name: string; values: string; words?: RegExp }[] = [
  { name: "minutes", values: "0 to 59" },
  { name: "hours", values: "0 to 23" },
  { name: "day of month", values: "1 to 31, L or W", words: /^(L|W|LW)$/ },
  {
    name: "month",
    values: "1 to 12 or JAN to DEC",
    words: /^(JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)$/,
  },
  { name: "day of week", values: "1 to 7, SUN to SAT or L", words: /^(SUN|MON|TUE|WED|THU|FRI|SAT|L)$/ },
  { name: "year", values: "1970 to 2199" },
];

/** Whether a field has a value of its own kind. The parser takes any word. */
function isCronField(field: string, index: number): boolean {
  const others = ["0", "0", index === 4 ? "?" : "*", "*", index === 4 ? "*" : "?", "*"];
  const words = field.match(/[a-z]+/gi) ?? [];
  try {
    cron.parse(others.with(index, field).join(" "));
    return words.every((word) => CRON_FIELDS[index]?.words?.test(word.toUpperCase()) === true);
  } catch {
    return field === "?" && CRON_FIELDS[index]?.name.startsWith("day") === true;
  }
}

function cronProblem(expression: string): string | undefined {
  const fields = expression.trim().split(/\s+/);
  if (fields.length !== CRON_FIELDS.length) {
    return `cron takes six fields, ${CRON_FIELDS.map(({ name }) => name).join(", ")}, and this has ${fields.length}`;
  }
  const wrong = CRON_FIELDS.flatMap(({ name, values }, i) =>
    isCronField(fields[i] ?? "", i) ? [] : [`${name}: ${values}, not ${fields[i]}`],
  );
  // The parser takes * in both day fields, which EventBridge refuses.
  return wrong.length > 0
    ? `cron: ${wrong.join("; ")}`
    : (fields[2] === "?") === (fields[4] === "?")
      ? "one of its two day fields, and only one, is ?"
      : undefined;
}

/**
 * A schedule as EventBridge Scheduler takes it, `rate(…)` or `cron(…)`.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
export const scheduleExpression = text(explain("a schedule, rate(…) or cron(…)", 'write "rate(6 hours)"'))
  .max(...atMost(LIMITS.scheduleExpression, "use ranges and steps, such as 0/15, instead of long lists"))
  .superRefine((schedule, context) => {
    const rate = /^rate\(([1-9]\d*) (minute|hour|day)s?\)$/.exec(schedule);
    const inCron = /^cron\((.*)\)$/.exec(schedule)?.[1];
    const problem =
      rate !== null
        ? undefined
        : inCron === undefined
          ? "a schedule is rate(value unit), the unit minutes, hours or days, or cron(six fields)"
          : cronProblem(inCron);
    if (problem !== undefined) {
      context.addIssue({
        code: "custom",
        message: explain(problem, 'write it like "rate(6 hours)" or "cron(0 3 ? * SUN *)"'),
        input: schedule,
      });
    }
  });
