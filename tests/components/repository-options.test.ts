import assert from "node:assert/strict";
import { stackConfigSchema, type JsonSchema } from "../../config/json-schema";
import { parseConfig, type StackToRun } from "../../config/load";
import { diffRuns } from "../../plan/diff";
import { runProgram } from "../../plan/run";
import { generatedStacks, pulumiConfig, type GeneratedStack } from "../../preflight/generated";
import { ROOT } from "../support/project";

const TEMPLATE = "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate";

/** Options that repositories which ECR creates (in caches, and as replicas) do not get, and why. */
const NOT_IN_CREATED: Record<string, string> = {
  cleanUp: "clean-up finds repositories by the tags of the stack's own",
  forceDelete: "the stack deletes none of them",
  "imageTags.reason": "the policy pack asks it of the stack's own repositories",
  "sharing.lambda": "Lambda cannot pull through a cache",
};

/** Paths of the keys of `repositories`; a list is one key. */
function optionsOf(schema: JsonSchema, path: string[] = []): string[][] {
  const inner = Object.entries(schema.properties ?? {});
  return inner.length === 0 ? [path] : inner.flatMap(([key, below]) => optionsOf(below, [...path, key]));
}

function valueAt(value: unknown, [key, ...rest]: string[]): unknown {
  return key === undefined ? value : valueAt((value as Record<string, unknown> | undefined)?.[key], rest);
}

function without(value: unknown, [key = "", ...rest]: string[]): Record<string, unknown> {
  const { [key]: inner, ...others } = value as Record<string, unknown>;
  return rest.length === 0 ? others : { ...others, [key]: without(inner, rest) };
}

/** A small stack with the given options: one repository, others that ECR creates, and a clean-up. */
function smallOf(stack: GeneratedStack, repositories: unknown): StackToRun {
  const { accountId, organizationId } = stack.config as Record<string, unknown>;
  return {
    project: "ecr-platform",
    stack: "dev",
    config: pulumiConfig(
      {
        ...stack,
        config: {
          accountId,
          organizationId,
          contact: "platform@acme.example",
          repositories,
          teams: [{ name: "payments", contact: "payments@acme.example", services: [{ name: "api" }] }],
          registry: {
            pullThroughCache: [{ prefix: "quay", upstream: "quay" }],
            replicateFrom: ["555566667777"],
          },
          findings: { manage: false, topicArn: `arn:aws:sns:${stack.region}:${String(accountId)}:alerts` },
          operations: { cleanUp: { mode: "dry-run" } },
        } as unknown as GeneratedStack["config"],
      },
      "ecr-platform",
    ),
  };
}

function isValid(toRun: StackToRun): boolean {
  return parseConfig(toRun).settings !== undefined;
}

describe("an option of repositories", () => {
  const options = optionsOf(stackConfigSchema().properties?.repositories ?? {});
  const stacks = [...generatedStacks(500, 1)].filter(({ region }) => region === "eu-west-1");

  /** Types of the resources that the option changes, in one generated config after another until they are as wanted. */
  async function changedBy(option: string[], wanted: (types: string[]) => boolean): Promise<string[]> {
    const types: string[] = [];
    const set = stacks.filter(({ config }) => valueAt(config, ["repositories", ...option]) !== undefined);
    for (const stack of set) {
      const { repositories } = stack.config as { repositories?: object };
      const after = smallOf(stack, repositories);
      // A group that is not valid without the option is left out whole.
      const before = [option, option.slice(0, 1)]
        .map((path) => smallOf(stack, without(repositories, path)))
        .find(isValid);
      if (before !== undefined && isValid(after) && !wanted(types)) {
        const diff = diffRuns(await runProgram(ROOT, before), await runProgram(ROOT, after));
        const resources = [...diff.added, ...diff.removed, ...diff.changed.map(({ resource }) => resource)];
        types.push(...resources.map(({ type }) => type));
      }
    }
    return types;
  }

  for (const option of options) {
    const key = option.join(".");
    const excused = NOT_IN_CREATED[key] ?? NOT_IN_CREATED[option[0] ?? ""];
    it(`${key} changes what is declared${excused === undefined ? ", also for repositories that ECR creates" : ""}`, async () => {
      const wanted = excused === undefined ? TEMPLATE : "aws:";
      const types = await changedBy(option, (some) => some.some((type) => type.startsWith(wanted)));
      assert.ok(
        types.length > 0,
        "nothing changes: resolve the option in config/settings.ts, and use it in components/team-repositories.ts or the document it is about",
      );
      assert.equal(
        types.includes(TEMPLATE),
        excused === undefined,
        "components/registry.ts gives it to repositories that ECR creates, or NOT_IN_CREATED in this test says why not",
      );
    });
  }
});
