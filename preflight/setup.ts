import { spawnSync } from "node:child_process";
import * as path from "node:path";
import { ensurePython } from "../scripts/python";
import { CHECKOV_FOLDER } from "./checkov";

if (Number(process.versions.node.split(".")[0]) < 20) {
  throw new Error(`preflight needs Node 20 or later; this is ${process.versions.node}`);
}
// What npm run preflight needs beside the project's own packages: preflight/node_modules and a Python environment.
const { status } = spawnSync("npm", ["ci"], { cwd: __dirname, stdio: "inherit" });
if (status !== 0) {
  throw new Error(`npm ci in preflight/ ended with ${status}`);
}
console.log(ensurePython(CHECKOV_FOLDER, path.join(__dirname, "requirements.txt")));
