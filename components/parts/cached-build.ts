import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

/** What a build made, and the files that it was made of. */
export interface Build {
  /** Text by name. */
  outputs: Record<string, string>;
  /** Paths of files, absolute or relative to the project's root. */
  inputs: string[];
}

/** Arguments of {@link cachedBuild}. */
export interface CachedBuildArgs {
  /** Where the last build is kept. */
  file: string;
  /** The project's root. */
  root: string;
  /** What the outputs depend on besides the inputs, such as the compiler's version and options. */
  settings: string;
  build: () => Build;
}

const sha256 = (content: string | Buffer) => createHash("sha256").update(content).digest("hex");

/**
 * The outputs of a build, which runs only if an input or the settings changed since the last one, or if its file is
 * damaged.
 */
export function cachedBuild(args: CachedBuildArgs): Build["outputs"] {
  const kept = readBuild(args);
  if (kept !== undefined) {
    return kept;
  }
  const start = Date.now();
  const built = args.build();
  try {
    writeBuild(args, built, start);
  } catch {
    // A folder that cannot be written to costs the next start time, and nothing else.
  }
  return built.outputs;
}

function fingerprint({ root, settings }: CachedBuildArgs, inputs: string[]): string {
  const contents = inputs.map((input) => [input, sha256(fs.readFileSync(path.resolve(root, input)))]);
  return sha256(JSON.stringify([settings, contents]));
}

function readBuild(args: CachedBuildArgs): Build["outputs"] | undefined {
  try {
    const [digest, body = ""] = fs.readFileSync(args.file, "utf8").split("\n");
    if (sha256(body) !== digest) {
      return undefined;
    }
    const kept = JSON.parse(body) as Build & { fingerprint: string };
    return fingerprint(args, kept.inputs) === kept.fingerprint ? kept.outputs : undefined;
  } catch {
    // No such file, or an input is gone.
    return undefined;
  }
}

function writeBuild(args: CachedBuildArgs, { inputs, outputs }: Build, start: number): void {
  // A file that was saved during the build may be in the outputs as it was before. File systems' clocks are coarse.
  const latest = start - 100;
  if (inputs.some((input) => fs.statSync(path.resolve(args.root, input)).mtimeMs > latest)) {
    return;
  }
  const body = JSON.stringify({ fingerprint: fingerprint(args, inputs), inputs, outputs });
  const temporary = `${args.file}.${process.pid}`;
  fs.mkdirSync(path.dirname(args.file), { recursive: true });
  fs.writeFileSync(temporary, `${sha256(body)}\n${body}`);
  fs.renameSync(temporary, args.file);
}
