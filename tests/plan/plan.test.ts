import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { DEFAULT_ASSUMPTIONS } from "../../plan/cost";
import { reportOf } from "../../plan/report";
import { runProgram, type ProgramRun } from "../../plan/run";
import { readStackConfig } from "../../plan/stack-file";
import { renderText } from "../../plan/text";
import { copyOfProject, editStack, ROOT } from "../support/project";
import { planned, runOf } from "../support/planned";
import { runStack } from "../support/stack";

describe("a plan", () => {
  it("lists what the program declares on Pulumi's own mocks, no more and no less", async () => {
    for (const stack of ["dev", "prod"]) {
      const run = await runProgram(ROOT, readStackConfig(ROOT, stack));
      const file = parse(fs.readFileSync(path.join(ROOT, `Pulumi.${stack}.yaml`), "utf8")) as {
        config: Record<string, unknown>;
      };
      const own = Object.entries(file.config).flatMap(([key, value]): [string, unknown][] =>
        key.startsWith("ecr-platform:") ? [[key.replace("ecr-platform:", ""), value]] : [],
      );
      const mocked = await runStack(Object.fromEntries(own), {
        stack,
        preview: true,
        lookups: { "aws:ec2/getSubnet:getSubnet": ({ id }) => ({ id, availabilityZoneId: id }) },
      });
      const names = (list: readonly { type: string; name: string }[]) =>
        list.map(({ type, name }) => `${type} ${name}`).sort();
      assert.deepEqual(names(run.resources), names(mocked.resources));
    }
  });

  it("hides secrets", async () => {
    const folder = copyOfProject();
    editStack(folder, "dev", (config) => {
      config["ecr-platform:findings"].subscriptions.push({
        protocol: "https",
        endpoint: "https://hooks.example/t0ken",
      });
      config["ecr-platform:findings"].subscriptions.push({
        protocol: "https",
        endpoint: { secure: "v1:abc" },
      });
    });
    const text = JSON.stringify(await runProgram(folder, readStackConfig(folder, "dev")));
    assert.doesNotMatch(text, /t0ken/);
    assert.equal(text.split("<secret>").length - 1, 2);
    fs.rmSync(folder, { recursive: true });
  });

  it("protects and retains in prod what holds data, and lets a lifecycle policy be edited", async () => {
    const { resources } = await runProgram(ROOT, readStackConfig(ROOT, "prod"));
    const of = (suffix: string) => resources.filter(({ type }) => type.endsWith(suffix));
    for (const suffix of [
      "ecr/repository:Repository",
      "kms/key:Key",
      "s3/bucket:Bucket",
      "cloudtrail/trail:Trail",
    ]) {
      assert.ok(
        of(suffix).length > 0 && of(suffix).every(({ protect, retainOnDelete }) => protect && retainOnDelete),
        suffix,
      );
    }
    // Protected, an edit (which replaces) would be refused; not retained, the edited policy would be lost.
    assert.ok(of(":LifecyclePolicy").every(({ protect, retainOnDelete }) => !protect && retainOnDelete));
    // Retained, a withdrawn share would stay in force.
    assert.ok(of(":RepositoryPolicy").every(({ protect, retainOnDelete }) => !protect && !retainOnDelete));
    for (const suffix of [":RegistryScanningConfiguration", ":Enabler"]) {
      assert.ok(
        of(suffix).every(({ retainOnDelete }) => retainOnDelete),
        suffix,
      );
    }
  });

  it("retains the account's singletons in dev too, and protects nothing there", async () => {
    const { resources } = await runProgram(ROOT, readStackConfig(ROOT, "dev"));
    assert.ok(
      resources
        .filter(({ type }) => type.endsWith(":RegistryScanningConfiguration"))
        .every(({ retainOnDelete }) => retainOnDelete),
    );
    assert.deepEqual(
      resources.filter(({ protect }) => protect),
      [],
    );
  });

  it("gives the Inspector enabler time, and makes things in the order that AWS needs", async () => {
    const { resources } = await runProgram(ROOT, readStackConfig(ROOT, "prod"));
    const named = (name: string) => resources.find((one) => one.name === name)!;
    const waits = (name: string, other: string) => named(name).dependsOn.includes(named(other).urn);
    assert.deepEqual(named("scanning-inspector").timeouts, { create: "15m", update: "15m", delete: "15m" });
    assert.ok(waits("scanning-configuration", "scanning-inspector"));
    assert.ok(waits("audit-trail", "audit-bucket-policy"));
    assert.ok(waits("audit-trail", "audit-logs-role-policy"));
    assert.ok(waits("registry-cache-docker-hub", "registry-template-docker-hub"));
    assert.ok(waits("github-payments-release", "github-provider"));
    assert.ok(waits("payments-api-lifecycle", "payments-api"));
  });

  it("refuses two resources of one name, as the engine does", async () => {
    const folder = copyOfProject();
    const index = path.join(folder, "index.ts");
    fs.appendFileSync(index, '\nnew RepositoryKey("repositories", common);\n');
    await assert.rejects(runProgram(folder, readStackConfig(folder, "dev")), /Duplicate resource URN/);
    fs.rmSync(folder, { recursive: true });
  });

  it("estimates by what is declared", async () => {
    const cost = (run: ProgramRun) => reportOf(run, DEFAULT_ASSUMPTIONS).cost;
    const dev = cost(await runProgram(ROOT, readStackConfig(ROOT, "dev")));
    const quantity = (item: string) => dev.lines.find((line) => line.item === item)?.quantity;
    assert.equal(quantity("Image storage"), 7 * DEFAULT_ASSUMPTIONS.gbPerRepository);
    assert.equal(quantity("First scans"), undefined, "basic scanning is free");
    assert.equal(quantity("Interface endpoints"), 3 * 2 * 730);
    assert.equal(dev.lines.find((line) => line.item === "Interface endpoints")?.price, 0.011);
    assert.ok(
      Math.abs(dev.total - dev.lines.reduce((sum, line) => sum + line.price * line.quantity, 0)) < 1e-9,
    );
    const prod = cost(await runProgram(ROOT, readStackConfig(ROOT, "prod")));
    assert.equal(prod.lines.find((line) => line.item === "Interface endpoints")?.quantity, 3 * 3 * 730);
    assert.ok(prod.lines.some((line) => line.item === "Rescans"));
  });
});

describe("many plans in one process", () => {
  it("keep no earlier run in memory", async () => {
    const runner = require.cache[require.resolve("../../plan/run")];
    for (let i = 0; i < 3; i++) {
      await runProgram(ROOT, readStackConfig(ROOT, "dev"));
    }
    const programs = runner?.children.filter(({ filename }) => filename === path.join(ROOT, "index.ts"));
    assert.equal(programs?.length, 1);
  });
});

describe("a plan of thousands of resources", () => {
  it("shows all of them on a terminal", () => {
    const many = Array.from({ length: 3000 }, (_, i) => planned(`team-service-${i}`, {}));
    assert.equal(
      renderText(reportOf(runOf(...many), DEFAULT_ASSUMPTIONS), { policies: false })
        .split("\n")
        .filter((line) => line.includes("└─") || line.includes("├─")).length,
      3000,
    );
  });
});
