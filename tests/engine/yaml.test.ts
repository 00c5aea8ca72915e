import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { readStackConfig } from "../../plan/stack-file";
import { rememberedEngine } from "./setup";

/** Scalars without quotes, as somebody may write them. */
const SCALARS = [
  ...["010", "0042", "-010", "0_10", "011122223333", "099122223333", "111122223333", "000"],
  ...["0x1F", "0X1F", "0o17", "0b11", "-0b11", "1_000", "+5", "-0", "42"],
  ...["1.0", "1.10", "250.50", "1e3", "1E3", ".5", "5.", "1e21", "1e-7", "0x1p4", "1e400"],
  ...["12345678901234567890123", "9007199254740993", "18446744073709551615"],
  ...["2026-01-01", "2026-1-1", "2026-13-01", "2026-02-30", "2026-01-01T03:04:05Z", "2026-01-01 3:4:5.50"],
  ...["2026-01-01T03:04:05+02:00", "2026-01-01T03:04:05", "2026-01", "20260101"],
  ...["yes", "no", "on", "off", "y", "true", "True", "TRUE", "tRUE", "~", "null", "Null", "nil", ""],
  ...["1:20", "10.0.0.0/8", "v1.0", "=", "!!str 010", '"010"', "'1.0'", "- 1", "a#b", "a # b"],
];

/** Texts of a whole file that Pulumi refuses as well. */
const REFUSED = [
  "config:\n  a: .nan\n",
  "config:\n  a: [.inf]\n",
  "config:\n  a: 1\n  a: 2\n",
  "config:\n  a: *\n",
  "config:\n  a: b: c\n",
  "config:\n\ta: b\n",
  "config:\n  a: @b\n",
  "config:\n  a: *b\n",
  "config:\n  a: 'b\n",
  "config:\n  a:\n    <<: 3\n",
];

describe("a stack file", () => {
  let folder: string;
  const pulumi = (...args: string[]) => {
    const { bin } = rememberedEngine();
    return spawnSync(path.join(bin, "pulumi"), [...args, "--stack", "read", "--non-interactive"], {
      cwd: folder,
      encoding: "utf8",
      env: {
        ...process.env,
        PATH: `${bin}${path.delimiter}${process.env.PATH}`,
        PULUMI_BACKEND_URL: `file://${path.join(folder, ".state")}`,
        PULUMI_CONFIG_PASSPHRASE: "test",
        PULUMI_SKIP_UPDATE_CHECK: "true",
      },
    });
  };
  before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "ecr-platform-yaml-"));
    fs.mkdirSync(path.join(folder, ".state"));
    fs.writeFileSync(path.join(folder, "Pulumi.yaml"), "name: ecr-platform\nruntime: nodejs\n");
    fs.writeFileSync(path.join(folder, "package.json"), '{ "name": "read", "main": "index.js" }');
    fs.writeFileSync(
      path.join(folder, "index.js"),
      'require("fs").writeFileSync("config.json", process.env.PULUMI_CONFIG);',
    );
    fs.symlinkSync(path.resolve(__dirname, "../../node_modules"), path.join(folder, "node_modules"));
    assert.equal(pulumi("stack", "init").status, 0);
  });
  after(() => {
    fs.rmSync(folder, { recursive: true, force: true });
  });

  /** The config that a program gets from the CLI, and the one that the offline plan reads. */
  function configs(text: string) {
    const file = path.join(folder, "Pulumi.read.yaml");
    const salt = /^encryptionsalt:.*\n/m.exec(fs.readFileSync(file, "utf8"))?.[0] ?? "";
    fs.writeFileSync(file, salt + text);
    const { config, misread = [] } = readStackConfig(folder, "read");
    const { status, stdout, stderr } = pulumi("preview");
    assert.equal(status, 0, stdout + stderr);
    const given = JSON.parse(fs.readFileSync(path.join(folder, "config.json"), "utf8")) as object;
    const real = Object.fromEntries(
      Object.entries(given).map(([key, value]) => [key.replace(":config:", ":"), value as string]),
    );
    return { config, misread, real };
  }

  it("has the scalars that the Pulumi CLI reads, or is refused where JavaScript has no such number", () => {
    const lines = SCALARS.filter((text) => !text.startsWith("- ")).map((text, i) => `  k${i}: ${text}\n`);
    const nested = SCALARS.map((text) => `    - ${text}\n`);
    const { config, misread, real } = configs(`config:\n${lines.join("")}  nested:\n${nested.join("")}`);
    const flat = (all: Record<string, string>): Record<string, unknown> => ({
      ...all,
      ...(JSON.parse(all["ecr-platform:nested"] ?? "") as unknown[]),
      "ecr-platform:nested": "",
    });
    const [ours, theirs] = [flat(config), flat(real)];
    const differing = Object.keys(theirs).filter(
      (key) => JSON.stringify(ours[key]) !== JSON.stringify(theirs[key]),
    );
    assert.deepEqual(Object.keys(ours).sort(), Object.keys(theirs).sort());
    const beyond = ["9007199254740993", "18446744073709551615"];
    assert.ok(differing.every((key) => beyond.includes(SCALARS[Number(/\d+$/.exec(key))] ?? "")));
    for (const text of [...beyond, "010", "0042", "011122223333", "2026-01-01", "2026-01-01T03:04:05Z"]) {
      assert.ok(
        misread.some(({ value, fix }) => value === text && fix.includes(JSON.stringify(text))),
        text,
      );
    }
  });

  it("may have merge keys, and keys without the project's name", () => {
    const { config, real } = configs(
      [
        "config:",
        "  costs: &costs { monthlyBudget: 5, emails: [a@acme.example] }",
        "  ecr-platform:other: &other { emails: [b@acme.example], billingAlarm: 7 }",
        "  ecr-platform:config:third: 1",
        "  aws:region: eu-west-1",
        "  after: { monthlyBudget: 6, <<: *costs }",
        "  before:",
        "    <<: *costs",
        "    monthlyBudget: 6",
        "  both: { <<: [*other, *costs] }",
        "  alias: *other",
        "",
      ].join("\n"),
    );
    const parsed = (all: Record<string, string>) =>
      Object.fromEntries(
        Object.entries(all).map(([key, text]) => [key, /^[[{]/.test(text) ? JSON.parse(text) : text]),
      );
    assert.deepEqual(parsed(config), parsed(real));
  });

  for (const text of REFUSED) {
    it(`is refused by both where it is ${JSON.stringify(text)}`, () => {
      const file = path.join(folder, "Pulumi.read.yaml");
      const before = fs.readFileSync(file, "utf8");
      fs.writeFileSync(file, text);
      const { status } = pulumi("preview");
      let refused = false;
      try {
        refused = (readStackConfig(folder, "read").misread ?? []).length > 0;
      } catch {
        refused = true;
      }
      fs.writeFileSync(file, before);
      assert.notEqual(status, 0);
      assert.ok(refused);
    });
  }
});
