import type { PolicyPackConfig } from "@pulumi/policy";
import { Option, type Command } from "commander";
import { parseConfig, settingsOf } from "../../config/load";
import { RISKS } from "../../plan/changes/change";
import { DEFAULT_ASSUMPTIONS } from "../../plan/cost";
import { summaryText } from "../../plan/difference-text";
import { renderMarkdown, type FailedPlan } from "../../plan/markdown";
import { readPolicyConfig } from "../../plan/policies";
import { reportOf, type PlanReport } from "../../plan/report";
import { runRevision } from "../../plan/revision";
import { runProgram } from "../../plan/run";
import { readStackConfig, stacksOf } from "../../plan/stack-file";
import { risksOf, summaryOf, type Summary } from "../../plan/summary";
import { renderText } from "../../plan/text";
import { UserError } from "../../plan/user-error";
import { errorText, reportError } from "../errors";
import { numberOption, stackOption } from "../options";
import { print } from "../output";

/** Exit codes, for scripts: of several risks, the gravest. */
const EXIT = { ok: 0, failed: 1, differs: 2, deletes: 3, access: 4, protection: 5, scanning: 6, cost: 7 };

interface PlanOptions {
  stack: string;
  all?: boolean;
  json?: boolean;
  markdown?: boolean;
  policies?: boolean;
  against?: string;
  exitCode?: boolean;
  maxCostIncrease?: number;
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
      `with --against: exit with ${EXIT.differs} if something differs, or with the gravest risk: ${RISKS.map((risk) => `${EXIT[risk]} ${risk}`).join(", ")}`,
    )
    .addOption(
      numberOption(
        "--max-cost-increase <usd>",
        "with --against: a risk if all stacks together cost more than this more per month",
        { example: 50 },
      ),
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

/** The exit code with `--exit-code`. */
export function exitCodeFor(summary: Summary | undefined): number {
  const [gravest] = summary === undefined ? [] : risksOf(summary);
  return gravest !== undefined
    ? EXIT[gravest]
    : summary !== undefined && summary.stacks.length > 0
      ? EXIT.differs
      : EXIT.ok;
}

/** Whether a stack breaks a mandatory policy or exceeds a limit, so that an update is refused. */
function isRefused({ findings, limits }: PlanReport): boolean {
  return (
    findings.some(({ level }) => level === "mandatory") ||
    limits.findings.some(({ standing }) => standing === "refused")
  );
}

async function plan(directory: string, options: PlanOptions): Promise<void> {
  const stacks = options.all === true ? stacksOf(directory) : [options.stack];
  const policyConfig =
    options.policyConfig === undefined ? undefined : readPolicyConfig(options.policyConfig);
  const reports: PlanReport[] = [];
  const failed: FailedPlan[] = [];
  for (const stack of stacks) {
    try {
      reports.push(await reportFor(directory, stack, options, policyConfig));
    } catch (error) {
      failed.push({ stack, problem: errorText(error) });
      reportError(error);
    }
  }
  const settings = { policies: options.policies === true };
  const summary = summaryOf(reports, options);
  const words = () =>
    options.markdown === true
      ? renderMarkdown({ reports, failed, summary }, settings)
      : [
          ...reports.map((report) => renderText(report, settings)),
          ...(summary === undefined ? [] : [summaryText(summary)]),
        ].join("\n");
  // Without --all, a stack that cannot be planned has no result to print, but for a comment.
  if (options.all === true || options.markdown === true || reports.length > 0) {
    print(options.json, options.all === true ? reports : reports[0], words);
  }
  process.exitCode =
    failed.length > 0 || reports.some(isRefused)
      ? EXIT.failed
      : options.exitCode === true
        ? exitCodeFor(summary)
        : EXIT.ok;
}
