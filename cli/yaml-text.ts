import { isDeepStrictEqual } from "node:util";
import {
  Document,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  parseDocument,
  visit,
  type Node,
  type Pair,
  type ParsedNode,
  type Range,
  type YAMLMap,
} from "yaml";
import { UserError } from "../plan/user-error";

/** Where a value is: keys and indexes from the document's root. */
export type Path = readonly (string | number)[];

type Ranged = Node & { range: Range };

/** The offset behind a value, without the comments and line ends that follow it. */
function endOf(node: Ranged): number {
  if (!isCollection(node) || node.flow === true) {
    return node.range[1];
  }
  const last: unknown = node.items.at(-1);
  return endOf((isPair(last) ? (last.value ?? last.key) : last) as Ranged);
}

/** In quotes what YAML 1.1 takes for something else: other tools read yes as true, and 1:20 as a number. */
const AS_ALL_READ_IT = { version: "1.1" } as const;

/** A value as YAML without comments, in block style; a map of one key takes one line. */
export function rendered(value: unknown): string {
  const document = new Document(value, AS_ALL_READ_IT);
  visit(document, {
    Map: (_, node) => {
      node.flow = node.items.length === 1;
    },
  });
  return document.toString({ lineWidth: 0 });
}

/** A value as YAML that fits between brackets. */
function inFlow(value: unknown): string {
  const document = new Document(value, AS_ALL_READ_IT);
  visit(document, {
    Collection: (_, node) => {
      node.flow = true;
    },
  });
  return document.toString({ lineWidth: 0, blockQuote: false }).trimEnd();
}

/** Puts a value where a path leads, in plain data. */
function assign(data: unknown, path: Path, change: (parent: Record<string, unknown>, last: string) => void) {
  const parent = path.slice(0, -1).reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], data);
  change(parent as Record<string, unknown>, String(path.at(-1)));
}

/**
 * The text of a YAML file, edited in place. The yaml package's own output would rewrite the whole file: numbers,
 * line ends, folded text. Here only the inserted or removed characters change, and each edit is read back and compared
 * with what it should have come to.
 */
export class YamlText {
  private document: Document.Parsed;

  /** @throws UserError where the text is not YAML */
  constructor(
    private current: string,
    private readonly name: string,
  ) {
    this.document = parseDocument(current);
    const [error] = this.document.errors;
    if (error !== undefined) {
      throw new UserError(`${name} is not YAML: ${error.message.trim()}`, "correct the line that it names");
    }
  }

  get text(): string {
    return this.current;
  }

  /** The value at a path, as plain data; undefined where there is none. */
  get(path: Path): unknown {
    const node: unknown = this.document.getIn(path, true);
    return isScalar(node) || isCollection(node) ? (node.toJS(this.document) as unknown) : undefined;
  }

  /**
   * A map at a path with its comments, for another document.
   * @param data what to make it of if parts of it are elsewhere in this document, by alias or merge key
   */
  copyOf(path: Path, data: unknown): YAMLMap {
    const map = (this.document.getIn(path, true) as YAMLMap).clone() as YAMLMap;
    let isWhole = true;
    visit(map, {
      Alias: () => {
        isWhole = false;
      },
      // Anchors would be the other document's.
      Node: (_, node) => {
        delete (node as { anchor?: string }).anchor;
      },
    });
    if (!isWhole) {
      return this.document.createNode(data) as YAMLMap;
    }
    const parent: unknown = this.document.getIn(path.slice(0, -1), true);
    if (isSeq(parent) && path.at(-1) === 0) {
      // The parser takes what is above the first element for the list's.
      map.commentBefore ??= parent.commentBefore;
    }
    // Comments behind the last line stay where they are.
    for (let last: unknown = map; isCollection(last) && last.flow !== true;) {
      delete last.comment;
      const item: unknown = last.items.at(-1);
      last = isPair(item) ? item.value : item;
    }
    return map;
  }

  /** Puts another key with a text in the place of a key, below its comments. */
  replaceKey(path: Path, key: string, value: string): void {
    const pair = this.pairAt(path);
    const expected = (data: unknown) => {
      assign(data, path, (parent, last) => {
        delete parent[last];
        parent[key] = value;
      });
    };
    this.splice(pair.key.range[0], endOf(pair.value ?? pair.key), `${key}: ${inFlow(value)}`, expected);
  }

  /** Adds values at the end of a list. */
  append(path: Path, values: readonly unknown[]): void {
    const list: unknown = this.document.getIn(path, true);
    if (!isSeq(list)) {
      throw this.unable(`${path.at(-1)} is not a list`);
    }
    const last = list.items.at(-1) as Ranged | undefined;
    const expected = (data: unknown) => {
      assign(data, [...path, "push"], (items) => {
        (items as unknown as unknown[]).push(...values);
      });
    };
    if (this.isInFlow(path.slice(0, -1)) || (list.flow === true && last !== undefined)) {
      const at = last === undefined ? list.range![0] + 1 : endOf(last);
      const text = values.map(inFlow).join(", ");
      this.splice(at, at, last === undefined ? text : `, ${text}`, expected);
      return;
    }
    if (last === undefined) {
      // [] behind its key.
      const [start, end] = list.range as Range;
      const indent = this.columnOf(this.pairAt(path).key.range[0]) + 2;
      const text = `\n${this.indented(rendered(values), indent).trimEnd()}`;
      this.splice(this.withoutSpaceBefore(start), end, text, expected);
      return;
    }
    const column = this.columnOf(list.range![0]);
    const between = last.spaceBefore === true ? "\n" : "";
    const text = values.map((value) => between + this.indented(rendered([value]), column)).join("");
    this.insertLines(this.behindComments(this.nextLine(endOf(last)), column), text, expected);
  }

  /** Sets a text; a key that is not there comes behind another one of its map. */
  set(path: Path, value: string, behind?: string): void {
    const expected = (data: unknown) => {
      assign(data, path, (parent, last) => {
        parent[last] = value;
      });
    };
    const text = inFlow(value);
    const node: unknown = this.document.getIn(path, true);
    if (isScalar(node)) {
      const [start, end] = (node as Ranged).range;
      // A block of text ends with its line.
      this.splice(start, this.current[end - 1] === "\n" ? this.withoutSpaceBefore(end) : end, text, expected);
      return;
    }
    const before = this.pairAt([...path.slice(0, -1), behind ?? ""]);
    const line = `${" ".repeat(this.columnOf(before.key.range[0]))}${String(path.at(-1))}: ${text}\n`;
    this.insertLines(this.nextLine(endOf(before.value ?? before.key)), line, expected);
  }

  /** Removes a key or a list's element, with the comment right above it. */
  remove(path: Path): void {
    const parent = this.document.getIn(path.slice(0, -1), true);
    const expected = (data: unknown) => {
      assign(data, path, (from, last) => {
        if (Array.isArray(from)) {
          from.splice(Number(last), 1);
        } else {
          delete from[last];
        }
      });
    };
    if (!isCollection(parent)) {
      throw this.unable(`${path.join(".")} is not there`);
    }
    if (parent.items.length === 1) {
      // Behind its key, unless a comment is between them.
      const behind = this.withoutSpaceBefore(parent.range![0]);
      const [start, space] = this.current[behind - 1] === ":" ? [behind, " "] : [parent.range![0], ""];
      this.splice(start, endOf(parent as Ranged), `${space}${isSeq(parent) ? "[]" : "{}"}`, expected);
      return;
    }
    const index = isSeq(parent)
      ? Number(path.at(-1))
      : parent.items.findIndex(
          (pair) => isPair(pair) && isScalar(pair.key) && pair.key.value === path.at(-1),
        );
    const [start, end] = this.extentOf(parent.items[index]);
    if (parent.flow === true) {
      const [, behindPrevious] = index === 0 ? [0, start] : this.extentOf(parent.items[index - 1]);
      const [next] = index === 0 ? this.extentOf(parent.items[1]) : [end];
      this.splice(behindPrevious, next, "", expected);
      return;
    }
    const from = this.withCommentsAbove(this.lineStart(start));
    const to = this.nextLine(end);
    const blankAbove = /(?<=\n)\r?\n$/.exec(this.current.slice(0, from))?.[0].length ?? 0;
    const blankBelow = /^(\r?\n|$)/.test(this.current.slice(to));
    this.splice(blankBelow ? from - blankAbove : from, to, "", expected);
  }

  /** Replaces text within the values, never in keys or comments. */
  replaceInValues(change: (text: string) => string): void {
    const edits: { range: Range; text: string }[] = [];
    // A number is text to the config, such as an account without quotes.
    const changed = (value: unknown): unknown =>
      (typeof value === "string" || typeof value === "number") && change(String(value)) !== String(value)
        ? change(String(value))
        : value;
    const expected = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(expected)
        : value !== null && typeof value === "object"
          ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, expected(inner)]))
          : changed(value);
    visit(this.document, {
      Scalar: (key, { range, value }) => {
        if (key !== "key" && changed(value) !== value) {
          const text =
            typeof value === "number"
              ? JSON.stringify(changed(value))
              : change(this.current.slice(range![0], range![1]));
          edits.push({ range: range!, text });
        }
      },
    });
    const data = expected(this.document.toJS());
    const text = edits
      .sort((a, b) => b.range[0] - a.range[0])
      .reduce(
        (all, { range, text: value }) => all.slice(0, range[0]) + value + all.slice(range[1]),
        this.current,
      );
    this.replace(text, data);
  }

  private unable(why: string): Error {
    return new UserError(`${this.name} cannot be edited: ${why}`, "edit it by hand");
  }

  private splice(start: number, end: number, text: string, change: (data: unknown) => void): void {
    const data: unknown = this.document.toJS();
    change(data);
    const lineEnd = /\r?\n/.exec(this.current)?.[0] ?? "\n";
    this.replace(
      this.current.slice(0, start) + text.replaceAll("\n", lineEnd) + this.current.slice(end),
      data,
    );
  }

  private replace(text: string, data: unknown): void {
    const document = parseDocument(text);
    if (document.errors.length > 0 || !isDeepStrictEqual(document.toJS(), data)) {
      throw this.unable("it is written in a form that this command does not know");
    }
    this.document = document;
    this.current = text;
  }

  /** Inserts whole lines at the start of a line, or behind the last one. */
  private insertLines(at: number, lines: string, change: (data: unknown) => void): void {
    const behindUnendedLine = at > 0 && this.current[at - 1] !== "\n";
    this.splice(at, at, behindUnendedLine ? `\n${lines.trimEnd()}` : lines, change);
  }

  private isInFlow(path: Path): boolean {
    return [...path, ""].some((_, depth) => {
      const node: unknown = this.document.getIn(path.slice(0, depth), true);
      return isCollection(node) && node.flow === true;
    });
  }

  private pairAt(path: Path): Pair<Ranged, Ranged | null> {
    const map: unknown = this.document.getIn(path.slice(0, -1), true);
    const pair = isMap(map)
      ? map.items.find(({ key }) => isScalar(key) && key.value === path.at(-1))
      : undefined;
    if (pair === undefined) {
      throw this.unable(`it has no ${path.at(-1)}`);
    }
    return pair as Pair<Ranged, Ranged | null>;
  }

  private extentOf(item: unknown): [number, number] {
    const [first, last] = isPair(item) ? [item.key, item.value ?? item.key] : [item, item];
    return [(first as ParsedNode).range[0], endOf(last as Ranged)];
  }

  private lineStart(offset: number): number {
    return this.current.lastIndexOf("\n", offset - 1) + 1;
  }

  /** The start of the line behind the one that an offset is in or that it ends. */
  private nextLine(offset: number): number {
    const end = this.current[offset - 1] === "\n" ? offset - 1 : this.current.indexOf("\n", offset);
    return end === -1 ? this.current.length : end + 1;
  }

  private columnOf(offset: number): number {
    const before = this.current.slice(this.lineStart(offset), offset);
    return before.replace("\uFEFF", "").length;
  }

  private withoutSpaceBefore(offset: number): number {
    return this.current.slice(0, offset).trimEnd().length;
  }

  private indented(lines: string, column: number): string {
    return lines.replace(/^(?=.)/gm, " ".repeat(column));
  }

  /** The offset behind the comment lines at an offset that are indented deeper than a column: they belong above. */
  private behindComments(offset: number, column: number): number {
    const comment = /^( *)#.*(?:\r?\n|$)/.exec(this.current.slice(offset));
    return comment !== null && comment[1]!.length > column
      ? this.behindComments(offset + comment[0].length, column)
      : offset;
  }

  /** The start of the comment lines right above a line; those at the top are the file's own. */
  private withCommentsAbove(start: number): number {
    const above = this.current.slice(0, start).split(/(?<=\n)/);
    const first = above.findLastIndex((line) => !/^\s*#/.test(line)) + 1;
    return first === 0 ? start : above.slice(0, first).join("").length;
  }
}
