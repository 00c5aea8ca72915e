import assert from "node:assert/strict";
import type { ImageFinding } from "../../images/finding";
import type { LookedAt } from "../../images/findings";
import { findingsReport, reasonsOf } from "../../images/findings-report";
import { fixesOf } from "../../images/fixes";
import { imageFinding } from "../support/findings";

const finding = (fields: Partial<ImageFinding> = {}) => imageFinding({ id: "CVE-2026-1", ...fields });
const image = (fields: Partial<LookedAt> = {}): LookedAt => ({
  repository: "payments-api-dev",
  team: "payments",
  digest: "sha256:1",
  tags: ["v1"],
  ...fields,
});
const report = (findings: ImageFinding[], images: LookedAt[], filters = {}) =>
  findingsReport(
    { scanType: "BASIC", images, findings, failures: [], tags: [] },
    { severity: "MEDIUM", fixable: false, ...filters },
  );

describe("the report of findings", () => {
  it("counts findings in the images that were scanned, and lists the others with the reason", () => {
    const { scanned, notScanned } = report(
      [],
      [image(), image({ notScanned: "never scanned" }), image({ notScanned: "scanning ended" })],
    );
    assert.equal(scanned, 1);
    assert.deepEqual(
      notScanned.map((one) => one.notScanned),
      ["never scanned", "scanning ended"],
    );
    assert.deepEqual(reasonsOf([...notScanned, ...notScanned.slice(1)]), [
      ["scanning ended", 2],
      ["never scanned", 1],
    ]);
  });
  it("has the severities that there are, worst first, and says what a filter hides", () => {
    const found = ["LOW", "HIGH", "UNTRIAGED", "CRITICAL", "LOW"].map((severity) => finding({ severity }));
    const { counts, hidden, findings } = report([...found, finding({ fixedIn: undefined })], [], {
      fixable: true,
    });
    assert.deepEqual(Object.entries(counts), [
      ["CRITICAL", 1],
      ["HIGH", 1],
      ["UNTRIAGED", 1],
    ]);
    assert.deepEqual(hidden, { counts: { LOW: 2 }, withoutFix: 1 });
    assert.deepEqual(
      findings.map(({ severity }) => severity),
      ["CRITICAL", "HIGH", "UNTRIAGED"],
    );
  });
});

describe("upgrades", () => {
  it("name the version that ends all findings of a package in an image", () => {
    const fixes = fixesOf([
      finding({ id: "CVE-1", fixedIn: "3.0.9" }),
      finding({ id: "CVE-2", fixedIn: "3.0.15" }),
      finding({ id: "CVE-3", fixedIn: "3.0.13", severity: "CRITICAL" }),
      finding({ id: "CVE-4", fixedIn: undefined }),
    ]);
    assert.deepEqual(fixes, [
      {
        package: "openssl",
        version: "3.0.15",
        worst: "CRITICAL",
        findings: 3,
        images: 1,
        repositories: ["payments-api-dev"],
      },
    ]);
  });
  it("are one for each version that images of different bases need, with the number of images", () => {
    const fixes = fixesOf([
      finding({ fixedIn: "3.0.15" }),
      finding({ fixedIn: "3.0.15", digest: "sha256:2", repository: "data-etl-dev" }),
      finding({ fixedIn: "1.1.1w", installed: "1.1.1n", digest: "sha256:3" }),
      finding({ package: "zlib", severity: "CRITICAL", fixedIn: "1.3" }),
    ]);
    assert.deepEqual(
      fixes.map(({ package: name, version, images }) => [name, version, images]),
      [
        ["zlib", "1.3", 1],
        ["openssl", "3.0.15", 2],
        ["openssl", "1.1.1w", 1],
      ],
    );
  });
});
