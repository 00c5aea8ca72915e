import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { buildSync } from "esbuild";

const ROOT = path.resolve(__dirname, "..");

/** The functions, by the name of their file in functions/handlers. */
export type FunctionSource = "metrics" | "clean-up";

const bundled = new Map<FunctionSource, string>();

/**
 * A function's code in one file, the AWS SDK with it: what Lambda's runtime brings changes by itself. The same
 * sources give the same bytes, so that a preview shows a change of code only where there is one.
 */
function bundle(source: FunctionSource): string {
  const known = bundled.get(source);
  if (known !== undefined) {
    return known;
  }
  const { outputFiles } = buildSync({
    entryPoints: [path.join("functions/handlers", `${source}.ts`)],
    absWorkingDir: ROOT,
    bundle: true,
    write: false,
    platform: "node",
    target: "node22",
    format: "cjs",
    minify: true,
    legalComments: "none",
    logLevel: "error",
  });
  const text = outputFiles[0]?.text ?? "";
  bundled.set(source, text);
  return text;
}

/** A function's code as Lambda takes it: `index.js`, which exports `handler`. */
export function functionCode(source: FunctionSource): pulumi.asset.AssetArchive {
  return new pulumi.asset.AssetArchive({ "index.js": new pulumi.asset.StringAsset(bundle(source)) });
}
