import { iamArn, type Place, arnOf } from "./arns";
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

/**
 * The repository policy for the given sharing, or undefined where nothing is shared. Grants are pull-only
 * but for named push principals; with an organization id every grant to an account or principal also
 * requires the organization, unless `outsideOrganization` says otherwise. The statement for Lambda bears
 * the id that Lambda itself would write, so that its first use causes no drift.
 * https://docs.aws.amazon.com/lambda/latest/dg/images-create.html#configuration-images-permissions
 */
export function repositoryPolicy(
  place: Place,
  organizationId: string | undefined,
  sharing: SharingSettings,
): PolicyDocument | undefined {
  const inOrganization =
    organizationId !== undefined && !sharing.outsideOrganization
      ? { Condition: { StringEquals: { "aws:PrincipalOrgID": organizationId } } }
      : {};
  const grant = (sid: string, principals: string[], actions: string[]): Statement | undefined =>
    principals.length === 0
      ? undefined
      : { Sid: sid, Effect: "Allow", Principal: { AWS: principals }, Action: actions, ...inOrganization };
  const policy = policyOf(
    grant(
      "PullForAccounts",
      sharing.accounts.map((accountId) => iamArn({ ...place, accountId }, "root")),
      PULL_ACTIONS,
    ),
    grant("PullForPrincipals", sharing.principals, PULL_ACTIONS),
    sharing.organization && organizationId !== undefined
      ? {
          Sid: "PullForOrganization",
          Effect: "Allow",
          Principal: "*",
          Action: PULL_ACTIONS,
          Condition: { StringEquals: { "aws:PrincipalOrgID": organizationId } },
        }
      : undefined,
    sharing.organizationPaths.length > 0
      ? {
          Sid: "PullForOrganizationPaths",
          Effect: "Allow",
          Principal: "*",
          Action: PULL_ACTIONS,
          Condition: { "ForAnyValue:StringLike": { "aws:PrincipalOrgPaths": sharing.organizationPaths } },
        }
      : undefined,
    grant("PushForPrincipals", sharing.pushPrincipals, [...PULL_ACTIONS, ...PUSH_ACTIONS]),
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
