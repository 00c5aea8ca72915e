import { type AwsServices, withoutSetUp } from "./clients";
import type { Operations } from "./operations";
import type { Random } from "./random";
import type { World } from "./world";

/** What becomes of a call. */
export type Fate =
  | "answered"
  /** Refused before anything was done. */
  | "refused"
  /** Done, but the answer is lost. */
  | "lost"
  /** Done, the answer was lost, and the SDK sent it once more. */
  | "repeated"
  /** Answered with something that is not an answer. */
  | "malformed"
  /** The process ends before it. */
  | "killed before"
  /** The process ends before it has the answer. */
  | "killed after";

/** A process that calls AWS. Its clients have an endpoint of their own, by which they are known. */
export class Process {
  readonly endpoint: string;
  /** Calls by operation, such as `DescribeImages`. */
  readonly calls = new Map<string, number>();
  dead = false;
  /** Ends the process: it gets no answer any more. */
  die: () => void = () => undefined;

  constructor(readonly id: string) {
    this.endpoint = `https://${id}.example`;
  }

  get called(): number {
    return [...this.calls.values()].reduce((sum, one) => sum + one, 0);
  }
}

/** A call of an operation, such as `DescribeImages`. */
export interface Call<P> {
  by: P;
  name: string;
  input: Record<string, unknown>;
}

/** What decides how a simulation goes on. */
export interface Course<P> {
  /** Asked right before a call is carried out. */
  fateOf(call: Call<P>): Fate;
  malformedAnswer(call: Call<P>, answer: object): object;
  /** Something else that happens between two calls. */
  between(): void;
  /** Reported for each call that is not answered as it should be. */
  failed(call: Call<P>, fate: Fate): void;
}

/** A command of the SDK. */
interface Sent {
  constructor: { name: string };
  input: Record<string, unknown>;
}

interface Pending<P> {
  call: Call<P>;
  command: Sent;
  resolve: (answer: unknown) => void;
  reject: (error: Error) => void;
}

/**
 * AWS in this process, instead of over the network. Calls of all processes wait until one of them is chosen at random, so
 * that any order can happen. The time goes on with each call.
 */
export class SimulatedAws<P extends Process> {
  private readonly processes = new Map<string, P>();
  private readonly waiting: Pending<P>[] = [];
  private readonly services: AwsServices;
  private readonly real = { Date, log: console.log };
  private scheduled = false;

  constructor(
    private readonly world: World,
    private readonly operations: Operations<P>,
    private readonly random: Random,
    private readonly course: Course<P>,
    /** Milliseconds between two calls, at most. */
    private readonly pace: number,
  ) {
    this.services = withoutSetUp((endpoint, command) => this.send(endpoint, command as Sent));
    console.log = () => undefined;
    globalThis.Date = class extends Date {
      constructor(...given: [] | [number]) {
        super(...(given.length === 0 ? ([world.now] as [number]) : given));
      }
      static override now = () => world.now;
    } as DateConstructor;
  }

  restore(): void {
    this.services.restore();
    console.log = this.real.log;
    globalThis.Date = this.real.Date;
  }

  passTime(milliseconds: number): void {
    this.world.now += Math.round(milliseconds);
  }

  /** Runs something as a process. What a dead process was to return is undefined. */
  async run<T>(process: P, program: () => Promise<T>): Promise<T | undefined> {
    this.processes.set(process.endpoint, process);
    const death = new Promise<undefined>((resolve) => {
      process.die = () => {
        process.dead = true;
        resolve(undefined);
      };
    });
    const result = await Promise.race([program(), death]);
    this.processes.delete(process.endpoint);
    return result;
  }

  private send(endpoint: string, command: Sent): Promise<unknown> {
    const by = this.processes.get(endpoint);
    return new Promise((resolve, reject) => {
      // A dead process waits for ever.
      if (by !== undefined) {
        const call = { by, name: command.constructor.name.replace(/Command$/, ""), input: command.input };
        this.waiting.push({ call, command, resolve, reject });
        this.schedule();
      }
    });
  }

  private schedule(): void {
    if (!this.scheduled && this.waiting.length > 0) {
      this.scheduled = true;
      // Later than every promise, so that all calls that can be made are waiting.
      setImmediate(() => {
        this.scheduled = false;
        this.step();
        this.schedule();
      });
    }
  }

  private step(): void {
    const [pending] = this.waiting.splice(this.random.below(this.waiting.length), 1);
    if (pending === undefined || pending.call.by.dead) {
      return;
    }
    this.passTime(1 + this.random.below(this.pace));
    this.course.between();
    const { call, command, resolve, reject } = pending;
    const { by, name } = call;
    by.calls.set(name, (by.calls.get(name) ?? 0) + 1);
    const fate = this.course.fateOf(call);
    if (fate !== "answered") {
      this.course.failed(call, fate);
    }
    if (fate.startsWith("killed")) {
      by.die();
    }
    try {
      const answer = this.carryOut(call, command, fate);
      if (fate === "lost") {
        throw Object.assign(new Error("no answer within 60 s"), { name: "TimeoutError" });
      }
      resolve(answer);
    } catch (error) {
      reject(error as Error);
    }
  }

  private carryOut(call: Call<P>, command: Sent, fate: Fate): unknown {
    if (fate === "killed before") {
      return undefined;
    }
    if (fate === "refused") {
      const name = this.random.of(["ThrottlingException", "AccessDeniedException", "ServerException"]);
      throw Object.assign(new Error("the simulation refuses"), { name });
    }
    const answer = this.operations.answer(command, call.by);
    return fate === "repeated"
      ? this.operations.answer(command, call.by)
      : fate === "malformed"
        ? this.course.malformedAnswer(call, answer)
        : answer;
  }
}
