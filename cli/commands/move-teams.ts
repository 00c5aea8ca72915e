import * as fs from "node:fs";
import * as path from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Command } from "commander";
import { format, resolveConfig } from "prettier";
import { ownKeys, parseConfig, settingsOf } from "../../config/load";
import { isCiphertext } from "../../config/secrets";
import type { Settings } from "../../config/settings";
import { stacksOf } from "../../plan/stack-file";
import { UserError } from "../../plan/user-error";
import { requireConsent, type WriteOptions } from "../ask";
import { mergedTeam, type TeamOfStack } from "../merge-teams";
import { print } from "../output";
import { textOf } from "../replace-files";
import { StackEditor } from "../stack-editor";
import { showAndWrite } from "../team-changes";
import { modeline, TeamFiles } from "../team-files";

interface MoveTeamsOptions extends WriteOptions {
  to: string;
  team?: string[];
}

/** `move-teams`: moves teams from the stack files to team files. */
export function configure(command: Command, directory: string): void {
  command
    .option("--to <folder>", "the folder of the team files", "teams")
    .option("--team <name...>", "only these teams. Default all in the stack files")
    .option("--dry-run", "only show what would be moved")
    .option("-y, --yes", "write without asking")
    .option("--json", "print JSON")
    .action((options: MoveTeamsOptions) => moveTeams(directory, options));
}

/** A team that stays in the stack files, and why. */
interface Left {
  team: string;
  why: string;
}

async function moveTeams(directory: string, options: MoveTeamsOptions): Promise<void> {
  requireConsent(options);
  const before = stacksOf(directory).map((stack) => new StackEditor(directory, stack));
  const settingsBefore = before.map((editor) => settingsOf(editor.stack, parseConfig(editor.toRun())));
  const names = [...new Set(before.flatMap(({ teams }) => teams.map(({ name }) => name)))];
  const unknown = options.team?.find((team) => !names.includes(team));
  if (unknown !== undefined || names.length === 0) {
    throw new UserError(
      `no stack file has ${unknown === undefined ? "teams" : `a team ${unknown}`}`,
      names.length === 0 ? "there is nothing to move" : `name one of ${names.join(", ")}`,
    );
  }
  const left: Left[] = before.flatMap((editor) => withSecrets(editor));
  for (;;) {
    const moving = (options.team ?? names).filter((name) => left.every(({ team }) => team !== name));
    if (moving.length === 0) {
      throw new UserError(
        `no team can be moved:\n${left.map(({ team, why }) => `  ${team}: ${why}`).join("\n")}`,
        "leave them in the stack files, or make their entries alike",
      );
    }
    const { editors, teamFiles } = await moved(directory, options.to, moving);
    const changed = editors.flatMap((editor, i) => {
      const after = settingsOf(editor.stack, parseConfig(editor.toRun()));
      return differing(settingsBefore[i]!, after).map((team) => ({ team, stack: editor.stack }));
    });
    const [first] = changed;
    if (first === undefined) {
      return write(directory, editors, teamFiles, { moving, left, options });
    }
    // A team that one file cannot say for all of its stacks, such as for two stacks of one environment.
    left.push({ team: first.team, why: `one file cannot say what it is in ${first.stack} and elsewhere` });
  }
}

function hasSecret(value: unknown): boolean {
  return (
    isCiphertext(value) ||
    (value !== null && typeof value === "object" && Object.values(value).some(hasSecret))
  );
}

/** The teams whose entries have encrypted values, which Pulumi decrypts in stack files only. */
function withSecrets(editor: StackEditor): Left[] {
  return editor.teams.filter(hasSecret).map(({ name }) => ({
    team: name,
    why: `Pulumi.${editor.stack}.yaml has an encrypted value of it, and team files have none`,
  }));
}

/** The teams that are not the same in two settings of a stack, in whatever order they are. */
function differing(before: Settings, after: Settings): string[] {
  const named = ({ teams }: Settings) => new Map(teams.map((team) => [team.name, team]));
  const [one, other] = [named(before), named(after)];
  return [...new Set([...one.keys(), ...other.keys()])].filter(
    (name) => !isDeepStrictEqual(one.get(name), other.get(name)),
  );
}

/** The stacks with teams moved to team files. */
async function moved(
  directory: string,
  folder: string,
  moving: readonly string[],
): Promise<{ editors: StackEditor[]; teamFiles: TeamFiles }> {
  const teamFiles = new TeamFiles(directory);
  const editors = stacksOf(directory).map((stack) => new StackEditor(directory, stack, { teamFiles }));
  const environments = [...new Set(editors.map(({ environment }) => environment))];
  for (const name of moving) {
    const stacks = new Map<string, TeamOfStack>();
    for (const editor of editors) {
      const { environment, yaml } = editor;
      const index = editor.teams.findIndex((team) => team.name === name);
      // Of two stacks of one environment the first: the settings show whether the other one is the same.
      if (index !== -1 && !stacks.has(environment)) {
        const { teams = [] } = ownKeys(editor.toRun()) as { teams?: unknown[] };
        stacks.set(environment, {
          environment,
          map: yaml.copyOf(editor.path("teams", index), teams[index]),
        });
      }
    }
    const file = path.posix.join(folder, `${name}.yaml`);
    const target = path.join(directory, file);
    const text = await format(`${modeline(file)}${mergedTeam(environments, [...stacks.values()])}`, {
      ...(await resolveConfig(target)),
      parser: "yaml",
    });
    if (fs.existsSync(target) && textOf(target) !== text) {
      throw new UserError(`${file} exists already`, "remove it, or name another folder with --to");
    }
    teamFiles.open(file, text);
  }
  for (const editor of editors) {
    removeTeams(editor, moving, `${folder}/*.yaml`);
  }
  return { editors, teamFiles };
}

/** Lets a stack read team files instead of its own entries. */
function removeTeams(editor: StackEditor, moving: readonly string[], glob: string): void {
  const { teams, yaml } = editor;
  const staying = teams.filter(({ name }) => !moving.includes(name));
  if (staying.length === teams.length) {
    return;
  }
  const [teamsPath, teamsFromPath] = [editor.path("teams"), editor.path("teamsFrom")];
  const reads = editor.globs.length > 0;
  if (staying.length === 0) {
    if (reads) {
      yaml.remove(teamsPath);
    } else {
      yaml.replaceKey(teamsPath, String(teamsFromPath.at(-1)), glob);
    }
    return;
  }
  if (!reads) {
    yaml.set(teamsFromPath, glob, String(teamsPath.at(-1)));
  }
  for (const [index, { name }] of [...teams.entries()].reverse()) {
    if (moving.includes(name)) {
      yaml.remove([...teamsPath, index]);
    }
  }
}

async function write(
  directory: string,
  editors: readonly StackEditor[],
  teamFiles: TeamFiles,
  { moving, left, options }: { moving: readonly string[]; left: readonly Left[]; options: MoveTeamsOptions },
): Promise<void> {
  if (options.json !== true && left.length > 0) {
    print(
      false,
      undefined,
      () => `left in the stack files:\n${left.map(({ team, why }) => `  ${team}: ${why}`).join("\n")}\n`,
    );
  }
  const files = [
    // First: no stack reads them yet.
    ...teamFiles.replacements(),
    ...editors.flatMap((editor) => editor.replacements()),
  ];
  await showAndWrite(directory, { editors, files }, options, { moved: moving, left });
}
