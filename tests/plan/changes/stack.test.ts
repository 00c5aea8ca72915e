import assert from "node:assert/strict";
import { changesIn } from "../../../plan/changes/change";
import { settingsStatements } from "../../../plan/changes/changes";
import { accepts, smallStack, team } from "../../support/config";

type Overrides = Parameters<typeof accepts>[0];

const said = (before: Overrides, after: Overrides, around?: Parameters<typeof accepts>[1]) =>
  changesIn("dev", settingsStatements(accepts(before, around), accepts(after, around))).map(
    ({ sentence, risk }) => `${risk === undefined ? "" : `${risk}: `}${sentence}`,
  );
/** Both directions of a change: what is weaker, and what is stronger again. */
const bothWays = (strong: Overrides, weak: Overrides) => [said(strong, weak), said(weak, strong)];

describe("a change of scanning in words", () => {
  it("says who scans, and that basic scanning is weaker", () =>
    assert.deepEqual(bothWays({}, { scanning: { type: "basic" } }), [
      [
        "scanning: dev: images are scanned by ECR (basic scanning); before, images are scanned by Amazon Inspector (enhanced scanning)",
        "scanning: payments-api-dev: it is scanned on push; before, continuously",
      ],
      [
        "dev: images are scanned by Amazon Inspector (enhanced scanning); before, images are scanned by ECR (basic scanning)",
        "payments-api-dev: it is scanned continuously; before, on push",
      ],
    ]));

  it("names repositories that no filter matches any more, or from their first day", () => {
    const teams = [team("payments", ["api", "ledger"])];
    assert.deepEqual(said({ teams }, { teams, scanning: { continuous: ["api"] } }), [
      "scanning: dev: the filter * no longer scans continuously",
      "scanning: payments-ledger-dev: it is scanned not at all; before, continuously",
      "dev: the filter api now scans continuously",
    ]);
    const narrow = { scanning: { continuous: ["api"] } };
    assert.match(said(narrow, { ...narrow, teams })[0]!, /^scanning: payments-ledger-dev: it is not scanned/);
    assert.match(
      changesIn("dev", settingsStatements(undefined, accepts({ ...narrow, teams })))[0]!.sentence,
      /^payments-ledger-dev: it is not scanned/,
    );
  });

  it("says what Inspector no longer scans, and which pulls no longer count", () => {
    const inspector = (settings: object) => ({ scanning: { inspector: settings } });
    assert.deepEqual(
      said(
        inspector({ resourceTypes: ["ECR", "LAMBDA"], memberAccounts: ["222233334444"] }),
        inspector({ resourceTypes: ["ECR"] }),
      ),
      [
        "scanning: dev: Amazon Inspector no longer scans LAMBDA in this account",
        "scanning: dev: the stack no longer manages Amazon Inspector in 222233334444",
      ],
    );
    const role = "arn:aws:iam::111122223333:role/scanner";
    assert.deepEqual(said({}, { scanning: { pullTimeExclusions: [role] } }), [
      `deletes: dev: pulls by ${role} no longer count as use`,
    ]);
  });

  it("says that the configuration is not the stack's any more", () =>
    assert.deepEqual(said({}, { scanning: { manage: false } }), [
      "scanning: dev: the stack no longer owns the registry's scanning configuration, which is kept in AWS",
    ]));
});

describe("a change of alerts in words", () => {
  const email = { protocol: "email", endpoint: "platform@acme.example" };
  const findings = (settings: object) => ({ findings: { subscriptions: [email], ...settings } });

  it("says what no longer alerts", () => {
    assert.deepEqual(bothWays(findings({}), findings({ minimumSeverity: "CRITICAL", deletes: false })), [
      [
        "scanning: dev: findings alert from severity CRITICAL; before, HIGH",
        "scanning: dev: deletions of images no longer alert",
      ],
      ["dev: findings alert from severity HIGH; before, CRITICAL", "dev: deletions of images now alert"],
    ]);
  });

  it("says who is no longer alerted, and never prints the address of a webhook", () => {
    const webhook = (token: string) => ({ protocol: "https", endpoint: `https://hooks.example/${token}` });
    const lines = said(
      findings({ subscriptions: [email, webhook("t0ken")] }),
      findings({ subscriptions: [webhook("secret2")] }),
    );
    assert.deepEqual(lines, [
      "scanning: dev: platform@acme.example (email) no longer gets the platform's alerts",
      "scanning: dev: 1 https endpoint no longer gets the platform's alerts",
      "dev: 1 https endpoint now gets the platform's alerts",
    ]);
  });

  it("says it of a team's own alerts", () => {
    const alerts = (settings: object | undefined) => ({
      teams: [team("payments", ["api"], settings === undefined ? {} : { findings: settings })],
    });
    assert.deepEqual(
      said(
        alerts({ minimumSeverity: "LOW", subscriptions: [email] }),
        alerts({ minimumSeverity: "HIGH", subscriptions: [email] }),
      ),
      ["scanning: dev: team payments is alerted from severity HIGH; before, LOW"],
    );
    assert.deepEqual(said(alerts({ subscriptions: [email] }), alerts(undefined)), [
      "scanning: dev: team payments no longer has alerts of its own",
    ]);
  });
});

describe("a change of the network in words", () => {
  const network = (settings: object) => ({
    network: {
      vpc: {
        id: "vpc-0a1b2c3d4e5f60718",
        subnetIds: ["subnet-0a1b2c3d4e5f60711"],
        routeTableIds: ["rtb-0a1b2c3d4e5f60721"],
      },
      allowedCidrs: ["10.0.0.0/16"],
      s3Policy: "ecr-layers",
      ...settings,
    },
  });
  it("says what may reach the endpoints, and what may be reached through them", () => {
    assert.deepEqual(
      bothWays(
        network({}),
        network({
          allowedCidrs: ["10.0.0.0/16", "10.1.0.0/16"],
          allowedAccounts: ["222233334444"],
          s3Policy: "any",
        }),
      ),
      [
        [
          "access: dev: 10.1.0.0/16 may now reach the VPC endpoints (port 443)",
          "access: dev: repositories of account 222233334444 can now be reached through the VPC endpoints",
          "access: dev: any bucket can now be reached through the S3 endpoint",
        ],
        [
          "dev: 10.1.0.0/16 may no longer reach the VPC endpoints",
          "dev: repositories of account 222233334444 can no longer be reached through the VPC endpoints",
          "dev: any bucket can no longer be reached through the S3 endpoint",
        ],
      ],
    );
  });
  it("says that endpoints come or go", () => {
    assert.deepEqual(said(network({}), {}), [
      "dev: the VPC endpoints for ecr.api, ecr.dkr and s3 are removed",
    ]);
    assert.match(said({}, network({})).join("\n"), /VPC endpoints for ecr\.api, ecr\.dkr and s3 in vpc-0a1b/);
  });
});

describe("a change of a whole stack in words", () => {
  it("says that production protects no longer", () =>
    assert.deepEqual(bothWays({ production: "yes" }, { production: "no" }), [
      ["protection: dev: it is not production any more: nothing is protected from deletion or kept after it"],
      ["dev: it is production now: what holds data is protected and kept"],
    ]));

  it("says what the audit keeps for a shorter time, and whose calls no longer alert", () => {
    const role = "arn:aws:iam::111122223333:role/deploy";
    const strong = {
      retentionDays: 800,
      lock: { mode: "COMPLIANCE", days: 365 },
      logGroup: { retentionDays: 365 },
    };
    const weak = { retentionDays: 400, lock: { days: 90 }, deploymentRoles: [role] };
    const [weaker, stronger] = bothWays({ audit: strong }, { audit: weak });
    assert.deepEqual(weaker, [
      "protection: dev: log files are kept for 400 days; before, 800 days",
      "protection: dev: log files are locked for 90 days (GOVERNANCE); before, 365 days (COMPLIANCE)",
      "protection: dev: no log group gets the calls; before, a log group keeps the calls 365 days",
      `protection: dev: sensitive calls by ${role} no longer alert`,
    ]);
    assert.ok(
      stronger!.every((line) => line.startsWith("dev: ")),
      stronger!.join("\n"),
    );
    assert.match(
      said({}, { audit: { manage: false, alerts: false } })[0]!,
      /^protection: dev: the stack no longer has a trail/,
    );
  });

  it("says where images are copied, and calls another account a risk", () =>
    assert.deepEqual(
      said(
        {},
        {
          registry: {
            replication: [
              { destinations: [{ region: "eu-central-1" }] },
              { prefixes: ["payments"], destinations: [{ region: "eu-west-1", accountId: "222233334444" }] },
            ],
          },
        },
      ),
      [
        "access: dev: images are now copied: payments* to eu-west-1 of account 222233334444",
        "dev: images are now copied: every repository to eu-central-1",
      ],
    ));

  it("says which alarms and budgets change", () => {
    assert.deepEqual(
      bothWays(
        {
          operations: { alarms: { storage: 100 } },
          costs: { monthlyBudget: 50, emails: ["a@acme.example"] },
        },
        { operations: { alarms: { storage: 200, criticalFindings: false } } },
      ),
      [
        [
          "scanning: dev: there is no alarm on critical findings",
          "scanning: dev: the alarm on a team's images: 200 GiB; before, 100 GiB",
          "dev: the monthly budget: none; before, 50 USD",
        ],
        [
          "dev: there is now an alarm on critical findings",
          "dev: the alarm on a team's images: 100 GiB; before, 200 GiB",
          "dev: the monthly budget: 50 USD; before, none",
        ],
      ],
    );
  });

  it("says nothing where nothing changes", () => assert.deepEqual(said(smallStack(), smallStack()), []));
});
