import * as fs from "node:fs";
import * as path from "node:path";
import { globSync } from "tinyglobby";
import { diagnostic, valueAt, type Diagnostic } from "./diagnostics";
import { misreadAdvice, problemsOf } from "./issues";
import { teamFileSchema } from "./json-schema";
import { teamFile, type TeamFile } from "./schema";
import { readYaml, YamlError } from "./yaml";

/** The text of a team file. */
export interface TeamFileText {
  /** Path below the project's folder, with forward slashes. */
  file: string;
  text: string;
}

/** A team as an environment has it. */
export interface TeamOfFile {
  file: string;
  /** The entry that would be in `teams`, in the form of the stack file. */
  entry: Record<string, unknown>;
  /** The key in the file of a key of the entry, such as `environments.prod.monthlyBudget` of `monthlyBudget`. */
  keyInFile: (key: string) => string;
}

/** The team files that globs match, in the order of their paths. */
export function filesOf(directory: string, globs: readonly string[]): string[] {
  return globSync([...globs], {
    cwd: directory,
    expandDirectories: false,
  }).sort();
}

/** Reads team files. */
export function readTeamFiles(directory: string, globs: readonly string[]): TeamFileText[] {
  return filesOf(directory, globs).map((file) => ({
    file,
    text: fs.readFileSync(path.join(directory, file), "utf8"),
  }));
}

/** `teamsFrom` as a list; empty where it is not set or not text. The schema reports what else it is. */
export function globsOf(teamsFrom: unknown): string[] {
  return [teamsFrom].flat().filter((glob): glob is string => typeof glob === "string");
}

/** A stack's environment: as its config says, or its name. */
export function environmentOf(environment: unknown, stack: string): string {
  return typeof environment === "string" && environment !== "" ? environment : stack;
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** Where a team or service is, and what differs there. */
type Environments = TeamFile["environments"];

/** What differs in an environment; undefined where the team or service is not there. */
function inEnvironment(environments: Environments, environment: string): object | undefined {
  if (Array.isArray(environments)) {
    return environments.includes(environment) ? {} : undefined;
  }
  const own = new Map(Object.entries(environments ?? {})).get(environment) ?? {};
  return own === false ? undefined : own;
}

/**
 * Common settings with an environment's. As between a team and its service, groups merge key by key, and a list
 * replaces a list.
 */
function overridden(common: object, own: object): Record<string, unknown> {
  return Object.fromEntries([
    ...Object.entries(common),
    ...Object.entries(own).map(([key, value]: [string, unknown]) => {
      const before = (common as Record<string, unknown>)[key];
      return [key, isMapping(before) && isMapping(value) ? { ...before, ...value } : value];
    }),
  ]) as Record<string, unknown>;
}

/** The key in a file of a key that {@link overridden} may have taken from an environment. */
function keyBefore(key: string, own: object, environment: string): string {
  const [name = "", inner] = key.split(/[.[]/);
  const group = (own as Record<string, unknown>)[name];
  const isOwn = isMapping(group) ? inner === undefined || Object.hasOwn(group, inner) : group !== undefined;
  return isOwn ? `environments.${environment}.${key}` : key;
}

function teamOf(file: string, team: TeamFile, environment: string): TeamOfFile | undefined {
  const { environments, services, ...common } = team;
  const own = inEnvironment(environments, environment);
  if (own === undefined) {
    return undefined;
  }
  const here = services.flatMap(({ environments: where, ...service }, index) => {
    const differing = inEnvironment(where, environment);
    return differing === undefined ? [] : [{ index, own: differing, entry: overridden(service, differing) }];
  });
  return {
    file,
    entry: { ...overridden(common, own), services: here.map(({ entry }) => entry) },
    keyInFile: (key) => {
      const element = /^services\[(\d+)\]\.?/.exec(key);
      const service = here[Number(element?.[1])];
      if (element === null || service === undefined) {
        return keyBefore(key, own, environment);
      }
      const inner = key.slice(element[0].length);
      return [
        `services[${service.index}]`,
        ...(inner === "" ? [] : [keyBefore(inner, service.own, environment)]),
      ].join(".");
    },
  };
}

/**
 * Checks a team file.
 * @returns the team, or what is wrong
 */
export function parseTeamFile({ file, text }: TeamFileText): TeamFile | Diagnostic[] {
  const problem = (one: Pick<Diagnostic, "key" | "value" | "rule" | "fix">): Diagnostic =>
    diagnostic({ severity: "error", file, ...one });
  try {
    const { value: raw, misread } = readYaml(text);
    const misreads = misreadAdvice(misread, teamFileSchema());
    const checked = teamFile.safeParse(raw);
    const others = problemsOf(raw, checked.error?.issues ?? [], teamFileSchema());
    if (checked.success && misreads.length + others.length === 0) {
      return checked.data;
    }
    return [
      ...misreads.map(problem),
      ...others
        .filter(({ key }) => misreads.every((one) => one.key !== key))
        .map(({ key, rule, fix }) => problem({ key, value: valueAt(raw, key), rule, fix })),
    ];
  } catch (error) {
    if (error instanceof YamlError) {
      return [problem({ key: "", value: undefined, rule: error.message, fix: error.fix })];
    }
    throw error;
  }
}

/** The teams that an environment has from team files, and what is wrong in the files. */
export function teamsOf(
  files: readonly TeamFileText[],
  environment: string,
): { teams: TeamOfFile[]; problems: Diagnostic[] } {
  const parsed = files.map((one) => ({ file: one.file, result: parseTeamFile(one) }));
  return {
    teams: parsed.flatMap(({ file, result }) =>
      Array.isArray(result) ? [] : (teamOf(file, result, environment) ?? []),
    ),
    problems: parsed.flatMap(({ result }) => (Array.isArray(result) ? result : [])),
  };
}

/** A stack's config with the teams of its team files behind its own, and where what is said of them belongs. */
interface WithTeamFiles {
  raw: unknown;
  /** What is wrong in the files, or with the globs. */
  problems: Diagnostic[];
  /** A diagnostic with the team file and the key there, where it is about a team of a file. */
  placed: (diagnostic: Diagnostic) => Diagnostic;
}

/**
 * Puts the teams of the files that `teamsFrom` names behind a stack's own teams.
 * @param written the config as it is written; not checked yet
 */
export function withTeamFiles(
  written: unknown,
  {
    stack,
    readFiles = () => [],
  }: { stack: string; readFiles?: (globs: readonly string[]) => TeamFileText[] },
): WithTeamFiles {
  const own = written as { teams?: unknown; teamsFrom?: unknown; environment?: unknown } | null | undefined;
  const globs = globsOf(own?.teamsFrom);
  const before = own?.teams ?? [];
  if (globs.length === 0 || !Array.isArray(before)) {
    return { raw: written, problems: [], placed: (same) => same };
  }
  const files = readFiles(globs);
  const { teams, problems } = teamsOf(files, environmentOf(own?.environment, stack));
  const place = (key: string): { file: string; key: string } | undefined => {
    const element = /^teams\[(\d+)\]\.?/.exec(key);
    const team = teams[Number(element?.[1]) - before.length];
    return element === null || team === undefined
      ? undefined
      : { file: team.file, key: team.keyInFile(key.slice(element[0].length)) };
  };
  const mentioned = (key: string): string => {
    const there = place(key);
    return there === undefined
      ? `${key} in Pulumi.${stack}.yaml`
      : there.key === ""
        ? there.file
        : `${there.key} in ${there.file}`;
  };
  const unmatched =
    files.length > 0
      ? globs.flatMap((glob, i) =>
          glob.startsWith("!") || globs.length === 1 || readFiles([glob]).length > 0
            ? []
            : diagnostic({
                severity: "warning",
                key: `teamsFrom[${i}]`,
                value: glob,
                rule: "matches no file below the project's folder",
                fix: "correct the glob, or remove it",
              }),
        )
      : [
          diagnostic({
            severity: "error",
            key: "teamsFrom",
            value: own?.teamsFrom,
            rule: "matches no file below the project's folder",
            fix: "add a team file (new-team writes one), or correct the glob",
          }),
        ];
  return {
    raw: { ...own, teams: [...(before as unknown[]), ...teams.map(({ entry }) => entry)] },
    problems: [...unmatched, ...problems],
    placed: (diagnostic) => ({
      ...diagnostic,
      ...place(diagnostic.key),
      rule: diagnostic.rule.replace(/\bteams\[\d+\](?:[\w.[\]]*[\w\]])?/g, mentioned),
    }),
  };
}
