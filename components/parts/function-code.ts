import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { buildSync } from "esbuild";

const ROOT = path.resolve(__dirname, "../..");

/** The functions, by the name of their file in functions/. */
const SOURCES = ["metrics", "clean-up"] as const;
/** One of the functions. */
export type FunctionSource = (typeof SOURCES)[number];

let bundled: ReadonlyMap<string, string> | undefined;

/**
 * Each function's code in one file, the AWS SDK with it: what Lambda's runtime brings changes by itself. The same
 * sources give the same bytes, so that a preview shows a change of code only where there is one.
 */
function bundles(): ReadonlyMap<string, string> {
  // Together, since they share most of it.
  bundled ??= new Map(
    buildSync({
      entryPoints: SOURCES.map((source) => path.join("functions", `${source}.ts`)),
      absWorkingDir: ROOT,
      outdir: "bin",
      bundle: true,
      write: false,
      platform: "node",
      target: "node22",
      format: "cjs",
      minify: true,
      legalComments: "none",
      logLevel: "error",
    }).outputFiles.map((file) => [path.basename(file.path, ".js"), file.text]),
  );
  return bundled;
}

/** A function's code as Lambda takes it: `index.js`, which exports `handler`. */
export function functionCode(source: FunctionSource): pulumi.asset.AssetArchive {
  return new pulumi.asset.AssetArchive({
    "index.js": new pulumi.asset.StringAsset(bundles().get(source) ?? ""),
  });
}
