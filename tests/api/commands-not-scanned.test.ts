import assert from "node:assert/strict";
import type { FindingsReport } from "../../images/findings-report";
import { commandsApi } from "./commands";
import { seedDemo, seedInspector } from "./demo";
import type { Emulator } from "./emulator";
import { digestOf, image, index, repository } from "./registry";

describe("the findings command, against an API", () => {
  let aws: Emulator;
  const { run, json } = commandsApi((started) => {
    ({ aws } = started);
  });
  const result = (name: string, status: string, severities: string[] = []) => ({
    repository: "payments-api-dev",
    digest: digestOf(name),
    status,
    findings: severities.map((severity, i) => ({
      name: `CVE-${i}`,
      severity,
      attributes: [{ key: "package_name", value: "openssl" }],
    })),
  });

  describe("under basic scanning", () => {
    beforeEach(async () => {
      await aws.seed([
        repository("payments-api-dev", [
          image("clean", { tags: ["v3.0.0"] }),
          image("low", { tags: ["v2.0.0"] }),
          image("old", { tags: ["v1.0.0"] }),
          image("scratch", { tags: ["v0.1.0"] }),
          image("archived", { tags: ["v0.0.1"], archivedAt: "2026-10-01T00:00:00Z" }),
        ]),
      ]);
      await aws.scanResults([
        result("clean", "COMPLETE"),
        result("low", "COMPLETE", ["LOW", "HIGH"]),
        result("scratch", "UNSUPPORTED_IMAGE"),
      ]);
    });
    const api = ["findings", "--repository", "payments/api"];

    it("names the images that were not scanned, with the reason, and what a filter hides", () => {
      const { stdout, status } = run(...api);
      assert.match(stdout, /^ {2}never scanned +payments-api-dev +v1\.0\.0$/m);
      assert.match(stdout, /^ {2}unsupported image +payments-api-dev +v0\.1\.0 +UNSUPPORTED_IMAGE$/m);
      assert.match(stdout, /^1 finding \(1 high; 0 with a fix\) in 2 scanned images$/m);
      assert.match(stdout, /^3 images not scanned: 1 archived, 1 never scanned, 1 unsupported image$/m);
      assert.match(stdout, /^hidden by --severity MEDIUM: 1 low$/m);
      assert.equal(status, 0);
      const { filters, scanned, notScanned, counts, hidden } = json<FindingsReport>(...api);
      assert.deepEqual(filters, { severity: "MEDIUM", fixable: false, repository: ["payments/api"] });
      assert.deepEqual([scanned, notScanned.length, counts], [2, 3, { HIGH: 1 }]);
      assert.deepEqual(hidden, { counts: { LOW: 1 }, withoutFix: 0 });
    });
    it("with --fail-on tells findings, images that are not scanned, and neither apart", () => {
      const exit = (...args: string[]) => run(...api, ...args).status;
      assert.equal(exit("--fail-on", "high"), 2);
      assert.equal(exit("--fail-on", "high", "--fixable"), 3);
      assert.equal(exit("--fail-on", "high", "--image", "v3.0.0"), 0);
      // Whatever is shown.
      assert.equal(exit("--fail-on", "LOW", "--severity", "CRITICAL", "--image", "v2.0.0"), 2);
      const { stderr, status } = run(...api, "--fail-on", "CRITICAL");
      assert.equal(status, 3);
      assert.equal(
        stderr,
        "not everything is scanned: 2 images not scanned: 1 never scanned, 1 unsupported image\n",
      );
    });
    it("for an image by name says that it was not scanned, or that there is none of the name", () => {
      const { status, stdout } = run(...api, "--image", "v1.0.0");
      assert.match(stdout, /^0 findings in 0 scanned images\n1 image not scanned: 1 never scanned$/m);
      assert.equal(status, 3);
      assert.equal(run(...api, "--image", "v0.0.1").status, 3);
      const wrong = run(...api, "--image", "v9.0.0");
      assert.match(
        wrong.stderr,
        /^no image v9\.0\.0 in payments-api-dev\nfix: did you mean v[1-3]\.0\.0\?$/m,
      );
      assert.equal(wrong.status, 1);
    });
    it("for a multi-platform image reads its platforms, and not the attestations beside them", async () => {
      const entries = [image("amd64"), image("arm64"), image("attestation")];
      const list = index("list", entries, { tags: ["v4.0.0"] });
      const manifests = entries.map(({ digest, mediaType }, i) => ({
        digest,
        mediaType,
        platform: { os: i === 2 ? "unknown" : "linux" },
      }));
      const manifest = JSON.stringify({ schemaVersion: 2, mediaType: list.mediaType, manifests });
      await aws.seed([repository("payments-ledger-dev", [...entries, { ...list, manifest }])]);
      await aws.scanResults(
        ["amd64", "arm64"].map((name) => ({
          ...result(name, "COMPLETE", name === "arm64" ? ["CRITICAL"] : []),
          repository: "payments-ledger-dev",
        })),
      );
      const { scanned, notScanned, counts } = json<FindingsReport>("findings", "--image", "v4.0.0");
      assert.deepEqual([scanned, notScanned, counts], [2, [], { CRITICAL: 1 }]);
    });
    it("says which repositories it could not read, and does not pass", async () => {
      await aws.fault({ action: "DescribeImages", count: 1, kind: "error", name: "AccessDeniedException" });
      const { status, stderr } = run(...api, "--fail-on", "CRITICAL");
      assert.match(stderr, /^not read: payments-api-dev: AccessDeniedException/);
      assert.equal(status, 1);
    });
  });

  describe("under enhanced scanning", () => {
    it("has Inspector's reasons, also for images that Inspector does not know", async () => {
      await seedDemo(aws);
      await seedInspector(aws);
      const { scanned, notScanned, fixes, findings } = json<FindingsReport>("findings", "-t", "payments");
      assert.equal(scanned, 2);
      const [ended] = notScanned.filter(({ digest }) => digest === digestOf("api old"));
      assert.deepEqual([ended?.notScanned, ended?.status], ["scanning ended", "SCAN_ELIGIBILITY_EXPIRED"]);
      assert.ok(notScanned.filter((one) => one.notScanned === "never scanned").length > 5);
      assert.deepEqual(
        fixes.map(({ package: name, version, worst }) => [name, version, worst]),
        [["openssl", "0:3.0.15-1", "CRITICAL"]],
      );
      assert.equal(findings.length, 2);
    });
    it("shows how long a finding is known and whether an exploit is", async () => {
      await seedDemo(aws);
      await seedInspector(aws);
      const { stdout } = run("findings", "--image", "v1.4.2");
      assert.match(stdout, /^ {2}openssl to 0:3\.0\.15-1 +1 +1 +CRITICAL$/m);
      assert.match(stdout, /CVE-2026-1111 .* 28 days ago +known$/m);
    });
  });
});
