import type { Diagnostic } from "../diagnostics";
import type { TeamFile } from "../schema";
import { nearest } from "../suggest";
import { parseTeamFile, teamsOf, type TeamFileText } from "../team-files";

/** A stack with the team files that its globs match. */
export interface StackOfFiles {
  stack: string;
  environment: string;
  /** Account and region. */
  registry: string;
  files: readonly TeamFileText[];
}

/** A problem of a team file, and the stack whose report has it. */
export type TeamFileProblem = Diagnostic & { stack: string };

/** Each environment that a team file names, with its key in the file. */
function environmentsIn(team: TeamFile): { key: string; environment: string }[] {
  const named = (environments: TeamFile["environments"], key: string) =>
    Array.isArray(environments)
      ? environments.map((environment, i) => ({ key: `${key}[${i}]`, environment }))
      : Object.keys(environments ?? {}).map((environment) => ({ key: `${key}.${environment}`, environment }));
  return [
    ...team.services.flatMap(({ environments }, i) => named(environments, `services[${i}].environments`)),
    ...named(team.environments, "environments"),
  ];
}

/** Environments that no stack has: what is written for them has no effect. */
function unknownEnvironments(stacks: readonly StackOfFiles[]): TeamFileProblem[] {
  const known = [...new Set(stacks.map(({ environment }) => environment))];
  return readOnce(stacks).flatMap(({ stack, file }) => {
    const team = parseTeamFile(file);
    return (Array.isArray(team) ? [] : environmentsIn(team))
      .filter(({ environment }) => !known.includes(environment))
      .map(({ key, environment }): TeamFileProblem => {
        const near = nearest(environment, known);
        return {
          stack,
          severity: "warning",
          file: file.file,
          key,
          value: environment,
          rule: `it has no effect: no stack has the environment ${environment}`,
          fix: near === undefined ? `name one of ${known.join(", ")}` : `did you mean ${near}?`,
        };
      });
  });
}

/** Teams of an environment of several stacks, its shards, that none of them has: nobody would notice. */
function teamsOfNoShard(stacks: readonly StackOfFiles[]): TeamFileProblem[] {
  const environments = new Set(stacks.map(({ registry, environment }) => `${registry} ${environment}`));
  return [...environments]
    .map((one) => stacks.filter(({ registry, environment }) => `${registry} ${environment}` === one))
    .filter(({ length }) => length > 1)
    .flatMap((of) => {
      const { stack, environment } = of[0]!;
      const names = of.map((one) => one.stack).join(" and ");
      return readOnce(stacks)
        .filter(
          ({ file }) =>
            of.every(({ files }) => files.every((one) => one.file !== file.file)) &&
            teamsOf([file], environment).teams.length > 0,
        )
        .map(({ file }): TeamFileProblem => ({
          stack,
          severity: "error",
          file: file.file,
          key: "",
          value: undefined,
          rule: `${environment} is in ${names}, and teamsFrom of none of them matches this file`,
          fix: `let teamsFrom of one of them match it, or leave ${environment} out under environments in the file`,
        }));
    });
}

/** Each team file once, with the first stack that reads it. */
function readOnce(stacks: readonly StackOfFiles[]): { stack: string; file: TeamFileText }[] {
  const files = new Map<string, { stack: string; file: TeamFileText }>();
  for (const { stack, files: its } of stacks) {
    for (const file of its) {
      files.set(file.file, files.get(file.file) ?? { stack, file });
    }
  }
  return [...files.values()];
}

/** Problems that only the team files of all stacks together show. */
export function checkTeamFiles(stacks: readonly StackOfFiles[]): TeamFileProblem[] {
  return [...unknownEnvironments(stacks), ...teamsOfNoShard(stacks)];
}
