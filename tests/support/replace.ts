import * as fs from "node:fs";
import { contentOf, replaceFiles } from "../../cli/replace-files";

// A process that replaces files: node replace.ts <gate> <text> <file...>. It reads them, waits until the gate is there,
// and then puts the text behind what it read.
const [gate = "", text = "", ...files] = process.argv.slice(2);
const replacements = files.map((file) => {
  const before = contentOf(file);
  return { file, before, after: `${before?.toString() ?? ""}${text}\n` };
});
fs.writeFileSync(`${gate}.${text}`, "");
while (!fs.existsSync(gate));
replaceFiles(replacements).catch((error: unknown) => {
  console.error((error as Error).message);
  process.exitCode = 1;
});
