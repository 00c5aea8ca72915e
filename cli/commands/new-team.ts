import { isDeepStrictEqual } from "node:util";
import type { Command } from "commander";
import { parseConfig, settingsOf } from "../../config/load";
import { stacksOf } from "../../plan/stack-file";
import { UserError } from "../../plan/user-error";
import { ask, requireConsent, type Question, type WriteOptions } from "../ask";
import { numberOption, stacksOption } from "../options";
import { StackEditor } from "../stack-editor";
import { problemWith, showAndWrite, teamsIn, words } from "../team-changes";

interface NewTeamOptions extends WriteOptions {
  name?: string;
  contact?: string;
  service?: string[];
  costCentre?: string;
  monthlyBudget?: number;
  stack?: string[];
}

/** What a team is, in the stack file's own form. */
interface Team {
  name: string;
  contact: string;
  costCentre?: string;
  monthlyBudget?: number;
  services: { name: string }[];
}

/** What is not known yet, so that the rest can be checked. */
const STAND_IN: Team = { name: "", contact: "nobody@invalid.example", services: [{ name: "service" }] };

type Part = "name" | "contact" | "services";

/** Asks for what no flag says. Each answer is held to the checks of every stack's config at once. */
async function teamOf(options: NewTeamOptions, editors: readonly StackEditor[]): Promise<Team> {
  const question = (
    part: Part,
    given: unknown,
    texts: Pick<Question, "flag" | "message">,
    asTeam: (answer: string) => Partial<Team>,
  ): Partial<Record<Part, Question>> =>
    given !== undefined
      ? {}
      : {
          [part]: {
            ...texts,
            validate: (answer: string, earlier: Partial<Record<string, string>>) => {
              const name = options.name ?? earlier.name ?? "";
              const trial = { ...STAND_IN, name, ...asTeam(answer) };
              const problems = editors.map((editor) => {
                const teams = teamsIn(editor);
                return problemWith(editor, [...teams, trial], `teams[${teams.length}].${part}`);
              });
              return problems.find((problem) => problem !== true) ?? true;
            },
          },
        };
  const answers = await ask<Part>({
    ...question(
      "name",
      options.name,
      { flag: "--name", message: "Team, first part of its repositories' names" },
      (name) => ({ name }),
    ),
    ...question("contact", options.contact, { flag: "--contact", message: "Mail address" }, (contact) => ({
      contact,
    })),
    ...question(
      "services",
      options.service,
      { flag: "--service", message: "Services, one repository each, separated by spaces" },
      (answer) => ({ services: words(answer).map((name) => ({ name })) }),
    ),
  });
  return {
    name: options.name ?? answers.name ?? "",
    contact: options.contact ?? answers.contact ?? "",
    ...(options.costCentre === undefined ? {} : { costCentre: options.costCentre }),
    ...(options.monthlyBudget === undefined ? {} : { monthlyBudget: options.monthlyBudget }),
    services: (options.service ?? words(answers.services ?? "")).map((name) => ({ name })),
  };
}

/**
 * The stacks that lack a team.
 * @throws UserError where all have it, or one has another team of its name
 */
function lacking(editors: readonly StackEditor[], name: string, team?: Team): StackEditor[] {
  const having = editors.filter((editor) => teamsIn(editor).some((one) => one.name === name));
  // A run that ended between two files has written the team to the first: the next one writes the rest.
  const another = having.find(
    (editor) =>
      having.length === editors.length ||
      (team !== undefined && !teamsIn(editor).some((one) => isDeepStrictEqual(one, team))),
  );
  if (another !== undefined) {
    throw new UserError(
      `Pulumi.${another.stack}.yaml has a team ${name} already`,
      "add a service to it with new-service, or choose another name",
    );
  }
  return editors.filter((editor) => !having.includes(editor));
}

/** `new-team`: onboards a team in the stack files. */
export function configure(command: Command, directory: string): void {
  command
    .option("--name <name>", "the team")
    .option("--contact <mail>", "its mail address")
    .option("--service <name...>", "its services")
    .option("--cost-centre <text>", "its CostCentre tag")
    .addOption(
      numberOption("--monthly-budget <usd>", "its monthly budget in USD", { least: 0.01, example: 60 }),
    )
    .addOption(stacksOption(directory, "stacks to add it to. Default all that have a file"))
    .option("--dry-run", "only show what would be added")
    .option("-y, --yes", "write without asking")
    .option("--json", "print JSON")
    .action((options: NewTeamOptions) => newTeam(directory, options));
}

async function newTeam(directory: string, options: NewTeamOptions): Promise<void> {
  requireConsent(options);
  const all = (options.stack ?? stacksOf(directory)).map((stack) => new StackEditor(directory, stack));
  const team = await teamOf(options, options.name === undefined ? all : lacking(all, options.name));
  const editors = lacking(all, team.name, team);
  for (const editor of editors) {
    editor.yaml.append(editor.path("teams"), [team]);
    settingsOf(editor.stack, parseConfig(editor.toRun()));
  }
  await showAndWrite(directory, editors, options, { team });
}
