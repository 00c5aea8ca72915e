import type { FieldChange, ResourceChange } from "./diff";
import { replacedText, replacesText, short } from "./words";

/** A dashboard shows every repository, so its lines would hide what else differs. */
function isOfDashboard({ field }: FieldChange): boolean {
  return field.startsWith("dashboardBody");
}

/** How many graphs and texts of a dashboard differ. */
export function differsInDashboard({ fields }: ResourceChange): number {
  return fields.filter(isOfDashboard).length;
}

/** A changed resource in the words that every report has. */
export interface ChangedResource {
  /** What is said besides its name: that it is renamed or replaced. */
  notes: string[];
  /** Its fields, but for those of a dashboard: what was and what is, or of a set the elements that differ. */
  fields: { field: string; values: string[]; set: boolean; note?: string }[];
}

/**
 * A changed resource in words.
 * @param limit characters of a value that are shown
 */
export function changedResource(
  { renamedFrom, fields, replaced }: ResourceChange,
  limit: number,
): ChangedResource {
  return {
    notes: [
      ...(renamedFrom === undefined ? [] : [`(was ${renamedFrom})`]),
      ...(replaced === false ? [] : [replacedText(replaced)]),
    ],
    fields: fields
      .filter((change) => !isOfDashboard(change))
      .map(({ field, before, after, set = false, replaces }) => ({
        field,
        set,
        values: set
          ? [
              ...(before as string[]).map((element) => `- ${short(element, limit)}`),
              ...(after as string[]).map((element) => `+ ${short(element, limit)}`),
            ]
          : [short(before, limit), short(after, limit)],
        ...(replaces === false ? {} : { note: replacesText(replaces) }),
      })),
  };
}
