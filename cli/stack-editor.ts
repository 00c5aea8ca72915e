import * as fs from "node:fs";
import * as path from "node:path";
import type { StackToRun } from "../config/load";
import { noStackFile, projectName, readStackConfig, stackFile } from "../plan/stack-file";
import { UserError } from "../plan/user-error";
import { contentOf, type Replacement } from "./replace-files";
import { YamlText, type Path } from "./yaml-text";

/** A stack's file as it is edited: in memory, until {@link replaceFiles} writes it. */
export class StackEditor {
  readonly file: string;
  readonly yaml: YamlText;
  readonly project: string;
  private readonly before: Buffer | undefined;
  private readonly original: string;

  /**
   * @param from another stack, whose file is the beginning of a new one
   * @throws UserError where there is no such file, or it is not YAML
   */
  constructor(
    private readonly directory: string,
    readonly stack: string,
    from: string = stack,
  ) {
    this.file = stackFile(directory, stack);
    this.before = contentOf(this.file);
    const beginning = stackFile(directory, from);
    if (!fs.existsSync(beginning)) {
      throw noStackFile(directory, from);
    }
    this.original = textOf(beginning);
    this.yaml = new YamlText(this.original, path.basename(beginning));
    this.project = projectName(directory);
  }

  /** Where a key of the project's config is in the file, which has it with the project's name before it. */
  path(...[key, ...inner]: [string, ...Path]): Path {
    return ["config", `${this.project}:${key}`, ...inner];
  }

  /** The config before any edit. */
  toRunBefore(): StackToRun {
    return readStackConfig(this.directory, this.stack, this.original);
  }

  /** The config as it is edited. */
  toRun(): StackToRun {
    return readStackConfig(this.directory, this.stack, this.yaml.text);
  }

  replacement(): Replacement {
    return { file: this.file, before: this.before, after: this.yaml.text };
  }
}

function textOf(file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(fs.readFileSync(file));
  } catch {
    throw new UserError(`${path.basename(file)} is not UTF-8`, "save it as UTF-8");
  }
}
