import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { stringify } from "yaml";
import { runProgram } from "../plan/run";
import { readStackConfig } from "../plan/stack-file";
import { ACCOUNT, generate, PARTNER } from "./generated";

// The offline plan's program on generated repositories: node run-plan.ts <count>
const ROOT = path.resolve(__dirname, "..");
const off = { manage: false };

async function main(): Promise<void> {
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
  const services: Record<string, { name: string }[]> = {};
  for (const { team, service } of generate(Number(process.argv[2]))) {
    (services[team] ??= []).push({ name: service });
  }
  const config = {
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
    teams: Object.entries(services).map(([name, list]) => ({
      name,
      contact: "team@acme.example",
      services: list,
    })),
  };
  fs.writeFileSync(
    path.join(folder, "Pulumi.bench.yaml"),
    stringify({
      config: {
        "aws:region": "eu-west-1",
        "aws:allowedAccountIds": [ACCOUNT],
        ...Object.fromEntries(Object.entries(config).map(([key, value]) => [`ecr-platform:${key}`, value])),
      },
    }),
  );
  const { resources } = await runProgram(folder, readStackConfig(folder, "bench"));
  fs.rmSync(folder, { recursive: true, force: true });
  console.log(resources.filter(({ type }) => type === "aws:ecr/repository:Repository").length);
}

void main();
