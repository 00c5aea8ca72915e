import * as fs from "node:fs";
import * as path from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Command } from "commander";
import { parseConfig, settingsOf } from "../../config/load";
import { stacksOf } from "../../plan/stack-file";
import { UserError } from "../../plan/user-error";
import { ask, requireConsent, type Question, type WriteOptions } from "../ask";
import { numberOption, stacksOption } from "../options";
import { checkOwners, withOwners } from "../code-owners";
import { StackEditor } from "../stack-editor";
import { checkOnlyIn, everyStack, onlyIn, problemWith, showAndWrite, words } from "../team-changes";
import { isMatched, modeline, newTeamFile, TeamFiles } from "../team-files";
import { rendered } from "../yaml-text";

interface NewTeamOptions extends WriteOptions {
  name?: string;
  contact?: string;
  service?: string[];
  costCentre?: string;
  monthlyBudget?: number;
  stack?: string[];
  file?: string;
  owner?: string[];
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

/** The globs of stacks, each once. */
function globsOf(editors: readonly StackEditor[]): string[] {
  return [...new Set(editors.flatMap(({ globs }) => globs))];
}

/** Asks for what no flag says. Each answer is held to the checks of every stack's config at once. */
async function teamOf(
  options: NewTeamOptions,
  editors: readonly StackEditor[],
): Promise<{ team: Team; file: string | undefined }> {
  const globs = globsOf(editors);
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
              const problems = editors.map((editor) => problemWith(editor, trial, part));
              return problems.find((problem) => problem !== true) ?? true;
            },
          },
        };
  const answers = await ask<Part | "file">({
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
    ...(globs.length === 0 || options.file !== undefined || newTeamFile("team", globs) !== undefined
      ? {}
      : {
          file: {
            flag: "--file",
            message: `Its team file, which ${globs.join(" or ")} matches`,
            validate: (file: string) => isMatched(file, globs) || `not matched by ${globs.join(" or ")}`,
          },
        }),
  });
  const name = options.name ?? answers.name ?? "";
  const team = {
    name,
    contact: options.contact ?? answers.contact ?? "",
    ...(options.costCentre === undefined ? {} : { costCentre: options.costCentre }),
    ...(options.monthlyBudget === undefined ? {} : { monthlyBudget: options.monthlyBudget }),
    services: (options.service ?? words(answers.services ?? "")).map((service) => ({ name: service })),
  };
  return { team, file: options.file ?? answers.file ?? newTeamFile(name, globs) };
}

/**
 * The stacks that lack a team.
 * @throws UserError where all have it, or one has another team of its name
 */
function lacking(editors: readonly StackEditor[], name: string, team?: Team): StackEditor[] {
  const having = editors.flatMap((editor) => {
    const own = editor.teams.find((one) => one.name === name);
    const file = own === undefined ? editor.fileOf(name) : undefined;
    return own === undefined && file === undefined ? [] : [{ editor, own, file }];
  });
  // A run that ended between two files has written the team to the first: the next one writes the rest.
  const another = having.find(
    ({ own, file }) =>
      having.length === editors.length ||
      file !== undefined ||
      (team !== undefined && !isDeepStrictEqual(own, team)),
  );
  if (another !== undefined) {
    const { editor, file } = another;
    throw new UserError(
      `${file ?? `Pulumi.${editor.stack}.yaml`} has a team ${name} already`,
      file === undefined
        ? "add a service to it with new-service, or choose another name"
        : "add a service to it with new-service, change its environments in the file, or choose another name",
    );
  }
  return editors.filter((editor) => having.every((one) => one.editor !== editor));
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
    .option("--file <file>", "its team file, where teamsFrom leaves open in which folder it is")
    .option("--owner <name...>", "who reviews its team file: an entry in CODEOWNERS, such as @acme/payments")
    .option("--dry-run", "only show what would be added")
    .option("-y, --yes", "write without asking")
    .option("--json", "print JSON")
    .action((options: NewTeamOptions) => newTeam(directory, options));
}

async function newTeam(directory: string, options: NewTeamOptions): Promise<void> {
  requireConsent(options);
  checkOwners(options.owner ?? []);
  const teamFiles = new TeamFiles(directory);
  const all = (options.stack ?? stacksOf(directory)).map(
    (stack) => new StackEditor(directory, stack, { teamFiles }),
  );
  const flag = (["owner", "file"] as const).find((one) => options[one] !== undefined);
  if (flag !== undefined && globsOf(all).length === 0) {
    throw new UserError(
      `--${flag}: no stack has team files here`,
      `leave --${flag} out, or set teamsFrom (docs/team-files.md)`,
    );
  }
  const { team, file } = await teamOf(options, options.name === undefined ? all : lacking(all, options.name));
  const editors = lacking(all, team.name, team);
  const changed = editors.filter(({ globs }) => globs.length === 0);
  for (const editor of changed) {
    editor.yaml.append(editor.path("teams"), [team]);
  }
  const reading = editors.filter(({ globs }) => globs.length > 0);
  if (file !== undefined && reading.length > 0) {
    changed.push(...addTeamFile(directory, { file, team, reading, all, teamFiles, options }));
  }
  for (const editor of changed) {
    settingsOf(editor.stack, parseConfig(editor.toRun()));
  }
  const files = [
    ...(file === undefined || options.owner === undefined ? [] : withOwners(directory, file, options.owner)),
    ...changed.flatMap((editor) => editor.replacements()),
    // Last: a team that has a file is refused, and what the others have, a second run finds.
    ...teamFiles.replacements(),
  ];
  await showAndWrite(directory, { editors: changed, files }, options, { team });
}

/**
 * Makes the file of a team.
 * @param reading the stacks that are to have the team from it
 * @returns those of them that read the file
 */
function addTeamFile(
  directory: string,
  {
    file,
    team,
    reading,
    all,
    teamFiles,
    options,
  }: {
    file: string;
    team: Team;
    reading: readonly StackEditor[];
    all: readonly StackEditor[];
    teamFiles: TeamFiles;
    options: NewTeamOptions;
  },
): StackEditor[] {
  if (fs.existsSync(path.join(directory, file))) {
    throw new UserError(`${file} exists already`, "name another --file");
  }
  const matching = everyStack(directory, all, teamFiles).filter(({ globs }) => isMatched(file, globs));
  const having = reading.filter((editor) => matching.includes(editor));
  const unmatched = reading.filter((editor) => !matching.includes(editor));
  if (having.length === 0 || (options.stack !== undefined && unmatched.length > 0)) {
    throw new UserError(
      `teamsFrom of ${unmatched.map(({ stack }) => stack).join(" and ")} does not match ${file}`,
      `name a --file that ${globsOf(unmatched).join(" or ")} matches`,
    );
  }
  const content = rendered({ ...team, ...onlyIn(having, matching) });
  teamFiles.open(file, `${modeline(file)}${content}`);
  checkOnlyIn(having, matching, ({ allTeams }) => allTeams.some((one) => one.file === file));
  return having;
}
