import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { UserError } from "../plan/user-error";
import { announceChanges } from "./interruption";

/** A file's new content, and the content that it was made from; undefined where there was no file. */
export interface Replacement {
  file: string;
  before: Buffer | undefined;
  after: string;
}

/** How long to wait for another process that writes the same files, in milliseconds. */
const PATIENCE = 2000;

/** A file's content; undefined where there is none. */
export function contentOf(file: string): Buffer | undefined {
  return fs.existsSync(file) ? fs.readFileSync(file) : undefined;
}

/** A file's text. @throws UserError where it is not UTF-8 */
export function textOf(file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(fs.readFileSync(file));
  } catch {
    throw new UserError(`${path.basename(file)} is not UTF-8`, "save it as UTF-8");
  }
}

/** A replacement's temporary file: the new content, and the sign to others that this process is about to write. */
class Draft {
  private readonly target: string;
  private readonly folder: string;
  private readonly prefix: string;
  private readonly file: string;

  constructor(readonly replacement: Replacement) {
    const { file } = replacement;
    // A rename onto a symbolic link would replace the link.
    this.target = fs.existsSync(file) ? fs.realpathSync(file) : file;
    this.folder = path.dirname(this.target);
    this.prefix = `.${path.basename(this.target)}.${os.hostname()}.`;
    this.file = path.join(this.folder, `${this.prefix}${process.pid}.tmp`);
  }

  write(): void {
    fs.mkdirSync(this.folder, { recursive: true });
    const mode =
      this.replacement.before === undefined ? 0o666 & ~process.umask() : fs.statSync(this.target).mode;
    if (this.replacement.before !== undefined) {
      fs.accessSync(this.target, fs.constants.W_OK);
    }
    const descriptor = fs.openSync(this.file, "w");
    try {
      fs.writeFileSync(descriptor, this.replacement.after);
      fs.fchmodSync(descriptor, mode);
      fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
  }

  remove(): void {
    fs.rmSync(this.file, { force: true });
  }

  /** Another process's draft of the same file. Those of processes that were killed are removed. */
  rival(): string | undefined {
    const start = `.${path.basename(this.target)}.`;
    const drafts = fs
      .readdirSync(this.folder)
      .filter(
        (name) =>
          name.startsWith(start) && /\.\d+\.tmp$/.test(name) && path.join(this.folder, name) !== this.file,
      );
    return drafts.find((name) => {
      if (!name.startsWith(this.prefix) || isRunning(Number(/(\d+)\.tmp$/.exec(name)![1]))) {
        return true;
      }
      fs.rmSync(path.join(this.folder, name), { force: true });
      return false;
    });
  }

  hasChanged(): boolean {
    const { before } = this.replacement;
    const now = contentOf(this.target);
    return before === undefined || now === undefined ? before !== now : !before.equals(now);
  }

  commit(): void {
    fs.renameSync(this.file, this.target);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, as another user.
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/**
 * Replaces files, each as a whole: whenever the process ends, a file has its old or its new content. They are replaced
 * only if they still are what they were when they were read.
 *
 * Each process writes its drafts first and looks for drafts of others then, so of two processes at least one sees the
 * other and steps back. No lock has to be taken over from a process that was killed: its draft says which one that was.
 * @throws UserError where a file has changed meanwhile, or another process does not finish
 */
export async function replaceFiles(replacements: readonly Replacement[]): Promise<void> {
  const drafts = replacements.map((one) => new Draft(one));
  const deadline = Date.now() + PATIENCE;
  try {
    for (;;) {
      drafts.forEach((draft) => {
        draft.write();
      });
      const rival = drafts.map((draft) => draft.rival()).find((name) => name !== undefined);
      if (rival === undefined) {
        break;
      }
      drafts.forEach((draft) => {
        draft.remove();
      });
      if (Date.now() > deadline) {
        throw new UserError(
          "another process is writing the same file; nothing was written",
          `wait for it; if none is running, delete ${rival}`,
        );
      }
      await wait(20 + Math.random() * 100);
    }
    const changed = drafts.filter((draft) => draft.hasChanged());
    if (changed.length > 0) {
      const names = changed.map(({ replacement }) => path.basename(replacement.file)).join(", ");
      throw new UserError(`${names} changed while the command ran; nothing was written`, "run it again");
    }
    drafts.forEach((draft) => {
      draft.commit();
    });
    announceChanges({
      soFar: () => `wrote ${replacements.map(({ file }) => path.basename(file)).join(", ")}`,
    });
  } finally {
    drafts.forEach((draft) => {
      draft.remove();
    });
  }
}
