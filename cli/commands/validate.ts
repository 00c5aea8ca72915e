import { quantity } from "../../aws/quantity";
import type { Command } from "commander";
import colors from "picocolors";
import { checkStacks } from "../../config/checks/stacks";
import { checkTeamFiles, type StackOfFiles } from "../../config/checks/team-files";
import { ownKeys, parseConfig } from "../../config/load";
import type { Parsed } from "../../config/parse";
import { formatDiagnostics, type Diagnostic } from "../../config/diagnostics";
import { environmentOf, globsOf, readTeamFiles } from "../../config/team-files";
import { readStackConfig, stacksOf } from "../../plan/stack-file";
import { reportedOf, type Reported } from "../errors";
import { stacksOption } from "../options";
import { print } from "../output";

/** What is reported of one stack. */
interface Validated {
  stack: string;
  valid: boolean;
  /** The name that scripts read in the JSON. */
  findings: Diagnostic[];
  /** Why nothing in the file could be checked, where it cannot be read. */
  unreadable?: Reported;
}

/** `validate`: checks the config of stacks, each alone and with the others of its account. */
export function configure(command: Command, directory: string): void {
  command
    .addOption(stacksOption(directory, "only these stacks. Default all that have a file"))
    .option("--json", "print JSON")
    .action((options: { stack?: string[]; json?: boolean }) => {
      const parsed = (options.stack ?? stacksOf(directory)).map((stack) => ({
        stack,
        ...parsedFile(directory, stack),
      }));
      const between = checkStacks(parsed.flatMap(({ settings }) => settings ?? []));
      const inFiles = checkTeamFiles(stacksOfFiles(directory));
      const results = parsed.map(({ stack, diagnostics = [], diagnose, unreadable }): Validated => {
        const all = [
          ...diagnostics,
          ...between
            .filter((one) => one.stack === stack)
            .flatMap(({ key, ...advice }) => diagnose?.("error", key, advice) ?? []),
          ...inFiles.flatMap(({ stack: reporting, ...diagnostic }) =>
            reporting === stack ? diagnostic : [],
          ),
        ];
        const valid = unreadable === undefined && all.every(({ severity }) => severity !== "error");
        return { stack, valid, findings: all, ...(unreadable === undefined ? {} : { unreadable }) };
      });
      print(options.json, results, () => results.map(inWords).join("\n"));
      process.exitCode = results.every(({ valid }) => valid) ? 0 : 1;
    });
}

/** What a stack's config came to, or why its file cannot be read: the other stacks are checked all the same. */
function parsedFile(directory: string, stack: string): Partial<Parsed> & Pick<Validated, "unreadable"> {
  try {
    return parseConfig(readStackConfig(directory, stack));
  } catch (error) {
    const unreadable = reportedOf(error);
    if (unreadable === undefined) {
      throw error;
    }
    return { unreadable };
  }
}

/** All stacks with their team files; none if a stack's file cannot be read, for then not all environments are known. */
function stacksOfFiles(directory: string): StackOfFiles[] {
  try {
    return stacksOf(directory).map((stack) => {
      const toRun = readStackConfig(directory, stack);
      const { accountId, environment, teamsFrom } = ownKeys(toRun);
      return {
        stack,
        environment: environmentOf(environment, stack),
        registry: `${String(accountId)} ${toRun.config["aws:region"]}`,
        files: readTeamFiles(directory, globsOf(teamsFrom)),
      };
    });
  } catch (error) {
    if (reportedOf(error) === undefined) {
      throw error;
    }
    return [];
  }
}

function inWords({ stack, valid, findings, unreadable }: Validated): string {
  const of = (severity: Diagnostic["severity"]) => findings.filter((one) => one.severity === severity);
  const [errors, warnings] = [of("error"), of("warning")];
  const counts = [
    ...(errors.length > 0 ? [quantity(errors.length, "error")] : []),
    ...(warnings.length > 0 ? [quantity(warnings.length, "warning")] : []),
  ].join(", ");
  return [
    `${valid ? colors.green("ok") : colors.red("not valid")}  Pulumi.${stack}.yaml${counts === "" ? "" : `: ${counts}`}`,
    ...(unreadable === undefined ? [] : [`  ${unreadable.problem}`, `    fix:  ${unreadable.fix}`]),
    ...(errors.length > 0 ? [formatDiagnostics(errors)] : []),
    ...(warnings.length > 0 ? [colors.yellow("warnings:"), formatDiagnostics(warnings)] : []),
  ].join("\n");
}
