import type { Command } from "commander";
import colors from "picocolors";
import { checkStacks } from "../../config/checks/stacks";
import { parseConfig } from "../../config/load";
import { formatDiagnostics, type Diagnostic } from "../../config/diagnostics";
import { readStackConfig, stacksOf } from "../../plan/stack-file";
import { print } from "../output";

/** What is reported of one stack. */
interface Validated {
  stack: string;
  valid: boolean;
  /** The name that scripts read in the JSON. */
  findings: Diagnostic[];
}

/** `validate`: checks the config of stacks, each alone and with the others of its account. */
export function configure(command: Command, directory: string): void {
  command
    .option("-s, --stack <name...>", "only these stacks. Default all that have a file")
    .option("--json", "print JSON")
    .action((options: { stack?: string[]; json?: boolean }) => {
      const parsed = (options.stack ?? stacksOf(directory)).map((stack) => {
        return { stack, ...parseConfig(readStackConfig(directory, stack)) };
      });
      const between = checkStacks(parsed.flatMap(({ settings }) => settings ?? []));
      const results = parsed.map(({ stack, diagnostics, diagnose }): Validated => {
        const all = [
          ...diagnostics,
          ...between
            .filter((one) => one.stack === stack)
            .map(({ key, ...advice }) => diagnose("error", key, advice)),
        ];
        return { stack, valid: all.every(({ severity }) => severity !== "error"), findings: all };
      });
      print(options.json, results, () => results.map(inWords).join("\n"));
      process.exitCode = results.every(({ valid }) => valid) ? 0 : 1;
    });
}

function inWords({ stack, valid, findings }: Validated): string {
  const of = (severity: Diagnostic["severity"]) => findings.filter((one) => one.severity === severity);
  const [errors, warnings] = [of("error"), of("warning")];
  const counts = [
    ...(errors.length > 0 ? [`${errors.length} ${errors.length === 1 ? "error" : "errors"}`] : []),
    ...(warnings.length > 0 ? [`${warnings.length} ${warnings.length === 1 ? "warning" : "warnings"}`] : []),
  ].join(", ");
  return [
    `${valid ? colors.green("ok") : colors.red("not valid")}  Pulumi.${stack}.yaml${counts === "" ? "" : `: ${counts}`}`,
    ...(errors.length > 0 ? [formatDiagnostics(errors)] : []),
    ...(warnings.length > 0 ? [colors.yellow("warnings:"), formatDiagnostics(warnings)] : []),
  ].join("\n");
}
