import fc from "fast-check";
import { stacks, type GeneratedStack } from "../../preflight/generated";

type Mapping = Record<PropertyKey, unknown>;
/** A place in a config: a key of a mapping or an index of a list. */
interface Place {
  holder: Mapping;
  key: string;
  /** The keys on the way without indexes, such as `teams.services.name`. */
  path: string;
}

/** Every place in a value. */
function placesIn(value: unknown, path = ""): Place[] {
  if (value === null || typeof value !== "object") {
    return [];
  }
  return Object.entries(value).flatMap(([key, inner]) => {
    const below = Array.isArray(value) ? path : `${path}.${key}`;
    return [{ holder: value as Mapping, key, path: below }, ...placesIn(inner, below)];
  });
}

const range = (length: number) => Array.from({ length }, (_, i) => i);

/** A mapping with one property as JSON.parse makes it, for which `__proto__` is a name like any other. */
const own = (name: string, value: unknown) => Object.fromEntries([[name, value]]);

/** Another value of the same form: another account, role, network or name. */
function another(value: unknown, i: number): unknown {
  if (Array.isArray(value)) {
    return value.map((one) => another(one, i));
  }
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [
        key,
        /^(name|prefix|prefixes|endpoint|tags)$/.test(key) ? another(inner, i) : inner,
      ]),
    );
  }
  return typeof value !== "string"
    ? value
    : /^\d{12}$/.test(value)
      ? String(200_000_000_000 + i)
      : /^\d+\.\d+\./.test(value)
        ? `10.${i >> 8}.${i & 255}.0/24`
        : value.replace(/[a-z](?=[^a-z]*$)/i, (last) => `${last}${i}`);
}

const isMapping = (value: unknown) => value !== null && typeof value === "object" && !Array.isArray(value);
const isText = (value: unknown) => typeof value === "string";
const isFilled = (value: unknown) => Array.isArray(value) && value.length > 0;

/** What a fault takes from the generator. */
interface Given {
  /** The value of another key of the config. */
  other: unknown;
  junk: unknown;
  name: string;
  times: number;
}

/** What goes wrong: at which values, and what is there instead; undefined for nothing. */
const FAULTS: [applies: (value: unknown) => boolean, change: (value: any, given: Given) => unknown][] = [
  [() => true, (_, { junk }) => junk],
  [() => true, (_, { other }) => other],
  [() => true, () => undefined],
  [() => true, (value) => [value]],
  [isText, (_, { name }) => name],
  [isText, (text: string, { times, name }) => `${text.repeat(Math.min(times, 60))}${name}`],
  [isMapping, (mapping: object, { name }) => ({ ...mapping, ...own(name, Object.values(mapping)[0]) })],
  [isFilled, (list: unknown[]) => [...list, list[0]]],
  [isFilled, (list: unknown[], { times }) => [...list, ...range(times).map((i) => another(list[0], i))]],
];

/** Names that every mapping has as a property, and some that Pulumi's outputs have. */
const name = fc.constantFrom(
  "constructor",
  "__proto__",
  "hasOwnProperty",
  "toString",
  "valueOf",
  "then",
  "id",
);
const junk = fc.oneof(
  fc.constantFrom<unknown>("x", null, "", " ", "*", "\u0000", "é", "2026-01-01", 0, -1, 1e21, true, [], {}),
  fc.jsonValue({ maxDepth: 2 }),
);
const fault = fc.record({
  at: fc.nat(),
  which: fc.nat(),
  from: fc.nat(),
  kind: fc.constantFrom(...FAULTS),
  name,
  junk,
  times: fc.constantFrom(60, 600),
});

/** One of a list, for any number. */
const pick = <T>(list: readonly T[], at: number): T | undefined => list[at % list.length];

/**
 * Generated stacks with up to three faults. Each key is as likely as any other one to have a fault, however often it is in
 * the config.
 */
export const brokenStacks: fc.Arbitrary<GeneratedStack> = fc
  .tuple(stacks, fc.array(fault, { maxLength: 3 }))
  .map(([stack, faults]) => {
    const config = structuredClone(stack.config);
    for (const { at, which, from, kind, ...given } of faults) {
      const [applies, change] = kind;
      const places = placesIn(config).filter(({ holder, key }) => applies(holder[key]));
      const path = pick([...new Set(places.map((one) => one.path))], at);
      const place = pick(
        places.filter((one) => one.path === path),
        which,
      );
      const source = pick(placesIn(config), from);
      if (place === undefined || source === undefined) {
        continue;
      }
      const { holder, key } = place;
      const value = change(holder[key], { ...given, other: source.holder[source.key] });
      if (value !== undefined) {
        holder[key] = structuredClone(value);
      } else if (Array.isArray(holder)) {
        holder.splice(Number(key), 1);
      } else {
        Reflect.deleteProperty(holder, key);
      }
    }
    return { ...stack, config };
  });
