import assert from "node:assert/strict";
import { changesIn, type Change } from "../../../plan/changes/change";
import { settingsStatements } from "../../../plan/changes/changes";
import { accepts, team } from "../../support/config";

const ORGANIZATION = "o-a1b2c3d4e5";
const ROLE = "arn:aws:iam::777788889999:role/runtime";

const settingsChanges = (...settings: Parameters<typeof settingsStatements>) =>
  changesIn("dev", settingsStatements(...settings));
/** A stack in which the service api has the given sharing. */
const sharing = (settings: object, rest: Record<string, unknown> = {}) =>
  accepts({ teams: [team("payments", [{ name: "api", sharing: settings }])], ...rest });
const said = (changes: Change[]) =>
  changes
    .filter(({ kind }) => kind === "access")
    .map(({ sentence, risk }) => `${risk === undefined ? "" : "! "}${sentence}`);

describe("a change of access in words", () => {
  it("says who may now pull, under which condition, and that this is a risk", () => {
    assert.deepEqual(
      said(
        settingsChanges(
          sharing({}, { organizationId: ORGANIZATION }),
          sharing({ accounts: ["777788889999", "222233334444"] }, { organizationId: ORGANIZATION }),
        ),
      ),
      [
        "! payments-api-dev: accounts 777788889999 and 222233334444 may now pull, only from organization o-a1b2c3d4e5",
      ],
    );
  });

  it("says that pushes come with pulls", () => {
    assert.deepEqual(said(settingsChanges(sharing({}), sharing({ pushPrincipals: [ROLE] }))), [
      "! payments-api-dev: role runtime of account 777788889999 may now pull and push",
    ]);
    assert.deepEqual(
      said(settingsChanges(sharing({ principals: [ROLE] }), sharing({ pushPrincipals: [ROLE] }))),
      ["! payments-api-dev: role runtime of account 777788889999 may now push"],
    );
  });

  it("says what is withdrawn, and does not call it a risk", () => {
    assert.deepEqual(said(settingsChanges(sharing({ pushPrincipals: [ROLE] }), sharing({}))), [
      "payments-api-dev: role runtime of account 777788889999 may no longer pull and push",
    ]);
  });

  it("does not say that somebody loses what they still have through others", () => {
    const both = { accounts: ["777788889999"], principals: [ROLE] };
    assert.deepEqual(said(settingsChanges(sharing(both), sharing({ ...both, principals: [] }))), [
      "payments-api-dev: role runtime of account 777788889999 may pull no longer by name, but still as part of account 777788889999",
    ]);
    assert.deepEqual(said(settingsChanges(sharing({ ...both, principals: [] }), sharing(both))), [
      "payments-api-dev: role runtime of account 777788889999 may now pull, as account 777788889999 may already",
    ]);
  });

  it("says that the condition on the organization is gone, or comes", () => {
    const inside = sharing({ accounts: ["777788889999"] }, { organizationId: ORGANIZATION });
    const outside = sharing(
      { accounts: ["777788889999"], outsideOrganization: true },
      { organizationId: ORGANIZATION },
    );
    assert.deepEqual(said(settingsChanges(inside, outside)), [
      "! payments-api-dev: account 777788889999 may now pull from outside organization o-a1b2c3d4e5, too",
    ]);
    assert.deepEqual(said(settingsChanges(outside, inside)), [
      "payments-api-dev: account 777788889999 may now pull from organization o-a1b2c3d4e5 only",
    ]);
    const another = sharing({ accounts: ["777788889999"] }, { organizationId: "o-zzzzzzzzzz" });
    assert.deepEqual(said(settingsChanges(inside, another)), [
      "! payments-api-dev: account 777788889999 may now pull from organization o-zzzzzzzzzz only",
    ]);
  });

  it("names the branches of workflows that may push", () => {
    const role = (branches: string[]) =>
      accepts({
        registry: { githubOidcProvider: "create" },
        teams: [
          team("payments", ["api", "ledger"], {
            githubRoles: [{ name: "ci", repository: "acme/payments", branches }],
          }),
        ],
      });
    assert.deepEqual(said(settingsChanges(role(["main"]), role(["main", "feature/*"]))), [
      "! payments-api-dev and payments-ledger-dev: workflows of GitHub's acme/payments (branch feature/*) may now pull and push",
    ]);
  });

  it("says once what is the same in many repositories", () => {
    const names = Array.from({ length: 505 }, (_, i) => `service-${i}`);
    const stack = (accounts: string[]) =>
      accepts({ teams: [team("payments", names)], repositories: { sharing: { accounts } } });
    const [change, ...others] = settingsChanges(stack([]), stack(["777788889999"]));
    assert.deepEqual(others, []);
    assert.equal(change?.sentence, "505 repositories of dev: account 777788889999 may now pull");
    assert.equal(change?.repositories.length, 505);
  });

  it("does not call it a risk that a new repository is shared as its stack shares all", () => {
    const stack = (services: (string | Record<string, unknown>)[]) =>
      accepts({
        teams: [team("payments", services)],
        repositories: { sharing: { accounts: ["777788889999"] } },
      });
    assert.deepEqual(said(settingsChanges(stack(["api"]), stack(["api", "refunds"]))), [
      "payments-refunds-dev: account 777788889999 may now pull",
    ]);
    const partner = { name: "refunds", sharing: { accounts: ["777788889999", "222233334444"] } };
    assert.deepEqual(said(settingsChanges(stack(["api"]), stack(["api", partner]))), [
      "! payments-refunds-dev: account 222233334444 may now pull",
      "payments-refunds-dev: account 777788889999 may now pull",
    ]);
  });

  it("says what the registry grants: its caches, and replication into it", () => {
    const registry = (settings: object) =>
      accepts({ registry: settings, repositories: { sharing: { accounts: ["777788889999"] } } });
    assert.deepEqual(
      said(
        settingsChanges(
          registry({}),
          registry({
            replicateFrom: ["222233334444"],
            pullThroughCache: [{ prefix: "ecr-public", upstream: "ecr-public" }],
          }),
        ),
      ),
      [
        "! dev: account 222233334444 may now replicate images into this registry, under any repository name",
        "! dev: account 777788889999 may now pull through the cache ecr-public",
      ],
    );
  });

  it("calls every share of a new stack a risk, and none of a removed repository", () => {
    assert.deepEqual(
      said(settingsChanges(undefined, sharing({ organization: true }, { organizationId: ORGANIZATION }))),
      ["! payments-api-dev: everyone in organization o-a1b2c3d4e5 may now pull"],
    );
    const gone = accepts({ teams: [team("payments", ["ledger"])] });
    assert.deepEqual(said(settingsChanges(sharing({ accounts: ["777788889999"] }), gone)), []);
  });
});
