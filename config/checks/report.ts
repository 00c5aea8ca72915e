import type { Problem } from "../report";
import type { StackConfig } from "../schema";
import type { Settings } from "../settings";

/** A problem, and whether it stops the stack (`error`) or is only told (`warning`). */
export interface Finding extends Problem {
  severity: "error" | "warning";
}

/** What crossChecks compares: the parsed config, what it resolves to, and the `aws:` namespace. */
export interface Subject {
  config: StackConfig;
  settings: Settings;
  /** `aws:allowedAccountIds`, where set. */
  allowedAccountIds: unknown;
}

/** Tells one thing that a check found. */
export type Report = (key: string, value: unknown, rule: string, fix: string) => void;

/** The elements of a list that stand there already, with where they stood first. */
export function repeated<T>(list: readonly T[]): { value: T; index: number; first: number }[] {
  return list.flatMap((value, index) => {
    const first = list.indexOf(value);
    return first < index ? [{ value, index, first }] : [];
  });
}
