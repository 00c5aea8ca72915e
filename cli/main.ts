import * as fs from "node:fs";
import * as path from "node:path";
import { Command, CommanderError } from "commander";
import { refuseOptionsOfNpm } from "./arguments";
import { handleInterruptions } from "./interruption";

const directory = path.resolve(__dirname, "..");

const { version } = JSON.parse(fs.readFileSync(path.join(directory, "package.json"), "utf8")) as {
  version: string;
};

/** A module of cli/commands/: gives a command its options and its action. */
interface CommandModule {
  configure: (command: Command, directory: string) => void;
}

/** The commands. Only the module of the one that runs is loaded: the AWS SDK alone takes longer than a plan. */
const COMMANDS: Record<string, { description: string; load: () => Promise<CommandModule> }> = {
  plan: {
    description:
      "Show what the program declares for a stack: offline, without an AWS account or the Pulumi CLI.",
    load: () => import("./commands/plan"),
  },
  validate: {
    description: "Check the stack files, each alone and with the others of its account. Offline.",
    load: () => import("./commands/validate"),
  },
  access: {
    description:
      "Say who may pull from a repository and push to it, and print the IAM policy that a role of theirs needs. Offline.",
    load: () => import("./commands/access"),
  },
  explain: {
    description:
      "Say which images of a repository its lifecycle policy expires and when: for tags that you name, or for the images in the registry. Offline but for --images.",
    load: () => import("./commands/explain"),
  },
  "new-team": {
    description:
      "Add a team to the stack files or in a team file, and show what that would add. Asks for what no flag says. Offline.",
    load: () => import("./commands/new-team"),
  },
  "new-service": {
    description:
      "Add services to a team in its stack files or its team file, and show what that would add. Offline.",
    load: () => import("./commands/new-service"),
  },
  "move-teams": {
    description:
      "Move teams from the stack files to team files, one per team for every environment. What the stacks declare stays as it is. Offline.",
    load: () => import("./commands/move-teams"),
  },
  "new-env": {
    description:
      "Write the stack file of a new environment, made of another's: its teams and options, with the new account and region. Offline.",
    load: () => import("./commands/new-env"),
  },
  import: {
    description:
      "Take existing ECR repositories into a stack: add those that the stack's file lacks to it, and write the file for `pulumi import`. Changes nothing in AWS.",
    load: () => import("./commands/import"),
  },
  permissions: {
    description:
      "Print the IAM policies of the roles that deploy a stack, made from the resources that it declares: JSON with the lists preview and update, and trust policies for GitHub Actions. Offline.",
    load: () => import("./commands/permissions"),
  },
  doctor: {
    description:
      "Check the stack's account before the first update: credentials, permissions, quotas, what others have set already, private DNS, billing alerts, subscriptions. Changes nothing.",
    load: () => import("./commands/doctor"),
  },
  images: {
    description: "List images, find those that nothing needs, delete them, and restore archived ones.",
    load: () => import("./commands/images"),
  },
  scan: {
    description:
      "Basic scanning: scan images now and wait for the result. Enhanced scanning: show coverage and rescans, for it has no manual start.",
    load: () => import("./commands/scan"),
  },
  findings: {
    description: "Show what scans found, by severity, team and image, with the version that has a fix.",
    load: () => import("./commands/findings"),
  },
  cost: {
    description:
      "Show what each team's images cost: storage by month, and pulls with what they may transfer.",
    load: () => import("./commands/cost"),
  },
  login: {
    description:
      "Log a container client in to the stack's registry for twelve hours. The token is never shown.",
    load: () => import("./commands/login"),
  },
  generate: {
    description:
      "Write what is made of other files: the JSON schemas of stack files and team files, docs/config.md, docs/limits.md and the policy pack's resource types. Offline.",
    load: () => import("./commands/generate"),
  },
};

const program = new Command("ecr-platform")
  .description("Plan, check and operate the registry.")
  .version(version)
  // `help plan` would print the command without its options, which are not loaded then; `plan --help` prints all.
  .helpCommand(false)
  // Errors of the arguments are reported like all others, below.
  .exitOverride()
  .configureOutput({ outputError: () => undefined })
  .addHelpText(
    "after",
    "\nCredentials come the way the AWS SDK finds them (AWS_PROFILE, SSO, a role), and must be of the stack's account; the region is the stack's.",
  );
for (const [name, { description }] of Object.entries(COMMANDS)) {
  program.command(name).description(description);
}
program.hook("preSubcommand", async (_, command) => {
  const module = await COMMANDS[command.name()]?.load();
  module?.configure(command, directory);
  refuseOptionsOfNpm(command);
});

async function main(): Promise<void> {
  handleInterruptions();
  try {
    await program.parseAsync();
  } catch (error) {
    // Help and the version have been printed already.
    const printed = error instanceof CommanderError && /^commander\.(help|version)/.test(error.code);
    process.exitCode = printed ? error.exitCode : 1;
    if (printed) {
      return;
    }
    // A signal that ended a child process and with it the command is answered first.
    await new Promise((resolve) => setImmediate(resolve));
    const { reportError } = await import("./errors");
    reportError(error);
  }
}

void main();
