import { Option } from "commander";
import { nearest } from "../config/suggest";
import { stackNameOf } from "../plan/stack-file";
import { UserError } from "../plan/user-error";

interface Range {
  /** Only whole numbers. */
  whole?: boolean;
  least?: number;
  most?: number;
  /** An example for the fix. */
  example: number;
}

function inWords({ whole, least = 0, most }: Range): string {
  return `a ${whole === true ? "whole number" : "number"} ${most === undefined ? `of at least ${least}` : `from ${least} to ${most}`}`;
}

/** The option that names one stack: `dev`, or as Pulumi also writes it, `organization/project/dev`. */
export function stackOption(directory: string, description: string, flags = "-s, --stack <name>"): Option {
  return new Option(flags, description).default("dev").argParser((name) => stackNameOf(directory, name));
}

/** The option that names several stacks. */
export function stacksOption(directory: string, description: string): Option {
  return new Option("-s, --stack <name...>", description).argParser((name, earlier: string[] = []) => [
    ...new Set([...earlier, stackNameOf(directory, name)]),
  ]);
}

/** An option that takes a number, such as `--days <number>`. */
export function numberOption(flags: string, description: string, range: Range): Option {
  const option = new Option(flags, description);
  return option.argParser((text) => {
    const value = Number(text);
    const { whole, least = 0, most = Infinity } = range;
    const written = whole === true ? /^\d+$/ : /^\d+(\.\d+)?$/;
    if (!written.test(text) || value < least || value > Math.min(most, Number.MAX_SAFE_INTEGER)) {
      throw new UserError(
        `${option.long} ${text}: expected ${inWords(range)}`,
        `write it like ${option.long} ${range.example}`,
      );
    }
    return value;
  });
}

/** An option that takes one of several words, in upper or lower case. */
export function choiceOption(flags: string, description: string, choices: readonly string[]): Option {
  const option = new Option(flags, description).choices(choices);
  return option.argParser((text) => {
    const found = choices.find((choice) => choice.toLowerCase() === text.toLowerCase());
    if (found === undefined) {
      const near = nearest(text, choices);
      throw new UserError(
        `${option.long} ${text}: expected one of ${choices.join(", ")}`,
        near === undefined ? `write it like ${option.long} ${choices[0]}` : `did you mean ${near}?`,
      );
    }
    return found;
  });
}
