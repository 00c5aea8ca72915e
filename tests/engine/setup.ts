import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { PulumiCommand } from "@pulumi/pulumi/automation";

/**
 * Finds or makes a Pulumi CLI with its Node.js language host for the engine tests, says which, and remembers
 * it in .engine/: one on PATH, one of Pulumi's own version cache, the official download, or a build of both
 * from their Go modules. `npm run engine:setup`
 */

const ROOT = path.resolve(__dirname, "../..");
const HOME = path.join(ROOT, ".engine");
const REMEMBERED = path.join(HOME, "engine.json");

/** The version that is downloaded or built, and the oldest that the program's SDK works with. */
const VERSION = "3.259.0";
const OLDEST = [3, 248, 0] as const;
/** The newest language host that the Go module proxy builds on its own. */
const HOST_VERSION = "3.68.0";

/** A CLI for the tests: the folder of `pulumi` and `pulumi-language-nodejs`, and where they come from. */
export interface Engine {
  bin: string;
  version: string;
  source: "PATH" | "version cache" | "download" | "Go build";
}

const executable = (name: string) => (process.platform === "win32" ? `${name}.exe` : name);

/** The version of the CLI in a folder, where it is new enough and its language host lies beside it. */
function usable(bin: string): string | undefined {
  if (!fs.existsSync(path.join(bin, executable("pulumi-language-nodejs")))) {
    return undefined;
  }
  const { status, stdout } = spawnSync(path.join(bin, executable("pulumi")), ["version"], {
    encoding: "utf8",
  });
  const version = /^v?(\d+)\.(\d+)\.(\d+)/.exec(status === 0 ? stdout.trim() : "");
  if (version === null) {
    return undefined;
  }
  const parts = version.slice(1, 4).map(Number);
  const differs = OLDEST.findIndex((oldest, i) => parts[i] !== oldest);
  return differs < 0 || (parts[differs] ?? 0) > (OLDEST[differs] ?? 0) ? parts.join(".") : undefined;
}

/** The first folder with a usable CLI. */
function firstOf(source: Engine["source"], folders: string[]): Engine | undefined {
  for (const bin of folders) {
    const version = usable(bin);
    if (version !== undefined) {
      return { bin, version, source };
    }
  }
  return undefined;
}

function versionCache(): string[] {
  const pulumiHome = process.env.PULUMI_HOME ?? path.join(os.homedir(), ".pulumi");
  const versions = path.join(pulumiHome, "versions");
  const cached = fs.existsSync(versions)
    ? fs.readdirSync(versions).map((name) => path.join(versions, name, "bin"))
    : [];
  return [path.join(pulumiHome, "bin"), ...cached];
}

async function download(): Promise<Engine | undefined> {
  const root = path.join(HOME, "download");
  try {
    await PulumiCommand.install({ root, skipVersionCheck: true });
  } catch (error) {
    console.log(
      `the official download failed: ${error instanceof Error ? error.message.split("\n")[0] : "?"}`,
    );
    return undefined;
  }
  return firstOf("download", [path.join(root, "bin")]);
}

/** Builds one program of a Go module whose go.mod names it as a tool. */
function goBuild(module: string, tool: string, version: string, output: string): void {
  const { status, error } = spawnSync(
    "go",
    [
      "build",
      // Without it `pulumi version` prints nothing.
      "-ldflags",
      `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${version}`,
      "-o",
      output,
      tool,
    ],
    { cwd: path.join(__dirname, "go", module), stdio: "inherit" },
  );
  if (status !== 0) {
    throw new Error(`go build ${tool} failed${error === undefined ? "" : `: ${error.message}`}`);
  }
}

function build(): Engine | undefined {
  if (spawnSync("go", ["version"]).status !== 0) {
    console.log("there is no Go to build the CLI with");
    return undefined;
  }
  const bin = path.join(HOME, "bin");
  fs.mkdirSync(bin, { recursive: true });
  console.log(`building pulumi ${VERSION} and its language host from their Go modules: some minutes, once`);
  goBuild(
    "pulumi",
    "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    VERSION,
    path.join(bin, executable("pulumi")),
  );
  goBuild(
    "language-host",
    "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
    HOST_VERSION,
    path.join(bin, executable("pulumi-language-nodejs")),
  );
  return firstOf("Go build", [bin]);
}

/**
 * The CLI that `npm run engine:setup` found.
 * @throws Error where it was not run, or what it found is gone
 */
export function rememberedEngine(): Engine {
  const engine = fs.existsSync(REMEMBERED)
    ? (JSON.parse(fs.readFileSync(REMEMBERED, "utf8")) as Engine)
    : undefined;
  if (engine === undefined || usable(engine.bin) === undefined) {
    throw new Error("no Pulumi CLI is set up for the engine tests. Fix: npm run engine:setup");
  }
  return engine;
}

async function main(): Promise<void> {
  const engine =
    firstOf("PATH", (process.env.PATH ?? "").split(path.delimiter)) ??
    firstOf("version cache", versionCache()) ??
    firstOf("Go build", [path.join(HOME, "bin")]) ??
    (await download()) ??
    build();
  if (engine === undefined) {
    console.error(
      "no Pulumi CLI could be had. Fix: install it (https://www.pulumi.com/docs/install/) so that pulumi and " +
        "pulumi-language-nodejs are on PATH, or install Go 1.26 or later.",
    );
    process.exitCode = 1;
    return;
  }
  fs.mkdirSync(HOME, { recursive: true });
  fs.writeFileSync(REMEMBERED, JSON.stringify(engine, null, 2));
  console.log(`pulumi ${engine.version} (${engine.source}): ${engine.bin}`);
}

if (require.main === module) {
  void main();
}
