import * as fs from "node:fs";
import * as path from "node:path";
import { ownKeys, type StackToRun } from "../config/load";
import { environmentOf, globsOf, readTeamFiles, teamsOf } from "../config/team-files";
import { noStackFile, projectName, readStackConfig, stackFile } from "../plan/stack-file";
import { contentOf, textOf, type Replacement } from "./replace-files";
import { TeamFiles } from "./team-files";
import { YamlText, type Path } from "./yaml-text";

/** A team of a stack, as far as the commands that edit teams look at it. */
export interface TeamEntry {
  name: string;
  services?: { name: string }[];
}

/** A stack's file as it is edited: in memory, until {@link replaceFiles} writes it. */
export class StackEditor {
  readonly file: string;
  readonly yaml: YamlText;
  readonly project: string;
  private readonly before: Buffer | undefined;
  private readonly original: string;
  private readonly teamFiles: TeamFiles;

  /**
   * @param options.from another stack, whose file is the beginning of a new one
   * @param options.teamFiles team files that are edited as well. Default none
   * @throws UserError where there is no such file, or it is not YAML
   */
  constructor(
    private readonly directory: string,
    readonly stack: string,
    { from = stack, teamFiles = new TeamFiles(directory) }: { from?: string; teamFiles?: TeamFiles } = {},
  ) {
    this.file = stackFile(directory, stack);
    this.before = contentOf(this.file);
    const beginning = stackFile(directory, from);
    if (!fs.existsSync(beginning)) {
      throw noStackFile(directory, from);
    }
    this.original = textOf(beginning);
    this.yaml = new YamlText(this.original, path.basename(beginning));
    this.project = projectName(directory);
    this.teamFiles = teamFiles;
  }

  /** Where a key of the project's config is in the file, which has it with the project's name before it. */
  path(...[key, ...inner]: [string, ...Path]): Path {
    return ["config", `${this.project}:${key}`, ...inner];
  }

  /** The globs of the stack's team files; empty where all its teams are in its own file. */
  get globs(): string[] {
    return globsOf(ownKeys(this.toRun()).teamsFrom);
  }

  /** The last part of the repositories' names. */
  get environment(): string {
    return environmentOf(ownKeys(this.toRun()).environment, this.stack);
  }

  /** The teams in the stack's own file. */
  get teams(): TeamEntry[] {
    const teams = this.yaml.get(this.path("teams"));
    return Array.isArray(teams) ? (teams as TeamEntry[]) : [];
  }

  /** All teams of the stack: those in its own file, and behind them those of team files, with the file. */
  get allTeams(): (TeamEntry & { file?: string })[] {
    const { teams } = teamsOf(this.teamFiles.read(this.globs), this.environment);
    return [...this.teams, ...teams.map(({ file, entry }) => ({ ...(entry as unknown as TeamEntry), file }))];
  }

  /** The team file of a team, whatever environments it is in. */
  fileOf(team: string): string | undefined {
    return this.teamFiles.fileOf(team, this.globs);
  }

  /** The config before any edit. */
  toRunBefore(): StackToRun {
    const readFiles = (globs: readonly string[]) => readTeamFiles(this.directory, globs);
    return { ...readStackConfig(this.directory, this.stack, this.original), readFiles };
  }

  /** The config as it is edited. */
  toRun(): StackToRun {
    return {
      ...readStackConfig(this.directory, this.stack, this.yaml.text),
      readFiles: this.teamFiles.read,
    };
  }

  /** What to write; nothing where the file was not edited. */
  replacements(): Replacement[] {
    const after = this.yaml.text;
    return after === this.before?.toString() ? [] : [{ file: this.file, before: this.before, after }];
  }
}
