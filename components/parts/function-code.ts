import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { buildSync, version, type BuildOptions } from "esbuild";
import * as aws from "./aws";
import { cachedBuild, type Build } from "./cached-build";

const ROOT = path.resolve(__dirname, "../..");

/** The functions, by the name of their file in functions/. */
const SOURCES = ["metrics", "clean-up"] as const;
/** One of the functions. */
export type FunctionSource = (typeof SOURCES)[number];

/** The newest Node that Lambda runs, as far as this version of @pulumi/aws knows. */
export const RUNTIME = aws.lambda.Runtime.NodeJS24dX;

const OPTIONS = {
  // Together, since they share most of it.
  entryPoints: SOURCES.map((source) => path.join("functions", `${source}.ts`)),
  outdir: "bin",
  bundle: true,
  write: false,
  metafile: true,
  platform: "node",
  // The SDK's modules, of which esbuild leaves out the operations that nothing calls.
  mainFields: ["module", "main"],
  target: RUNTIME.replace(/^nodejs(\d+)\.x$/, "node$1"),
  format: "cjs",
  minify: true,
  legalComments: "none",
  logLevel: "error",
} satisfies BuildOptions;

/** Files that change what esbuild makes of the sources. */
const PROJECT_FILES = ["package.json", "package-lock.json", "tsconfig.json"];

/**
 * Each function's code in one file, the AWS SDK with it: what Lambda's runtime brings changes by itself. The same
 * sources give the same bytes, so that a preview shows a change of code only where there is one.
 */
function build(): Build {
  const { outputFiles, metafile } = buildSync({ ...OPTIONS, absWorkingDir: ROOT });
  return {
    outputs: Object.fromEntries(outputFiles.map((file) => [path.basename(file.path, ".js"), file.text])),
    inputs: [...PROJECT_FILES, ...Object.keys(metafile.inputs)],
  };
}

let bundles: Build["outputs"] | undefined;

/** A function's code as Lambda takes it: `index.js`, which exports `handler`. */
export function functionCode(source: FunctionSource): pulumi.asset.AssetArchive {
  bundles ??= cachedBuild({
    file: path.join(ROOT, "node_modules/.cache/ecr-platform/functions.json"),
    root: ROOT,
    settings: JSON.stringify([version, OPTIONS]),
    build,
  });
  return new pulumi.asset.AssetArchive({
    "index.js": new pulumi.asset.StringAsset(bundles[source] ?? ""),
  });
}
