import type { PolicyPackConfig } from "@pulumi/policy";
import { Option, type Command } from "commander";
import { parseConfig, settingsOf } from "../../config/load";
import { DEFAULT_ASSUMPTIONS } from "../../plan/cost";
import { renderMarkdown } from "../../plan/markdown";
import { readPolicyConfig } from "../../plan/policies";
import { reportOf, type PlanReport } from "../../plan/report";
import { runRevision } from "../../plan/revision";
import { runProgram } from "../../plan/run";
import { readStackConfig, stacksOf } from "../../plan/stack-file";
import { renderText } from "../../plan/text";
import { UserError } from "../../plan/user-error";
import { reportError } from "../errors";
import { numberOption, stackOption } from "../options";
import { print } from "../output";

/** Exit codes, for scripts. */
const EXIT = { ok: 0, failed: 1, differs: 2, endangers: 3 };

interface PlanOptions {
  stack: string;
  all?: boolean;
  json?: boolean;
  markdown?: boolean;
  policies?: boolean;
  against?: string;
  exitCode?: boolean;
  gb: number;
  images: number;
  rescans: number;
  policyConfig?: string;
}

/** `plan`: what the program declares for a stack. */
export function configure(command: Command, directory: string): void {
  command
    .addOption(stackOption(directory, "the stack to plan").conflicts("all"))
    .option("--all", "plan every stack that has a file")
    .addOption(new Option("--json", "print JSON (a list with --all)").conflicts("markdown"))
    .option("--markdown", "print Markdown for a pull request")
    .option("--policies", "also print every policy document and event pattern")
    .option("--policy-config <file>", "config of the policy pack, as pulumi's --policy-pack-config takes it")
    .addOption(
      new Option("--against <revision>", "show what differs from a git revision").argParser(revisionName),
    )
    .option(
      "--exit-code",
      `with --against: exit with ${EXIT.differs} if something differs, ${EXIT.endangers} if a protected resource would or may be replaced, or would be deleted`,
    )
    .addOption(
      numberOption("--gb <number>", "assumed GB of images kept in a repository", { example: 30 }).default(
        DEFAULT_ASSUMPTIONS.gbPerRepository,
      ),
    )
    .addOption(
      numberOption("--images <number>", "assumed images pushed to a repository in a month", {
        example: 60,
      }).default(DEFAULT_ASSUMPTIONS.imagesPerMonth),
    )
    .addOption(
      numberOption("--rescans <number>", "assumed rescans of a repository's images in a month", {
        example: 120,
      }).default(DEFAULT_ASSUMPTIONS.rescansPerMonth),
    )
    .addHelpText(
      "after",
      `\nExit codes: ${EXIT.ok} planned, ${EXIT.failed} the stack cannot be planned, breaks a mandatory policy or exceeds a limit of AWS; see --exit-code for the others.`,
    )
    .action((options: PlanOptions) => plan(directory, options));
}

/** A revision's name; what begins with a hyphen would be an option of git's. */
function revisionName(text: string): string {
  if (text === "" || text.startsWith("-")) {
    throw new UserError(
      text === "" ? "--against is empty" : `--against ${text}: ${text} is an option, not a revision`,
      "name a commit, branch or tag behind --against, such as --against origin/main",
    );
  }
  return text;
}

async function reportFor(
  directory: string,
  stack: string,
  options: PlanOptions,
  policyConfig: PolicyPackConfig | undefined,
): Promise<PlanReport> {
  const toRun = readStackConfig(directory, stack);
  const settings = settingsOf(stack, parseConfig(toRun));
  const run = await runProgram(directory, toRun);
  const before =
    options.against === undefined ? undefined : await runRevision(directory, options.against, stack);
  return reportOf(
    run,
    { gbPerRepository: options.gb, imagesPerMonth: options.images, rescansPerMonth: options.rescans },
    { before, settings, policyConfig },
  );
}

function exitCodeFor(reports: PlanReport[]): number {
  const diffs = reports.flatMap(({ against }) => against?.diff ?? []);
  if (diffs.some(({ dangers }) => dangers.length > 0)) {
    return EXIT.endangers;
  }
  return diffs.some(({ added, changed, removed }) => added.length + changed.length + removed.length > 0)
    ? EXIT.differs
    : EXIT.ok;
}

async function plan(directory: string, options: PlanOptions): Promise<void> {
  const stacks = options.all === true ? stacksOf(directory) : [options.stack];
  const reports: PlanReport[] = [];
  let failed = false;
  const attempt = async (run: () => Promise<void> | void) => {
    try {
      await run();
    } catch (error) {
      failed = true;
      reportError(error);
    }
  };
  await attempt(async () => {
    const policyConfig =
      options.policyConfig === undefined ? undefined : readPolicyConfig(options.policyConfig);
    for (const stack of stacks) {
      await attempt(async () => {
        reports.push(await reportFor(directory, stack, options, policyConfig));
      });
    }
  });
  failed ||= reports.some(
    ({ findings, limits }) =>
      findings.some(({ level }) => level === "mandatory") ||
      limits.findings.some(({ standing }) => standing === "refused"),
  );
  const settings = { policies: options.policies === true };
  const render = options.markdown === true ? renderMarkdown : renderText;
  // Without --all, a stack that cannot be planned has no result to print.
  if (options.all === true || reports.length > 0) {
    print(options.json, options.all === true ? reports : reports[0], () =>
      reports.map((report) => render(report, settings)).join("\n"),
    );
  }
  process.exitCode = failed ? EXIT.failed : options.exitCode === true ? exitCodeFor(reports) : EXIT.ok;
}
