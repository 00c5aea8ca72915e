/**
 * EventBridge's matching, as far as this project's patterns use it: lists of values, prefix, suffix,
 * wildcard, numeric, anything-but, exists and $or. It refuses what it does not know, so that a pattern
 * with another operator fails a test instead of passing unread.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
export function matchesPattern(pattern: Record<string, any>, event: any): boolean {
  return Object.entries(pattern).every(([key, expected]) => {
    if (key === "$or") {
      return (expected as Record<string, any>[]).some((branch) => matchesPattern(branch, event));
    }
    // An array in the event matches where one of its elements does.
    const present = event !== null && typeof event === "object" && key in event;
    const actual: unknown[] = !present ? [] : Array.isArray(event[key]) ? event[key] : [event[key]];
    if (!Array.isArray(expected)) {
      return (
        actual.some(
          (value) => value !== null && typeof value === "object" && matchesPattern(expected, value),
        ) ||
        (actual.length === 0 && matchesPattern(expected, {}))
      );
    }
    return expected.some((one) =>
      isExists(one) ? one.exists === present : actual.some((value) => matchesOne(one, value)),
    );
  });
}

function isExists(one: any): one is { exists: boolean } {
  return one !== null && typeof one === "object" && "exists" in one;
}

function matchesOne(expected: any, value: any): boolean {
  if (expected === null || typeof expected !== "object") {
    return expected === value;
  }
  const [[operator, operand]] = Object.entries(expected) as [[string, any]];
  switch (operator) {
    case "prefix":
      return typeof value === "string" && value.startsWith(operand);
    case "suffix":
      return typeof value === "string" && value.endsWith(operand);
    case "wildcard":
      return (
        typeof value === "string" &&
        new RegExp(
          `^${operand
            .split("*")
            .map((part: string) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
            .join(".*")}$`,
        ).test(value)
      );
    case "anything-but":
      return ![operand].flat().includes(value);
    case "numeric":
      if (operand.length !== 2 || operand[0] !== ">") {
        throw new Error(`unread numeric operator ${JSON.stringify(operand)}`);
      }
      return typeof value === "number" && value > operand[1];
    default:
      throw new Error(`unread operator ${operator}`);
  }
}
