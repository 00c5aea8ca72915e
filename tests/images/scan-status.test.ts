import assert from "node:assert/strict";
import { ScanStatus } from "@aws-sdk/client-ecr";
import { ScanStatusReason } from "@aws-sdk/client-inspector2";
import { EXPECTED_INACTIVE } from "../../documents/events";
import type { RegistryImage } from "../../images/registry";
import { isScannable, notScannedReason, reasonOf } from "../../images/scan-status";

const day = new Date("2026-11-01T00:00:00Z");
const image = (fields: Partial<RegistryImage> = {}): RegistryImage => ({
  digest: `sha256:${"a".repeat(64)}`,
  tags: [],
  bytes: 1,
  pullBytes: 1,
  pushedAt: day,
  scan: { counts: {} },
  ...fields,
});

describe("the state of an image's scan", () => {
  it("counts as scanned only where ECR or Inspector says so", () => {
    const scanned = [...Object.values(ScanStatus), ...Object.values(ScanStatusReason)].filter(
      (status) => reasonOf({ status }) === undefined,
    );
    assert.deepEqual([...new Set(scanned)].sort(), ["ACTIVE", "COMPLETE", "SUCCESSFUL"]);
    assert.equal(reasonOf({ status: "A_NEW_WORD" }), "scan failed");
  });
  it("without a status is never scanned, unless there is a result", () => {
    assert.equal(reasonOf({}), "never scanned");
    assert.equal(reasonOf({ completedAt: day }), undefined);
  });
  it("of an image that is scanned at its push is known after that scan", () => {
    const status = "SCAN_FREQUENCY_SCAN_ON_PUSH";
    assert.equal(reasonOf({ status }), "scan in progress");
    assert.equal(reasonOf({ status, completedAt: day }), undefined);
  });
  it("is a failure just where the alert on images that are not scanned says so", () => {
    const failures = Object.values(ScanStatusReason).filter((status) =>
      ["scan failed", "unsupported image"].includes(reasonOf({ status }) ?? ""),
    );
    const alerted = Object.values(ScanStatusReason).filter((reason) => !EXPECTED_INACTIVE.includes(reason));
    assert.deepEqual(failures.sort(), alerted.sort());
  });
  it("of an archived image is not known, whatever its last scan said", () => {
    const scan = { status: "COMPLETE", completedAt: day, counts: {} };
    assert.equal(notScannedReason(image({ scan })), undefined);
    assert.equal(notScannedReason(image({ scan, status: "ARCHIVED" })), "archived");
  });
  it("is asked of images, but not of manifest lists, signatures and SBOMs", () => {
    const oci = "application/vnd.oci.image.manifest.v1+json";
    const config = "application/vnd.oci.image.config.v1+json";
    assert.ok(isScannable(image()));
    assert.ok(isScannable(image({ tags: ["v1"], mediaType: oci, artifactType: config })));
    for (const other of [
      { mediaType: "application/vnd.oci.image.index.v1+json", tags: ["v1"] },
      { mediaType: oci, artifactType: "application/spdx+json" },
      { mediaType: oci, artifactType: config, subject: `sha256:${"b".repeat(64)}` },
      { mediaType: oci, artifactType: config, tags: [`sha256-${"b".repeat(64)}.sig`] },
    ]) {
      assert.ok(!isScannable(image(other)), JSON.stringify(other));
    }
  });
});
