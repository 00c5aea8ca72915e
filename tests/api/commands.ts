import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { copyOfProject } from "../support/project";
import { Emulator } from "./emulator";
import { commandShims } from "./shims";

interface Ran {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** What each test starts with. */
interface Started {
  /** The emulator, empty. */
  aws: Emulator;
  /** A copy of the project. */
  folder: string;
  /** The folder that is first on PATH. */
  shims: string;
}

/** Starts the emulator for the tests of a `describe`, and gives each an empty one and a copy of the project. */
export function commandsApi(started: (these: Started) => void) {
  let aws: Emulator;
  let folder: string;
  let shims: string;
  const variables = { ...process.env };
  before(async () => {
    aws = await Emulator.start();
    Object.assign(process.env, aws.environment);
  });
  beforeEach(async () => {
    await aws.reset();
    folder = copyOfProject();
    shims = commandShims(folder);
    started({ aws, folder, shims });
  });
  afterEach(() => {
    fs.rmSync(folder, { recursive: true, force: true });
  });
  after(() => {
    aws.close();
    process.env = variables;
  });

  const environment = () => ({ ...process.env, PATH: `${shims}:${process.env.PATH}`, NO_COLOR: "1" });
  const program = () => path.join(folder, "cli/ecr-platform.js");
  const run = (...args: string[]): Ran => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program(), ...args], {
      cwd: folder,
      encoding: "utf8",
      input: "",
      env: environment(),
      maxBuffer: 64 * 1024 * 1024,
    });
    return { status, stdout, stderr };
  };
  const json = <T>(...args: string[]): T => {
    const { stdout, stderr } = run(...args, "--json");
    assert.equal(stderr, "");
    return JSON.parse(stdout) as T;
  };
  /** On a terminal, with keys typed. */
  const onTerminal = (keys: string[], ...args: string[]): Ran => {
    const typed = keys.map((key) => `sleep 1; printf '${key}\\r'; `).join("");
    const command = [process.execPath, program(), ...args].map((word) => `"${word}"`).join(" ");
    const { status, stdout, stderr } = spawnSync(
      "bash",
      ["-c", `(sleep 3; ${typed}sleep 3) | script -qec '${command}' /dev/null`],
      { cwd: folder, encoding: "utf8", env: { ...environment(), NO_COLOR: "" } },
    );
    return { status, stdout, stderr };
  };
  const stackFile = (stack: string) => path.join(folder, `Pulumi.${stack}.yaml`);
  return { environment, program, run, json, onTerminal, stackFile };
}
