import * as fs from "node:fs";
import { runProgram } from "./run";

// A process of its own for another revision's program: node worker.ts <folder> <stack> <result file>
const [directory = ".", stack = "", result = ""] = process.argv.slice(2);
runProgram(directory, stack).then(
  (run) => {
    fs.writeFileSync(result, JSON.stringify(run));
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
