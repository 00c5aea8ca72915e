import assert from "node:assert/strict";
import { stackConfigSchema, type JsonSchema } from "../../config/json-schema";
import { parseConfig } from "../../config/load";
import { runProgram } from "../../plan/run";
import { readStackConfig, stacksOf } from "../../plan/stack-file";
import { generatedStacks, pulumiConfig } from "../../preflight/generated";
import { TABLE } from "../../preflight/table";
import { templatesOf } from "../../preflight/template";
import { planned, runOf } from "../support/planned";
import { typesInComponents } from "../support/components";
import { ROOT } from "../support/project";

const HINT =
  "preflight/table.ts says for each type and input what CloudFormation calls it, or why it has none";

async function mapped(stack: string) {
  return templatesOf(await runProgram(ROOT, readStackConfig(ROOT, stack), { references: true }));
}

describe("the CloudFormation form of a plan", () => {
  it("has every type and input that the committed stacks declare, or says why not", async () => {
    for (const stack of stacksOf(ROOT)) {
      const { problems, covered } = await mapped(stack);
      assert.deepEqual(problems, [], HINT);
      assert.ok(covered.types.size > 30);
    }
  });

  it("has what generated configs declare, and the config's own checks accept most of them", async () => {
    const stacks = [...generatedStacks(20, 7)];
    let accepted = 0;
    for (const one of stacks) {
      const config = pulumiConfig(one, "ecr-platform");
      const stack = { project: "ecr-platform", stack: one.stack, config };
      if (parseConfig(stack).settings !== undefined) {
        accepted++;
        const { problems } = templatesOf(await runProgram(ROOT, stack, { references: true }));
        assert.deepEqual(problems, [], HINT);
      }
    }
    assert.ok(
      accepted >= 15,
      `only ${accepted} of ${stacks.length} were accepted: the generator needs a look`,
    );
  });

  it("is made of configs in which every key of the schema occurs", () => {
    const keysOf = (schema: JsonSchema | undefined, at = ""): string[] => [
      ...(at === "" ? [] : [at]),
      ...Object.entries(schema?.properties ?? {}).flatMap(([key, inner]) => keysOf(inner, `${at}.${key}`)),
      ...(schema?.items === undefined ? [] : keysOf(schema.items, at)),
    ];
    const used = new Set<string>();
    const collect = (value: unknown, at: string): void => {
      used.add(at);
      if (typeof value === "object" && value !== null) {
        for (const [key, inner] of Object.entries(value)) {
          collect(inner, Array.isArray(value) ? at : `${at}.${key}`);
        }
      }
    };
    for (const { config } of generatedStacks(500, 1)) {
      collect(config, "");
    }
    assert.deepEqual(
      [...new Set(keysOf(stackConfigSchema()))]
        // The teams of files become those of the config before anything is declared.
        .filter((key) => !used.has(key) && key !== ".teamsFrom"),
      [],
      "preflight/generated.ts never sets these",
    );
  });

  it("has a row for each resource type of a component, and none besides", () => {
    const types = typesInComponents();
    assert.deepEqual(
      [...types.keys()].filter((type) => TABLE[type] === undefined),
      [],
      HINT,
    );
    assert.deepEqual(
      Object.keys(TABLE).filter((type) => !types.has(type)),
      [],
      "rows of preflight/table.ts that no component needs any more",
    );
  });

  it("holds no text that stands for something unknown: references and parameters instead", async () => {
    for (const stack of stacksOf(ROOT)) {
      for (const template of (await mapped(stack)).templates.values()) {
        assert.doesNotMatch(JSON.stringify(template), /<unknown>|<secret>|<files | of urn:pulumi:/);
      }
    }
  });

  it("refers to the stack's own resources where their outputs are used, in documents too", async () => {
    const { Resources } = (await mapped("prod")).templates.get("eu-west-1")!;
    const repository = Resources.PaymentsApi!.Properties as any;
    assert.deepEqual(repository.EncryptionConfiguration, {
      EncryptionType: "KMS",
      KmsKey: { "Fn::GetAtt": ["RepositoriesKey", "Arn"] },
    });
    assert.deepEqual(Resources.FindingsTopicPolicy!.Properties.Topics, [{ Ref: "FindingsTopic" }]);
    const policies = JSON.stringify(
      Object.values(Resources).filter(({ Type }) => Type === "AWS::IAM::Policy"),
    );
    assert.match(policies, /"Resource":\{"Fn::GetAtt":\["RepositoriesKey","Arn"\]\}/);
  });

  it("puts what Pulumi declares apart into the resource that has it as a property", async () => {
    const { Resources } = (await mapped("prod")).templates.get("eu-west-1")!;
    const bucket = Object.values(Resources).find(({ Type }) => Type === "AWS::S3::Bucket")!.Properties;
    assert.deepEqual(bucket.VersioningConfiguration, { Status: "Enabled" });
    assert.equal((bucket.PublicAccessBlockConfiguration as any).BlockPublicPolicy, true);
    const repository = Resources.PaymentsApi!.Properties as any;
    assert.match(repository.LifecyclePolicy.LifecyclePolicyText, /^\{"rules":/);
    assert.ok(Array.isArray(repository.RepositoryPolicyText.Statement));
    for (const { Type, Properties } of Object.values(Resources)) {
      assert.ok(Type !== "AWS::Events::Rule" || (Properties.Targets as unknown[]).length > 0);
    }
  });

  it("is one template per region; what lies in another is a parameter", async () => {
    const { templates } = await mapped("prod");
    assert.deepEqual([...templates.keys()].sort(), ["eu-west-1", "us-east-1"]);
    const here = templates.get("eu-west-1")!;
    const budget = Object.values(here.Resources).find(({ Type }) => Type === "AWS::Budgets::Budget")!;
    const topics = JSON.stringify(budget.Properties).matchAll(/"SNS","Address":\{"Ref":"(\w+)"/g);
    const names = [...topics].map(([, name = ""]) => name);
    assert.ok(names.length > 0);
    assert.ok(names.every((name) => here.Parameters[name]?.Type === "String"));
  });

  it("reports a type, an input and a key inside an input that the table does not know", () => {
    const { problems } = templatesOf(
      runOf(
        planned("a", {}, { type: "aws:ecr/newThing:NewThing" }),
        planned("b", { name: "b-dev", color: "red" }),
        planned("c", { name: "c-dev", encryptionConfigurations: [{ encryptionType: "KMS", extra: 1 }] }),
        planned(
          "d",
          { repository: "nobody's", policy: "{}" },
          { type: "aws:ecr/lifecyclePolicy:LifecyclePolicy" },
        ),
      ),
    );
    assert.match(
      problems[0]!,
      /^aws:ecr\/newThing:NewThing a is of a type that preflight\/table\.ts does not have/,
    );
    assert.match(problems[1]!, /Repository b has the input color/);
    assert.match(problems[2]!, /Repository c encryptionConfigurations has the key extra/);
    assert.match(problems[3]!, /LifecyclePolicy d belongs to no aws:ecr\/repository:Repository of the plan/);
    assert.equal(problems.length, 4);
  });

  it("says what CloudFormation has no counterpart of, with the reason", () => {
    const { uncovered } = templatesOf(
      runOf(planned("a", { accountIds: [] }, { type: "aws:inspector2/enabler:Enabler" })),
    );
    assert.deepEqual(uncovered, [
      {
        type: "aws:inspector2/enabler:Enabler",
        reason: "CloudFormation has no resource type that enables Inspector",
      },
    ]);
  });
});
