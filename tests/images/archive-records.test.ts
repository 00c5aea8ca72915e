import assert from "node:assert/strict";
import { ArchivedBefore, type ArchiveRecord } from "../../images/archive-records";
import { image } from "../support/registries";

describe("the records of what clean-up archived", () => {
  const at = (time: string) => new Date(`2026-11-01T${time}Z`);
  const record = (until?: Date): ArchiveRecord => ({
    run: "a",
    from: at("03:00:00").toISOString(),
    ...(until === undefined ? {} : { until: until.toISOString() }),
    images: { "a-x-dev": { "sha256:1": { children: ["sha256:2"], subjects: [] } } },
  });
  const archived = (time: Date, digest = "sha256:1") =>
    image(digest, { status: "ARCHIVED", archivedAt: time });

  it("claim an image only if ECR archived it while the run went on, with clocks that differ by five minutes", () => {
    const before = new ArchivedBefore([record(at("03:10:00"))]);
    for (const [time, expected] of [
      ["02:54:59", false],
      ["02:55:00", true],
      ["03:05:00", true],
      ["03:15:00", true],
      ["03:15:01", false],
    ] as const) {
      assert.equal(before.has("a-x-dev", archived(at(time))), expected, time);
    }
  });

  it("claim an image of a run that was ended from outside for an hour", () => {
    const before = new ArchivedBefore([record()]);
    assert.ok(before.has("a-x-dev", archived(at("04:00:00"))));
    assert.ok(!before.has("a-x-dev", archived(at("04:05:01"))));
  });

  it("claim no other image: of another digest or repository, active again, or archived at an unknown time", () => {
    const before = new ArchivedBefore([record(at("03:10:00"))]);
    const time = at("03:05:00");
    assert.ok(!before.has("a-x-dev", archived(time, "sha256:3")));
    assert.ok(!before.has("a-y-dev", archived(time)));
    assert.ok(!before.has("a-x-dev", image("sha256:1", { archivedAt: time })));
    assert.ok(!before.has("a-x-dev", image("sha256:1", { archivedAt: time, status: "ACTIVATING" })));
    assert.ok(!before.has("a-x-dev", image("sha256:1", { status: "ARCHIVED" })));
  });

  it("claim an image that was restored and archived again by any of the runs", () => {
    const later = {
      ...record(at("03:10:00")),
      run: "b",
      from: "2027-02-01T03:00:00Z",
      until: "2027-02-01T03:10:00Z",
    };
    const before = new ArchivedBefore([record(at("03:10:00")), later]);
    assert.ok(before.has("a-x-dev", archived(new Date("2027-02-01T03:05:00Z"))));
    assert.deepEqual(before.links("a-x-dev", "sha256:1")?.children, ["sha256:2"]);
    assert.equal(before.links("a-x-dev", "sha256:3"), undefined);
  });
});
