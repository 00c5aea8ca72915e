import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { Command } from "commander";
import { parseConfig, settingsOf } from "../config/load";
import type { RepositorySettings, Settings } from "../config/settings";
import { nearest } from "../config/suggest";
import { clientConfig, type Connection } from "../images/clients";
import type { RegistryPlace } from "../images/references";
import type { RepositoryRef } from "../images/registry";
import { stackOption } from "./options";
import { readStackConfig } from "../plan/stack-file";
import { UserError } from "../plan/user-error";

/** Options of every command on a stack in AWS. */
export interface AwsOptions {
  stack: string;
  json?: boolean;
  endpointUrl?: string;
}

/** Options by which a command is narrowed to some repositories. */
interface RepositoryOptions {
  team?: string[];
  repository?: string[];
}

/** A repository, with what the config says of it. */
export interface KnownRepository extends RepositoryRef {
  settings: RepositorySettings;
}

/** What a command on a stack works with. */
export interface Context {
  project: string;
  settings: Settings;
  connection: Connection;
  registry: RegistryPlace;
}

/** Adds the options of every command on a stack in AWS. */
export function withAwsOptions(command: Command, directory: string): Command {
  return command
    .addOption(stackOption(directory, "the stack, whose account and region are used"))
    .option("--json", "print JSON")
    .option("--endpoint-url <url>", "another address than AWS's own, for every service");
}

/** Adds the options that narrow a command to some repositories. */
function withRepositoryOptions(command: Command): Command {
  return command
    .option("-t, --team <name...>", "repositories of these teams")
    .option("-r, --repository <name...>", "these repositories, by full name or <team>/<service>");
}

/**
 * A stack's settings, without asking AWS anything.
 * @throws ConfigError where the stack's file has errors
 */
export function contextOf(directory: string, { stack, endpointUrl }: AwsOptions): Context {
  const toRun = readStackConfig(directory, stack);
  const { project } = toRun;
  const settings = settingsOf(stack, parseConfig(toRun));
  const { region, accountId } = settings.place;
  // The SDK reads the variable by itself; doctor has to know it too.
  const endpoint = endpointUrl ?? process.env.AWS_ENDPOINT_URL;
  return {
    project,
    settings,
    connection: { region, ...(endpoint === undefined ? {} : { endpoint }) },
    registry: { region, accountId },
  };
}

/**
 * A stack's settings, with credentials that were tried.
 * @throws UserError if they belong to another account than the stack's, and an error of the SDK if there are none
 */
export async function awsContextOf(directory: string, options: AwsOptions): Promise<Context> {
  const context = contextOf(directory, options);
  // Somebody waits for this first answer: a network that is not there is reported after one more try.
  const sts = new STSClient({ ...clientConfig(context.connection), maxAttempts: 2 });
  const { Account } = await sts.send(new GetCallerIdentityCommand({}));
  if (Account !== context.registry.accountId) {
    throw new UserError(
      `the credentials belong to account ${Account}, but stack ${options.stack} is in ${context.registry.accountId}`,
      "set AWS_PROFILE to a profile of that account, or name another --stack",
    );
  }
  return context;
}

/**
 * The repositories that a command is about.
 * @throws UserError for a team or repository that the stack does not have
 */
export function repositoriesOf(
  settings: Settings,
  { team, repository }: RepositoryOptions,
): KnownRepository[] {
  const all = settings.teams.flatMap(({ name, repositories }) =>
    repositories.map((one) => ({ name: one.name, team: name, settings: one })),
  );
  const check = (kind: string, wanted: readonly string[], known: readonly string[]) => {
    const unknown = wanted.find((name) => !known.includes(name));
    if (unknown !== undefined) {
      const near = nearest(unknown, known);
      throw new UserError(
        `${settings.stack} has no ${kind} ${unknown}`,
        near === undefined ? `name one of ${known.join(", ")}` : `did you mean ${near}?`,
      );
    }
  };
  check(
    "team",
    team ?? [],
    settings.teams.map(({ name }) => name),
  );
  const label = (one: KnownRepository) => `${one.team}/${one.settings.service}`;
  check("repository", repository ?? [], [...all.map(({ name }) => name), ...all.map(label)]);
  return all.filter(
    (one) =>
      (team === undefined || team.includes(one.team)) &&
      (repository === undefined || repository.includes(one.name) || repository.includes(label(one))),
  );
}

/** A stack in AWS, with the repositories that a command is about. */
export interface Selected {
  context: Context;
  repositories: KnownRepository[];
}

/** Options of a command on a stack's repositories. */
export interface SelectedOptions extends AwsOptions, RepositoryOptions {}

/** Adds options and action of a command on a stack's repositories in AWS. */
export function onRepositories<O extends SelectedOptions>(
  command: Command,
  directory: string,
  action: (selected: Selected, options: O) => Promise<void>,
): void {
  withRepositoryOptions(withAwsOptions(command, directory)).action(async (options: O) => {
    const context = await awsContextOf(directory, options);
    await action({ context, repositories: repositoriesOf(context.settings, options) }, options);
  });
}
