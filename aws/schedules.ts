import * as cron from "aws-cron-parser";

const UNITS = { minute: 60, hour: 3600, day: 24 * 3600 } as const;

/** Occurrences of a cron schedule that are looked at: two weeks of an hourly one, and a month and more of a daily one. */
const OCCURRENCES = 400;

/** The most days of each month, in the order of the year. */
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** A fixed moment from which schedules are looked at, so that a plan says the same on every day. */
const START = new Date(Date.UTC(2026, 0, 1));

function parsedCron(expression: string): ReturnType<typeof cron.parse> {
  return cron.parse(/^cron\((.*)\)$/.exec(expression)?.[1] ?? "");
}

/**
 * Whether a schedule has a run from 2026 on.
 * @param expression `rate(…)` or `cron(…)`, as EventBridge Scheduler takes it
 */
export function everRuns(expression: string): boolean {
  if (expression.startsWith("rate(")) {
    return true;
  }
  const parsed = parsedCron(expression);
  const days = parsed.daysOfMonth.filter((day) => typeof day === "number");
  const months = parsed.months.filter((month) => typeof month === "number");
  // The parser counts on into the next month: February 31 would be March 3.
  const onCalendar =
    days.length < parsed.daysOfMonth.length ||
    days.length === 0 ||
    months.some((month) => days.some((day) => day <= (DAYS[month - 1] ?? 0)));
  return onCalendar && cron.next(parsed, START) !== null;
}

/**
 * The longest time between two runs of a schedule, in seconds; Infinity for one that ends.
 * @param expression `rate(…)` or `cron(…)`, as EventBridge Scheduler takes it
 */
export function longestGap(expression: string): number {
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression);
  if (rate !== null) {
    return Number(rate[1]) * UNITS[rate[2] as keyof typeof UNITS];
  }
  const parsed = parsedCron(expression);
  let before = cron.next(parsed, START);
  let longest = before === null ? Infinity : 0;
  for (let i = 0; i < OCCURRENCES && before !== null; i++) {
    const next = cron.next(parsed, before);
    longest = next === null ? Infinity : Math.max(longest, (next.getTime() - before.getTime()) / 1000);
    before = next;
  }
  return longest;
}
