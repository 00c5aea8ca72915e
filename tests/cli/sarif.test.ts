import assert from "node:assert/strict";
import * as fs from "node:fs";
import Ajv from "ajv";
import type { Log, Result } from "sarif";
import { sarifLog } from "../../cli/reports/sarif";
import type { ImageFinding } from "../../images/finding";
import { findingsReport, type FindingsFilters } from "../../images/findings-report";
import type { LookedAt } from "../../images/findings";
import { imageFinding } from "../support/findings";

const REGISTRY = "111122223333.dkr.ecr.eu-west-1.amazonaws.com";
const finding = (fields: Partial<ImageFinding> = {}) =>
  imageFinding({
    title: "openssl: a title",
    score: 7.5,
    url: "https://nvd.nist.gov/vuln/detail/CVE-2026-1111",
    ...fields,
  });
const BARE = { url: undefined, score: undefined, fixedIn: undefined, title: "", package: "", installed: "" };
const MANY = [
  finding(),
  finding({ digest: "sha256:2", tags: ["v2"], installed: "3.0.12" }),
  finding({ repository: "data-etl-dev", severity: "CRITICAL" }),
  finding({ id: "CVE-2026-2222", severity: "UNTRIAGED", ...BARE }),
  finding({ id: "CVE-2026-3333", severity: "LOW", title: `<b>|${"long ".repeat(400)}`, package: "a_b*c" }),
];
const NOT_SCANNED: LookedAt[] = [
  {
    repository: "payments-api-dev",
    team: "payments",
    digest: "sha256:3",
    tags: ["v0"],
    notScanned: "scanning ended",
    status: "SCAN_ELIGIBILITY_EXPIRED",
  },
];

function logOf(
  findings: ImageFinding[],
  images: LookedAt[] = [],
  filters: Partial<FindingsFilters> = {},
  failures: { repository: string; error: string }[] = [],
): Log {
  const report = findingsReport(
    { scanType: "ENHANCED", findings, images, failures, tags: [] },
    { severity: "INFORMATIONAL", fixable: false, ...filters },
  );
  // As it is written: without what is undefined.
  return JSON.parse(
    JSON.stringify(sarifLog(report, { registry: REGISTRY, environment: "dev", version: "0.2.0" })),
  ) as Log;
}
const runOf = (log: Log) => log.runs[0] ?? assert.fail("no run");
const resultsOf = (log: Log): Result[] => runOf(log).results ?? [];
const identityOf = ({ ruleId, locations, partialFingerprints }: Result) => ({
  ruleId,
  uri: locations?.[0]?.physicalLocation?.artifactLocation?.uri,
  partialFingerprints,
});

describe("a SARIF log", () => {
  it("is valid by the schema of SARIF 2.1.0", () => {
    const file = require.resolve("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json");
    const { $schema, id, ...schema } = JSON.parse(fs.readFileSync(file, "utf8")) as Record<string, unknown>;
    assert.match(`${String($schema)} ${String(id)}`, /draft-04.* .*sarif-2\.1\.0/);
    const valid = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(schema);
    for (const log of [
      logOf([]),
      logOf(MANY, NOT_SCANNED, {}, [{ repository: "x-y-dev", error: "denied" }]),
    ]) {
      assert.ok(valid(log), JSON.stringify(valid.errors));
    }
    assert.ok(!valid({ ...logOf(MANY), version: "2.0.0" }), "the schema refuses something");
  });

  // The rules of Microsoft's validator that GitHub's documentation names, by their ids.
  // https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning#validating-your-sarif-file
  // https://github.com/microsoft/sarif-sdk/tree/main/src/Sarif.Multitool.Library/Rules
  describe("keeps GitHub's rules", () => {
    const log = logOf(MANY, NOT_SCANNED);
    const { tool, results = [] } = runOf(log);
    const rules = tool.driver.rules ?? [];

    it("GH1001, GH1016, GH1017: each result has one location, with an address", () => {
      for (const { locations } of results) {
        assert.equal(locations?.length, 1);
        assert.ok(locations[0]?.physicalLocation?.artifactLocation?.uri);
      }
    });
    it("GH1003: each location has a region with lines and columns", () => {
      for (const { locations } of results) {
        assert.deepEqual(locations?.[0]?.physicalLocation?.region, {
          startLine: 1,
          startColumn: 1,
          endLine: 1,
          endColumn: 1,
        });
      }
    });
    it("GH1005, GH1006: each address is a relative path without a scheme", () => {
      for (const one of results) {
        assert.match(identityOf(one).uri ?? "", /^[a-z0-9.-]+\/[a-z0-9/._-]+$/);
      }
    });
    it("GH1007, GH1015: each result has a message as text", () => {
      for (const { message } of results) {
        assert.ok(message.text);
      }
    });
    it("GH1011, GH1013, GH1014: the log names the final schema, the version, the tool and its results", () => {
      assert.equal(log.$schema, "https://json.schemastore.org/sarif-2.1.0.json");
      assert.equal(log.version, "2.1.0");
      assert.deepEqual(resultsOf(logOf([])), []);
    });
    it("GH1018: the tool has a name, a version and its rules", () => {
      assert.deepEqual([tool.driver.name, tool.driver.semanticVersion], ["ecr-platform", "0.2.0"]);
      assert.deepEqual(
        rules.map(({ id }) => id),
        ["CVE-2026-1111", "CVE-2026-2222", "CVE-2026-3333"],
      );
      assert.deepEqual(runOf(logOf([])).tool.driver.rules, []);
    });
    it("GH2012: each rule has a short and a full description of at most 1,024 characters, and help", () => {
      for (const { shortDescription, fullDescription, help } of rules) {
        for (const text of [shortDescription?.text, fullDescription?.text]) {
          assert.ok(text && text.length <= 1024, text);
        }
        assert.ok(help?.text && help.markdown);
      }
    });
    it("GH1004: more than 25,000 results are refused, with the way to narrow them", () => {
      const most = Array.from({ length: 25_001 }, (_, i) => finding({ id: `CVE-${i}` }));
      assert.throws(() => logOf(most), /25001 results are more than the 25000 that code scanning takes/);
    });
  });

  it("has one result for a vulnerability in a package of a repository, which lists the images", () => {
    const results = resultsOf(logOf(MANY));
    assert.equal(results.length, 4);
    const first = results.find(({ message }) => message.text?.includes("payments-api-dev"));
    assert.equal(
      first?.message.text,
      "HIGH CVE-2026-1111 in openssl 3.0.11, 3.0.12 of payments-api-dev: upgrade to 3.0.15. In 2 images: v1, v2",
    );
    const { rules = [] } = runOf(logOf(MANY)).tool.driver;
    for (const { ruleId, ruleIndex } of results) {
      assert.equal(rules[ruleIndex ?? -1]?.id, ruleId);
    }
    assert.equal(new Set(results.map((one) => JSON.stringify(identityOf(one)))).size, results.length);
  });
  it("keeps an alert open over pushes: only rule, repository and package make its identity", () => {
    const before = resultsOf(logOf([finding()])).map(identityOf);
    const pushed = finding({ digest: "sha256:9", tags: ["v9"], installed: "3.0.12", score: 9, title: "New" });
    assert.deepEqual(resultsOf(logOf([pushed])).map(identityOf), before);
    assert.deepEqual(Object.keys(before[0]?.partialFingerprints ?? {}), ["primaryLocationLineHash"]);
    for (const other of [{ id: "CVE-9" }, { package: "zlib" }, { repository: "data-etl-dev" }]) {
      assert.notDeepEqual(resultsOf(logOf([finding(other)])).map(identityOf), before);
    }
  });
  it("has the score of the severity that the finder says, and none without a rating", () => {
    const scoreOf = (severity: string, score?: number) =>
      runOf(logOf([finding({ severity, score })])).tool.driver.rules?.[0]?.properties?.["security-severity"];
    assert.equal(scoreOf("HIGH", 7.5), "7.5");
    assert.equal(scoreOf("HIGH", 9.8), "8.9");
    assert.equal(scoreOf("CRITICAL", 9), "9.1");
    assert.equal(scoreOf("MEDIUM"), "4.0");
    assert.equal(scoreOf("UNTRIAGED", 5), undefined);
  });
  it("shows an advisory's title in Markdown as text", () => {
    const log = logOf([finding({ title: "<script> [a](javascript:b) `c` | d" })]);
    const { markdown = "" } = runOf(log).tool.driver.rules?.[0]?.help ?? {};
    assert.match(markdown, /^\\<script\\> \\\[a\\\]\\\(javascript:b\\\) \\`c\\` \\\| d$/m);
    assert.match(markdown, /^- openssl: upgrade to 3\.0\.15$/m);
  });
  it("says which images were not scanned and which repositories were not read", () => {
    const log = logOf([], NOT_SCANNED, { severity: "HIGH" }, [{ repository: "x-y-dev", error: "denied" }]);
    const { invocations = [], properties } = runOf(log);
    assert.equal(invocations[0]?.executionSuccessful, false);
    assert.deepEqual(
      invocations[0]?.toolExecutionNotifications?.map(({ level, message }) => [level, message.text]),
      [
        ["error", "x-y-dev could not be read: denied"],
        ["warning", "payments-api-dev:v0 is not scanned: scanning ended (SCAN_ELIGIBILITY_EXPIRED)"],
      ],
    );
    assert.equal((properties?.filters as FindingsFilters).severity, "HIGH");
    assert.equal(runOf(logOf([], NOT_SCANNED)).invocations?.[0]?.executionSuccessful, true);
  });
  it("is of a category of its own for an environment, a team and a repository, but not for a tag", () => {
    const idOf = (filters: Partial<FindingsFilters>) => runOf(logOf([], [], filters)).automationDetails?.id;
    assert.equal(idOf({ image: "v1" }), "ecr-platform/dev/");
    assert.equal(idOf({ team: ["payments"] }), "ecr-platform/dev/payments/");
  });
});
