import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { isDynamicPattern } from "tinyglobby";
import { filesOf, type TeamFileText } from "../config/team-files";
import { contentOf, textOf, type Replacement } from "./replace-files";
import { YamlText } from "./yaml-text";

/** The team files of a project as they are edited: in memory, until {@link replaceFiles} writes them. */
export class TeamFiles {
  private readonly edited = new Map<string, { before: Buffer | undefined; yaml: YamlText }>();

  constructor(private readonly directory: string) {}

  /** A file to edit. @param text the content of a new one */
  open(file: string, text?: string): YamlText {
    const earlier = this.edited.get(file);
    if (earlier !== undefined) {
      return earlier.yaml;
    }
    const target = path.join(this.directory, file);
    const yaml = new YamlText(text ?? textOf(target), file);
    this.edited.set(file, { before: contentOf(target), yaml });
    return yaml;
  }

  /** Reads the files that globs match. */
  readonly read = (globs: readonly string[]): TeamFileText[] => {
    const added = [...this.edited.keys()].filter((file) => isMatched(file, globs));
    return [...new Set([...filesOf(this.directory, globs), ...added])].sort().map((file) => ({
      file,
      text: this.edited.get(file)?.yaml.text ?? fs.readFileSync(path.join(this.directory, file), "utf8"),
    }));
  };

  /** The file of a team, whatever environments it is in. */
  fileOf(team: string, globs: readonly string[]): string | undefined {
    return this.read(globs).find(({ file, text }) => new YamlText(text, file).get(["name"]) === team)?.file;
  }

  replacements(): Replacement[] {
    return [...this.edited].map(([file, { before, yaml }]) => ({
      file: path.join(this.directory, file),
      before,
      after: yaml.text,
    }));
  }
}

/** The first line of a team file, which tells editors its schema. */
export function modeline(file: string): string {
  const schema = path.posix.relative(path.posix.dirname(file), "schema/team-file.schema.json");
  return `# yaml-language-server: $schema=${schema}\n`;
}

/** Whether globs match a file that need not be there: what matches the others decides, in an empty folder. */
export function isMatched(file: string, globs: readonly string[]): boolean {
  if (path.isAbsolute(file) || path.posix.normalize(file) !== file || file.startsWith("..")) {
    return false;
  }
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "ecr-platform-"));
  try {
    fs.mkdirSync(path.join(folder, path.dirname(file)), { recursive: true });
    fs.writeFileSync(path.join(folder, file), "");
    return filesOf(folder, globs).length > 0;
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/** The file of a new team; undefined where globs name several folders, or one with a wildcard. */
export function newTeamFile(team: string, globs: readonly string[]): string | undefined {
  const [file, ...others] = new Set(
    globs.map((glob) => `${path.posix.dirname(glob)}/${team}${path.posix.extname(glob)}`),
  );
  return file === undefined || others.length > 0 || isDynamicPattern(file) ? undefined : file;
}
