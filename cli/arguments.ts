import type { Command, Option } from "commander";
import { UserError } from "../plan/user-error";

/** Whether results and errors are printed as JSON. Read from the arguments, because they can be wrong themselves. */
export const JSON_OUTPUT = process.argv.includes("--json");

function optionsOf(command: Command): Option[] {
  return [...command.options, ...command.commands.flatMap(optionsOf)];
}

/**
 * Refuses options that stand before the `--` of `npm run`: npm takes them for its own and the command never sees them, so
 * that `npm run plan --all` would plan only dev. https://docs.npmjs.com/cli/v11/using-npm/config#npm-config
 * @throws UserError with the right form
 */
export function refuseOptionsOfNpm(command: Command): void {
  const { npm_lifecycle_event: script = "", npm_lifecycle_script: started = "" } = process.env;
  // Other scripts that run the commands, such as the tests, may have options of their own.
  if (!started.includes("cli/ecr-platform.js")) {
    return;
  }
  const taken = optionsOf(command).flatMap(({ long, required }) => {
    const value = process.env[`npm_config_${long?.slice(2).replaceAll("-", "_")}`];
    const given = process.argv.some((one) => one === long || one.startsWith(`${long}=`));
    return long === undefined || value === undefined || value === "" || given
      ? []
      : [!required ? long : `${long} ${value === "true" ? "<value>" : value}`];
  });
  if (taken.length > 0) {
    const words = [...new Set(taken)].join(" ");
    throw new UserError(
      `npm took ${words} for an option of its own`,
      `write -- before the options: npm run ${script} -- ${script === command.name() ? "" : `${command.name()} `}${words}`,
    );
  }
}
