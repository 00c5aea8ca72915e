import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { parse, stringify } from "yaml";
import { parseConfig, settingsOf } from "../config/load";
import { DEFAULT_ASSUMPTIONS } from "../plan/cost";
import { reportOf } from "../plan/report";
import { runProgram } from "../plan/run";
import { readStackConfig, stackFile } from "../plan/stack-file";
import { ACCOUNT, generate, PARTNER } from "./generated";

// The offline plan on generated repositories: node run-plan.ts <count> [stack]
// Without a stack it runs the program on what run-cdk.js declares. With a stack it makes the whole report, of the
// generated teams in team files with the options of that stack's file.
const ROOT = path.resolve(__dirname, "..");
const off = { manage: false };

/** Teams with their services, as stack files and team files have them. */
function teamsOf(count: number): object[] {
  const services: Record<string, { name: string }[]> = {};
  for (const { team, service } of generate(count)) {
    (services[team] ??= []).push({ name: service });
  }
  return Object.entries(services).map(([name, list]) => ({
    name,
    contact: "team@acme.example",
    services: list,
  }));
}

/** The project's program in a folder of its own. */
function copyProgram(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "ecr-platform-bench-"));
  for (const part of [
    "components",
    "config",
    "aws",
    "documents",
    "functions",
    "images",
    "node_modules",
    "index.ts",
    "outputs.ts",
    "Pulumi.yaml",
  ]) {
    fs.symlinkSync(path.join(ROOT, part), path.join(folder, part));
  }
  return folder;
}

/** Config with the repositories that run-cdk.js declares, and nothing else. */
function repositoriesOnly(teams: object[]): Record<string, unknown> {
  const own = {
    accountId: ACCOUNT,
    production: "no",
    contact: "platform@acme.example",
    scanning: off,
    findings: off,
    registry: off,
    audit: { manage: false, alerts: false },
    costs: off,
    operations: off,
    repositories: {
      encryption: "AES256",
      lifecycle: { rules: [{ tags: ["v*"], keep: 20 }] },
      sharing: { accounts: [PARTNER] },
    },
    teams,
  };
  return {
    "aws:region": "eu-west-1",
    "aws:allowedAccountIds": [ACCOUNT],
    ...Object.fromEntries(Object.entries(own).map(([key, value]) => [`ecr-platform:${key}`, value])),
  };
}

/** The config of a stack of this project, with teams in team files instead of its own. */
function optionsOf(stack: string, teams: object[], folder: string): Record<string, unknown> {
  fs.mkdirSync(path.join(folder, "teams"));
  teams.forEach((team, i) => {
    fs.writeFileSync(path.join(folder, "teams", `${i}.yaml`), stringify(team));
  });
  const { config } = parse(fs.readFileSync(stackFile(ROOT, stack), "utf8")) as {
    config: Record<string, unknown>;
  };
  const { "ecr-platform:teams": _, ...options } = config;
  return { ...options, "ecr-platform:teamsFrom": "teams/*.yaml" };
}

async function main([count = "", like]: string[]): Promise<void> {
  const folder = copyProgram();
  const stack = like ?? "bench";
  const teams = teamsOf(Number(count));
  const config = like === undefined ? repositoriesOnly(teams) : optionsOf(like, teams, folder);
  fs.writeFileSync(stackFile(folder, stack), stringify({ config }));
  const toRun = readStackConfig(folder, stack);
  const settings = like === undefined ? undefined : settingsOf(stack, parseConfig(toRun));
  const run = await runProgram(folder, toRun);
  if (settings !== undefined) {
    JSON.stringify(reportOf(run, DEFAULT_ASSUMPTIONS, { settings }));
  }
  fs.rmSync(folder, { recursive: true, force: true });
  console.log(run.resources.filter(({ type }) => type === "aws:ecr/repository:Repository").length);
}

void main(process.argv.slice(2));
