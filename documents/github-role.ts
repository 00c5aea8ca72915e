import { iamArn, repositoryArn, type Place } from "./arns";
import { policyOf, type PolicyDocument } from "./iam";
import { PULL_ACTIONS, PUSH_ACTIONS } from "./repository-policy";

/** Host of GitHub's OIDC issuer. https://docs.github.com/actions/concepts/security/openid-connect */
export const GITHUB_ISSUER = "token.actions.githubusercontent.com";

/** Which workflows of a GitHub repository may assume a role. Each list may hold `*` wildcards. */
export interface GithubSubjects {
  /** owner/name */
  repository: string;
  branches: string[];
  tags: string[];
  environments: string[];
}

/** ARN of GitHub's OIDC provider in an account; an account has one a URL. */
export function githubProviderArn(place: Place): string {
  return iamArn(place, `oidc-provider/${GITHUB_ISSUER}`);
}

/**
 * Lets the named branches, tags and environments of one GitHub repository assume a role, and nothing else
 * of GitHub. https://docs.github.com/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws
 */
export function githubTrust(place: Place, subjects: GithubSubjects): PolicyDocument {
  const subject = (context: string) => `repo:${subjects.repository}:${context}`;
  return policyOf({
    Sid: "AllowGithubWorkflows",
    Effect: "Allow",
    Principal: { Federated: githubProviderArn(place) },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: {
      StringEquals: { [`${GITHUB_ISSUER}:aud`]: "sts.amazonaws.com" },
      StringLike: {
        [`${GITHUB_ISSUER}:sub`]: [
          ...subjects.branches.map((branch) => subject(`ref:refs/heads/${branch}`)),
          ...subjects.tags.map((tag) => subject(`ref:refs/tags/${tag}`)),
          ...subjects.environments.map((environment) => subject(`environment:${environment}`)),
        ],
      },
    },
  });
}

/** Push and pull on the named repositories. A registry token has no resource to be narrowed to. */
export function pushPolicy(place: Place, repositoryNames: string[]): PolicyDocument {
  return policyOf(
    { Sid: "LogIn", Effect: "Allow", Action: "ecr:GetAuthorizationToken", Resource: "*" },
    {
      Sid: "PushAndPull",
      Effect: "Allow",
      Action: [...PULL_ACTIONS, ...PUSH_ACTIONS, "ecr:DescribeImages", "ecr:DescribeImageScanFindings"],
      Resource: repositoryNames.map((name) => repositoryArn(place, name)),
    },
  );
}
