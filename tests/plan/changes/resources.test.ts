import assert from "node:assert/strict";
import { changesOf, type Compared } from "../../../plan/changes/changes";
import { DEFAULT_ASSUMPTIONS, estimateCost } from "../../../plan/cost";
import { diffRuns } from "../../../plan/diff";
import type { PlannedResource } from "../../../plan/run";
import { accepts, team } from "../../support/config";
import { planned, runOf } from "../../support/planned";

const cost = estimateCost(runOf(), DEFAULT_ASSUMPTIONS);
const diff = (before: PlannedResource[], after: PlannedResource[]) =>
  diffRuns(runOf(...before), runOf(...after));
const said = (compared: Partial<Compared>) =>
  changesOf({ stack: "dev", diff: diff([], []), cost: { before: cost, after: cost }, ...compared }).map(
    ({ sentence, risk }) => `${risk === undefined ? "" : `${risk}: `}${sentence}`,
  );
const key = (name: string, rest: Partial<PlannedResource> = {}) =>
  planned(name, { enableKeyRotation: true }, { type: "aws:kms/key:Key", ...rest });

describe("what resources lose, in words", () => {
  it("is said of what holds data, protected or not, and of nothing else", () => {
    assert.deepEqual(
      said({
        diff: diff(
          [
            key("audit-key"),
            key("key", { protect: true }),
            planned("alarm", {}, { type: "aws:cloudwatch/metricAlarm:MetricAlarm" }),
          ],
          [],
        ),
      }),
      [
        "deletes: dev: audit-key (aws.kms.Key) would be deleted: nothing that it encrypts can be read without it",
        "deletes: dev: key (aws.kms.Key) is protected and would be deleted: nothing that it encrypts can be read without it",
      ],
    );
  });

  it("counts resources where there are many", () => {
    const keys = ["a", "b", "c", "d", "e"].map((name) => key(name));
    assert.match(
      said({ diff: diff(keys, []) })[0]!,
      /dev: 5 resources of type aws\.kms\.Key \(a, b, c and 2 more\) would/,
    );
  });

  it("is that protection is gone", () =>
    assert.deepEqual(
      said({ diff: diff([key("key", { protect: true, retainOnDelete: true })], [key("key")]) }),
      [
        "protection: dev: key (aws.kms.Key) is no longer protected",
        "protection: dev: key (aws.kms.Key) is no longer retained",
      ],
    ));

  it("is not said twice of a repository that the config removes", () => {
    const stack = (...services: string[]) => accepts({ teams: [team("payments", services)] });
    const repository = (service: string) =>
      planned(`payments-${service}`, { name: `payments-${service}-dev` });
    assert.equal(
      said({
        settings: { before: stack("api", "ledger"), after: stack("api") },
        diff: diff([repository("api"), repository("ledger")], [repository("api")]),
      }).length,
      1,
    );
    assert.match(
      said({ diff: diff([repository("api")], []) })[0]!,
      /^deletes: dev: payments-api \(aws\.ecr\.Repository\) would be deleted: its images are deleted with it$/,
    );
  });
});

describe("what the program changes by itself, in words", () => {
  const policy = (Action: string) =>
    planned(
      "payments-api-policy",
      { policy: JSON.stringify({ Statement: [{ Action }] }) },
      {
        type: "aws:ecr/repositoryPolicy:RepositoryPolicy",
      },
    );
  it("is a risk, of the kind that the resource decides on", () =>
    assert.deepEqual(said({ program: diff([policy("ecr:BatchGetImage")], [policy("ecr:*")]) }), [
      "access: dev: by the program, not by the config: payments-api-policy (aws.ecr.RepositoryPolicy) changed",
    ]));
  it("is not said of tags and of resources that decide nothing", () => {
    const tagged = (a: string) => key("key", { inputs: { tags: { a } } });
    assert.deepEqual(said({ program: diff([tagged("x")], [tagged("y")]) }), []);
    const code = (a: string) => planned("f", { code: a }, { type: "aws:lambda/function:Function" });
    assert.deepEqual(said({ program: diff([code("x")], [code("y")]) }), []);
  });
  it("is a risk as well if the config of the other revision cannot be read", () =>
    assert.deepEqual(said({ unsaid: "today's rules refuse main's teams" }), [
      "access: dev: who gets access, and what else the config changes, is not said here: today's rules refuse main's teams",
    ]));
});
