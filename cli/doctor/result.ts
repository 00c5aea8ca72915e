/** What one check found. */
export interface Checked {
  check: string;
  /** `fail` stops an update, with `warn` an update may fail, or something silently does not work; `skip` could not be checked. */
  status: "ok" | "warn" | "fail" | "skip";
  detail: string;
  fix?: string;
}

export type Result = Omit<Checked, "check">;

export const ok = (detail: string): Result => ({ status: "ok", detail });
export const warn = (detail: string, fix: string): Result => ({ status: "warn", detail, fix });
export const fail = (detail: string, fix: string): Result => ({ status: "fail", detail, fix });
export const skip = (detail: string): Result => ({ status: "skip", detail });

/** The worst of several results as one. */
export function together(results: Result[], well: string): Result {
  const order: Result["status"][] = ["fail", "warn", "skip"];
  const bad = results.filter(({ status }) => status !== "ok");
  const worst = order.find((status) => bad.some((one) => one.status === status));
  const fixes = [...new Set(bad.flatMap(({ fix }) => fix ?? []))];
  return worst === undefined
    ? ok(well)
    : {
        status: worst,
        detail: bad.map(({ detail }) => detail).join("; "),
        ...(fixes.length === 0 ? {} : { fix: fixes.join("; ") }),
      };
}
