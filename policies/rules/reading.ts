import type { Props, RuleResource, RuleStackResource } from "./rule";

/**
 * What a reading gives, or undefined where a preview cannot know it. What is unknown is no violation: the
 * update, which knows it, checks again.
 */
export function known<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** Whether a property is given, be its value known yet or not. */
export function given(props: Props, key: string): boolean {
  const value: unknown = Object.getOwnPropertyDescriptor(props, key)?.value;
  return value !== undefined && value !== null && value !== "";
}

/** A property that is text, or undefined where it is absent, of another type or not known yet. */
export function text(props: Props, key: string): string | undefined {
  const value = known(() => props[key]);
  return typeof value === "string" ? value : undefined;
}

/** A property that is a structure; empty where it is absent or not known yet. */
export function record(props: Props, key: string): Props {
  const value = known(() => props[key]);
  return typeof value === "object" && value !== null ? (value as Props) : {};
}

/** A property that is a list; empty where it is absent or not known yet. */
export function list(props: Props, key: string): unknown[] {
  const value = known(() => props[key]);
  return Array.isArray(value) ? value : [];
}

/** The tags of a resource whose values are known. */
export function tagsOf(resource: Pick<RuleResource, "props">): Record<string, string> {
  const tags = record(resource.props, "tags");
  return Object.fromEntries(
    Object.keys(tags).flatMap((key) => {
      const value = text(tags, key);
      return value === undefined ? [] : [[key, value]];
    }),
  );
}

/** A statement of a policy document, its lists always lists. */
export interface ReadStatement {
  sid: string;
  effect: string;
  /** Principals as they stand there: `*`, ARNs, account ids, services. */
  principals: { kind: string; names: string[] }[];
  /** Whether it names whom it is not about. */
  notPrincipal: boolean;
  actions: string[];
  resources: string[];
  /** Condition values by operator and key, both in lower case. */
  conditions: { operator: string; key: string; values: string[] }[];
}

function texts(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).flatMap((one) =>
    typeof one === "string" || typeof one === "boolean" || typeof one === "number" ? [String(one)] : [],
  );
}

function principalsOf(principal: unknown): ReadStatement["principals"] {
  if (typeof principal === "string") {
    return [{ kind: "*", names: [principal] }];
  }
  return Object.entries((principal ?? {}) as Props).map(([kind, names]) => ({ kind, names: texts(names) }));
}

/**
 * The statements of a policy document that a property holds as JSON; undefined where the property is absent,
 * not known yet or no document.
 */
export function statementsOf(props: Props, key: string): ReadStatement[] | undefined {
  const document = text(props, key);
  const parsed = document === undefined ? undefined : known(() => JSON.parse(document) as Props);
  if (parsed === undefined) {
    return undefined;
  }
  const statements = (Array.isArray(parsed.Statement) ? parsed.Statement : [parsed.Statement]) as Props[];
  return statements
    .filter((statement) => typeof statement === "object")
    .map((statement) => ({
      sid: typeof statement.Sid === "string" ? statement.Sid : "(without Sid)",
      effect: String(statement.Effect),
      principals: principalsOf(statement.Principal),
      notPrincipal: statement.NotPrincipal !== undefined,
      actions: texts(statement.Action),
      resources: texts(statement.Resource),
      conditions: Object.entries((statement.Condition ?? {}) as Record<string, Props>).flatMap(
        ([operator, keys]) =>
          Object.entries(keys).map(([conditionKey, values]) => ({
            operator: operator.toLowerCase(),
            key: conditionKey.toLowerCase(),
            values: texts(values),
          })),
      ),
    }));
}

/**
 * Finds the resources of a type that belong to an owner: they depend on it or have its name. It goes through the
 * resources once for all owners, so that the time does not grow with the square of their number.
 * @param key the property that holds the owner's name
 * @param ownName the property of the owner that is its name
 */
export function belongings(
  resources: RuleStackResource[],
  type: string,
  key: string,
  ownName: string,
): (owner: RuleStackResource) => RuleStackResource[] {
  const byOwner = new Map<string, RuleStackResource[]>();
  for (const one of resources.filter((resource) => resource.type === type)) {
    const named = text(one.props, key);
    for (const owner of [
      ...one.dependencies.map(({ urn }) => urn),
      ...(named === undefined ? [] : [named]),
    ]) {
      const already = byOwner.get(owner);
      if (already === undefined) {
        byOwner.set(owner, [one]);
      } else {
        already.push(one);
      }
    }
  }
  return (owner) => {
    const physical = text(owner.props, ownName);
    return [owner.urn, ...(physical === undefined ? [] : [physical])].flatMap((by) => byOwner.get(by) ?? []);
  };
}
