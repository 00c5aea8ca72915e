import type { Command } from "commander";
import { parseConfig, settingsOf } from "../../config/load";
import { nearest } from "../../config/suggest";
import { stacksOf } from "../../plan/stack-file";
import { UserError } from "../../plan/user-error";
import { requireConsent, type WriteOptions } from "../ask";
import { stacksOption } from "../options";
import { StackEditor } from "../stack-editor";
import { addServicesToFile, everyStack, showAndWrite } from "../team-changes";
import { TeamFiles } from "../team-files";

interface NewServiceOptions extends WriteOptions {
  team: string;
  service: string[];
  stack?: string[];
}

/** `new-service`: adds services to a team in the stack files. */
export function configure(command: Command, directory: string): void {
  command
    .requiredOption("--team <name>", "the team")
    .requiredOption("--service <name...>", "the services, one repository each")
    .addOption(stacksOption(directory, "stacks to add them to. Default all that have the team"))
    .option("--dry-run", "only show what would be added")
    .option("-y, --yes", "write without asking")
    .option("--json", "print JSON")
    .action((options: NewServiceOptions) => newService(directory, options));
}

async function newService(directory: string, options: NewServiceOptions): Promise<void> {
  requireConsent(options);
  const { team, service } = options;
  const teamFiles = new TeamFiles(directory);
  const all = (options.stack ?? stacksOf(directory)).map(
    (stack) => new StackEditor(directory, stack, { teamFiles }),
  );
  const names = (editor: StackEditor) => editor.allTeams.map(({ name }) => name);
  const lacking = all.filter((editor) => !names(editor).includes(team));
  if (lacking.length > 0 && (options.stack !== undefined || lacking.length === all.length)) {
    const near = nearest(team, lacking.flatMap(names));
    const [file] = lacking.flatMap((editor) => editor.fileOf(team) ?? []);
    throw new UserError(
      `${lacking.map(({ stack }) => stack).join(" and ")} has no team ${team}`,
      file !== undefined
        ? `change environments in ${file}`
        : near === undefined
          ? "add it with new-team"
          : `did you mean ${near}?`,
    );
  }
  const editors: StackEditor[] = [];
  const files = new Map<string, StackEditor[]>();
  for (const editor of all) {
    const { file, services = [] } = editor.allTeams.find(({ name }) => name === team) ?? {};
    const added = service.filter((name) => services.every((one) => one.name !== name));
    if (!names(editor).includes(team) || added.length === 0) {
      continue;
    }
    editors.push(editor);
    if (file === undefined) {
      const index = names(editor).indexOf(team);
      editor.yaml.append(
        editor.path("teams", index, "services"),
        added.map((name) => ({ name })),
      );
    } else {
      files.set(file, [...(files.get(file) ?? []), editor]);
    }
  }
  for (const [file, having] of files) {
    addServicesToFile(
      file,
      service.map((name) => ({ name })),
      having,
      { everyone: everyStack(directory, all, teamFiles), teamFiles },
    );
  }
  for (const editor of editors) {
    settingsOf(editor.stack, parseConfig(editor.toRun()));
  }
  if (editors.length === 0) {
    throw new UserError(`${team} has ${service.join(", ")} already`, "choose another name");
  }
  const replacements = [...editors.flatMap((one) => one.replacements()), ...teamFiles.replacements()];
  await showAndWrite(directory, { editors, files: replacements }, options, { team, services: service });
}
