import assert from "node:assert/strict";
import { RULES } from "../../policies/rules";
import type { RuleStackResource } from "../../policies/rules/rule";
import { planned } from "../support/planned";

/** What owns something by which a rule judges it, and the type of that. */
const OWNED = [
  ["aws:ecr/repository:Repository", "aws:ecr/lifecyclePolicy:LifecyclePolicy"],
  ["aws:s3/bucket:Bucket", "aws:s3/bucketPolicy:BucketPolicy"],
  ["aws:sns/topic:Topic", "aws:sns/topicPolicy:TopicPolicy"],
] as const;

/** How often all rules on whole stacks look at a resource of a stack with a number of owners of each kind. */
function looksPerResource(count: number): number {
  let looks = 0;
  const resources = Array.from({ length: count }, (_, i) => i).flatMap((i) =>
    OWNED.flatMap(([ownerType, type]) => {
      const owner = planned(`owner-${i}`, {}, { type: ownerType });
      return [owner, planned(`owned-${i}`, {}, { type, dependsOn: [owner.urn] })];
    }),
  );
  const looked = resources.map(
    ({ type, name, urn, inputs, dependsOn }) =>
      new Proxy<RuleStackResource>(
        {
          type,
          name,
          urn,
          props: inputs,
          opts: { protect: false },
          dependencies: dependsOn.map((of) => ({ urn: of })),
        },
        {
          get: (target, key) => {
            looks += 1;
            return Reflect.get(target, key) as unknown;
          },
        },
      ),
  );
  for (const rule of RULES) {
    if ("validateStack" in rule) {
      rule.validateStack({ resources: looked, getConfig: <T>() => ({}) as T }, () => undefined);
    }
  }
  return looks / resources.length;
}

describe("the policy pack on a large stack", () => {
  it("looks at each resource as often as on a small one", () => {
    assert.ok(
      looksPerResource(80) <= looksPerResource(10),
      "a rule looks at all resources for each of them: use belongings() of policies/rules/reading.ts",
    );
  });
});
