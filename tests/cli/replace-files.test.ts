import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { text as textOf } from "node:stream/consumers";
import { contentOf, replaceFiles } from "../../cli/replace-files";

const REPLACE = path.join(__dirname, "../support/replace.ts");
const KILLED = path.join(__dirname, "../support/killed.js");

describe("replacing files", function () {
  this.timeout(180_000);
  let folder: string;
  let dev: string;
  let prod: string;
  let gate: string;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "replace-files-"));
    gate = path.join(folder, "gate");
    [dev, prod] = ["dev", "prod"].map((stack) => path.join(folder, `Pulumi.${stack}.yaml`)) as [
      string,
      string,
    ];
    fs.writeFileSync(dev, "dev\n");
    fs.writeFileSync(prod, "prod\n");
  });
  afterEach(() => {
    fs.rmSync(folder, { recursive: true });
  });

  const read = (file: string) => fs.readFileSync(file, "utf8");
  const temporary = () => fs.readdirSync(folder).filter((name) => name.endsWith(".tmp"));
  const args = (...rest: string[]) => ["-r", "ts-node/register/transpile-only", ...rest];

  it("keeps a file's mode, and the link that leads to it", async () => {
    const link = path.join(folder, "link.yaml");
    fs.symlinkSync(dev, link);
    fs.chmodSync(dev, 0o640);
    await replaceFiles([{ file: link, before: contentOf(link), after: "new\n" }]);
    assert.ok(fs.lstatSync(link).isSymbolicLink());
    assert.equal(read(dev), "new\n");
    assert.equal(fs.statSync(dev).mode & 0o777, 0o640);
  });

  it("writes nothing where a file is not what was read, or is there already", async () => {
    const before = contentOf(dev);
    fs.appendFileSync(dev, "by hand\n");
    await assert.rejects(
      replaceFiles([
        { file: prod, before: contentOf(prod), after: "new\n" },
        { file: dev, before, after: "new\n" },
      ]),
      /^(\w*Error: )?Pulumi\.dev\.yaml changed while the command ran; nothing was written\nfix: run it again$/,
    );
    await assert.rejects(
      replaceFiles([{ file: prod, before: undefined, after: "new\n" }]),
      /Pulumi\.prod\.yaml changed/,
    );
    assert.equal(read(prod), "prod\n");
    assert.equal(read(dev), "dev\nby hand\n");
    assert.deepEqual(temporary(), []);
  });

  it("steps back from a process that is writing, and takes what a killed one left for nothing", async () => {
    const name = (pid: number, host = os.hostname()) =>
      path.join(folder, `.Pulumi.dev.yaml.${host}.${pid}.tmp`);
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    fs.writeFileSync(name(pid), "half");
    await replaceFiles([{ file: dev, before: contentOf(dev), after: "new\n" }]);
    assert.equal(read(dev), "new\n");
    assert.deepEqual(temporary(), []);

    for (const living of [name(process.ppid), name(1, "another.host")]) {
      fs.writeFileSync(living, "theirs");
      await assert.rejects(
        replaceFiles([{ file: dev, before: contentOf(dev), after: "newer\n" }]),
        (error: Error) =>
          error.message.includes("another process is writing the same file; nothing was written") &&
          error.message.includes(path.basename(living)),
      );
      assert.equal(read(dev), "new\n");
      assert.deepEqual(temporary(), [path.basename(living)]);
      fs.rmSync(living);
    }
  });

  it("leaves each file old or new wherever it is killed, and the next run works", async () => {
    fs.writeFileSync(gate, "");
    const calls = path.join(folder, "calls");
    const run = (environment: Record<string, string>) =>
      spawnSync(process.execPath, args("-r", KILLED, REPLACE, gate, "new", dev, prod), {
        encoding: "utf8",
        env: { ...process.env, FOLDER: folder, ...environment },
      });
    assert.equal(run({ CALLS: calls }).status, 0);
    const points = Number(read(calls));
    assert.ok(points >= 16, `${points} points`);
    const seen = new Set<string>();
    for (let point = 1; point <= points; point++) {
      fs.writeFileSync(dev, "dev\n");
      fs.writeFileSync(prod, "prod\n");
      assert.equal(run({ KILL_BEFORE: String(point) }).signal, "SIGKILL", `point ${point}`);
      const state = [read(dev), read(prod)].join();
      assert.ok(
        ["dev\n,prod\n", "dev\nnew\n,prod\n", "dev\nnew\n,prod\nnew\n"].includes(state),
        `${point}: ${state}`,
      );
      seen.add(state);
      await replaceFiles([dev, prod].map((file) => ({ file, before: contentOf(file), after: "next\n" })));
      assert.deepEqual([read(dev), read(prod)], ["next\n", "next\n"]);
      assert.deepEqual(temporary(), [], `point ${point}`);
    }
    assert.equal(seen.size, 3, "killed before, between and behind the two files");
  });

  it("loses nothing where several write at once", async () => {
    const writers = ["a", "b", "c", "d"].map((name) => {
      const child = spawn(process.execPath, args(REPLACE, gate, name, dev, prod));
      return { name, ended: Promise.all([once(child, "close"), textOf(child.stderr)]) };
    });
    while (writers.some(({ name }) => !fs.existsSync(`${gate}.${name}`))) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    fs.writeFileSync(gate, "");
    const written: string[] = [];
    for (const { name, ended } of writers) {
      const [[status], stderr] = (await ended) as [[number], string];
      if (status === 0) {
        written.push(name);
      } else {
        assert.match(
          stderr,
          /changed while the command ran; nothing was written\nfix: run it again|another process/,
        );
      }
    }
    assert.equal(written.length, 1, "all had read the same file");
    assert.equal(read(dev), `dev\n${written[0]}\n`);
    assert.equal(read(prod), `prod\n${written[0]}\n`);
    assert.deepEqual(temporary(), []);
  });
});
