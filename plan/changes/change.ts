/** What a change may cost: images, who is kept out, what is guarded, what is seen, money. The gravest first. */
export const RISKS = ["deletes", "access", "protection", "scanning", "cost"] as const;
/** One of the risks. */
export type Risk = (typeof RISKS)[number];

/** What a change is about. */
export type ChangeKind =
  | "repositories"
  | "access"
  | "network"
  | "lifecycle"
  | "clean-up"
  | "protection"
  | "registry"
  | "operations"
  | "scanning"
  | "alerts"
  | "audit"
  | "cost"
  | "program";

/** One thing that changes, of one repository or of a whole stack. */
export interface Statement {
  kind: ChangeKind;
  /** Absent where nothing gets weaker. */
  risk?: Risk;
  /** What happens, as the rest of a sentence that begins with the repository or the stack. */
  what: string;
  /** Name of the repository; absent if it is about the stack. */
  repository?: string;
}

/** What changes in the same way in all of its stacks and repositories, as a sentence. */
export interface Change extends Omit<Statement, "repository"> {
  /** The whole sentence, such as `payments-api-prod: account 777788889999 may now pull`. */
  sentence: string;
  stacks: string[];
  /** Names of the repositories; empty if it is about the stacks. */
  repositories: string[];
}

/** Repositories that a sentence names; more are counted. */
const NAMED = 3;

/** `a`, `a and b`, or `a, b and c`. */
export function listed(words: readonly string[]): string {
  return words.length < 2
    ? (words[0] ?? "")
    : `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
}

/** A number with its noun: `1 day`, `30 days`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? noun : plural}`;
}

function subjectOf(stacks: readonly string[], repositories: readonly string[]): string {
  return repositories.length === 0
    ? listed(stacks)
    : repositories.length <= NAMED
      ? listed(repositories)
      : `${counted(repositories.length, "repository", "repositories")} of ${listed(stacks)}`;
}

const unique = (values: readonly string[]) => [...new Set(values)];

/** Says each thing once for all stacks and repositories that it happens to, risks first. */
export function mergeChanges(changes: readonly Omit<Change, "sentence">[]): Change[] {
  const groups = new Map<string, Omit<Change, "sentence">[]>();
  for (const change of changes) {
    const { kind, risk, what, repositories } = change;
    const key = JSON.stringify([kind, risk, what, repositories.length > 0]);
    groups.set(key, [...(groups.get(key) ?? []), change]);
  }
  const rank = ({ risk }: Change) => (risk === undefined ? RISKS.length : RISKS.indexOf(risk));
  return [...groups.values()]
    .flatMap((same): Change[] => {
      const [first] = same;
      if (first === undefined) {
        return [];
      }
      const stacks = unique(same.flatMap((one) => one.stacks));
      const repositories = unique(same.flatMap((one) => one.repositories)).sort();
      return [
        { ...first, sentence: `${subjectOf(stacks, repositories)}: ${first.what}`, stacks, repositories },
      ];
    })
    .sort((a, b) => rank(a) - rank(b));
}

/** The changes of one stack. */
export function changesIn(stack: string, statements: readonly Statement[]): Change[] {
  return mergeChanges(
    statements.map(({ repository, ...statement }) => ({
      ...statement,
      stacks: [stack],
      repositories: repository === undefined ? [] : [repository],
    })),
  );
}
