import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { htmlReport } from "../../cli/reports/html";
import type { ImageFinding } from "../../images/finding";
import type { Findings } from "../../images/findings";
import { findingsReport, type FindingsFilters } from "../../images/findings-report";
import { imageFinding } from "../support/findings";

const now = new Date("2026-11-28T12:00:00Z");
const finding = (fields: Partial<ImageFinding> = {}) =>
  imageFinding({ exploit: true, firstSeen: "2026-11-18T12:00:00Z", ...fields });
const read = (findings: ImageFinding[], fields: Partial<Findings> = {}): Findings => ({
  scanType: "ENHANCED",
  images: [{ repository: "payments-api-dev", team: "payments", digest: "sha256:1", tags: ["v1"] }],
  findings,
  failures: [],
  tags: [],
  ...fields,
});
const pageOf = (found: Findings, filters: Partial<FindingsFilters> = {}) =>
  htmlReport(findingsReport(found, { severity: "MEDIUM", fixable: false, ...filters }), {
    environment: "dev",
    place: "111122223333, eu-west-1",
    now,
  });

describe("the page of findings", () => {
  it("names severities that there are, and those that a filter hides only as hidden", () => {
    const page = pageOf(read([finding(), finding({ severity: "LOW" })]));
    assert.match(page, /<p>1 finding \(1 high; 1 with a fix\) in 1 scanned image<\/p>/);
    assert.match(page, /<p>hidden by --severity MEDIUM: 1 low<\/p>/);
    const body = page.slice(page.indexOf("<body>"));
    assert.match(body, /HIGH/);
    assert.doesNotMatch(body, /CRITICAL|>LOW|INFORMATIONAL/);
  });
  it("says which filters it was made with", () => {
    const filters = { fixable: true, image: "v1", team: ["payments", "data"] };
    assert.match(
      pageOf(read([finding()]), filters),
      /Shown: severity MEDIUM and above, and without a rating; only with a fix; image v1; teams payments, data\./,
    );
    assert.match(pageOf(read([]), { severity: "INFORMATIONAL" }), /Shown: all severities\./);
  });
  it("says first what was not looked at, and lists the images with the reason", () => {
    const page = pageOf(
      read([], {
        images: [
          {
            repository: "data-etl-dev",
            team: "data",
            digest: "sha256:2",
            tags: ["v2"],
            notScanned: "scanning ended",
            status: "SCAN_ELIGIBILITY_EXPIRED",
          },
        ],
        failures: [{ repository: "x-y-dev", error: "AccessDeniedException" }],
      }),
    );
    const order = [
      "Not everything was looked at.",
      "1 image not scanned: 1 scanning ended",
      "not read: x-y-dev: AccessDeniedException",
      "0 findings in 0 scanned images",
      "SCAN_ELIGIBILITY_EXPIRED",
    ].map((text) => page.indexOf(text));
    assert.ok(!order.includes(-1), String(order));
    assert.deepEqual(
      order,
      [...order].sort((a, b) => a - b),
    );
  });
  it("without findings has no charts, no table and nothing that runs", () => {
    assert.doesNotMatch(pageOf(read([])), /<table|class="chart"|<script|role="note"/);
  });
  it("begins with the upgrades, and then shows how long each finding is known and whether an exploit is", () => {
    const page = pageOf(read([finding(), finding({ id: "CVE-2026-2222" })]));
    assert.match(
      page,
      /<b>openssl<\/b> to 3\.0\.15<\/td><td data-label="Findings" class="number">2<\/td><td data-label="Images" class="number">1</,
    );
    assert.ok(page.indexOf("<b>openssl</b>") < page.indexOf('id="findings"'));
    assert.match(
      page,
      /data-label="First seen" data-sort="2026-11-18T12:00:00Z">10 days ago<\/td><td data-label="Exploit">known</,
    );
    assert.doesNotMatch(pageOf(read([finding()], { scanType: "BASIC" })), /First seen|Exploit/);
  });
  it("shows an advisory's markup as text, runs only its own script and loads nothing", () => {
    const page = pageOf(
      read([
        finding({ title: "<script>alert(1)</script>", url: "javascript:alert(1)", tags: ['"><img src=x>'] }),
      ]),
    );
    const url = "https://nvd.nist.gov/";
    assert.match(pageOf(read([finding({ url })])), /<a href="https:\/\/nvd/);
    assert.doesNotMatch(page, /<img|href="javascript|src=x>|@import|url\(/);
    const [script, ...others] = [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, code]) => code);
    assert.deepEqual(others, []);
    const hash = createHash("sha256")
      .update(script ?? "")
      .digest("base64");
    assert.ok(page.includes(`default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hash}'`));
  });
  it("has at most 2,000 rows and says how many it leaves out", () => {
    const page = pageOf(read(Array.from({ length: 2001 }, (_, i) => finding({ id: `CVE-${i}` }))));
    assert.equal(page.match(/<small>/g)?.length, 2000);
    assert.match(page, /The first 2000 of 2001 rows\./);
  });
  it("fits a phone: no column of a grid is wider than the page", () => {
    const [style = ""] = /<style>[\s\S]*<\/style>/.exec(pageOf(read([]))) ?? [];
    assert.match(style, /minmax\(min\(100%, \d+px\), 1fr\)/);
    assert.doesNotMatch(style, /minmax\(\d+px/);
  });
});
