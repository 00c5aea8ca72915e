import * as fs from "node:fs";
import * as path from "node:path";
import * as aws from "@pulumi/aws";
import { ROOT } from "./project";

/** The files of components/, by their paths below the project's root. */
export function componentFiles(): string[] {
  return fs
    .readdirSync(path.join(ROOT, "components"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => `components/${file}`);
}

/**
 * Type tokens of the resources that the program can declare, each with a file that does: `new aws.<module>.<Class>(`, or
 * a class that is imported from a module of the SDK.
 */
export function typesInComponents(): Map<string, string> {
  return new Map(
    ["index.ts", ...componentFiles()].flatMap((file) => {
      const source = fs.readFileSync(path.join(ROOT, file), "utf8");
      const constructed = [...source.matchAll(/new aws\.(\w+)\.(\w+)\(/g)].map(
        ([, module, name]) => (aws as any)[module ?? ""][name ?? ""],
      );
      const imported = [...source.matchAll(/import \{ ([\w, ]+) \} from "(@pulumi\/awsx?\/[^"]+)"/g)].flatMap(
        ([, names = "", module = ""]) => names.split(", ").map((name) => require(module)[name]),
      );
      return [...constructed, ...imported].flatMap((resource): [string, string][] =>
        resource?.__pulumiType === undefined ? [] : [[resource.__pulumiType, file]],
      );
    }),
  );
}
