import assert from "node:assert/strict";
import { lifecyclePolicy, type LifecycleSettings } from "../../documents/lifecycle";
import { repositoryPolicy, type SharingSettings } from "../../documents/repository-policy";
import { changedResource } from "../../plan/difference";
import { diffRuns, type FieldChange } from "../../plan/diff";
import { nobody, ORGANIZATION, place } from "../support/decisions";
import { planned, runOf } from "../support/planned";

/** How the inputs of one resource differ, in the lines of a report. */
function lines(before: object, after: object): string[] {
  const [changed] = diffRuns(runOf(planned("r", { ...before })), runOf(planned("r", { ...after }))).changed;
  return changed === undefined
    ? []
    : changedResource(changed, 160).fields.map(
        ({ field, values, set }) => `${field}: ${values.join(set ? ", " : " => ")}`,
      );
}

describe("the difference of a document", () => {
  it("shows of a list what came and what is gone, wherever it stood", () => {
    const pattern = (...names: string[]) => ({ eventPattern: JSON.stringify({ detail: { names } }) });
    assert.deepEqual(lines(pattern("api", "card-vault"), pattern("api", "refunds", "card-vault")), [
      "eventPattern.detail.names: + refunds",
    ]);
    assert.deepEqual(lines(pattern("api", "ledger"), pattern("refunds", "api")), [
      "eventPattern.detail.names: - ledger, + refunds",
    ]);
  });

  it("shows of a policy the statement, and who or what in it is new", () => {
    const policy = (sharing: Partial<SharingSettings>) => ({
      policy: JSON.stringify(repositoryPolicy(place, ORGANIZATION, { ...nobody, ...sharing })),
    });
    const role = "arn:aws:iam::333344445555:role/ci";
    const one = { accounts: ["222233334444"], lambda: true };
    assert.deepEqual(
      lines(
        policy({ ...one, principals: [role] }),
        policy({ ...one, accounts: [...one.accounts, "333344445555"], lambda: false, principals: [role] }),
      ),
      [
        'policy.Statement[LambdaECRImageRetrievalPolicy]: {"Sid":"LambdaECRImageRetrievalPolicy","Effect":"Allow","Principal":{"Service":["lambda.amazonaws.com"]},"Action":["ecr:BatchGetImage","ecr:GetDownloadUrlFor... => (none)',
        "policy.Statement[PullForAccounts].Principal.AWS: + arn:aws:iam::333344445555:root",
      ],
    );
    assert.deepEqual(lines(policy(one), policy({ ...one, outsideOrganization: true })), [
      'policy.Statement[PullForAccounts].Condition: {"StringEquals":{"aws:PrincipalOrgID":["o-a1b2c3d4e5"]}} => (none)',
    ]);
  });

  it("takes one action for a list of one", () => {
    const policy = (Action: string | string[]) => ({
      policy: JSON.stringify({ Statement: [{ Sid: "S", Effect: "Allow", Action }] }),
    });
    assert.deepEqual(lines(policy("ecr:PutImage"), policy(["ecr:PutImage", "ecr:BatchGetImage"])), [
      "policy.Statement[S].Action: + ecr:BatchGetImage",
    ]);
  });

  it("shows of a lifecycle policy the rule that differs, and not all behind it", () => {
    const policy = (settings: Partial<LifecycleSettings>) => ({
      policy: JSON.stringify(
        lifecyclePolicy({ protect: ["deployed-*"], rules: [], others: { days: 180 }, ...settings }),
      ),
    });
    const rules = [
      { tags: ["rc-*"], days: 30 },
      { tags: ["v*"], keep: 100 },
    ];
    const dropped = lines(policy({ rules }), policy({ rules: rules.slice(1) }));
    assert.equal(dropped.length, 1);
    assert.match(
      dropped[0]!,
      /^policy\.rules\[tagged rc-\*\]: \{"description":"Expire rc-\* 30 days.* => \(none\)$/,
    );
    assert.deepEqual(lines(policy({}), policy({ others: { days: 90 } })), [
      "policy.rules[any].description: Expire all other images 180 days after the push => Expire all other images 90 days after the push",
      "policy.rules[any].selection.countNumber: 180 => 90",
    ]);
  });

  it("says that only the order differs, which may decide in a lifecycle policy", () => {
    const policy = (...patterns: string[]) => ({
      policy: JSON.stringify(
        lifecyclePolicy({
          protect: [],
          rules: patterns.map((tag) => ({ tags: [tag], keep: 5 })),
          others: { days: 180 },
        }),
      ),
    });
    assert.deepEqual(lines(policy("v*", "v1*"), policy("v1*", "v*")), [
      "policy: (the same) => (in another order)",
    ]);
    assert.deepEqual(lines({ subnetIds: ["a", "b"] }, { subnetIds: ["b", "a"] }), [
      "subnetIds: (the same) => (in another order)",
    ]);
  });

  it("takes the JSON inside a schedule's target apart, so that no difference is cut off", () => {
    const schedule = (unpulledDays: number, protect: string[]) => ({
      target: { input: JSON.stringify({ project: "x".repeat(200), rules: { unpulledDays, protect } }) },
    });
    assert.deepEqual(lines(schedule(180, ["deployed-*"]), schedule(45, [])), [
      "target.input.rules.unpulledDays: 180 => 45",
      "target.input.rules.protect: - deployed-*",
    ]);
  });

  it("has a set's elements as lists in JSON", () => {
    const [changed] = diffRuns(
      runOf(planned("r", { cidrs: ["10.0.0.0/8"] })),
      runOf(planned("r", { cidrs: ["10.0.0.0/8", "10.1.0.0/16"] })),
    ).changed;
    assert.deepEqual(changed?.fields, [
      { field: "cidrs", set: true, before: [], after: ["10.1.0.0/16"], replaces: "maybe" },
    ] satisfies FieldChange[]);
  });

  it("shows values as they are written, also where a list gets its first element", () => {
    assert.deepEqual(lines({ a: [] }, { a: ["x"] }), ["a: + x"]);
    assert.deepEqual(lines({}, { a: ["x", "y"] }), ['a: (none) => ["x","y"]']);
    assert.deepEqual(lines({ a: [{ filter: "x", type: 1 }] }, { a: [] }), [
      'a[x]: {"filter":"x","type":1} => (none)',
    ]);
  });
});
