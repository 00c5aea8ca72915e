import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { LocalWorkspace, PulumiCommand, type Stack } from "@pulumi/pulumi/automation";
import { copyOfProject, editStack, POLICY_RUNNER, ROOT } from "../support/project";
import { rememberedEngine } from "./setup";
import { readWorld, writeWorld, type Fault, type World, type WorldCall } from "./world";

/**
 * Processes that a process started, and those that they did. The engine puts what it starts into process groups of
 * their own, and a program whose engine is gone neither ends nor rests.
 */
function descendants(pid: number): number[] {
  const all = spawnSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" })
    .stdout.trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const below = (parent: number): number[] =>
    all.flatMap(([child = 0, of]) => (of === parent ? [child, ...below(child)] : []));
  return below(pid);
}

/** One run of the Pulumi CLI. */
export interface CliResult {
  status: number | null;
  /** Standard output and error. */
  text: string;
}

/** awsx's plugin cannot be had offline: dev's new VPC is an existing one here. The unit tests cover its arguments. */
export function withoutAwsx(config: Record<string, any>): void {
  config["ecr-platform:network"] = {
    ...config["ecr-platform:network"],
    vpc: {
      id: "vpc-0a1b2c3d4e5f60718",
      subnetIds: ["subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60712"],
      routeTableIds: ["rtb-0a1b2c3d4e5f60721"],
    },
    allowedCidrs: ["10.64.0.0/20"],
  };
}

export const DEV = "111122223333";
export const PROD = "444455556666";

/** The committed stacks, their accounts, and what the engine tests change in their files. */
export const STACKS = [
  ["dev", DEV, withoutAwsx],
  ["prod", PROD, () => undefined],
] as const;

/** One step of `pulumi preview --json`. */
interface PreviewStep {
  op: string;
  urn: string;
}

/**
 * A copy of the project on the real Pulumi CLI, as a user runs it, with a file backend of its own and the
 * stand-in for AWS attached.
 */
export class EngineProject {
  readonly folder = copyOfProject();
  private readonly worldFile = path.join(this.folder, ".world.json");
  private readonly engine = rememberedEngine();
  /** Programs that the engine finds on PATH in this project only. */
  private readonly shims = path.join(this.folder, ".shims");
  private standIn: ChildProcess | undefined;
  private port = "";

  private constructor(readonly stack: string) {}

  /**
   * Starts the stand-in and makes the stack.
   * @param revision the program and the stack files of an earlier version. Default the working tree's
   */
  static async of(
    stack: string,
    account: string,
    change: (config: Record<string, any>) => void = () => undefined,
    revision?: string,
  ) {
    const project = new EngineProject(stack);
    if (revision !== undefined) {
      const archive = execFileSync("git", ["archive", "--format=tar", revision], {
        cwd: ROOT,
        maxBuffer: 64 * 1024 * 1024,
      });
      execFileSync("tar", ["-x", "-C", project.folder], { input: archive });
    }
    editStack(project.folder, stack, change);
    project.world({ account, region: "eu-west-1", resources: {}, calls: [], images: {}, ids: 0 });
    await project.startStandIn();
    fs.mkdirSync(path.join(project.folder, ".state"));
    project.must("stack", "init", stack);
    return project;
  }

  private async startStandIn(): Promise<void> {
    const standIn = spawn(
      process.execPath,
      ["-r", "ts-node/register/transpile-only", path.join(__dirname, "stand-in.ts")],
      {
        cwd: ROOT,
        env: { ...process.env, STAND_IN_WORLD: this.worldFile },
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    this.standIn = standIn;
    this.port = await new Promise<string>((resolve, reject) => {
      standIn.stdout.once("data", (data: Buffer) => {
        resolve(data.toString().trim());
      });
      standIn.once("exit", () => {
        reject(new Error("the stand-in ended before it said its port"));
      });
    });
  }

  /** Ends the stand-in and removes the folder. */
  close(): void {
    this.standIn?.kill();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  /** What the stand-in knows; given a world, replaces it. */
  world(change?: World): World {
    if (change !== undefined) {
      writeWorld(this.worldFile, change);
    }
    return readWorld(this.worldFile);
  }

  edit(change: (config: Record<string, any>) => void): void {
    editStack(this.folder, this.stack, change);
  }

  /** Runs the CLI. */
  pulumi(...args: string[]): CliResult {
    const { status, stdout, stderr } = spawnSync(this.cli, [...args, "--non-interactive"], {
      cwd: this.folder,
      encoding: "utf8",
      maxBuffer: 256 * 1024 * 1024,
      env: this.environment(),
    });
    return { status, text: `${stdout}${stderr}` };
  }

  private get cli(): string {
    return path.join(this.engine.bin, "pulumi");
  }

  private environment(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      PATH: `${this.engine.bin}${path.delimiter}${this.shims}${path.delimiter}${process.env.PATH}`,
      PULUMI_BACKEND_URL: `file://${path.join(this.folder, ".state")}`,
      PULUMI_CONFIG_PASSPHRASE: "test",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DEBUG_PROVIDERS: `aws:${this.port}`,
      NO_COLOR: "1",
    };
  }

  /**
   * Starts `pulumi up` and, in the call that the fault names, ends it: `SIGKILL` takes the engine, the language host
   * and the program at once, as a machine that goes away; `SIGINT` asks the engine to stop, as Ctrl-C does.
   * @returns the exit code, null where it was killed
   */
  async interruptUp(fault: Fault, signal: "SIGKILL" | "SIGINT", ...args: string[]): Promise<number | null> {
    const before = this.world().calls.length;
    this.world({ ...this.world(), fault, hanging: false });
    const up = spawn(
      this.cli,
      ["up", "--yes", "--skip-preview", "--stack", this.stack, "--non-interactive", ...args],
      { cwd: this.folder, env: this.environment(), stdio: "ignore" },
    );
    const ended = new Promise<number | null>((resolve) => up.once("exit", resolve));
    const reached = () =>
      fault.how === "slow"
        ? this.world().fault === undefined && this.world().calls.length > before
        : this.world().hanging === true;
    while (!reached()) {
      if (up.exitCode !== null) {
        throw new Error(`pulumi up ended with ${up.exitCode} before it came to the call`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    if (signal === "SIGKILL") {
      // Whatever else was in flight ends and is saved, so that the one call is what the engine never hears of.
      for (let calls = -1; calls < this.world().calls.length;) {
        calls = this.world().calls.length;
        await new Promise((resolve) => setTimeout(resolve, 3000));
      }
    }
    const pid = up.pid ?? 0;
    const targets = signal === "SIGKILL" ? [pid, ...descendants(pid)] : [pid];
    // One command for all, which does not mind one that has just gone by itself.
    spawnSync("kill", ["-s", signal.slice("SIG".length), ...targets.map(String)]);
    return ended;
  }

  /** Adds another stack of the same account: this one's file, changed. */
  addStack(stack: string, change: (config: Record<string, any>) => void): void {
    fs.copyFileSync(
      path.join(this.folder, `Pulumi.${this.stack}.yaml`),
      path.join(this.folder, `Pulumi.${stack}.yaml`),
    );
    editStack(this.folder, stack, change);
    this.must("stack", "init", stack);
  }

  /** Runs the CLI, which must succeed. */
  must(...args: string[]): string {
    const { status, text } = this.pulumi(...args);
    if (status !== 0) {
      throw new Error(`pulumi ${args.join(" ")} failed:\n${text.slice(-4000)}`);
    }
    return text;
  }

  /** The stack as a program of the Automation API drives it. */
  async automation(): Promise<Stack> {
    const { bin } = this.engine;
    const pulumiCommand = await PulumiCommand.get(
      path.basename(bin) === "bin" ? { root: path.dirname(bin) } : undefined,
    );
    return LocalWorkspace.selectStack(
      { stackName: this.stack, workDir: this.folder },
      { pulumiCommand, envVars: this.environment() as Record<string, string> },
    );
  }

  /** `pulumi up`, and the calls that it made. */
  up(...args: string[]): WorldCall[] {
    const before = this.world().calls.length;
    this.must("up", "--yes", "--skip-preview", "--stack", this.stack, ...args);
    return this.world().calls.slice(before);
  }

  /** The steps of a preview that change something, and the URNs of all. */
  preview(): { steps: PreviewStep[]; changes: PreviewStep[] } {
    const text = this.must("preview", "--json", "--stack", this.stack);
    const { steps } = JSON.parse(text.slice(text.indexOf("{"))) as { steps: PreviewStep[] };
    return { steps, changes: steps.filter(({ op }) => op !== "same") };
  }

  /**
   * What the policy pack says in a preview, as `<level> <policy> <resource>` sorted, and whether the preview
   * passed.
   */
  policyFindings(...args: string[]): { status: number | null; findings: string[] } {
    const { status, text } = this.pulumi(
      "preview",
      "--stack",
      this.stack,
      "--policy-pack",
      this.policyPack(),
      ...args,
    );
    const line = /- \[(mandatory|advisory)\] +(?:\[severity: \w+\] +)?(\S+) +\(\S+ (.+)\)$/gm;
    return {
      status,
      findings: [...text.matchAll(line)]
        .map(([, level, policy, name]) => `${level} ${policy} ${name}`)
        .sort(),
    };
  }

  /**
   * The policy pack in a form that the engine can start. The language host that is built from its Go module
   * starts none; for a runtime without a language host, though, the engine starts the program
   * pulumi-analyzer-policy-<runtime>, which here is the one line that Pulumi's own is.
   */
  private policyPack(): string {
    const pack = path.join(this.folder, "policies");
    if (this.engine.source === "Go build" && !fs.existsSync(this.shims)) {
      fs.mkdirSync(this.shims);
      fs.writeFileSync(
        path.join(this.shims, "pulumi-analyzer-policy-shimmed"),
        `#!/bin/sh\nexec "${process.execPath}" "${POLICY_RUNNER}" "$@"\n`,
        { mode: 0o755 },
      );
      fs.writeFileSync(path.join(pack, "PulumiPolicy.yaml"), "runtime: shimmed\n");
    }
    return pack;
  }

  outputs(): Record<string, any> {
    return JSON.parse(this.must("stack", "output", "--json", "--stack", this.stack)) as Record<string, any>;
  }
}

/** Last part of a URN. */
export function nameOf(urn: string): string {
  return urn.split("::").at(-1) ?? "";
}
