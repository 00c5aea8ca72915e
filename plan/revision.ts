import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { parseConfig } from "../config/load";
import type { Before } from "./report";
import { runProgram, type ProgramRun } from "./run";
import { readStackConfig } from "./stack-file";
import { UserError } from "./user-error";

/** What `pulumi preview` runs, and what it loads. */
const PROGRAM = [
  "index.ts",
  "outputs.ts",
  "aws",
  "components",
  "config",
  "documents",
  "functions",
  "images",
] as const;

/**
 * Runs the program of another git revision for a stack, with today's node_modules, in a process and a
 * temporary folder of its own. Its settings are read by today's rules.
 * @param revision a commit, branch or tag; `main:old/folder` where the project was in another folder then
 * @throws UserError where git cannot read the revision or its program fails
 */
export async function runRevision(directory: string, revision: string, stack: string): Promise<Before> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "ecr-platform-plan-"));
  try {
    const { root, tree } = treeOf(directory, revision);
    const archive = git(root, "archive", "--format=tar", tree);
    if (!archive.ok) {
      throw new UserError(`git cannot read ${tree}: ${archive.stderr}`, "see what git says");
    }
    execFileSync("tar", ["-x", "-C", folder], { input: archive.stdout });
    if (!fs.existsSync(path.join(folder, `Pulumi.${stack}.yaml`))) {
      return { revision, run: undefined };
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
    const run = JSON.parse(fs.readFileSync(result, "utf8")) as ProgramRun;
    const toRun = readStackConfig(folder, stack);
    const { settings, diagnostics } = parseConfig(toRun);
    const [refused] = diagnostics.filter(({ severity }) => severity === "error");
    if (settings === undefined || refused !== undefined) {
      return {
        revision,
        run,
        unsaid: `today's rules refuse ${revision}'s ${refused?.key}: ${refused?.rule}`,
      };
    }
    return {
      revision,
      run,
      settings,
      ...(sameProgram(directory, folder) ? {} : { byProgram: await runProgram(directory, toRun) }),
    };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** The files of a program by path, with what is in them. */
function programFiles(folder: string): Map<string, Buffer> {
  return new Map(
    PROGRAM.flatMap((part) => {
      const root = path.join(folder, part);
      const files = !fs.existsSync(root)
        ? []
        : fs.statSync(root).isDirectory()
          ? fs
              .readdirSync(root, { recursive: true, encoding: "utf8" })
              .map((file) => path.join(part, file))
              .filter((file) => fs.statSync(path.join(folder, file)).isFile())
          : [part];
      return files.map((file): [string, Buffer] => [file, fs.readFileSync(path.join(folder, file))]);
    }),
  );
}

/** Whether two folders have the same program. */
function sameProgram(one: string, other: string): boolean {
  const [files, others] = [programFiles(one), programFiles(other)];
  return (
    files.size === others.size && [...files].every(([file, text]) => others.get(file)?.equals(text) === true)
  );
}

/** Runs git. @throws UserError where there is none */
function git(directory: string, ...args: string[]): { ok: boolean; stdout: Buffer; stderr: string } {
  const child = spawnSync("git", args, { cwd: directory, maxBuffer: 512 * 1024 * 1024 });
  if (child.error !== undefined) {
    const missing = (child.error as NodeJS.ErrnoException).code === "ENOENT";
    throw new UserError(
      missing ? "git is not installed, and --against reads with it" : `git fails: ${child.error.message}`,
      missing ? "install git, or leave --against out" : "see what the message says",
    );
  }
  return { ok: child.status === 0, stdout: child.stdout, stderr: child.stderr.toString().trim() };
}

/**
 * The project's tree in a revision, and the root of its repository.
 * @throws UserError with the reason why git does not find it
 */
function treeOf(directory: string, revision: string): { root: string; tree: string } {
  const repository = git(
    directory,
    "rev-parse",
    "--show-toplevel",
    "--is-shallow-repository",
    "--show-prefix",
  );
  if (!repository.ok) {
    throw new UserError(
      `git does not read ${directory}: ${repository.stderr}`,
      /not a git repository/.test(repository.stderr)
        ? "plan in a clone of the repository: a copy without .git has no revisions"
        : "see what git says",
    );
  }
  const [root = "", shallow, prefix = ""] = repository.stdout.toString().split("\n");
  const [commit = "", folder = prefix.replace(/\/$/, "")] = revision.split(":");
  if (!git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", `${commit}^{commit}`).ok) {
    throw new UserError(
      `git knows no revision ${commit}${shallow === "true" ? ": this clone is shallow, it has only the newest commits" : ""}`,
      shallow === "true"
        ? "get the others: git fetch --unshallow (actions/checkout: fetch-depth: 0; GitLab: GIT_DEPTH: 0)"
        : "name a commit, branch or tag of this repository; git fetch gets those of the remote",
    );
  }
  const files = git(root, "ls-tree", "-r", "-z", "--name-only", "--full-tree", commit).stdout.toString();
  const folders = files
    .split("\0")
    .flatMap((file) => (path.posix.basename(file) === "Pulumi.yaml" ? path.posix.dirname(file) : []));
  if (!folders.includes(folder === "" ? "." : folder)) {
    throw new UserError(
      `${commit} has no project in ${folder === "" ? "the repository's root" : folder}` +
        (folders.length === 0 ? "" : `, but in ${folders.join(", ")}`),
      folders.length === 0
        ? "name a later revision"
        : `if the project was moved, name its folder then: --against ${commit}:${folders[0] === "." ? "" : folders[0]}`,
    );
  }
  return { root, tree: `${commit}:${folder}` };
}
