import { arnOf, iamArn, repositoryArn, type Place } from "../aws/arns";
import { policyOf, type PolicyDocument, type Statement } from "./iam";

/** What pulling takes. https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policy-examples.html */
export const PULL_ACTIONS = [
  "ecr:BatchCheckLayerAvailability",
  "ecr:BatchGetImage",
  "ecr:GetDownloadUrlForLayer",
];

/** What pushing takes beyond pulling. https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html */
export const PUSH_ACTIONS = [
  "ecr:CompleteLayerUpload",
  "ecr:InitiateLayerUpload",
  "ecr:PutImage",
  "ecr:UploadLayerPart",
];

/** Who besides this account's own principals may use a repository. */
export interface SharingSettings {
  accounts: string[];
  organization: boolean;
  organizationPaths: string[];
  principals: string[];
  lambda: boolean;
  pushPrincipals: string[];
  outsideOrganization: boolean;
}

/** Limits a grant to the organization, if there is one and `outsideOrganization` is not set. */
function inOrganization(
  organizationId: string | undefined,
  sharing: SharingSettings,
): Pick<Statement, "Condition"> {
  return organizationId !== undefined && !sharing.outsideOrganization
    ? { Condition: { StringEquals: { "aws:PrincipalOrgID": organizationId } } }
    : {};
}

/**
 * Statements that allow actions to everyone who may pull: accounts, principals, the organization and its units.
 * @param grant.sid first part of the statements' ids
 */
export function pullerStatements(
  place: Place,
  organizationId: string | undefined,
  sharing: SharingSettings,
  grant: { sid: string; actions: string[]; resources?: string[] },
): Statement[] {
  const { accounts, principals, organization, organizationPaths } = sharing;
  const condition = inOrganization(organizationId, sharing);
  const allow = (
    who: string,
    to: NonNullable<Statement["Principal"]>,
    only: Pick<Statement, "Condition">,
  ): Statement => ({
    Sid: `${grant.sid}For${who}`,
    Effect: "Allow",
    Principal: to,
    Action: grant.actions,
    ...(grant.resources === undefined ? {} : { Resource: grant.resources }),
    ...only,
  });
  const roots = accounts.map((accountId) => iamArn({ ...place, accountId }, "root"));
  return [
    ...(accounts.length > 0 ? [allow("Accounts", { AWS: roots }, condition)] : []),
    ...(principals.length > 0 ? [allow("Principals", { AWS: principals }, condition)] : []),
    ...(organization && organizationId !== undefined
      ? [
          allow("Organization", "*", {
            Condition: { StringEquals: { "aws:PrincipalOrgID": organizationId } },
          }),
        ]
      : []),
    ...(organizationPaths.length > 0
      ? [
          allow("OrganizationPaths", "*", {
            Condition: { "ForAnyValue:StringLike": { "aws:PrincipalOrgPaths": organizationPaths } },
          }),
        ]
      : []),
  ];
}

/**
 * Sharing of the repositories that ECR creates for pull through cache rules. Principals that may push to other
 * repositories can only pull there. Lambda cannot pull through a cache.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html
 */
export function cacheSharing(sharing: SharingSettings): SharingSettings {
  return {
    ...sharing,
    principals: [...new Set([...sharing.principals, ...sharing.pushPrincipals])],
    pushPrincipals: [],
    lambda: false,
  };
}

/**
 * The repository policy for the given sharing, or undefined where nothing is shared. Grants are pull-only except
 * for named push principals. The statement for Lambda has the id that Lambda itself would write, so that its first
 * use causes no drift.
 * https://docs.aws.amazon.com/lambda/latest/dg/images-create.html#configuration-images-permissions
 */
export function repositoryPolicy(
  place: Place,
  organizationId: string | undefined,
  sharing: SharingSettings,
): PolicyDocument | undefined {
  const policy = policyOf(
    ...pullerStatements(place, organizationId, sharing, { sid: "Pull", actions: PULL_ACTIONS }),
    sharing.pushPrincipals.length > 0
      ? {
          Sid: "PushForPrincipals",
          Effect: "Allow",
          Principal: { AWS: sharing.pushPrincipals },
          Action: [...PULL_ACTIONS, ...PUSH_ACTIONS],
          ...inOrganization(organizationId, sharing),
        }
      : undefined,
    sharing.lambda
      ? {
          Sid: "LambdaECRImageRetrievalPolicy",
          Effect: "Allow",
          Principal: { Service: "lambda.amazonaws.com" },
          Action: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
          Condition: {
            StringLike: {
              "aws:SourceArn": [place.accountId, ...sharing.accounts].map((accountId) =>
                arnOf({ ...place, accountId }, "lambda", "function:*"),
              ),
            },
          },
        }
      : undefined,
  );
  return policy.Statement.length === 0 ? undefined : policy;
}

/**
 * The policy of a role that uses the named repositories. A registry token has no resource to be narrowed to.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/security_iam_id-based-policy-examples.html
 */
export function callerPolicy(
  place: Place,
  repositoryNames: string[],
  { Sid, Action }: Pick<Statement, "Sid" | "Action">,
): PolicyDocument {
  return policyOf(
    { Sid: "LogIn", Effect: "Allow", Action: "ecr:GetAuthorizationToken", Resource: "*" },
    {
      Sid,
      Effect: "Allow",
      Action,
      Resource: repositoryNames.map((name) => repositoryArn(place, name)),
    },
  );
}
