import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

function run(command: string, args: string[]): void {
  const { status } = spawnSync(command, args, { stdio: "inherit" });
  if (status !== 0) {
    throw new Error(
      `${command} ${args.join(" ")} ended with ${status}; it needs Python 3.11 with venv and pip`,
    );
  }
}

/** The Python of a virtual environment. */
export function pythonIn(folder: string): string {
  return path.join(folder, "bin/python");
}

/**
 * Makes a virtual environment that holds what a requirements file lists, unless it does already.
 * @returns what was done, in a line
 */
export function ensurePython(folder: string, requirements: string): string {
  const wanted = fs.readFileSync(requirements, "utf8");
  const installed = path.join(folder, "requirements.txt");
  const current =
    fs.existsSync(pythonIn(folder)) &&
    fs.existsSync(installed) &&
    fs.readFileSync(installed, "utf8") === wanted;
  if (current) {
    return `${wanted.trim()} is in ${folder} already`;
  }
  run("python3", ["-c", "import sys; sys.exit(sys.version_info < (3, 11))"]);
  run("python3", ["-m", "venv", "--clear", folder]);
  run(pythonIn(folder), [
    "-m",
    "pip",
    "install",
    "--quiet",
    "--disable-pip-version-check",
    "-r",
    requirements,
  ]);
  // Last, so that an installation that broke off is not taken for one.
  fs.copyFileSync(requirements, installed);
  return `installed ${wanted.trim()} in ${folder}`;
}
