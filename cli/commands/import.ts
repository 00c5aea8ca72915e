import * as fs from "node:fs";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { Command } from "commander";
import { z } from "zod";
import {
  addRepositories,
  declaredNames,
  describedRepositories,
  exportedStack,
  importFile,
} from "../../plan/import";
import { runProgram, type ProgramRun } from "../../plan/run";
import { readStackConfig } from "../../plan/stack-file";
import { StackEditor } from "../stack-editor";

interface ImportOptions {
  stack: string;
  from: string;
  state?: string;
  dryRun?: boolean;
}

/**
 * Reads a JSON file of the given shape.
 * @throws RunError where it cannot be read or is of another shape
 */
function readJson<T>(file: string, shape: z.ZodType<T>, of: string): T {
  try {
    const checked = shape.safeParse(JSON.parse(fs.readFileSync(file === "-" ? 0 : file, "utf8")));
    if (checked.success) {
      return checked.data;
    }
    throw new Error(z.prettifyError(checked.error));
  } catch (error) {
    throw new pulumi.RunError(
      `${file} is not what \`${of}\` prints: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** `import`: takes repositories that exist into a stack. */
export function configure(command: Command, directory: string): void {
  command
    .option("-s, --stack <name>", "the stack", "dev")
    .requiredOption("--from <file>", "what `aws ecr describe-repositories` printed; - for standard input")
    .option("--state <file>", "what `pulumi stack export` printed, to leave out what the stack has already")
    .option("--dry-run", "only say what would be written")
    .action((options: ImportOptions) => importRepositories(directory, options));
}

async function importRepositories(directory: string, options: ImportOptions): Promise<void> {
  const { repositories } = readJson(options.from, describedRepositories, "aws ecr describe-repositories");
  const state =
    options.state === undefined ? undefined : readJson(options.state, exportedStack, "pulumi stack export");
  const inState = new Set((state?.deployment.resources ?? []).map(({ urn }) => urn));

  const before = await runProgram(directory, readStackConfig(directory, options.stack));
  const editor = new StackEditor(directory, options.stack);
  const { document } = editor;
  const { added, left: unnamed } = addRepositories(document, repositories, {
    environment: before.environment,
    declared: declaredNames(before),
    contact: String(document.getIn(["config", "ecr-platform:contact"])),
  });
  if (added.length > 0) {
    await editor.write();
  }
  let run: ProgramRun;
  try {
    run =
      added.length === 0 ? before : await runProgram(directory, readStackConfig(directory, options.stack));
  } catch (error) {
    editor.restore();
    throw error;
  }
  if (options.dryRun === true && added.length > 0) {
    editor.restore();
  }
  const { file, managed, left: kept, changes } = importFile(run, repositories, inState);
  const importPath = `import.${options.stack}.json`;
  if (options.dryRun !== true) {
    fs.writeFileSync(path.join(directory, importPath), `${JSON.stringify(file, null, 2)}\n`);
  }

  const imported = file.resources.flatMap((resource) => ("id" in resource ? [resource.id] : []));
  const lines = (title: string, items: string[]) =>
    items.length === 0 ? [] : [`${title}:`, ...items.map((item) => `  ${item}`)];
  console.log(
    [
      `${options.dryRun === true ? "would import" : "to import"} into ${options.stack}: ${imported.length} of ${repositories.length} repositories`,
      ...lines("new in the stack's file", added),
      ...lines("managed by the stack already", managed),
      ...lines(
        "left alone",
        [...unnamed, ...kept].map(({ name, reason }) => `${name}: ${reason}`),
      ),
      ...lines("changed by the first update", changes),
      ...(options.dryRun === true || imported.length === 0
        ? []
        : [
            `wrote ${importPath}${added.length > 0 ? ` and Pulumi.${options.stack}.yaml` : ""}. Next:`,
            `  pulumi import --stack ${options.stack} --file ${importPath} --generate-code=false --protect=${String(run.resources.some(({ protect }) => protect))}`,
            `  pulumi preview --stack ${options.stack}`,
          ]),
    ].join("\n"),
  );
}
