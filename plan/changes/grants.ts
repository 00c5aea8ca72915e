import type { Settings } from "../../config/settings";
import { cacheSharing, type SharingSettings } from "../../documents/repository-policy";

/** Who is granted something. */
export interface Principal {
  type: "account" | "organization" | "unit" | "principal" | "lambda" | "workflows";
  /** The account, the organization, the unit's path, the ARN, or GitHub's `owner/name`. */
  id: string;
  /** Of `workflows`: the branches, tags or environments that one pattern matches. */
  ref?: { kind: "branch" | "tag" | "environment"; pattern: string };
}

/** What is granted: pulls; pushes; pulls through a cache, which import images; replication into the registry. */
export type GrantedAction = "pull" | "push" | "import" | "replicate";

/** One thing that somebody outside of the account's own IAM policies may do. */
export interface Grant {
  principal: Principal;
  action: GrantedAction;
  /** Name of the repository, or `*` and `prefix/*` where it is granted on all of the registry or of a cache. */
  repository: string;
  /** Only for callers of this organization. */
  organization?: string;
}

/** As much of the settings as grants come from. */
export type Granting = Pick<Settings, "place" | "organizationId" | "registry"> & {
  defaults: Pick<Settings["defaults"], "sharing">;
  teams: (Pick<Settings["teams"][number], "githubRoles"> & {
    repositories: Pick<Settings["teams"][number]["repositories"][number], "name" | "sharing">[];
  })[];
};

/** What sharing settings grant on one repository. The document of the same is `repositoryPolicy`. */
export function sharingGrants(
  { place, organizationId }: Pick<Granting, "place" | "organizationId">,
  sharing: SharingSettings,
  repository: string,
  action: GrantedAction = "pull",
): Grant[] {
  const limited =
    organizationId !== undefined && !sharing.outsideOrganization ? { organization: organizationId } : {};
  const to = (type: Principal["type"], id: string, rest: Partial<Grant> = {}): Grant => ({
    principal: { type, id },
    action,
    repository,
    ...rest,
  });
  const pullers = [...new Set([...sharing.principals, ...sharing.pushPrincipals])];
  return [
    ...sharing.accounts.map((id) => to("account", id, limited)),
    ...pullers.map((arn) => to("principal", arn, limited)),
    ...sharing.pushPrincipals.map((arn) => to("principal", arn, { ...limited, action: "push" })),
    ...(sharing.organization && organizationId !== undefined ? [to("organization", organizationId)] : []),
    ...sharing.organizationPaths.map((path) => to("unit", path)),
    ...(sharing.lambda ? [place.accountId, ...sharing.accounts].map((id) => to("lambda", id)) : []),
  ];
}

/** What the registry as a whole grants: replication into it, and its caches. */
function registryGrants(settings: Granting): Grant[] {
  const { registry, defaults } = settings;
  if (!registry.manage) {
    return [];
  }
  const sharing = cacheSharing(defaults.sharing);
  return [
    ...registry.replicateFrom.map((id): Grant => ({
      principal: { type: "account", id },
      action: "replicate",
      repository: "*",
    })),
    ...registry.pullThroughCache.flatMap(({ prefix }) =>
      sharingGrants(settings, sharing, `${prefix}/*`, "import"),
    ),
  ];
}

/** What the push roles of a team let GitHub's workflows do. */
function workflowGrants({ githubRoles }: Granting["teams"][number]): Grant[] {
  return githubRoles.flatMap(({ repository: id, branches, tags, environments, repositoryNames }) => {
    const refs = [
      ...branches.map((pattern) => ({ kind: "branch" as const, pattern })),
      ...tags.map((pattern) => ({ kind: "tag" as const, pattern })),
      ...environments.map((pattern) => ({ kind: "environment" as const, pattern })),
    ];
    return refs.flatMap((ref) =>
      repositoryNames.flatMap((repository) =>
        (["pull", "push"] as const).map((action): Grant => ({
          principal: { type: "workflows", id, ref },
          action,
          repository,
        })),
      ),
    );
  });
}

/**
 * Everything that a stack grants to others than its account's own administrators, as data: what the repository policies,
 * the registry policy and the push roles say in IAM's language.
 */
export function grantsOf(settings: Granting): Grant[] {
  return [
    ...settings.teams.flatMap((team) => [
      ...team.repositories.flatMap(({ name, sharing }) => sharingGrants(settings, sharing, name)),
      ...(settings.registry.githubOidcProvider === "none" ? [] : workflowGrants(team)),
    ]),
    ...registryGrants(settings),
  ];
}

/** Identity of a grant, without its condition. */
export function grantKey({ principal, action, repository }: Grant): string {
  return JSON.stringify([principal.type, principal.id, principal.ref, action, repository]);
}

/** Whether everyone who has the narrow grant has the wide one as well. */
export function covers(wide: Grant, narrow: Grant): boolean {
  if (wide.action !== narrow.action || wide.repository !== narrow.repository) {
    return false;
  }
  const { principal: whole, organization } = wide;
  const { principal: part } = narrow;
  const unlimited = organization === undefined || organization === narrow.organization;
  if (grantKey(wide) === grantKey(narrow)) {
    return unlimited;
  }
  return whole.type === "account"
    ? part.type === "principal" && part.id.split(":")[4] === whole.id && unlimited
    : whole.type === "organization" &&
        (narrow.organization === whole.id || (part.type === "unit" && part.id.startsWith(`${whole.id}/`)));
}
