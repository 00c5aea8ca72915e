import * as path from "node:path";
import { parseConfig } from "../config/load";
import { DEFAULT_ASSUMPTIONS } from "../plan/cost";
import { reportOf, type PlanReport } from "../plan/report";
import { runProgram } from "../plan/run";
import { diffText } from "../plan/text";
import { consents, type WriteOptions } from "./ask";
import { print, withProgress } from "./output";
import { replaceFiles } from "./replace-files";
import type { StackEditor } from "./stack-editor";

/** A team in a stack's file, as far as the commands that edit teams look at it. */
export interface TeamEntry {
  name: string;
  services?: { name: string }[];
}

/** The teams in a stack's file. */
export function teamsIn(editor: StackEditor): TeamEntry[] {
  const teams = editor.yaml.get(editor.path("teams"));
  return Array.isArray(teams) ? (teams as TeamEntry[]) : [];
}

/** Words of an answer, separated by spaces or commas. */
export function words(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== "");
}

/** What the config's checks find below a key if a stack had other teams; true if nothing. */
export function problemWith(editor: StackEditor, teams: readonly TeamEntry[], key: string): string | true {
  const toRun = editor.toRun();
  const { diagnostics } = parseConfig({
    ...toRun,
    config: { ...toRun.config, [`${toRun.project}:teams`]: JSON.stringify(teams) },
  });
  const found = diagnostics.find((one) => one.severity === "error" && one.key.startsWith(key));
  return found === undefined ? true : `${found.rule}; ${found.fix}`;
}

/**
 * Shows what edited stack files change in the plan, asks, and writes them.
 * @param what what the edit was about, for the JSON
 */
export async function showAndWrite(
  directory: string,
  editors: readonly StackEditor[],
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
        reportOf(run, DEFAULT_ASSUMPTIONS, { before: { revision: "the file as it is", run: before } }),
      );
    }
    return all;
  });
  if (options.json !== true) {
    print(false, undefined, () =>
      reports
        .map(({ stack, against, cost }) =>
          against === undefined ? "" : `${stack}\n${diffText(against, cost.total)}`,
        )
        .join("\n\n"),
    );
  }
  const names = editors.map(({ file }) => path.basename(file)).join(" and ");
  const write = await consents(`Write ${names}?`, options);
  if (write) {
    await replaceFiles(editors.map((editor) => editor.replacement()));
  }
  print(
    options.json,
    {
      ...what,
      written: write ? editors.map(({ file }) => file) : [],
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
