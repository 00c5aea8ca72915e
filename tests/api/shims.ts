import * as fs from "node:fs";
import * as path from "node:path";

/**
 * A folder for PATH in which `npx --offline ecr-platform` is this project's and `docker` only writes down what it is told:
 * its arguments and standard input, in docker.log.
 */
export function commandShims(project: string): string {
  const folder = path.join(project, ".shims");
  fs.mkdirSync(folder, { recursive: true });
  const write = (name: string, lines: string[]) => {
    fs.writeFileSync(path.join(folder, name), `#!/bin/sh\n${lines.join("\n")}\n`, { mode: 0o755 });
  };
  write("npx", ["shift 2", `exec "${process.execPath}" "${path.join(project, "cli/ecr-platform.js")}" "$@"`]);
  write("docker", [
    `echo "$@" > "${folder}/docker.log"`,
    `cat >> "${folder}/docker.log"`,
    `exit "$(cat "${folder}/docker.status" 2>/dev/null || echo 0)"`,
  ]);
  return folder;
}
