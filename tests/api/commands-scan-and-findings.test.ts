import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import type { Log, Run } from "sarif";
import type { ImageFinding } from "../../images/finding";
import { seedDemo, seedInspector } from "./demo";
import type { Emulator } from "./emulator";
import { digestOf } from "./registry";
import { commandsApi } from "./commands";

describe("the commands, against an API", () => {
  let aws: Emulator;
  let folder: string;
  const { run, json } = commandsApi((started) => {
    ({ aws, folder } = started);
  });

  describe("scan", () => {
    it("starts a basic scan and waits for it, once a day", async () => {
      await seedDemo(aws);
      type Scans = { scans: { state: { status: string; counts: Record<string, number> }; note?: string }[] };
      const first = json<Scans>("scan", "-r", "payments/api");
      assert.deepEqual(first.scans[0]?.state.counts, { CRITICAL: 1, HIGH: 1 });
      assert.equal(first.scans[0]?.note, undefined);
      assert.match(
        json<Scans>("scan", "-r", "payments/api").scans[0]?.note ?? "",
        /^scanned in the last 24 hours/,
      );
      assert.equal(json<Scans>("scan", "-r", "payments/api", "--all").scans.length, 9);
    });
    it("fails where a scan fails or there is no such image", async () => {
      await seedDemo(aws);
      await aws.scanResults([
        { repository: "payments-ledger-dev", digest: digestOf("ledger"), status: "FAILED", findings: [] },
      ]);
      assert.equal(run("scan", "-r", "payments/ledger").status, 1);
      assert.match(run("scan", "-r", "payments/ledger", "--image", "v9").stderr, /no image to scan is v9/);
    });
    it("shows what Inspector covers of all images, and why nothing is started", async () => {
      await seedDemo(aws);
      await seedInspector(aws);
      const { coverage, manualStart } = json<{
        manualStart: string;
        coverage: {
          repository: string;
          frequency: string;
          images: number;
          scanned: number;
          notScanned: object;
        }[];
      }>("scan", "-t", "payments", "storefront");
      assert.match(manualStart, /no manual start/);
      assert.deepEqual(
        coverage.map(({ repository: name, frequency, images, scanned, notScanned }) => [
          name,
          frequency,
          images,
          scanned,
          notScanned,
        ]),
        [
          ["payments-api-dev", "CONTINUOUS_SCAN", 10, 1, { SCAN_ELIGIBILITY_EXPIRED: 1, NEVER_SCANNED: 8 }],
          ["payments-ledger-dev", "CONTINUOUS_SCAN", 1, 1, {}],
          ["payments-card-vault-dev", "CONTINUOUS_SCAN", 0, 0, {}],
          ["storefront-web-dev", "SCAN_ON_PUSH", 8, 0, { UNSUPPORTED_OS: 1, NEVER_SCANNED: 7 }],
          ["storefront-search-dev", "SCAN_ON_PUSH", 1, 0, { NEVER_SCANNED: 1 }],
        ],
      );
      assert.equal((await aws.calls()).calls.StartImageScan, undefined);
    });
  });

  describe("findings", () => {
    it("are Inspector's, of the stack's repositories, worst first, with the version that has a fix", async () => {
      await seedDemo(aws);
      await seedInspector(aws);
      const { findings, scanType } = json<{ scanType: string; findings: ImageFinding[] }>(
        "findings",
        "--severity",
        "LOW",
      );
      assert.equal(scanType, "ENHANCED");
      assert.deepEqual(
        findings.map(({ id, severity, team, fixedIn }) => [id, severity, team, fixedIn]),
        [
          ["CVE-2026-1111", "CRITICAL", "payments", "0:3.0.15-1"],
          ["CVE-2026-2222", "HIGH", "payments", undefined],
          ["CVE-2026-3333", "HIGH", "storefront", "2.9.14-1.3"],
          ["CVE-2026-4444", "LOW", "data", undefined],
        ],
      );
      assert.equal(
        json<{ findings: object[] }>("findings", "--fixable", "-t", "payments").findings.length,
        1,
      );
      assert.equal(json<{ findings: object[] }>("findings", "--image", "v2.0.0").findings.length, 1);
      assert.equal(json<{ findings: object[] }>("findings", "--severity", "CRITICAL").findings.length, 1);
    });
    it("are as many as --limit says, and written only to a folder that is there", async () => {
      await seedDemo(aws);
      await seedInspector(aws);
      const { findings, total } = json<{ findings: object[]; total: number }>("findings", "--limit", "2");
      assert.deepEqual([findings.length, total], [2, 3]);
      assert.deepEqual(run("findings", "--severity", "critical").status, 0);
      const { status, stderr } = run("findings", "--format", "html", "--output", "missing/findings.html");
      assert.equal(status, 1);
      assert.match(
        stderr,
        /^missing\/findings\.html cannot be written: there is no folder missing\nfix: make/,
      );
    });
    it("page through thousands of Inspector's", async () => {
      await seedDemo(aws);
      await seedInspector(aws);
      const [one] = json<{ findings: ImageFinding[] }>("findings").findings;
      await aws.inspectorFindings(
        Array.from({ length: 2500 }, (_, i) => ({
          title: `CVE-${i}`,
          severity: "HIGH",
          status: "ACTIVE",
          resources: [
            {
              details: {
                awsEcrContainerImage: {
                  repositoryName: one?.repository,
                  imageHash: one?.digest,
                  imageTags: [],
                },
              },
            },
          ],
          packageVulnerabilityDetails: { vulnerabilityId: `CVE-${i}` },
        })),
      );
      assert.equal(json<{ findings: object[] }>("findings").findings.length, 2500);
    });
    it("are ECR's own under basic scanning", async () => {
      await seedDemo(aws);
      const { scanType, findings } = json<{ scanType: string; findings: ImageFinding[] }>("findings");
      assert.equal(scanType, "BASIC");
      assert.deepEqual(
        findings
          .map(({ id, severity, package: name, installed, fixedIn, score }) => [
            id,
            severity,
            name,
            installed,
            fixedIn,
            score,
          ])
          .slice(0, 2),
        [
          ["CVE-2026-1111", "CRITICAL", "openssl", "3.0.11-1", "3.0.15-1", 9.8],
          ["CVE-2026-1111", "HIGH", "libxml2", "2.9.14", "2.9.14+dfsg-1.3", 7.5],
        ],
      );
    });
    it("are written as SARIF, with the program's version and the images that were not scanned", async () => {
      await seedDemo(aws);
      const { runs } = JSON.parse(run("findings", "--format", "sarif").stdout) as Log;
      const [{ tool, results = [], invocations = [] }] = runs as [Run];
      assert.match(tool.driver.semanticVersion ?? "", /^\d+\.\d+\.\d+/);
      assert.deepEqual(
        results.map(({ ruleId, level, locations }) => [
          ruleId,
          level,
          locations?.[0]?.physicalLocation?.artifactLocation?.uri,
        ]),
        ["CVE-2026-1111", "CVE-2026-1111", "CVE-2026-2222"].map((id) => [
          id,
          "error",
          "111122223333.dkr.ecr.eu-west-1.amazonaws.com/payments-api-dev",
        ]),
      );
      assert.ok((invocations[0]?.toolExecutionNotifications ?? []).length > 0);
    });
    it("are written to a file as a page, which shows markup as text", async () => {
      await seedDemo(aws);
      await aws.scanResults([
        {
          repository: "payments-api-dev",
          digest: digestOf("api 1"),
          status: "COMPLETE",
          findings: [
            {
              name: "CVE-1",
              severity: "HIGH",
              description: "<script>alert(1)</script>",
              uri: "javascript:alert(1)",
              attributes: [],
            },
          ],
        },
      ]);
      const file = path.join(folder, "page.html");
      assert.equal(run("findings", "--format", "html", "-o", file).status, 0);
      const html = fs.readFileSync(file, "utf8");
      assert.match(html, /&#60;script&#62;alert\(1\)/);
    });
  });
});
