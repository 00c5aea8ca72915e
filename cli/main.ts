import * as fs from "node:fs";
import * as path from "node:path";
import { Command } from "commander";
import { costCommand } from "./commands/cost";
import { doctorCommand } from "./commands/doctor";
import { findingsCommand } from "./commands/findings";
import { imagesCommand } from "./commands/images";
import { loginCommand } from "./commands/login";
import { newEnvCommand } from "./commands/new-env";
import { newTeamCommand } from "./commands/new-team";
import { scanCommand } from "./commands/scan";
import { validateCommand } from "./commands/validate";
import { reportError } from "./report-error";

const directory = path.resolve(__dirname, "..");

const { version } = JSON.parse(fs.readFileSync(path.join(directory, "package.json"), "utf8")) as {
  version: string;
};

const program = new Command("ecr-platform")
  .description("What people do with the registry, day by day.")
  .version(version)
  .addCommand(validateCommand(directory))
  .addCommand(newTeamCommand(directory))
  .addCommand(newEnvCommand(directory))
  .addCommand(imagesCommand(directory))
  .addCommand(scanCommand(directory))
  .addCommand(findingsCommand(directory))
  .addCommand(loginCommand(directory))
  .addCommand(doctorCommand(directory))
  .addCommand(costCommand(directory))
  .addHelpText(
    "after",
    "\nCredentials come the way the AWS SDK finds them (AWS_PROFILE, SSO, a role), and must be of the stack's account; the region is the stack's.",
  );

program.parseAsync().catch((error: unknown) => {
  reportError(error);
  process.exitCode = 1;
});
