import type { Command } from "commander";
import { parseConfig, settingsOf } from "../../config/load";
import { nearest } from "../../config/suggest";
import { stacksOf } from "../../plan/stack-file";
import { UserError } from "../../plan/user-error";
import { requireConsent, type WriteOptions } from "../ask";
import { stacksOption } from "../options";
import { StackEditor } from "../stack-editor";
import { showAndWrite, teamsIn } from "../team-changes";

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
  const all = (options.stack ?? stacksOf(directory)).map((stack) => new StackEditor(directory, stack));
  const names = (editor: StackEditor) => teamsIn(editor).map(({ name }) => name);
  const lacking = all.filter((editor) => !names(editor).includes(team));
  if (lacking.length > 0 && (options.stack !== undefined || lacking.length === all.length)) {
    const near = nearest(team, lacking.flatMap(names));
    throw new UserError(
      `${lacking.map(({ stack }) => stack).join(" and ")} has no team ${team}`,
      near === undefined ? "add it with new-team" : `did you mean ${near}?`,
    );
  }
  const editors = all.flatMap((editor) => {
    const index = names(editor).indexOf(team);
    const has = teamsIn(editor)[index]?.services?.map(({ name }) => name) ?? [];
    const added = service.filter((name) => !has.includes(name));
    if (index === -1 || added.length === 0) {
      return [];
    }
    editor.yaml.append(
      editor.path("teams", index, "services"),
      added.map((name) => ({ name })),
    );
    settingsOf(editor.stack, parseConfig(editor.toRun()));
    return [editor];
  });
  if (editors.length === 0) {
    throw new UserError(`${team} has ${service.join(", ")} already`, "choose another name");
  }
  await showAndWrite(directory, editors, options, { team, services: service });
}
