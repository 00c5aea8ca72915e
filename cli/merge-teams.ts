import { Document, isMap, isSeq, Pair, Scalar, YAMLMap, YAMLSeq, type Node } from "yaml";

/** A team as an environment's stack file has it. */
export interface TeamOfStack {
  environment: string;
  /** Its entry, as a copy that may be changed. */
  map: YAMLMap;
}

type Entry = Pair<Scalar<string>, Node | null>;

const keyOf = (entry: Entry) => entry.key.value;
const json = (node: Node | null) => JSON.stringify(node);
const find = (map: YAMLMap, key: string) => entriesOf(map).find((entry) => keyOf(entry) === key);

function entriesOf(map: YAMLMap): Entry[] {
  return map.items as Entry[];
}

function mapOf(entries: readonly Entry[], like?: YAMLMap): YAMLMap {
  const map = new YAMLMap();
  map.items = [...entries];
  Object.assign(map, { flow: like?.flow, commentBefore: like?.commentBefore });
  return map;
}

/** The first of the values that most maps have. */
function mostFrequent(values: readonly Entry[]): Entry {
  const count = (one: Entry) => values.filter((other) => json(other.value) === json(one.value)).length;
  return values.reduce((most, one) => (count(one) > count(most) ? one : most));
}

/**
 * What maps have in common, and what differs in each, so that the common map with what differs in it comes to the map:
 * a key replaces a key, and inside a group only the keys that it names.
 */
function split(maps: readonly YAMLMap[], inGroup = false): { common: YAMLMap; own: YAMLMap[] } {
  const common: Entry[] = [];
  const own = maps.map((): Entry[] => []);
  const keys = new Set(maps.flatMap((map) => entriesOf(map).map(keyOf)));
  for (const key of keys) {
    const entries = maps.map((map) => find(map, key));
    const present = entries.filter((entry) => entry !== undefined);
    const groups = present.map(({ value }) => value).filter((value) => isMap(value));
    if (present.length < maps.length) {
      entries.forEach((entry, i) => own[i]!.push(...(entry === undefined ? [] : [entry])));
    } else if (!inGroup && groups.length === maps.length) {
      const inner = split(groups, true);
      // A group without keys means something, too.
      if (inner.common.items.length > 0 || groups.some(({ items }) => items.length === 0)) {
        present[0]!.value = inner.common;
        common.push(present[0]!);
      }
      inner.own.forEach((value, i) => {
        if (value.items.length > 0) {
          own[i]!.push(new Pair(new Scalar(key), value));
        }
      });
    } else {
      const most = mostFrequent(present);
      common.push(most);
      present.forEach((entry, i) => {
        if (json(entry.value) !== json(most.value)) {
          own[i]!.push(entry);
        }
      });
    }
  }
  return { common: mapOf(common, maps[0]), own: own.map((entries) => mapOf(entries)) };
}

/** `environments` of a team or service; nothing where all have it as it is. */
function environmentsOf(all: readonly string[], own: ReadonlyMap<string, YAMLMap>): Entry[] {
  const differing = [...own].filter(([, { items }]) => items.length > 0);
  const absent = all.filter((environment) => !own.has(environment));
  const entry = (key: string, value: Node) => new Pair(new Scalar(key), value) as Entry;
  if (differing.length === 0) {
    const list = new YAMLSeq();
    list.items = [...own.keys()].map((environment) => new Scalar(environment));
    list.flow = true;
    return absent.length === 0 ? [] : [entry("environments", list)];
  }
  return [
    entry(
      "environments",
      mapOf([
        ...differing.map(([environment, map]) => entry(environment, map)),
        ...absent.map((environment) => entry(environment, new Scalar(false))),
      ]),
    ),
  ];
}

function without(map: YAMLMap, key: string): YAMLMap {
  return mapOf(
    entriesOf(map).filter((entry) => keyOf(entry) !== key),
    map,
  );
}

function nameOf(map: YAMLMap): string {
  return String(map.get("name"));
}

/** Names in an order that agrees with that of each list, where there is one. */
function inOneOrder(lists: readonly string[][]): string[] {
  return lists.reduce<string[]>((order, list) => {
    list.forEach((name, i) => {
      if (!order.includes(name)) {
        order.splice(i === 0 ? 0 : order.indexOf(list[i - 1]!) + 1, 0, name);
      }
    });
    return order;
  }, []);
}

/** The services of a team, each once. */
function mergedServices(stacks: readonly TeamOfStack[]): YAMLMap[] {
  const all = stacks.map(({ environment }) => environment);
  const services = stacks.map(({ environment, map }) => {
    const list = map.get("services");
    return { environment, maps: isSeq(list) ? list.items.filter((one) => isMap(one)) : [] };
  });
  return inOneOrder(services.map(({ maps }) => maps.map(nameOf))).map((name) => {
    const having = services.flatMap(({ environment, maps }) =>
      maps.filter((map) => nameOf(map) === name).map((map) => ({ environment, map })),
    );
    const { common, own } = split(having.map(({ map }) => map));
    const environments = environmentsOf(
      all,
      new Map(having.map(({ environment }, i) => [environment, own[i]!])),
    );
    common.items.push(...environments);
    if (common.flow === true && environments.some(({ value }) => isMap(value))) {
      common.flow = false;
    }
    return common;
  });
}

/**
 * A team file of the entries that stack files have: common settings once, and what differs under `environments`. The
 * comments are those of the first stack that has a value.
 * @param all the environments of all stacks that read the file
 */
export function mergedTeam(all: readonly string[], stacks: readonly TeamOfStack[]): string {
  const { common, own } = split(stacks.map(({ map }) => without(map, "services")));
  const services = mergedServices(stacks);
  const first = find(stacks[0]!.map, "services");
  if (first !== undefined) {
    const list = new YAMLSeq();
    list.items = services;
    Object.assign(list, { commentBefore: first.value?.commentBefore });
    first.value = list;
    // Where the first stack has it.
    const index = entriesOf(stacks[0]!.map).indexOf(first);
    const before = entriesOf(stacks[0]!.map).slice(0, index).map(keyOf);
    const at = common.items.findLastIndex((entry) => before.includes(keyOf(entry as Entry))) + 1;
    common.items.splice(at, 0, first);
  }
  common.items.push(
    ...environmentsOf(all, new Map(stacks.map(({ environment }, i) => [environment, own[i]!]))),
  );
  common.flow = false;
  const document = new Document(undefined, { version: "1.1" });
  document.contents = common;
  return document.toString({ lineWidth: 0 });
}
