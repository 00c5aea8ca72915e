import type { Advice } from "../../documents/values";
import type { StackConfig } from "../schema";
import type { Settings } from "../settings";

/** What the checks compare: the parsed config, what it resolves to, and the `aws:` namespace. */
export interface Subject {
  config: StackConfig;
  settings: Settings;
  /** `aws:allowedAccountIds`, where set. */
  allowedAccountIds: unknown;
}

/** What a check found. */
export interface Finding extends Advice {
  /** Another key that it follows from, besides those that its rule and fix name. It is not reported where that one is wrong. */
  from?: string;
}

/** Reports what a check found at a key. The value is looked up in the stack file. */
export type Reporter = (key: string, finding: Finding) => void;

/** Where a list repeats an element, with the index of the first. */
export function repeated(list: readonly unknown[]): { index: number; first: number }[] {
  const firsts = new Map<unknown, number>();
  return list.flatMap((value, index) => {
    const first = firsts.get(value);
    if (first === undefined) {
      firsts.set(value, index);
    }
    return first === undefined ? [] : [{ index, first }];
  });
}
