import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { checkOwners, withOwners } from "../../cli/code-owners";

describe("the owners of a team file in CODEOWNERS", () => {
  let root: string;
  beforeEach(() => {
    root = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), "ecr-platform-test-"));
    execFileSync("git", ["init", "-q"], { cwd: root });
  });
  afterEach(() => {
    fs.rmSync(root, { recursive: true });
  });

  const write = (file: string, text: string) => {
    fs.mkdirSync(path.join(root, path.dirname(file)), { recursive: true });
    fs.writeFileSync(path.join(root, file), text);
  };
  const changes = (folder = ".") =>
    withOwners(path.join(root, folder), "teams/checkout.yaml", ["@acme/checkout", "p@acme.example"]).map(
      ({ file, before, after }) => [path.relative(root, file), before?.toString(), after],
    );
  const LINE = "/teams/checkout.yaml @acme/checkout p@acme.example";

  it("come last in the file that GitHub reads, with its line ends", () => {
    write("docs/CODEOWNERS", "* @acme/docs");
    assert.deepEqual(changes(), [["docs/CODEOWNERS", "* @acme/docs", `* @acme/docs\n${LINE}\n`]]);
    write("CODEOWNERS", "* @acme/platform\r\n/x @acme/x");
    assert.deepEqual(changes()[0]?.[2], `* @acme/platform\r\n/x @acme/x\r\n${LINE}\r\n`);
    write(".github/CODEOWNERS", `${LINE}\n* @acme/platform\n`);
    assert.deepEqual(changes()[0]?.[2], `${LINE}\n* @acme/platform\n${LINE}\n`, "the last match counts");
  });

  it("make the file where there is none, and are not written twice", () => {
    assert.deepEqual(changes(), [[".github/CODEOWNERS", undefined, `${LINE}\n`]]);
    write(".github/CODEOWNERS", `* @acme/platform\n${LINE}\n`);
    assert.deepEqual(changes(), []);
  });

  it("are those of the file as the repository's root sees it, where the project is in a folder", () => {
    fs.mkdirSync(path.join(root, "the registry"));
    assert.deepEqual(changes("the registry"), [
      [".github/CODEOWNERS", undefined, `/the\\ registry${LINE}\n`],
    ]);
  });

  it("are refused in a form that makes GitHub ignore the line", () => {
    checkOwners(["@someone", "@acme/payments-team", "p@acme.example"]);
    for (const owner of ["acme/payments", "@acme/a/b", "payments", "@", "@acme/#x"]) {
      assert.throws(() => checkOwners([owner]), /--owner .*: not an owner as CODEOWNERS/, owner);
    }
  });
});
