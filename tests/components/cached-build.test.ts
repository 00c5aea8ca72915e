import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { cachedBuild } from "../../components/parts/cached-build";
import { ROOT } from "../support/project";

let folder: string;
const at = (name: string) => path.join(folder, name);

function scratchFolder(): void {
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "ecr-platform-test-"));
  });
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));
}

/** Writes a source as if it had been saved a minute ago. */
function save(name: string, text: string): void {
  fs.writeFileSync(at(name), text);
  const saved = Date.now() / 1000 - 60;
  fs.utimesSync(at(name), saved, saved);
}

describe("a cached build", () => {
  scratchFolder();

  let builds: number;
  const build = ({
    file = at("cache/build.json"),
    settings = "minify",
    during = () => {},
  }: { file?: string; settings?: string; during?: () => void } = {}) =>
    cachedBuild({
      file,
      root: folder,
      settings,
      build: () => {
        builds++;
        const made = { both: `${fs.readFileSync(at("a"), "utf8")} ${fs.readFileSync(at("b"), "utf8")}` };
        during();
        return { outputs: made, inputs: ["a", at("b")] };
      },
    });

  beforeEach(() => {
    builds = 0;
    save("a", "one");
    save("b", "two");
  });

  it("runs once for the same inputs and settings", () => {
    assert.deepEqual(build(), { both: "one two" });
    assert.deepEqual(build(), { both: "one two" });
    assert.equal(builds, 1);
    assert.deepEqual(fs.readdirSync(at("cache")), ["build.json"]);
  });

  it("runs again when an input changed, even if it was saved long ago", () => {
    build();
    save("b", "three");
    assert.deepEqual(build(), { both: "one three" });
    assert.deepEqual(build(), { both: "one three" });
    assert.equal(builds, 2);
  });

  it("runs again when the settings changed", () => {
    build();
    build({ settings: "do not minify" });
    assert.equal(builds, 2);
  });

  it("fails as the build does when an input is gone", () => {
    build();
    fs.rmSync(at("b"));
    assert.throws(() => build(), /ENOENT.*b/);
  });

  it("runs again when its file is cut short, empty or edited", () => {
    build();
    const whole = fs.readFileSync(at("cache/build.json"), "utf8");
    for (const damaged of [whole.slice(0, -1), whole.slice(0, 64), "", whole.replace("one two", "one too")]) {
      fs.writeFileSync(at("cache/build.json"), damaged);
      builds = 0;
      assert.deepEqual(build(), { both: "one two" });
      assert.equal(builds, 1);
      assert.equal(fs.readFileSync(at("cache/build.json"), "utf8"), whole);
    }
  });

  it("is not kept when an input is saved while it runs", () => {
    const during = () => fs.writeFileSync(at("a"), "new");
    assert.deepEqual(build({ during }), { both: "one two" });
    assert.deepEqual(build(), { both: "new two" });
  });

  it("only takes its time where it cannot be kept", () => {
    // A file where the folder would be: not even root can write there.
    const file = at("a/build.json");
    assert.deepEqual(build({ file }), { both: "one two" });
    assert.deepEqual(build({ file }), { both: "one two" });
    assert.equal(builds, 2);
  });
});

describe("the functions' code", () => {
  scratchFolder();

  it("is bundled at the first start, and again only after a change of a source", () => {
    for (const part of [
      ...["aws", "components", "documents", "functions", "images"],
      ...["package.json", "package-lock.json", "tsconfig.json"],
    ]) {
      fs.cpSync(path.join(ROOT, part), at(part), { recursive: true, preserveTimestamps: true });
    }
    fs.mkdirSync(at("node_modules"));
    for (const name of fs.readdirSync(path.join(ROOT, "node_modules")).filter((one) => one !== ".cache")) {
      fs.symlinkSync(path.join(ROOT, "node_modules", name), at(`node_modules/${name}`));
    }
    const program = `
      require("./components/parts/function-code").functionCode("metrics").assets
        .then(async (assets) => process.stdout.write(await assets["index.js"].text));`;
    const start = (env: NodeJS.ProcessEnv = {}) =>
      spawnSync(process.execPath, ["-r", "ts-node/register/transpile-only", "-e", program], {
        cwd: folder,
        env: { ...process.env, ...env },
        encoding: "utf8",
        maxBuffer: 64 * 1024 * 1024,
      });
    const withoutEsbuild = { ESBUILD_BINARY_PATH: at("no-esbuild") };
    const first = start();
    assert.match(first.stdout, /exports/, first.stderr);
    assert.equal(start(withoutEsbuild).stdout, first.stdout);

    const source = fs.readFileSync(at("functions/metrics.ts"), "utf8");
    save("functions/metrics.ts", `${source}\nconsole.log("changed");\n`);
    assert.match(start(withoutEsbuild).stderr, /no-esbuild/);
    assert.match(start().stdout, /console.log\("changed"\)/);
  });
});
