import assert from "node:assert/strict";
import { matchesPattern } from "../support/event-pattern";

/** Patterns and events of EventBridge's guide, or made after its sentences. */
const CASES: [what: string, pattern: Record<string, unknown>, matches: object[], others: object[]][] = [
  ["any of several values", { a: ["x", "y"] }, [{ a: "x" }, { a: "y", b: 1 }], [{ a: "z" }, { b: "x" }, {}]],
  ["an element of a list", { a: ["x"] }, [{ a: ["w", "x"] }], [{ a: ["w"] }, { a: [] }]],
  ["all fields at once", { a: ["x"], b: ["y"] }, [{ a: "x", b: "y" }], [{ a: "x" }, { a: "x", b: "x" }]],
  ["nested fields", { a: { b: ["x"] } }, [{ a: { b: "x" } }], [{ a: "x" }, { b: "x" }]],
  ["null, which is not missing", { a: [null] }, [{ a: null }], [{}, { a: "" }, { a: "null" }]],
  ["an empty string", { a: [""] }, [{ a: "" }], [{}, { a: null }, { a: "x" }]],
  ["case by case", { a: ["X"] }, [{ a: "X" }], [{ a: "x" }]],
  ["numbers, not their text", { a: [5] }, [{ a: 5 }, { a: 5.0 }], [{ a: "5" }, { a: 6 }]],
  ["a prefix", { a: [{ prefix: "eu-" }] }, [{ a: "eu-west-1" }], [{ a: "us-east-1" }, { a: 5 }, {}]],
  ["a suffix", { a: [{ suffix: ".png" }] }, [{ a: "a.png" }], [{ a: "a.png.txt" }, {}]],
  [
    "a wildcard",
    { a: [{ wildcard: "dir/*/x*.txt" }] },
    [{ a: "dir/a/b/x1.txt" }, { a: "dir//x.txt" }],
    [{ a: "dir/x.txt" }, { a: "dir/a/xXtxt" }],
  ],
  [
    "anything but a value",
    { a: [{ "anything-but": "x" }] },
    [{ a: "y" }, { a: ["x", "y"] }],
    [{ a: "x" }, {}],
  ],
  [
    "anything but several",
    { a: [{ "anything-but": ["x", "y"] }] },
    [{ a: "z" }],
    [{ a: "x" }, { a: "y" }, {}],
  ],
  [
    "a numeric range",
    { a: [{ numeric: [">", 0, "<=", 5] }] },
    [{ a: 5 }, { a: 0.1 }],
    [{ a: 0 }, { a: 6 }, { a: "3" }, {}],
  ],
  ["numeric equality", { a: [{ numeric: ["=", 301.8] }] }, [{ a: 301.8 }], [{ a: 301 }]],
  [
    "presence of a leaf",
    { a: { b: [{ exists: true }] } },
    [{ a: { b: 1 } }, { a: { b: null } }],
    [{ a: {} }, { a: { b: {} } }, { a: { b: [] } }, {}],
  ],
  [
    "absence of a leaf",
    { a: { b: [{ exists: false }] } },
    [{}, { a: {} }, { a: { b: {} } }, { a: { b: [] } }],
    [{ a: { b: 1 } }],
  ],
  [
    "absence or another value",
    { a: [{ exists: false }, { "anything-but": ["x"] }] },
    [{}, { a: "y" }],
    [{ a: "x" }],
  ],
  [
    "one branch of $or, and what stands beside it",
    { s: ["x"], $or: [{ a: [1] }, { b: { c: [2] } }] },
    [
      { s: "x", a: 1 },
      { s: "x", b: { c: 2 } },
    ],
    [{ a: 1 }, { s: "x" }, { s: "x", a: 2 }],
  ],
  [
    "fields of the same element of a list",
    { l: { a: ["x"], b: ["y"] } },
    [{ l: [{ a: "w" }, { a: "x", b: "y" }] }],
    [
      {
        l: [
          { a: "x", b: "w" },
          { a: "w", b: "y" },
        ],
      },
    ],
  ],
];

describe("the tests' matcher, like EventBridge's, matches", () => {
  for (const [what, pattern, matches, others] of CASES) {
    it(what, () => {
      matches.forEach((event) => assert.ok(matchesPattern(pattern, event), JSON.stringify(event)));
      others.forEach((event) => assert.ok(!matchesPattern(pattern, event), JSON.stringify(event)));
    });
  }
  it("nothing if it does not know an operator", () => {
    for (const matcher of [{ cidr: "10.0.0.0/8" }, { numeric: ["!=", 1] }, { prefix: "a", suffix: "b" }]) {
      assert.throws(() => matchesPattern({ a: [matcher] }, { a: 1 }), /not one that these tests know/);
    }
  });
});
