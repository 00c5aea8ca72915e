import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { ProgramRun } from "./run";
import { UserError } from "./user-error";

/**
 * Runs the program of another git revision for a stack, with today's node_modules, in a process and a
 * temporary folder of its own. Undefined where the revision has no such stack.
 * @throws UserError where git does not know the revision or its program fails
 */
export function runRevision(directory: string, revision: string, stack: string): ProgramRun | undefined {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "ecr-platform-plan-"));
  try {
    const archive = git(directory, ["archive", "--format=tar", revision]);
    execFileSync("tar", ["-x", "-C", folder], { input: archive });
    if (!fs.existsSync(path.join(folder, `Pulumi.${stack}.yaml`))) {
      return undefined;
    }
    if (!fs.existsSync(path.join(folder, "index.ts"))) {
      throw new UserError(`${revision} has no program (index.ts)`, "name a later revision");
    }
    fs.symlinkSync(path.join(directory, "node_modules"), path.join(folder, "node_modules"));
    const result = path.join(folder, ".plan.json");
    const child = spawnSync(
      process.execPath,
      ["-r", "ts-node/register/transpile-only", path.join(__dirname, "worker.ts"), folder, stack, result],
      { cwd: directory, encoding: "utf8" },
    );
    if (child.status !== 0) {
      throw new UserError(
        `the program of ${revision} fails for ${stack}:\n${child.stderr.trim()}`,
        "name a revision in which the stack is valid",
      );
    }
    return JSON.parse(fs.readFileSync(result, "utf8")) as ProgramRun;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function git(directory: string, args: string[]): Buffer {
  const child = spawnSync("git", args, { cwd: directory, maxBuffer: 512 * 1024 * 1024 });
  if (child.error !== undefined || child.status !== 0) {
    throw new UserError(
      `git ${args.join(" ")} failed: ${child.error?.message ?? child.stderr.toString().trim()}`,
      "name a commit, branch or tag of this repository",
    );
  }
  return child.stdout;
}
