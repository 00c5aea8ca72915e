import type { AwsCommand } from "aws-sdk-client-mock";

/** What an operation answers, without the SDK's metadata. */
export type AnswerOf<O> = Partial<Omit<O, "$metadata">>;

/** Operations of AWS that a simulation answers, by command. */
export class Operations<Caller> {
  private readonly answers = new Map<unknown, (input: never, by: Caller) => object>();

  on<I extends object, O extends { $metadata: object }>(
    command: new (input: I) => AwsCommand<I, O>,
    answer: (input: I, by: Caller) => AnswerOf<O>,
  ): this {
    this.answers.set(command, answer);
    return this;
  }

  /** @throws Error for a command that nothing answers, and what the operation throws */
  answer(command: { constructor: unknown; input: object }, by: Caller): object {
    const answer = this.answers.get(command.constructor);
    if (answer === undefined) {
      throw new Error(`the simulation does not answer ${(command.constructor as { name: string }).name}`);
    }
    return answer(command.input as never, by);
  }
}

/** One page of items: the token is the position of the next one. */
export function pageOf<T>(
  items: readonly T[],
  token: string | undefined,
  size: number,
): { page: T[]; nextToken?: string } {
  const start = Number(token ?? 0);
  const end = start + size;
  return { page: items.slice(start, end), ...(end < items.length ? { nextToken: String(end) } : {}) };
}
