import * as cron from "aws-cron-parser";

const UNITS = { minute: 60, hour: 3600, day: 24 * 3600 } as const;

/** Occurrences of a cron schedule that are looked at: two weeks of an hourly one, and a month and more of a daily one. */
const OCCURRENCES = 400;

/**
 * The longest time between two runs of a schedule, in seconds; Infinity for one that ends.
 * @param expression `rate(…)` or `cron(…)`, as EventBridge Scheduler takes it
 */
export function longestGap(expression: string): number {
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression);
  if (rate !== null) {
    return Number(rate[1]) * UNITS[rate[2] as keyof typeof UNITS];
  }
  const parsed = cron.parse(/^cron\((.*)\)$/.exec(expression)?.[1] ?? "");
  // A fixed moment, so that a plan says the same on every day.
  let before = cron.next(parsed, new Date(Date.UTC(2026, 0, 1)));
  let longest = before === null ? Infinity : 0;
  for (let i = 0; i < OCCURRENCES && before !== null; i++) {
    const next = cron.next(parsed, before);
    longest = next === null ? Infinity : Math.max(longest, (next.getTime() - before.getTime()) / 1000);
    before = next;
  }
  return longest;
}
