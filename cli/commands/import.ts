import * as fs from "node:fs";
import * as path from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import {
  additionsFor,
  declaredNames,
  describedRepositories,
  exportedStack,
  importFile,
  type Addition,
} from "../../plan/import";
import { runProgram } from "../../plan/run";
import { UserError } from "../../plan/user-error";
import { consents, requireConsent, type WriteOptions } from "../ask";
import { stackOption } from "../options";
import { withProgress } from "../output";
import { contentOf, replaceFiles } from "../replace-files";
import { StackEditor } from "../stack-editor";
import { addServicesToFile, everyStack } from "../team-changes";
import { TeamFiles } from "../team-files";

interface ImportOptions extends WriteOptions {
  stack: string;
  from: string;
  state?: string;
}

/**
 * Reads a JSON file of the given shape.
 * @throws UserError where it cannot be read or is of another shape
 */
function readJson<T>(file: string, shape: z.ZodType<T>, of: string): T {
  try {
    const checked = shape.safeParse(JSON.parse(fs.readFileSync(file === "-" ? 0 : file, "utf8")));
    if (checked.success) {
      return checked.data;
    }
    throw new Error(z.prettifyError(checked.error));
  } catch (error) {
    throw new UserError(
      `${file} is not what \`${of}\` prints: ${error instanceof Error ? error.message : String(error)}`,
      `create it: ${of} > ${file === "-" ? "file" : file}`,
    );
  }
}

/** `import`: takes repositories that exist into a stack. */
export function configure(command: Command, directory: string): void {
  command
    .addOption(stackOption(directory, "the stack"))
    .requiredOption("--from <file>", "what `aws ecr describe-repositories` printed; - for standard input")
    .option("--state <file>", "what `pulumi stack export` printed, to leave out what the stack has already")
    .option("--dry-run", "only say what would be written")
    .option("-y, --yes", "write without asking")
    .action((options: ImportOptions) => importRepositories(directory, options));
}

async function importRepositories(directory: string, options: ImportOptions): Promise<void> {
  requireConsent(options);
  const { repositories } = readJson(options.from, describedRepositories, "aws ecr describe-repositories");
  const state =
    options.state === undefined ? undefined : readJson(options.state, exportedStack, "pulumi stack export");
  const inState = new Set((state?.deployment.resources ?? []).map(({ urn }) => urn));

  const teamFiles = new TeamFiles(directory);
  const editor = new StackEditor(directory, options.stack, { teamFiles });
  const importPath = `import.${options.stack}.json`;
  const importContent = contentOf(path.join(directory, importPath));
  const { run, added, unnamed } = await withProgress("planning", async (progress) => {
    progress(0, 2);
    const before = await runProgram(directory, editor.toRun());
    progress(1, 2);
    const { added, left, additions } = additionsFor(repositories, {
      environment: before.environment,
      declared: declaredNames(before),
      teams: editor.allTeams.map(({ name }) => name),
    });
    addTo(directory, editor, additions, teamFiles);
    const run = added.length === 0 ? before : await runProgram(directory, editor.toRun());
    return { run, added, unnamed: left };
  });
  const { file, managed, left: kept, changes } = importFile(run, repositories, inState);
  const imported = file.resources.flatMap((resource) => ("id" in resource ? [resource.id] : []));
  const lines = (title: string, items: string[]) =>
    items.length === 0 ? [] : [`${title}:`, ...items.map((item) => `  ${item}`)];
  console.log(
    [
      `${options.dryRun === true ? "would import" : "to import"} into ${options.stack}: ${imported.length} of ${repositories.length} repositories`,
      ...lines("new in the config", added),
      ...lines("managed by the stack already", managed),
      ...lines(
        "left alone",
        [...unnamed, ...kept].map(({ name, reason }) => `${name}: ${reason}`),
      ),
      ...lines("changed by the first update", changes),
    ].join("\n"),
  );
  const configChange = [...editor.replacements(), ...teamFiles.replacements()];
  const files = [
    ...configChange.map(({ file: changed }) => path.relative(directory, changed)),
    importPath,
  ].join(" and ");
  if (imported.length === 0 || !(await consents(`Write ${files}?`, options))) {
    console.log("nothing was written");
    return;
  }
  await replaceFiles([
    // The config first: what it has, a second run finds.
    ...configChange,
    {
      file: path.join(directory, importPath),
      before: importContent,
      after: `${JSON.stringify(file, null, 2)}\n`,
    },
  ]);
  console.log(
    [
      `wrote ${files}. Next:`,
      `  pulumi import --stack ${options.stack} --file ${importPath} --generate-code=false --protect=${String(run.resources.some(({ protect }) => protect))}`,
      `  pulumi preview --stack ${options.stack}`,
    ].join("\n"),
  );
}

/**
 * Puts services into their teams, in the stack's file or in a team file, and the teams that the stack lacks behind the others.
 * @throws UserError for a new team where the stack's file has none
 */
function addTo(
  directory: string,
  editor: StackEditor,
  additions: readonly Addition[],
  teamFiles: TeamFiles,
): void {
  const { yaml } = editor;
  const teams = editor.allTeams;
  const contact = yaml.get(editor.path("contact"));
  for (const { team, services } of additions) {
    const index = teams.findIndex(({ name }) => name === team);
    const file = teams[index]?.file;
    if (file !== undefined) {
      const everyone = everyStack(directory, [editor], teamFiles);
      addServicesToFile(file, services, [editor], { everyone, teamFiles });
    } else if (index >= 0) {
      yaml.append(editor.path("teams", index, "services"), services);
    } else if (yaml.get(editor.path("teams")) === undefined) {
      throw new UserError(
        `${editor.stack} has no team ${team}, and all its teams are in team files`,
        `add it first: new-team --stack ${editor.stack} --name ${team} --service ${services.map(({ name }) => name).join(" ")} --contact <address>, then run this again`,
      );
    } else {
      yaml.append(editor.path("teams"), [{ name: team, contact, services }]);
    }
  }
}
