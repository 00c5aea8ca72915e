import prompts from "prompts";
import { UserError } from "../plan/user-error";
import { endInterrupted } from "./interruption";

/** One thing that a command needs to know. */
export interface Question {
  /** The flag that answers it, such as `--name`. */
  flag: string;
  message: string;
  /** What is offered. */
  initial?: string;
  /** What is wrong with an answer, or true; the answers before it are known. */
  validate?: (answer: string, earlier: Partial<Record<string, string>>) => string | true;
}

/** Whether there is somebody to ask. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY;
}

/**
 * Asks what flags did not say.
 * @throws UserError where there is nobody to ask, naming all flags that are missing
 */
export async function ask<K extends string>(
  questions: Partial<Record<K, Question>>,
): Promise<Partial<Record<K, string>>> {
  const open = Object.entries<Question | undefined>(questions).flatMap(([name, question]) =>
    question === undefined ? [] : [{ name: name as K, ...question }],
  );
  if (open.length === 0) {
    return {};
  }
  if (!canAsk()) {
    throw new UserError(
      `missing: ${open.map(({ flag }) => flag).join(", ")}`,
      "give the flags, or run it on a terminal to be asked",
    );
  }
  const answers: Partial<Record<K, string>> = {};
  for (const { name, message, initial, validate } of open) {
    const { answer } = (await prompts(
      {
        type: "text",
        name: "answer",
        message,
        ...(initial === undefined ? {} : { initial }),
        ...(validate === undefined ? {} : { validate: (text: string) => validate(text, answers) }),
      },
      { onCancel: () => endInterrupted("SIGINT") },
    )) as { answer: string };
    answers[name] = answer;
  }
  return answers;
}

/** The flags of every command that writes files. */
export interface WriteOptions {
  dryRun?: boolean;
  yes?: boolean;
  json?: boolean;
}

/**
 * Ends a command, before its work, that would have to ask whether to write where nobody can answer.
 * @throws UserError without a terminal, and with --json, unless a flag says what to do
 */
export function requireConsent({ dryRun, yes, json }: WriteOptions): void {
  if (dryRun !== true && yes !== true && (json === true || !canAsk())) {
    throw new UserError(
      "confirmation is needed, and there is no terminal; nothing was written",
      "review it with --dry-run, then write it with --yes",
    );
  }
}

/** Whether a command may write: as its flags say, or the person at the terminal. */
export async function consents(message: string, { dryRun, yes }: WriteOptions): Promise<boolean> {
  return dryRun !== true && (await confirm(message, yes));
}

/**
 * Asks whether to go on.
 * @param yes whether a flag has said so
 * @param word what has to be typed, where a keystroke is not enough. Default yes or no
 * @throws UserError where there is nobody to ask
 */
export async function confirm(message: string, yes: boolean | undefined, word?: string): Promise<boolean> {
  if (yes === true) {
    return true;
  }
  if (!canAsk()) {
    throw new UserError(
      "confirmation is needed, and there is no terminal",
      "review the list, then run it again with --yes",
    );
  }
  const question: prompts.PromptObject<"go"> =
    word === undefined
      ? { type: "confirm", name: "go", message, initial: false }
      : { type: "text", name: "go", message: `${message} Type ${word} to confirm` };
  const { go } = (await prompts(question, { onCancel: () => endInterrupted("SIGINT") })) as {
    go: boolean | string;
  };
  return go === (word ?? true);
}
