import type { Settings } from "../../config/settings";
import { listed, type Statement } from "./change";
import { covers, grantKey, grantsOf, sharingGrants, type Grant, type Principal } from "./grants";

/** What happens to a grant. */
type Turn = "granted" | "withdrawn" | "opened" | "limited";

/** A grant that changes, with what its sentence says beyond the principal. */
interface Turned {
  grant: Grant;
  turn: Turn;
  /** The organization that the grant was limited to, or is now. */
  organization?: string;
  /** Through whom else the principal may do it, after the withdrawal or before the grant. */
  through?: Principal;
  wider: boolean;
}

const ACTIONS: Record<Grant["action"], string> = {
  pull: "pull",
  push: "push",
  import: "pull through the cache",
  replicate: "replicate images into this registry, under any repository name",
};

function named({ id }: Principal): string {
  const [, , , , account, resource = ""] = id.split(":");
  const [kind = "", ...name] = resource.split("/");
  return `${kind} ${name.join("/")} of account ${account}`;
}

/** Principals of one type in words. */
export function principalsInWords(principals: readonly Principal[]): string {
  const ids = listed(principals.map(({ id }) => id));
  switch (principals[0]?.type) {
    case "account":
      return `${principals.length === 1 ? "account" : "accounts"} ${ids}`;
    case "organization":
      return `everyone in organization ${ids}`;
    case "unit":
      return `everyone in the organizational ${principals.length === 1 ? "unit" : "units"} ${ids}`;
    case "lambda":
      return `Lambda functions of ${principals.length === 1 ? "account" : "accounts"} ${ids}`;
    case "workflows":
      return listed(
        [...new Set(principals.map(({ id }) => id))].map(
          (repository) =>
            `workflows of GitHub's ${repository} (${listed(
              principals.flatMap(({ id, ref }) =>
                id === repository && ref !== undefined ? [`${ref.kind} ${ref.pattern}`] : [],
              ),
            )})`,
        ),
      );
    default:
      return listed(principals.map(named));
  }
}

function sentence(turned: readonly Turned[], actions: readonly Grant["action"][]): string {
  const [first] = turned;
  if (first === undefined) {
    return "";
  }
  const who = principalsInWords([
    ...new Map(turned.map(({ grant }) => [grantKey(grant), grant.principal])).values(),
  ]);
  const cache = first.grant.action === "import" ? ` ${first.grant.repository.replace(/\/\*$/, "")}` : "";
  const what = `${listed(actions.map((action) => ACTIONS[action]))}${cache}`;
  const { organization, turn, through } = first;
  switch (turn) {
    case "granted":
      return `${who} may now ${what}${organization === undefined ? "" : `, only from organization ${organization}`}${through === undefined ? "" : `, as ${principalsInWords([through])} may already`}`;
    case "withdrawn":
      return through === undefined
        ? `${who} may no longer ${what}`
        : `${who} may ${what} no longer by name, but still as part of ${principalsInWords([through])}`;
    case "opened":
      return `${who} may now ${what} from outside organization ${organization}, too`;
    case "limited":
      return `${who} may now ${what} from organization ${organization} only`;
  }
}

function turnsOf(
  before: readonly Grant[],
  after: readonly Grant[],
  usual: (grant: Grant) => boolean,
): Turned[] {
  const old = new Map(before.map((grant) => [grantKey(grant), grant]));
  const now = new Map(after.map((grant) => [grantKey(grant), grant]));
  const by = (grants: readonly Grant[]) => {
    const map = new Map<string, Grant[]>();
    for (const grant of grants) {
      map.set(grant.repository, [...(map.get(grant.repository) ?? []), grant]);
    }
    return (grant: Grant) =>
      map.get(grant.repository)?.find((other) => grantKey(other) !== grantKey(grant) && covers(other, grant))
        ?.principal;
  };
  const coveredBefore = by(before);
  const coveredAfter = by(after);
  return [
    ...after.flatMap((grant): Turned[] => {
      const earlier = old.get(grantKey(grant));
      const { organization } = grant;
      if (earlier === undefined) {
        const through = coveredBefore(grant);
        return [
          { grant, turn: "granted", organization, through, wider: through === undefined && !usual(grant) },
        ];
      }
      if (earlier.organization === organization) {
        return [];
      }
      return organization === undefined
        ? [
            {
              grant,
              turn: "opened",
              organization: earlier.organization,
              wider: coveredBefore(grant) === undefined,
            },
          ]
        : [{ grant, turn: "limited", organization, wider: earlier.organization !== undefined }];
    }),
    ...before
      .filter((grant) => !now.has(grantKey(grant)))
      .map((grant): Turned => ({ grant, turn: "withdrawn", through: coveredAfter(grant), wider: false })),
  ];
}

/** The sentences about one repository: principals and actions that share one are said together. */
function statementsAbout(turned: readonly Turned[]): Statement[] {
  const ofPrincipal = new Map<string, Turned[]>();
  for (const one of turned) {
    const { principal } = one.grant;
    const key = JSON.stringify([principal, one.turn, one.organization, one.through, one.wider]);
    ofPrincipal.set(key, [...(ofPrincipal.get(key) ?? []), one]);
  }
  const groups = new Map<string, { actions: Grant["action"][]; turned: Turned[] }>();
  for (const [one, ...others] of ofPrincipal.values()) {
    if (one !== undefined) {
      const actions = [one, ...others].map(({ grant }) => grant.action);
      const key = JSON.stringify([
        one.grant.principal.type,
        actions,
        one.turn,
        one.organization,
        one.through,
        one.wider,
        // Each cache is a thing of its own.
        one.grant.repository,
      ]);
      const group = groups.get(key) ?? { actions, turned: [] };
      group.turned.push(one);
      groups.set(key, group);
    }
  }
  return [...groups.values()].map(({ actions, turned: together }) => {
    const repository = together[0]?.grant.repository ?? "";
    return {
      kind: "access",
      ...(together.some(({ wider }) => wider) ? { risk: "access" as const } : {}),
      what: sentence(together, actions),
      ...(repository.includes("*") ? {} : { repository }),
    };
  });
}

/** What a new repository gets like every other one of its stack: no wider access than there was. */
function usualIn(before: Settings | undefined): (grant: Grant) => boolean {
  if (before === undefined) {
    return () => false;
  }
  const existing = new Set(before.teams.flatMap(({ repositories }) => repositories.map(({ name }) => name)));
  const ofAll = sharingGrants(before, before.defaults.sharing, "");
  return (grant) =>
    !grant.repository.includes("*") &&
    !existing.has(grant.repository) &&
    (grant.principal.type === "workflows" ||
      ofAll.some((wide) => covers(wide, { ...grant, repository: "" })));
}

/** Who may now pull or push, who no longer may, and under which condition. */
export function accessStatements(before: Settings | undefined, after: Settings): Statement[] {
  const turned = turnsOf(before === undefined ? [] : grantsOf(before), grantsOf(after), usualIn(before));
  const kept = new Set(after.teams.flatMap(({ repositories }) => repositories.map(({ name }) => name)));
  const groups = new Map<string, Turned[]>();
  for (const one of turned) {
    const { repository } = one.grant;
    // That a repository is removed says that nobody pulls from it.
    if (!repository.includes("*") && !kept.has(repository)) {
      continue;
    }
    groups.set(repository, [...(groups.get(repository) ?? []), one]);
  }
  return [...groups.values()].flatMap(statementsAbout);
}
