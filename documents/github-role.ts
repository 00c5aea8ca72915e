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
 * Lets workflows of GitHub assume a role by their token's subject. Without one every repository
 * on GitHub could.
 * https://docs.github.com/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws
 * @param repository owner/name
 * @param contexts last parts of the subjects, such as `pull_request` or `ref:refs/heads/main`
 * @param operator `StringLike` where a context may hold wildcards
 */
export function workflowTrust(
  place: Place,
  repository: string,
  contexts: string[],
  operator: "StringEquals" | "StringLike",
): PolicyDocument {
  const audience = { [`${GITHUB_ISSUER}:aud`]: "sts.amazonaws.com" };
  const subject = { [`${GITHUB_ISSUER}:sub`]: contexts.map((context) => `repo:${repository}:${context}`) };
  return policyOf({
    Sid: "AllowGithubWorkflows",
    Effect: "Allow",
    Principal: { Federated: githubProviderArn(place) },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition:
      operator === "StringEquals"
        ? { StringEquals: { ...audience, ...subject } }
        : { StringEquals: audience, StringLike: subject },
  });
}

/** Lets the named branches, tags and environments of one GitHub repository assume a role, and nothing else of GitHub. */
export function githubTrust(
  place: Place,
  { repository, branches, tags, environments }: GithubSubjects,
): PolicyDocument {
  const contexts = [
    ...branches.map((branch) => `ref:refs/heads/${branch}`),
    ...tags.map((tag) => `ref:refs/tags/${tag}`),
    ...environments.map((environment) => `environment:${environment}`),
  ];
  return workflowTrust(place, repository, contexts, "StringLike");
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
