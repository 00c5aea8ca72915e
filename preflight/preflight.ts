import * as fs from "node:fs";
import * as path from "node:path";
import { RunError } from "@pulumi/pulumi";
import { Command, InvalidArgumentError } from "commander";
import { reportError } from "../cli/errors";
import { parseConfig, type StackToRun } from "../config/load";
import { runProgram } from "../plan/run";
import { readStackConfig, stacksOf } from "../plan/stack-file";
import { CHECKOV_FOLDER, checkov } from "./checkov";
import { CHECKOV_EXCEPTIONS, judge, RULE_EXCEPTIONS, type Exception, type Finding } from "./exceptions";
import { generatedStacks, pulumiConfig } from "./generated";
import type { Rules } from "./rules";
import { templatesOf, type Mapping } from "./template";

const ROOT = path.resolve(__dirname, "..");

/** How many generated configs a run looks at by default, and the seed: every exception comes up in them. */
const GENERATED = 100;
const SEED = 1;

interface Options {
  stack?: string;
  generated: number;
  seed: number;
}

function whole(text: string): number {
  if (!/^\d+$/.test(text)) {
    throw new InvalidArgumentError("it is a whole number.");
  }
  return Number(text);
}

const command = new Command("preflight")
  .description(
    "Hold what the program declares to rules that others reproduced against AWS: the stacks that have a file, and generated configs.",
  )
  .option("-s, --stack <name>", "only this stack, and no generated configs")
  .option("--generated <number>", "how many generated configs", whole, GENERATED)
  .option("--seed <number>", "which configs are generated", whole, SEED)
  .addHelpText(
    "after",
    "\nExit codes: 0 nothing is refused that is not listed; 1 something is, or a listed exception no longer comes up.",
  );

/** One line for a refusal: where, which rule, and what it says. */
function line(subject: string, { names }: Mapping, { rule, id, path: property, message }: Finding): string {
  return `  REFUSED ${subject}: ${names.get(id) ?? id} ${property}\n    ${rule}: ${message}`;
}

/** What a whole run comes to. */
class Verdict {
  readonly refusals: string[] = [];
  private readonly used = new Map<Exception, number>();

  /** Sorts findings; what no exception covers is a refusal. */
  add(
    subject: string,
    mapping: Mapping,
    region: string,
    findings: Finding[],
    list: readonly Exception[],
  ): number {
    const template = mapping.templates.get(region);
    if (template === undefined) {
      return 0;
    }
    const { refused, excepted } = judge(findings, template, list);
    this.refusals.push(...refused.map((finding) => line(subject, mapping, finding)));
    for (const { exception } of excepted) {
      this.used.set(exception, (this.used.get(exception) ?? 0) + 1);
    }
    return refused.length;
  }

  /** What is wrong with the run itself comes first. */
  problem(subject: string, text: string): void {
    this.refusals.unshift(`  FAILED ${subject}: ${text}`);
  }

  exceptions(): string[] {
    return [...RULE_EXCEPTIONS, ...CHECKOV_EXCEPTIONS].flatMap((exception) => {
      const count = this.used.get(exception);
      return count === undefined
        ? []
        : [
            `  ${exception.rule} on ${exception.type}, ${count} times: ${exception.reason}\n    ${exception.source}`,
          ];
    });
  }

  stale(): Exception[] {
    return [...RULE_EXCEPTIONS, ...CHECKOV_EXCEPTIONS].filter((exception) => !this.used.has(exception));
  }
}

async function planned(stack: StackToRun): Promise<Mapping> {
  return templatesOf(await runProgram(ROOT, stack, { references: true }));
}

function holdToRules(
  verdict: Verdict,
  rules: Rules,
  subject: string,
  accountId: string,
  mapping: Mapping,
): number {
  mapping.problems.forEach((problem) => {
    verdict.problem(subject, problem);
  });
  return [...mapping.templates].reduce((refused, [region, template]) => {
    const findings = rules.refusals(template, { region, accountId });
    return refused + verdict.add(subject, mapping, region, findings, RULE_EXCEPTIONS);
  }, 0);
}

/** Holds mappings to checkov, all in one run of it: it takes seconds to start. */
function holdToCheckov(verdict: Verdict, mappings: ReadonlyMap<string, Mapping>): void {
  const templates = [...mappings].flatMap(([subject, mapping]) =>
    [...mapping.templates].map(([region, template]) => ({
      key: `${subject} ${region}`,
      subject,
      mapping,
      region,
      template,
    })),
  );
  const { ran, failed } = checkov(new Map(templates.map(({ key, template }) => [key, template])));
  const refused = templates.reduce(
    (sum, { key, subject, mapping, region }) =>
      sum + verdict.add(subject, mapping, region, failed.get(key) ?? [], CHECKOV_EXCEPTIONS),
    0,
  );
  console.log(`checkov: ${ran.size} policies on ${templates.length} templates, ${refused} refusals`);
}

/** The stacks that have a file, and how much of them the rules see. */
async function holdStacks(verdict: Verdict, rules: Rules, stacks: string[]): Promise<Map<string, Mapping>> {
  const mappings = new Map<string, Mapping>();
  for (const stack of stacks) {
    const toRun = readStackConfig(ROOT, stack);
    const { project, config } = toRun;
    const mapping = await planned(toRun);
    mappings.set(stack, mapping);
    const refused = holdToRules(verdict, rules, stack, config[`${project}:accountId`] ?? "", mapping);
    const { covered, uncovered, templates } = mapping;
    const resources = [...templates.values()].reduce(
      (sum, one) => sum + Object.keys(one.Resources).length,
      0,
    );
    console.log(
      `${stack}: ${covered.types.size} types and ${covered.inputs.size} inputs of them in ${resources} resources; ` +
        `${rules.idsFor(templates.values()).size} rules, ${refused} refusals`,
    );
    if (uncovered.length > 0) {
      console.log("  without a counterpart in CloudFormation, so that no rule sees it:");
      uncovered.forEach(({ type, input, reason }) => {
        console.log(`    ${type}${input === undefined ? "" : ` ${input}`}: ${reason}`);
      });
    }
  }
  return mappings;
}

/**
 * Configs that no file has: whatever the config's own checks accept, the rules accept.
 * @returns the first of them, for checkov
 */
async function holdGenerated(
  verdict: Verdict,
  rules: Rules,
  count: number,
  seed: number,
): Promise<Map<string, Mapping>> {
  const project = readStackConfig(ROOT, stacksOf(ROOT)[0] ?? "").project;
  const types = new Set<string>();
  const first = new Map<string, Mapping>();
  let made = 0;
  let accepted = 0;
  let resources = 0;
  let refused = 0;
  for (const one of generatedStacks(count, seed)) {
    const subject = `generated config ${made++} of seed ${seed} (${one.region}, ${one.stack})`;
    const config = pulumiConfig(one, project);
    if (parseConfig({ project, stack: one.stack, config }).settings === undefined) {
      continue;
    }
    accepted++;
    try {
      const mapping = await planned({ project, stack: one.stack, config });
      refused += holdToRules(verdict, rules, subject, one.config.accountId, mapping);
      mapping.covered.types.forEach((type) => types.add(type));
      for (const { Resources } of mapping.templates.values()) {
        resources += Object.keys(Resources).length;
      }
      if (made <= GENERATED) {
        first.set(subject, mapping);
      }
    } catch (error) {
      verdict.problem(subject, (error as Error).message);
    }
    if (made % 500 === 0) {
      console.log(`  ${made} generated, ${refused} refusals so far`);
    }
  }
  console.log(
    `${count} generated configs of seed ${seed}: ${accepted} accepted by the config's own checks, with ${resources} resources of ${types.size} types; ${refused} refusals`,
  );
  return first;
}

async function main(): Promise<void> {
  const { stack, generated, seed } = command.parse().opts<Options>();
  if (!fs.existsSync(path.join(__dirname, "node_modules")) || !fs.existsSync(CHECKOV_FOLDER)) {
    throw new RunError("The rules are not installed. Run: npm run preflight:setup (Node 20 and Python 3.11)");
  }
  // Loaded only now: the packages are not the project's own.
  const { Rules } = await import("./rules");
  const rules = new Rules();
  const verdict = new Verdict();
  const stacks = await holdStacks(verdict, rules, stack === undefined ? stacksOf(ROOT) : [stack]);
  const others =
    stack === undefined ? await holdGenerated(verdict, rules, generated, seed) : new Map<string, Mapping>();
  holdToCheckov(verdict, new Map([...stacks, ...others]));
  console.log("Exceptions (preflight/exceptions.ts):");
  verdict.exceptions().forEach((text) => {
    console.log(text);
  });
  // Fewer configs need not bring every exception up.
  if (stack === undefined && generated >= GENERATED) {
    verdict.stale().forEach(({ rule, type }) => {
      verdict.problem(
        "preflight/exceptions.ts",
        `${rule} on ${type} no longer comes up: remove the exception`,
      );
    });
  }
  const shown = verdict.refusals.slice(0, 100);
  shown.forEach((text) => {
    console.log(text);
  });
  if (verdict.refusals.length > shown.length) {
    console.log(`  and ${verdict.refusals.length - shown.length} more`);
  }
  process.exitCode = verdict.refusals.length > 0 ? 1 : 0;
}

main().catch((error: unknown) => {
  reportError(error);
  process.exitCode = 1;
});
