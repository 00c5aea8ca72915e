import { z } from "zod";
import { SLUG } from "../config/formats";
import type { PlannedResource, ProgramRun } from "./run";

/** What `aws ecr describe-repositories` prints, as far as it is needed. */
export const describedRepositories = z.object({
  repositories: z.array(
    z.object({
      repositoryName: z.string(),
      imageTagMutability: z.string().optional(),
      encryptionConfiguration: z
        .object({ encryptionType: z.string(), kmsKey: z.string().optional() })
        .default({ encryptionType: "AES256" }),
    }),
  ),
});
type Existing = z.infer<typeof describedRepositories>["repositories"][number];

/** What `pulumi stack export` prints, as far as it is needed. */
export const exportedStack = z.object({
  deployment: z.object({ resources: z.array(z.object({ urn: z.string() })).optional() }),
});

/** The file that `pulumi import --file` takes. https://www.pulumi.com/docs/iac/adopting-pulumi/import/ */
export interface ImportFile {
  resources: (
    | { type: string; name: string; component: true }
    | { type: string; name: string; id: string; parent: string }
  )[];
  /** URNs of parents that the stack has already, by name. */
  nameTable: Record<string, string>;
}

/** What becomes of the repositories that exist. */
export interface ImportPlan {
  file: ImportFile;
  /** Names of repositories that the config did not have, and has now. */
  added: string[];
  /** Names that the stack's state has already. */
  managed: string[];
  /** Names that cannot be taken in, with the reason. */
  left: { name: string; reason: string }[];
  /** What the first update changes in them, which the import itself does not. */
  changes: string[];
}

const REPOSITORY = "aws:ecr/repository:Repository";
const TEAM = "ecr-platform:index:TeamRepositories";

/** Team and service of a name: by a team that there is, the longest first, or else the first word is the team. */
function partsOf(rest: string, teams: string[]): [team: string, service: string] {
  const known = teams.filter((team) => rest.startsWith(`${team}-`)).sort((a, b) => b.length - a.length)[0];
  const team = known ?? rest.split("-")[0] ?? rest;
  return [team, rest.slice(team.length + 1)];
}

/** How the config says a repository's encryption, which ECR cannot change. */
function encryptionKey({ encryptionConfiguration }: Existing): string {
  const { encryptionType, kmsKey } = encryptionConfiguration;
  return encryptionType === "AES256" || kmsKey === undefined ? "AES256" : kmsKey;
}

/** Services that a team of the config gets. */
export interface Addition {
  team: string;
  services: { name: string; encryption: string }[];
}

/**
 * The services by which a config would have the repositories of the environment that it lacks: each in its team, with
 * its own encryption, since a change of it would replace the repository.
 * @param teams names of the teams in the config
 * @param declared names of the repositories that the stack declares now
 * @returns what to add, and what cannot be added, with the reason
 */
export function additionsFor(
  existing: readonly Existing[],
  {
    environment,
    declared,
    teams,
  }: { environment: string; declared: ReadonlySet<string>; teams: readonly string[] },
): Pick<ImportPlan, "added" | "left"> & { additions: Addition[] } {
  const additions = new Map<string, Addition>();
  const left: ImportPlan["left"] = [];
  const added: string[] = [];
  for (const repository of existing) {
    const name = repository.repositoryName;
    const rest = name.endsWith(`-${environment}`) ? name.slice(0, -environment.length - 1) : undefined;
    if (declared.has(name)) {
      continue;
    }
    if (rest === undefined || !SLUG.test(rest) || !rest.includes("-")) {
      left.push({
        name,
        reason: `it is not named <team>-<service>-${environment}, and ECR cannot rename it`,
      });
      continue;
    }
    const [team, service] = partsOf(rest, [...teams, ...additions.keys()]);
    const addition = additions.get(team) ?? { team, services: [] };
    addition.services.push({ name: service, encryption: encryptionKey(repository) });
    additions.set(team, addition);
    added.push(name);
  }
  return { added, left, additions: [...additions.values()] };
}

function stringOf(inputs: Record<string, unknown>, key: string): string {
  const value = inputs[key];
  return typeof value === "string" ? value : "";
}

/** Names of the repositories that a run declares. */
export function declaredNames(run: ProgramRun): Set<string> {
  return new Set(
    run.resources.flatMap(({ type, inputs }) => (type === REPOSITORY ? stringOf(inputs, "name") : [])),
  );
}

/**
 * The import file for the repositories that exist and that the program declares. Only repositories need it: ECR
 * overwrites their lifecycle and repository policies.
 * @param run the program's resources with the config as it is now
 * @param inState URNs that the stack's state has already
 */
export function importFile(
  run: ProgramRun,
  existing: readonly Existing[],
  inState: ReadonlySet<string>,
): Pick<ImportPlan, "file" | "managed" | "left" | "changes"> {
  const byName = new Map(existing.map((one) => [one.repositoryName, one]));
  const byUrn = new Map(run.resources.map((one) => [one.urn, one]));
  const plan: Pick<ImportPlan, "file" | "managed" | "left" | "changes"> = {
    file: { resources: [], nameTable: {} },
    managed: [],
    left: [],
    changes: [],
  };
  const parents = new Set<PlannedResource>();
  for (const resource of run.resources.filter(({ type }) => type === REPOSITORY)) {
    const name = stringOf(resource.inputs, "name");
    const found = byName.get(name);
    const parent = byUrn.get(resource.parent ?? "");
    if (found === undefined || parent === undefined) {
      continue;
    }
    if (inState.has(resource.urn)) {
      plan.managed.push(name);
      continue;
    }
    const [encryption] = resource.inputs.encryptionConfigurations as {
      encryptionType: string;
      kmsKey?: string;
    }[];
    const wanted = encryption?.encryptionType === "AES256" ? "AES256" : (encryption?.kmsKey ?? "");
    if (wanted !== encryptionKey(found)) {
      plan.left.push({
        name,
        reason: `it is encrypted with ${encryptionKey(found)} and the config asks for another key, which would replace it; write encryption: ${encryptionKey(found)} for the service`,
      });
      continue;
    }
    if (
      found.imageTagMutability !== undefined &&
      found.imageTagMutability !== resource.inputs.imageTagMutability
    ) {
      plan.changes.push(
        `${name}: tags become ${stringOf(resource.inputs, "imageTagMutability")} (${found.imageTagMutability} now)`,
      );
    }
    parents.add(parent);
    plan.file.resources.push({ type: REPOSITORY, name: resource.name, id: name, parent: parent.name });
  }
  for (const parent of parents) {
    if (inState.has(parent.urn)) {
      plan.file.nameTable[parent.name] = parent.urn;
    } else {
      plan.file.resources.unshift({ type: TEAM, name: parent.name, component: true });
    }
  }
  return plan;
}
