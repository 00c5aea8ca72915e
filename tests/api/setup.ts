import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { ROOT } from "../support/project";

const FOLDER = path.join(ROOT, ".emulator");
const REQUIREMENTS = path.join(__dirname, "requirements.txt");

/** Python with moto in it, where `npm run api:setup` has put it. */
export const EMULATOR_PYTHON = path.join(FOLDER, "bin/python");

function run(command: string, args: string[]): void {
  const { status } = spawnSync(command, args, { stdio: "inherit" });
  if (status !== 0) {
    throw new Error(
      `${command} ${args.join(" ")} ended with ${status}; it needs Python 3.11 with venv and pip`,
    );
  }
}

/** Whether the environment holds what requirements.txt asks for. */
function isCurrent(): boolean {
  const installed = path.join(FOLDER, "requirements.txt");
  return (
    fs.existsSync(EMULATOR_PYTHON) &&
    fs.existsSync(installed) &&
    fs.readFileSync(installed, "utf8") === fs.readFileSync(REQUIREMENTS, "utf8")
  );
}

if (require.main === module) {
  if (isCurrent()) {
    console.log(`the emulator is in ${FOLDER} already`);
  } else {
    run("python3", ["-m", "venv", "--clear", FOLDER]);
    run(EMULATOR_PYTHON, [
      "-m",
      "pip",
      "install",
      "--quiet",
      "--disable-pip-version-check",
      "-r",
      REQUIREMENTS,
    ]);
    // Last, so that an installation that broke off is not taken for one.
    fs.copyFileSync(REQUIREMENTS, path.join(FOLDER, "requirements.txt"));
    console.log(`installed ${fs.readFileSync(REQUIREMENTS, "utf8").trim()} in ${FOLDER}`);
  }
}
