import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { UserError } from "../plan/user-error";
import { contentOf, textOf, type Replacement } from "./replace-files";

/**
 * Where GitHub looks for the file, in this order; the first one counts.
 * https://docs.github.com/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
 */
const PLACES = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];

/** A user, a team of an organization, or a mail address. */
const OWNER = /^(@[\w-]+(\/[\w.-]+)?|[^\s@#]+@[^\s@#]+\.[^\s@#]+)$/;

/** @throws UserError where a name is not in the form of CODEOWNERS: GitHub would ignore its line */
export function checkOwners(owners: readonly string[]): void {
  const wrong = owners.find((owner) => !OWNER.test(owner));
  if (wrong !== undefined) {
    throw new UserError(
      `--owner ${wrong}: not an owner as CODEOWNERS names them`,
      "write @organization/team, @user or a mail address",
    );
  }
}

/** The repository's root, which CODEOWNERS belongs to: the project may be in a folder of it. */
function rootOf(directory: string): string {
  const { status, stdout } = spawnSync("git", ["rev-parse", "--show-toplevel"], {
    cwd: directory,
    encoding: "utf8",
  });
  return status === 0 ? stdout.trimEnd() : fs.realpathSync(directory);
}

/**
 * CODEOWNERS with the owners of a file. The line comes last, because the last line that matches a file counts.
 * @returns nothing where the last line says so already
 */
export function withOwners(directory: string, file: string, owners: readonly string[]): Replacement[] {
  const root = rootOf(directory);
  const place = PLACES.find((one) => fs.existsSync(path.join(root, one))) ?? PLACES[0]!;
  const target = path.join(root, place);
  const before = contentOf(target);
  const text = before === undefined ? "" : textOf(target);
  const pattern = `/${path
    .relative(root, path.join(fs.realpathSync(directory), file))
    .split(path.sep)
    .join("/")}`;
  const line = [pattern.replaceAll(" ", "\\ "), ...owners].join(" ");
  if (text.trimEnd().split(/\r?\n/).at(-1) === line) {
    return [];
  }
  const lineEnd = /\r?\n/.exec(text)?.[0] ?? "\n";
  const between = text === "" || text.endsWith("\n") ? "" : lineEnd;
  return [{ file: target, before, after: `${text}${between}${line}${lineEnd}` }];
}
