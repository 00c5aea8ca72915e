import { stackConfig, type StackConfig } from "./schema";

type Path = readonly PropertyKey[];

/** The value at a path. */
function reach(raw: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      value === null || typeof value !== "object" ? undefined : (value as Record<PropertyKey, unknown>)[part],
    raw,
  );
}

/** Stand-ins for the required keys, so that the rest can be compared although one of them is wrong. */
const STAND_INS: Record<string, unknown> = {
  accountId: "000000000000",
  contact: "nobody@invalid.example",
  teams: [],
};

/** Marks an array element that is left out, without moving those behind it. */
const LEFT_OUT = Symbol("left out");

/** Leaves out what an issue is about: the value, or where a value is missing, the mapping that lacks it. */
function leaveOut(raw: unknown, path: Path): void {
  const cut = reach(raw, path) === undefined && path.length > 1 ? path.slice(0, -1) : path;
  const parent = reach(raw, cut.slice(0, -1));
  const last = cut.at(-1);
  if (last === undefined || parent === null || typeof parent !== "object") {
    return;
  }
  if (Array.isArray(parent)) {
    parent[last as number] = LEFT_OUT;
  } else if (cut.length === 1 && Object.hasOwn(STAND_INS, last)) {
    (parent as Record<PropertyKey, unknown>)[last] = STAND_INS[String(last)];
  } else {
    delete (parent as Record<PropertyKey, unknown>)[last];
  }
}

/** Arrays without what was left out; `where` remembers at which index an element stood. */
function compact(value: unknown, where: WeakMap<object, number[]>): unknown {
  if (Array.isArray(value)) {
    const kept = value.flatMap((element, i) => (element === LEFT_OUT ? [] : [i]));
    const array = kept.map((i) => compact(value[i], where));
    where.set(array, kept);
    return array;
  }
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, compact(inner, where)]));
  }
  return value;
}

/** A key path of a compacted config, with the indexes of the stack file. */
function restoreIndexes(key: string, compacted: unknown, where: WeakMap<object, number[]>): string {
  let at = compacted;
  return key.replace(/[^.[\]]+|\[(\d+)\]/g, (part, index: string | undefined) => {
    const parent = at;
    at = reach(at, [index === undefined ? part : Number(index)]);
    return index === undefined ? part : `[${where.get(parent as object)?.[Number(index)] ?? index}]`;
  });
}

/** The well-formed part of a config. */
export interface Salvaged {
  config: StackConfig;
  /** The key path in the stack file of a key path in the part: list elements before it may have been left out. */
  restore: (key: string) => string;
}

/** The well-formed part of a config that is not valid, for the checks that compare keys with each other. */
export function wellFormed(raw: unknown): Salvaged | undefined {
  const copy: unknown = structuredClone(raw);
  for (let round = 0; round < 12; round++) {
    const where = new WeakMap<object, number[]>();
    const compacted = compact(copy, where);
    const result = stackConfig.safeParse(compacted);
    if (result.success) {
      return { config: result.data, restore: (key) => restoreIndexes(key, compacted, where) };
    }
    for (const issue of result.error.issues) {
      const path = issue.path.map((part, i) =>
        typeof part === "number"
          ? (where.get(reach(compacted, issue.path.slice(0, i)) as object)?.[part] ?? part)
          : part,
      );
      const paths = issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...path, key]) : [path];
      paths.forEach((one) => {
        leaveOut(copy, one);
      });
    }
  }
  return undefined;
}
