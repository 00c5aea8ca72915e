import * as fs from "node:fs";
import { runProgram } from "./run";
import { readStackConfig } from "./stack-file";

/** A process of its own for another revision's program: node worker.ts <folder> <stack> <result file> */
async function main([directory = ".", stack = "", result = ""]: string[]): Promise<void> {
  const run = await runProgram(directory, readStackConfig(directory, stack));
  fs.writeFileSync(result, JSON.stringify(run));
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
