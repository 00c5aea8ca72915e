import * as fs from "node:fs";
import * as path from "node:path";
import * as prettier from "prettier";
import { parseDocument, type Document } from "yaml";

/** Path of a stack's file. */
export function stackFileOf(directory: string, stack: string): string {
  return path.join(directory, `Pulumi.${stack}.yaml`);
}

/** A stack's file as it is edited: comments and order stay. */
export class StackEditor {
  private readonly original: string | undefined;
  readonly document: Document;
  readonly file: string;

  /** @param from another stack, whose file is the beginning of a new one */
  constructor(
    directory: string,
    readonly stack: string,
    from: string = stack,
  ) {
    this.file = stackFileOf(directory, stack);
    this.original = fs.existsSync(this.file) ? fs.readFileSync(this.file, "utf8") : undefined;
    this.document = parseDocument(fs.readFileSync(stackFileOf(directory, from), "utf8"));
  }

  /** Writes what was edited, in the project's format: the library spaces brackets its own way. */
  async write(): Promise<void> {
    const style = await prettier.resolveConfig(this.file);
    const text = await prettier.format(this.document.toString({ lineWidth: 0 }), {
      ...style,
      parser: "yaml",
    });
    fs.writeFileSync(this.file, text);
  }

  /** Puts the file back as it was. */
  restore(): void {
    if (this.original === undefined) {
      fs.rmSync(this.file, { force: true });
    } else {
      fs.writeFileSync(this.file, this.original);
    }
  }
}
