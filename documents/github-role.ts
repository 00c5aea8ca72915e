import { GITHUB_ISSUER, githubProviderArn, type Place } from "../aws/arns";
import { policyOf, type PolicyDocument } from "./iam";
import { callerPolicy, PULL_ACTIONS, PUSH_ACTIONS } from "./repository-policy";

/** Which workflows of a GitHub repository may assume a role. Each list may hold `*` wildcards. */
export interface GithubSubjects {
  /** `owner/name`, or `owner@id/name@id` with GitHub's ids. */
  repository: string;
  branches: string[];
  tags: string[];
  environments: string[];
}

/** Last parts of the subjects of a repository's branches, tags and environments. */
function contextsOf({ branches, tags, environments }: GithubSubjects): string[] {
  return [
    ...branches.map((branch) => `ref:refs/heads/${branch}`),
    ...tags.map((tag) => `ref:refs/tags/${tag}`),
    ...environments.map((environment) => `environment:${environment}`),
  ];
}

/** The claims that a token must have: the repository's id if it is known, and one of the subjects. */
interface TokenClaims {
  repositoryId?: string;
  subjects: string[];
}

/**
 * A repository with ids is recognized by its id, so its subject may contain any name: before and after a rename,
 * and in both of GitHub's formats. The pattern accepts no other context, since GitHub writes a colon in
 * the name of an environment as %3A and git allows none in a branch or tag.
 * https://docs.github.com/actions/reference/security/oidc
 *
 * AWS documents the claim for the commercial partition only. Elsewhere, and without ids, the subject is exact.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
 */
function claimsOf({ partition }: Place, repository: string, contexts: string[]): TokenClaims {
  const repositoryId = partition === "aws" ? /@(\d+)$/.exec(repository)?.[1] : undefined;
  const name = repositoryId === undefined ? repository : "*";
  return {
    ...(repositoryId === undefined ? {} : { repositoryId }),
    subjects: contexts.map((context) => `repo:${name}:${context}`),
  };
}

/**
 * Lets workflows of one GitHub repository assume a role. Without a subject every repository on GitHub could, so
 * IAM refuses a trust policy that does not evaluate it.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html
 * @param repository `owner/name`, or `owner@id/name@id`
 * @param contexts last parts of the subjects, such as `pull_request` or `ref:refs/heads/main`
 */
export function workflowTrust(place: Place, repository: string, contexts: string[]): PolicyDocument {
  const { repositoryId, subjects } = claimsOf(place, repository, contexts);
  const claim = (name: string) => `${GITHUB_ISSUER}:${name}`;
  const equal = {
    [claim("aud")]: "sts.amazonaws.com",
    ...(repositoryId === undefined ? {} : { [claim("repository_id")]: repositoryId }),
  };
  const subject = { [claim("sub")]: subjects };
  return policyOf({
    Sid: "AllowGithubWorkflows",
    Effect: "Allow",
    Principal: { Federated: githubProviderArn(place) },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: subjects.some((one) => one.includes("*"))
      ? { StringEquals: equal, StringLike: subject }
      : { StringEquals: { ...equal, ...subject } },
  });
}

/** Lets only the given branches, tags and environments of one GitHub repository assume a role. */
export function githubTrust(place: Place, workflows: GithubSubjects): PolicyDocument {
  return workflowTrust(place, workflows.repository, contextsOf(workflows));
}

/** The claims that {@link githubTrust} accepts, for people who compare them with a workflow's token. */
export function acceptedClaims(place: Place, workflows: GithubSubjects): string {
  const { repositoryId, subjects } = claimsOf(place, workflows.repository, contextsOf(workflows));
  return [
    ...(repositoryId === undefined ? [] : [`repository_id ${repositoryId}`]),
    `sub ${subjects.join(" or ")}`,
  ].join(", ");
}

/** Push and pull on the named repositories, and read what their scans found. */
export function pushPolicy(place: Place, repositoryNames: string[]): PolicyDocument {
  return callerPolicy(place, repositoryNames, {
    Sid: "PushAndPull",
    Action: [...PULL_ACTIONS, ...PUSH_ACTIONS, "ecr:DescribeImages", "ecr:DescribeImageScanFindings"],
  });
}
