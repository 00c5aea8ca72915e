/**
 * EventBridge's matching, as it is documented, for the operators that this project uses. It refuses what it does not
 * know, so that a pattern with another operator fails a test instead of passing unread.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */

/** A leaf of an event: scalars and null. An element of a list has the path of its list. */
interface Leaf {
  path: string;
  value: unknown;
  /** Which element of which list the leaf lies in. */
  elements: ReadonlyMap<string, number>;
}

/** One leaf that a pattern asks for, by any of several matchers. */
interface Condition {
  path: string;
  anyOf: unknown[];
}

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  value !== null && typeof value === "object" && !Array.isArray(value);

function leavesOf(
  value: unknown,
  path: string,
  elements: ReadonlyMap<string, number>,
  place: string,
): Leaf[] {
  if (Array.isArray(value)) {
    return value.flatMap((one, i) =>
      leavesOf(one, path, isObject(one) ? new Map([...elements, [place, i]]) : elements, `${place}[${i}]`),
    );
  }
  return isObject(value)
    ? Object.entries(value).flatMap(([key, inner]) =>
        leavesOf(inner, path === "" ? key : `${path}.${key}`, elements, `${place}.${key}`),
      )
    : [{ path, value, elements }];
}

/** The ways in which a pattern can match: `$or` makes several, all else must hold at once. */
function waysOf(pattern: Json, path: string): Condition[][] {
  return Object.entries(pattern)
    .map(([key, expected]): Condition[][] => {
      const inner = path === "" ? key : `${path}.${key}`;
      if (key === "$or") {
        return (expected as Json[]).flatMap((branch) => waysOf(branch, path));
      }
      return Array.isArray(expected) ? [[{ path: inner, anyOf: expected }]] : waysOf(expected as Json, inner);
    })
    .reduce((all, ways) => all.flatMap((before) => ways.map((way) => [...before, ...way])), [[]]);
}

/** Whether each condition has a leaf, all of them in the same elements of the same lists. */
function holds(
  [first, ...rest]: Condition[],
  leaves: Leaf[],
  elements: ReadonlyMap<string, number>,
): boolean {
  if (first === undefined) {
    return true;
  }
  const present = leaves.filter(({ path }) => path === first.path);
  return first.anyOf.some((matcher) =>
    isObject(matcher) && matcher.exists === false
      ? present.length === 0 && holds(rest, leaves, elements)
      : present.some(
          (leaf) =>
            [...leaf.elements].every(([list, i]) => (elements.get(list) ?? i) === i) &&
            matchesValue(matcher, leaf.value) &&
            holds(rest, leaves, new Map([...elements, ...leaf.elements])),
        ),
  );
}

/** Whether an event matches a pattern. */
export function matchesPattern(pattern: Json, event: unknown): boolean {
  const leaves = leavesOf(event, "", new Map(), "");
  return waysOf(pattern, "").some((way) => holds(way, leaves, new Map()));
}

function wildcard(text: string): RegExp {
  return new RegExp(
    `^${text
      .split("*")
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
      .join(".*")}$`,
    "s",
  );
}

function matchesValue(matcher: unknown, value: unknown): boolean {
  if (!isObject(matcher)) {
    return matcher === value;
  }
  const entries = Object.entries(matcher);
  const [operator, operand] = entries[0] ?? [];
  const text = typeof value === "string" ? value : undefined;
  if (entries.length === 1 && typeof operand === "string") {
    switch (operator) {
      case "prefix":
        return text?.startsWith(operand) ?? false;
      case "suffix":
        return text?.endsWith(operand) ?? false;
      case "wildcard":
        return text !== undefined && wildcard(operand).test(text);
      case "anything-but":
        return value !== operand;
    }
  }
  if (entries.length === 1 && operator === "anything-but" && Array.isArray(operand)) {
    return !operand.includes(value);
  }
  if (entries.length === 1 && operator === "exists" && operand === true) {
    return true;
  }
  if (entries.length === 1 && operator === "numeric" && Array.isArray(operand)) {
    return typeof value === "number" && inRange(operand, value);
  }
  throw new Error(`the matcher ${JSON.stringify(matcher)} is not one that these tests know`);
}

function inRange(range: unknown[], value: number): boolean {
  const [operator, bound, ...rest] = range as [string, number];
  const comparisons: Record<string, boolean> = {
    "=": value === bound,
    "<": value < bound,
    "<=": value <= bound,
    ">": value > bound,
    ">=": value >= bound,
  };
  const one = comparisons[operator];
  if (one === undefined) {
    throw new Error(`the comparison ${operator} is not one that these tests know`);
  }
  return one && (rest.length === 0 || inRange(rest, value));
}
