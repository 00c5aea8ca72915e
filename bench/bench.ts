import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import Table from "cli-table3";

// Cold start, time and peak memory of the plan, as ratios measured in this one run. Times on a shared machine
// are noise; ratios of neighbors less so.

/** Numbers of repositories; others may be given as arguments. */
const SIZES = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [10, 100, 500, 2000, 5000];
/** Runs of each, of which the median counts. */
const RUNS = 3;
/** What a start keeps for the next. */
const CACHE = path.join(__dirname, "../node_modules/.cache/ecr-platform");
const REGISTER = ["-r", "ts-node/register/transpile-only"];

interface Measured {
  /** Wall clock of the whole process. */
  seconds: number;
  /** Peak resident set size. */
  megabytes: number;
}

/** Prints the peak of memory at exit, which only the process itself knows. */
const REPORT_MEMORY = path.join(__dirname, "report-memory.js");

function measure(
  args: string[],
  { expected, before = () => {} }: { expected?: string; before?: () => void } = {},
): Measured {
  const runs = Array.from({ length: RUNS }, () => {
    before();
    const start = process.hrtime.bigint();
    const child = spawnSync(process.execPath, ["-r", REPORT_MEMORY, ...args], {
      cwd: path.resolve(__dirname, ".."),
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
    });
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    if (child.status !== 0) {
      throw new Error(`${args.join(" ")} failed: ${child.stderr}`);
    }
    if (expected !== undefined && child.stdout.trim() !== expected) {
      throw new Error(`${args.join(" ")} declared ${child.stdout.trim()} repositories, not ${expected}`);
    }
    const megabytes = Number(/peak-memory (\d+)/.exec(child.stderr)?.[1]) / 1024;
    return { seconds, megabytes };
  });
  const median = (key: keyof Measured) =>
    runs.map((run) => run[key]).sort((a, b) => a - b)[Math.floor(RUNS / 2)] ?? NaN;
  return { seconds: median("seconds"), megabytes: median("megabytes") };
}

const tableOf = (...head: string[]) =>
  new Table({ head, style: { head: [], border: [] }, colAligns: head.map(() => "right") });

const ratio = (a: number, b: number) => (a / b).toFixed(2);

function main(): void {
  const bare = measure(["-e", 'require("@pulumi/pulumi")']);
  const plan = ["cli/ecr-platform.js", "plan", "--stack", "dev"];
  const first = measure(plan, { before: () => fs.rmSync(CACHE, { recursive: true, force: true }) });
  const next = measure(plan);
  const report = (which: string, { seconds }: Measured) =>
    console.log(
      `cold start, ${which}: npm run plan over a bare import of @pulumi/pulumi: ${ratio(seconds, bare.seconds)} (${seconds.toFixed(2)} s over ${bare.seconds.toFixed(2)} s)`,
    );
  report("nothing in the cache", first);
  report("from the cache", next);
  const plans = tableOf(
    "repositories",
    "plan s",
    "cdk s",
    "time plan/cdk",
    "plan MB",
    "cdk MB",
    "memory plan/cdk",
  );
  const prods = tableOf("repositories", "s", "ms each", "over cdk's time", "MB", "over cdk's memory");
  for (const size of SIZES) {
    const measureOf = (script: string, ...args: string[]) =>
      measure([...REGISTER, `bench/${script}`, String(size), ...args], { expected: String(size) });
    const plan = measureOf("run-plan.ts");
    const prod = measureOf("run-plan.ts", "prod");
    const cdk = measureOf("run-cdk.js");
    plans.push([
      size,
      plan.seconds.toFixed(2),
      cdk.seconds.toFixed(2),
      ratio(plan.seconds, cdk.seconds),
      plan.megabytes.toFixed(0),
      cdk.megabytes.toFixed(0),
      ratio(plan.megabytes, cdk.megabytes),
    ]);
    prods.push([
      size,
      prod.seconds.toFixed(2),
      ((prod.seconds * 1000) / size).toFixed(1),
      ratio(prod.seconds, cdk.seconds),
      prod.megabytes.toFixed(0),
      ratio(prod.megabytes, cdk.megabytes),
    ]);
  }
  console.log(`the same repositories, and nothing else:\n${plans.toString()}`);
  console.log(`teams in team files, with prod's options, and the whole report:\n${prods.toString()}`);
}

main();
