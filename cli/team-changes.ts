import * as path from "node:path";
import { parseConfig } from "../config/load";
import { DEFAULT_ASSUMPTIONS } from "../plan/cost";
import { diffText, summaryText } from "../plan/difference-text";
import { reportOf, type PlanReport } from "../plan/report";
import { runProgram } from "../plan/run";
import { stacksOf } from "../plan/stack-file";
import { summaryOf } from "../plan/summary";
import { UserError } from "../plan/user-error";
import { consents, type WriteOptions } from "./ask";
import { print, withProgress } from "./output";
import { replaceFiles, type Replacement } from "./replace-files";
import { StackEditor, type TeamEntry } from "./stack-editor";
import type { TeamFiles } from "./team-files";

/** Words of an answer, separated by spaces or commas. */
export function words(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== "");
}

/** Stands for the file of a team that has none yet. */
const NEW_FILE = "the new team";

/** What the config's checks find in a part of a team if a stack had that team as well; true if nothing. */
export function problemWith(editor: StackEditor, team: TeamEntry, part: string): string | true {
  const toRun = editor.toRun();
  const { teams } = editor;
  const inFile = editor.globs.length > 0;
  const { diagnostics } = parseConfig({
    ...toRun,
    ...(inFile
      ? {
          readFiles: (globs) => [
            ...(toRun.readFiles?.(globs) ?? []),
            { file: NEW_FILE, text: JSON.stringify(team) },
          ],
        }
      : {
          config: { ...toRun.config, [`${toRun.project}:teams`]: JSON.stringify([...teams, team]) },
        }),
  });
  const found = diagnostics.find(
    ({ severity, file, key }) =>
      severity === "error" &&
      (inFile ? file === NEW_FILE && key.startsWith(part) : key.startsWith(`teams[${teams.length}].${part}`)),
  );
  return found === undefined ? true : `${found.rule}; ${found.fix}`;
}

/** Every stack that has a file; those that are being edited as they are. */
export function everyStack(
  directory: string,
  edited: readonly StackEditor[],
  teamFiles: TeamFiles,
): StackEditor[] {
  return stacksOf(directory).map(
    (stack) => edited.find((one) => one.stack === stack) ?? new StackEditor(directory, stack, { teamFiles }),
  );
}

/** `environments` of what only some of the stacks that read a team file are to have. */
export function onlyIn(
  chosen: readonly StackEditor[],
  reading: readonly StackEditor[],
): { environments?: string[] } {
  return reading.every((editor) => chosen.includes(editor))
    ? {}
    : { environments: [...new Set(chosen.map(({ environment }) => environment))] };
}

/** @throws UserError where stacks that were not chosen have it as well: those of the same environment */
export function checkOnlyIn(
  chosen: readonly StackEditor[],
  reading: readonly StackEditor[],
  has: (editor: StackEditor) => boolean,
): void {
  const also = reading.find((editor) => has(editor) && !chosen.includes(editor));
  if (also !== undefined) {
    throw new UserError(
      `${also.stack} has the environment ${also.environment} as well, and a team file names environments`,
      `name ${also.stack} with --stack, too`,
    );
  }
}

/** Adds services to a team file, for some of the stacks that have its team. */
export function addServicesToFile(
  file: string,
  services: readonly { name: string }[],
  having: readonly StackEditor[],
  { everyone, teamFiles }: { everyone: readonly StackEditor[]; teamFiles: TeamFiles },
): void {
  const servicesIn = (editor: StackEditor) =>
    editor.allTeams.flatMap((one) => (one.file === file ? (one.services ?? []) : [])).map(({ name }) => name);
  const reading = everyone.filter(({ allTeams }) => allTeams.some((one) => one.file === file));
  const yaml = teamFiles.open(file);
  const there = (yaml.get(["services"]) as { name: string }[]).map(({ name }) => name);
  const added = services.filter(({ name }) => having.some((editor) => !servicesIn(editor).includes(name)));
  const elsewhere = added.find(({ name }) => there.includes(name))?.name;
  if (elsewhere !== undefined) {
    throw new UserError(
      `${file} has ${elsewhere}, but not in every environment that was named`,
      `add the environment to services[${there.indexOf(elsewhere)}].environments in the file`,
    );
  }
  const environments = onlyIn(having, reading);
  yaml.append(
    ["services"],
    added.map((service) => ({ ...service, ...environments })),
  );
  checkOnlyIn(having, reading, (editor) => added.some(({ name }) => servicesIn(editor).includes(name)));
}

/**
 * Shows what edited files change in the plan, asks, and writes them.
 * @param editors the stacks that change
 * @param files what to write, in this order
 * @param what what the edit was about, for the JSON
 */
export async function showAndWrite(
  directory: string,
  { editors, files }: { editors: readonly StackEditor[]; files: readonly Replacement[] },
  options: WriteOptions,
  what: object,
): Promise<void> {
  const reports = await withProgress("planning", async (progress) => {
    const all: PlanReport[] = [];
    for (const [i, editor] of editors.entries()) {
      progress(2 * i, 2 * editors.length);
      const before = await runProgram(directory, editor.toRunBefore());
      progress(2 * i + 1, 2 * editors.length);
      const run = await runProgram(directory, editor.toRun());
      all.push(
        reportOf(run, DEFAULT_ASSUMPTIONS, {
          before: {
            revision: "the file as it is",
            run: before,
            settings: parseConfig(editor.toRunBefore()).settings,
          },
          settings: parseConfig(editor.toRun()).settings,
        }),
      );
    }
    return all;
  });
  const summary = summaryOf(reports);
  if (options.json !== true && summary !== undefined) {
    print(false, undefined, () =>
      [
        ...reports.map(({ stack, against }) =>
          against === undefined ? "" : `${stack}\n${diffText(against)}\n`,
        ),
        summaryText(summary),
      ].join("\n"),
    );
  }
  const names =
    files.length > 4
      ? `${files.length} files`
      : files.map(({ file }) => path.relative(directory, file)).join(" and ");
  const write = await consents(`Write ${names}?`, options);
  if (write) {
    await replaceFiles(files);
  }
  print(
    options.json,
    {
      ...what,
      written: write ? files.map(({ file }) => file) : [],
      stacks: reports.map(({ stack, against, cost }) => ({
        stack,
        added: against?.diff.added.map(({ type, name }) => ({ type, name })) ?? [],
        changed: against?.diff.changed.map(({ resource: { type, name } }) => ({ type, name })) ?? [],
        usdPerMonth: cost.total - (against?.costBefore ?? 0),
      })),
    },
    () => (write ? `\nwrote ${names}; commit it and open a pull request` : "\nnothing was written"),
  );
}
