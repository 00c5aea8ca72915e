import type { dashboardBody, DashboardMetric } from "../documents/dashboard";

/** Begins the keys of a set's elements, which are their texts. */
const ELEMENT = "\u0000";
/** Begins the keys of a list's elements, which are what tells them apart. */
const KEYED = "\u0001";

type Structure = Record<string, unknown>;

function isStructure(value: unknown): value is Structure {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The structure that a text holds as JSON, or undefined. */
export function parsed(text: string): object | undefined {
  if (!/^\s*[[{]/.test(text)) {
    return undefined;
  }
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}

/** What tells a rule of a lifecycle policy apart: which images it selects. Its priority only says the order. */
function imagesOf({ selection }: Structure): string | undefined {
  if (!isStructure(selection)) {
    return undefined;
  }
  const { tagStatus, tagPatternList = [], storageClass } = selection;
  return [
    tagStatus,
    ...(tagPatternList as unknown[]),
    ...(storageClass === undefined ? [] : [storageClass]),
  ].join(" ");
}

/** What tells an element of a list apart, or undefined where nothing does. */
function identity(element: unknown): string | undefined {
  if (!isStructure(element)) {
    return undefined;
  }
  const { Sid, filter, name } = element;
  return [Sid, imagesOf(element), filter, name].find((one): one is string => typeof one === "string");
}

/** A statement's strings as the lists of one that they stand for. */
function listsOf(statement: Structure): Structure {
  const lists = (value: unknown): unknown =>
    typeof value === "string"
      ? [value]
      : isStructure(value)
        ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, lists(inner)]))
        : value;
  return Object.fromEntries(
    Object.entries(statement).map(([key, value]) => [
      key,
      key === "Sid" || key === "Effect" ? value : lists(value),
    ]),
  );
}

/** Lists by what they hold, so that one element more is one difference wherever it stands. */
function byContent(value: unknown): unknown {
  if (typeof value === "string") {
    const structure = parsed(value);
    return structure === undefined ? value : byContent(structure);
  }
  if (Array.isArray(value)) {
    const keys = value.map(identity);
    if (value.length > 0 && keys.every((key) => key !== undefined) && new Set(keys).size === keys.length) {
      return Object.fromEntries(
        value.map((element: Structure, i) => {
          const { rulePriority: _order, ...rest } = element;
          return [`${KEYED}${keys[i]}`, byContent("selection" in element ? rest : element)];
        }),
      );
    }
    return value.some(isStructure) && !value.some((element) => !isStructure(element))
      ? value.map(byContent)
      : Object.fromEntries(
          value.map((element) => [
            ELEMENT + (typeof element === "string" ? element : JSON.stringify(element)),
            true,
          ]),
        );
  }
  if (isStructure(value)) {
    const structure = "Effect" in value ? listsOf(value) : value;
    return Object.fromEntries(Object.entries(structure).map(([key, inner]) => [key, byContent(inner)]));
  }
  return value;
}

/** The opposite of {@link byContent}, for values that are shown. */
export function asWritten(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(asWritten);
  }
  if (!isStructure(value)) {
    return value;
  }
  const keys = Object.keys(value);
  return keys.length > 0 && keys.every((key) => key.startsWith(ELEMENT))
    ? keys.map((key) => key.slice(ELEMENT.length))
    : keys.length > 0 && keys.every((key) => key.startsWith(KEYED))
      ? Object.values(value).map(asWritten)
      : Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, asWritten(inner)]));
}

/** The element that the last part of a path names; undefined if that is not of a set. */
export function elementOf(path: readonly (string | number)[]): string | undefined {
  const last = path[path.length - 1];
  return typeof last === "string" && last.startsWith(ELEMENT) ? last.slice(ELEMENT.length) : undefined;
}

/** A path as people write it: `policy.Statement[PullForAccounts].Action`. */
export function fieldName(path: readonly (string | number)[]): string {
  return path
    .map((part, i) =>
      typeof part === "number"
        ? `[${part}]`
        : part.startsWith(KEYED)
          ? `[${part.slice(KEYED.length)}]`
          : i === 0
            ? part
            : `.${part}`,
    )
    .join("");
}

/**
 * A dashboard by the titles of its widgets, and what each shows by name: in lists, one more line in alphabetical
 * order would show as a change of all behind it.
 */
function byTitle(body: Partial<ReturnType<typeof dashboardBody>>): object {
  const named = (metric: DashboardMetric): [string, unknown] => [
    metric.filter((part) => typeof part === "string").join(" "),
    metric.find((part) => typeof part === "object") ?? true,
  ];
  return Object.fromEntries(
    (body.widgets ?? []).map(({ properties: { metrics = [], alarms = [], ...properties }, ...place }, i) => [
      properties.title ?? `text ${i}`,
      {
        ...place,
        ...properties,
        shows: {
          ...Object.fromEntries(metrics.map(named)),
          ...Object.fromEntries(alarms.map((arn) => [arn, true])),
        },
      },
    ]),
  );
}

/** Inputs with documents parsed and lists by content, so that a change inside one shows as that change only. */
export function comparable(inputs: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(inputs).map(([key, value]) => {
      const body = key === "dashboardBody" && typeof value === "string" ? parsed(value) : undefined;
      return [key, body === undefined ? byContent(value) : byTitle(body)];
    }),
  );
}
