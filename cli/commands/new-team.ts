import * as pulumi from "@pulumi/pulumi";
import { InvalidArgumentError, type Command } from "commander";
import { isMap, isSeq, type YAMLMap } from "yaml";
import type { z } from "zod";
import { email, slug } from "../../config/formats";
import { unexplain } from "../../config/diagnostics";
import { DEFAULT_ASSUMPTIONS } from "../../plan/cost";
import { reportOf, type PlanReport } from "../../plan/report";
import { runProgram } from "../../plan/run";
import { readStackConfig, stacksOf } from "../../plan/stack-file";
import { diffText } from "../../plan/text";
import { ask, canAsk, confirm } from "../ask";
import { print } from "../output";
import { StackEditor } from "../stack-editor";

interface NewTeamOptions {
  name?: string;
  contact?: string;
  service?: string[];
  costCentre?: string;
  monthlyBudget?: number;
  stack?: string[];
  dryRun?: boolean;
  yes?: boolean;
  json?: boolean;
}

const TEAMS = "ecr-platform:teams";

/** What is wrong with an answer, by the format that the config has for it. */
function problemOf(format: z.ZodType): (answer: string) => string | true {
  return (answer) => {
    const checked = format.safeParse(answer);
    return checked.success ? true : unexplain(checked.error.issues[0]?.message ?? "").rule;
  };
}

function words(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== "");
}

function budget(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) {
    throw new InvalidArgumentError("it is an amount in USD, such as 60.");
  }
  return value;
}

/** What a team is, in the stack file's own form. */
interface Team {
  name: string;
  contact: string;
  costCentre?: string;
  monthlyBudget?: number;
  services: string[];
}

async function teamOf(options: NewTeamOptions): Promise<Team> {
  const answers = await ask<"name" | "contact" | "services">({
    ...(options.name === undefined
      ? {
          name: {
            flag: "--name",
            message: "Team, first part of its repositories' names",
            validate: problemOf(slug),
          },
        }
      : {}),
    ...(options.contact === undefined
      ? { contact: { flag: "--contact", message: "Mail address", validate: problemOf(email) } }
      : {}),
    ...(options.service === undefined
      ? {
          services: {
            flag: "--service",
            message: "Services, one repository each, separated by spaces",
            validate: (answer: string) => {
              const services = words(answer);
              return services.length === 0
                ? "a team has at least one service"
                : (services.map(problemOf(slug)).find((problem) => problem !== true) ?? true);
            },
          },
        }
      : {}),
  });
  return {
    name: options.name ?? answers.name ?? "",
    contact: options.contact ?? answers.contact ?? "",
    ...(options.costCentre === undefined ? {} : { costCentre: options.costCentre }),
    ...(options.monthlyBudget === undefined ? {} : { monthlyBudget: options.monthlyBudget }),
    services: options.service ?? words(answers.services ?? ""),
  };
}

/** Adds a team to a stack's file, behind the others. */
function addTeam({ document, stack }: StackEditor, { services, ...team }: Team): void {
  const config = document.get("config");
  const teams = isMap(config) ? config.get(TEAMS) : undefined;
  if (!isSeq(teams)) {
    throw new pulumi.RunError(`Pulumi.${stack}.yaml has no list ${TEAMS}\nfix: add ${TEAMS}: []`);
  }
  if (teams.items.some((one) => isMap(one) && one.get("name") === team.name)) {
    throw new pulumi.RunError(
      `Pulumi.${stack}.yaml has a team ${team.name} already\nfix: add the service to it, or choose another name`,
    );
  }
  const entry = document.createNode({ ...team, services: [] }) as YAMLMap;
  const list = entry.get("services");
  if (isSeq(list)) {
    list.flow = false;
    for (const name of services) {
      list.add(document.createNode({ name }, { flow: true }));
    }
  }
  // A blank line, as between the teams that are there.
  entry.spaceBefore = teams.items.length > 0;
  teams.add(entry);
}

/** `new-team`: onboards a team in the stack files. */
export function configure(command: Command, directory: string): void {
  command
    .option("--name <name>", "the team")
    .option("--contact <mail>", "its mail address")
    .option("--service <name...>", "its services")
    .option("--cost-centre <text>", "its CostCentre tag")
    .option("--monthly-budget <usd>", "its monthly budget in USD", budget)
    .option("-s, --stack <name...>", "stacks to add it to. Default all that have a file")
    .option("--dry-run", "only show what would be added")
    .option("-y, --yes", "write without asking")
    .option("--json", "print JSON")
    .action(async (options: NewTeamOptions) => {
      const team = await teamOf(options);
      const stacks = options.stack ?? stacksOf(directory);
      const editors: StackEditor[] = [];
      const reports: PlanReport[] = [];
      try {
        for (const stack of stacks) {
          const before = await runProgram(directory, readStackConfig(directory, stack));
          const editor = new StackEditor(directory, stack);
          addTeam(editor, team);
          editors.push(editor);
          await editor.write();
          reports.push(
            reportOf(await runProgram(directory, readStackConfig(directory, stack)), DEFAULT_ASSUMPTIONS, {
              before: { revision: "the file as it was", run: before },
            }),
          );
        }
        if (options.json !== true) {
          print(false, undefined, () =>
            reports
              .map(({ stack, against, cost }) =>
                against === undefined ? "" : `${stack}\n${diffText(against, cost.total)}`,
              )
              .join("\n\n"),
          );
        }
        const write =
          options.dryRun !== true &&
          (!canAsk() || options.json === true || (await confirm("Write the stack files?", options.yes)));
        if (!write) {
          editors.forEach((editor) => {
            editor.restore();
          });
        }
        print(
          options.json,
          {
            team,
            written: write ? editors.map(({ file }) => file) : [],
            stacks: reports.map(({ stack, against, cost }) => ({
              stack,
              added: against?.diff.added.map(({ type, name }) => ({ type, name })) ?? [],
              changed: against?.diff.changed.map(({ resource: { type, name } }) => ({ type, name })) ?? [],
              usdPerMonth: cost.total - (against?.costBefore ?? 0),
            })),
          },
          () =>
            write
              ? `\nwrote ${stacks.map((stack) => `Pulumi.${stack}.yaml`).join(", ")}; commit it and open a pull request`
              : "\nnothing was written",
        );
      } catch (error) {
        editors.forEach((editor) => {
          editor.restore();
        });
        throw error;
      }
    });
}
