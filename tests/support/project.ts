import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { parse, stringify } from "yaml";

/** The project's root. */
export const ROOT = path.resolve(__dirname, "../..");

/** What Pulumi's language host starts a policy pack with: `node <this> <engine's address> <pack>`. */
export const POLICY_RUNNER = path.join(ROOT, "node_modules/@pulumi/pulumi/cmd/run-policy-pack");

const PARTS = [
  "aws",
  "cli",
  "components",
  "config",
  "documents",
  "functions",
  "images",
  "plan",
  "policies",
  "index.ts",
  "outputs.ts",
  ".prettierrc.json",
  "package.json",
  "tsconfig.json",
  "Pulumi.yaml",
  "Pulumi.dev.yaml",
  "Pulumi.prod.yaml",
];

/** Copies the program, and nothing that belongs to a stack, over what a folder has. */
export function copyProgram(folder: string): void {
  for (const part of PARTS.filter((one) => !/^Pulumi\.\w+\.yaml$/.test(one))) {
    fs.cpSync(path.join(ROOT, part), path.join(folder, part), { recursive: true });
  }
}

/** A copy of the project that a test may edit, as a git repository with one commit. */
export function copyOfProject(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "ecr-platform-test-"));
  for (const part of PARTS) {
    fs.cpSync(path.join(ROOT, part), path.join(folder, part), { recursive: true });
  }
  fs.symlinkSync(path.join(ROOT, "node_modules"), path.join(folder, "node_modules"));
  fs.writeFileSync(path.join(folder, ".gitignore"), "node_modules\n");
  const identity = ["-c", "user.name=test", "-c", "user.email=test@test.invalid"];
  for (const args of [
    ["init", "-q"],
    ["add", "-A"],
    ["commit", "-qm", "before"],
  ]) {
    execFileSync("git", [...identity, ...args], { cwd: folder, stdio: "ignore" });
  }
  return folder;
}

/** What a command of the program did. */
export interface Ran {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a command of the program in the project's folder, or in that of a copy. */
export function runCommand(folder: string, ...args: readonly string[]): Ran {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [path.join(folder, "cli/ecr-platform.js"), ...args],
    { cwd: folder, encoding: "utf8", env: { ...process.env, NO_COLOR: "1" } },
  );
  return { status, stdout, stderr };
}

/** Changes the config of a stack's file. */
export function editStack(
  folder: string,
  stack: string,
  change: (config: Record<string, any>) => void,
): void {
  const file = path.join(folder, `Pulumi.${stack}.yaml`);
  const content = parse(fs.readFileSync(file, "utf8")) as { config: Record<string, any> };
  change(content.config);
  fs.writeFileSync(file, stringify(content));
}
