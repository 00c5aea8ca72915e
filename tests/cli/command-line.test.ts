import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { ROOT } from "../support/project";

interface Ran {
  status: number | null;
  stdout: string;
  stderr: string;
}

const PROGRAM = path.join(ROOT, "cli/ecr-platform.js");
/** Without what npm sets for the scripts that it runs, such as `npm test`. */
const ENVIRONMENT = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name) && !name.startsWith("AWS_")),
);

function runIn(
  cwd: string,
  command: string,
  args: string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<Ran> {
  const child = spawn(command, args, {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...ENVIRONMENT, NO_COLOR: "1", AWS_EC2_METADATA_DISABLED: "true", ...environment },
  });
  const ran: Ran = { status: null, stdout: "", stderr: "" };
  child.stdout.on("data", (data: Buffer) => (ran.stdout += data.toString()));
  child.stderr.on("data", (data: Buffer) => (ran.stderr += data.toString()));
  return new Promise((resolve) =>
    child.once("close", (status) => {
      resolve({ ...ran, status });
    }),
  );
}

/** A file with code that Node runs before the program. */
function preload(code: string): string {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "ecr-platform-test-")), "preload.js");
  fs.writeFileSync(file, code);
  return file;
}

const ecrPlatform = (...args: string[]) => runIn(ROOT, process.execPath, [PROGRAM, ...args]);
const npm = (...args: string[]) => runIn(ROOT, "npm", args);

describe("the command line", () => {
  it("lists every command, and suggests one that is mistyped", async () => {
    const { status, stdout } = await ecrPlatform("--help");
    assert.equal(status, 0);
    for (const command of ["plan", "validate", "import", "permissions", "images", "generate"]) {
      assert.match(stdout, new RegExp(`^ {2}${command} `, "m"));
    }
    assert.deepEqual(await ecrPlatform("plans"), {
      status: 1,
      stdout: "",
      stderr: "unknown command 'plans'\nfix: Did you mean plan?\n",
    });
  });

  it("loads only the command that runs: a plan loads nothing of the AWS SDK", async () => {
    const report = preload(
      "process.on('exit', () => console.error(Object.keys(require.cache).filter((file) => /aws-sdk|smithy/.test(file)).length));",
    );
    const { stderr } = await runIn(ROOT, process.execPath, ["-r", report, PROGRAM, "plan"]);
    assert.equal(stderr, "0\n");
  });

  describe("reports an error with its fix", () => {
    it("as text", async () => {
      const { status, stdout, stderr } = await ecrPlatform("plan", "--stack", "nope");
      assert.deepEqual([status, stdout], [1, ""]);
      assert.match(
        stderr,
        /Pulumi\.nope\.yaml does not exist\nfix: name one of the stacks that have a file: .*\n$/,
      );
    });
    for (const args of [
      ["plan", "--stack", "nope"],
      ["plan", "--gb", "many"],
      ["plan", "--unknown"],
      ["images", "list"],
      ["findings", "--severity", "hgh"],
    ]) {
      it(`as one object with --json: ${args.join(" ")}`, async () => {
        const { status, stdout, stderr } = await ecrPlatform(...args, "--json");
        assert.deepEqual([status, stdout], [1, ""]);
        const { problem, fix } = JSON.parse(stderr) as Record<string, string>;
        assert.ok(
          problem !== undefined && problem.length > 10 && fix !== undefined && fix.length > 10,
          stderr,
        );
        assert.doesNotMatch(stderr, /undefined/);
      });
    }
  });

  it("tells a sign-in that has expired from missing credentials, an unknown profile and a missing network", async () => {
    const list = (environment: NodeJS.ProcessEnv) =>
      runIn(ROOT, process.execPath, [PROGRAM, "images", "list"], {
        AWS_CONFIG_FILE: "/dev/null",
        ...environment,
      });
    assert.match(
      (await list({})).stderr,
      /^no AWS credentials: .*\nfix: sign in \(aws sso login\), or set AWS_PROFILE\n/,
    );
    assert.match(
      (await list({ AWS_PROFILE: "nope" })).stderr,
      /^no AWS credentials for the profile nope: .*\nfix: .*set AWS_PROFILE to a profile of ~\/\.aws\/config\n/,
    );
    const home = fs.mkdtempSync(path.join(os.tmpdir(), "ecr-platform-home-"));
    const start = "https://acme.awsapps.com/start";
    fs.mkdirSync(path.join(home, ".aws/sso/cache"), { recursive: true });
    fs.writeFileSync(
      path.join(home, ".aws/config"),
      `[profile dev]\nsso_start_url = ${start}\nsso_region = eu-west-1\nsso_account_id = 111122223333\nsso_role_name = Dev\n`,
    );
    fs.writeFileSync(
      // The name that the AWS CLI gives it: the SHA-1 of the start URL.
      path.join(home, ".aws/sso/cache", `${createHash("sha1").update(start).digest("hex")}.json`),
      JSON.stringify({ startUrl: start, accessToken: "a", expiresAt: "2020-01-01T00:00:00Z" }),
    );
    assert.match(
      (await list({ HOME: home, AWS_CONFIG_FILE: path.join(home, ".aws/config"), AWS_PROFILE: "dev" }))
        .stderr,
      /^the AWS sign-in of the profile dev has expired, or there was none: .*\nfix: sign in \(aws sso login --profile dev\)\n/,
    );
    fs.rmSync(home, { recursive: true });
    const keys = { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" };
    assert.match(
      (await list({ ...keys, AWS_ENDPOINT_URL: "http://127.0.0.1:9" })).stderr,
      /^AWS cannot be reached: .*127\.0\.0\.1:9\nfix: check the network/,
    );
  });

  describe("by an npm script", () => {
    it("takes options behind --", async () => {
      const { status, stdout } = await npm("run", "-s", "plan", "--", "--stack", "prod");
      assert.equal(status, 0);
      assert.match(stdout, /^ecr-platform prod: /);
    });
    for (const [right, ...args] of [
      ["npm run plan -- --all", "run", "-s", "plan", "--all"],
      ["npm run plan -- --stack prod", "run", "-s", "plan", "--stack=prod"],
      ["npm run plan -- --stack <value>", "run", "-s", "plan", "--stack", "prod"],
      ["npm run ecr-platform -- images --yes", "run", "-s", "ecr-platform", "images", "clean", "--yes"],
    ] as const) {
      it(`refuses those that npm has taken: npm ${args.join(" ")}`, async () => {
        const { status, stdout, stderr } = await npm(...args);
        assert.deepEqual([status, stdout], [1, ""]);
        assert.ok(stderr.endsWith(`fix: write -- before the options: ${right}\n`), stderr);
      });
    }
  });

  describe("as the docs write it", () => {
    let asked: string[];
    let registry: http.Server;
    let environment: NodeJS.ProcessEnv;
    let outside: string;
    before(async () => {
      registry = http.createServer((request, response) => {
        asked.push(request.url ?? "");
        response.writeHead(404).end();
      });
      await new Promise<void>((resolve) => registry.listen(0, "127.0.0.1", resolve));
      outside = fs.mkdtempSync(path.join(os.tmpdir(), "ecr-platform-test-"));
      environment = {
        npm_config_registry: `http://127.0.0.1:${(registry.address() as AddressInfo).port}/`,
        npm_config_cache: path.join(outside, ".npm"),
        npm_config_update_notifier: "false",
      };
    });
    beforeEach(() => {
      asked = [];
    });
    after(() => {
      registry.close();
      fs.rmSync(outside, { recursive: true });
    });

    it("runs this project's program in its folders, and asks no registry", async () => {
      for (const folder of [ROOT, path.join(ROOT, "docs")]) {
        const ran = await runIn(folder, "npx", ["--offline", "ecr-platform", "--version"], environment);
        assert.match(ran.stdout, /^\d+\.\d+\.\d+\n$/, ran.stderr);
      }
      assert.deepEqual(asked, []);
    });
    it("runs nothing elsewhere, and asks no registry for a package of that name", async () => {
      const { status, stderr } = await runIn(
        outside,
        "npx",
        ["--offline", "ecr-platform", "--version"],
        environment,
      );
      assert.equal(status, 1);
      assert.match(stderr, /only-if-cached/);
      assert.deepEqual(asked, []);
    });
    it("has the flag for a reason: without it, npx asks", async () => {
      await runIn(outside, "npx", ["ecr-platform", "--version"], environment);
      assert.equal(asked[0], "/ecr-platform");
    });
    it("never without the flag", () => {
      const { stdout } = spawnSync("git", ["grep", "-nE", "npx (--no )?ecr-platform", "--", ":!tests"], {
        cwd: ROOT,
        encoding: "utf8",
      });
      assert.equal(stdout, "", "write npx --offline ecr-platform");
    });
  });

  describe("when it is interrupted", () => {
    for (const [signal, code] of [
      ["SIGINT", 130],
      ["SIGTERM", 143],
    ] as const) {
      it(`exits with ${code} after ${signal}, and says that nothing was changed`, async () => {
        const announce = preload(
          `process.on("newListener", (event) => { if (event === "SIGTERM") setImmediate(() => console.error("started")); });`,
        );
        const child = spawn(process.execPath, ["-r", announce, PROGRAM, "plan", "--all"], {
          cwd: ROOT,
          stdio: ["ignore", "ignore", "pipe"],
          env: ENVIRONMENT,
        });
        let stderr = "";
        child.stderr.on("data", (data: Buffer) => {
          stderr += data.toString();
          if (stderr === "started\n") {
            child.kill(signal);
          }
        });
        const status = await new Promise((resolve) => child.once("close", resolve));
        assert.deepEqual([status, stderr], [code, "started\ninterrupted; nothing was changed\n"]);
      });
    }
  });
});
