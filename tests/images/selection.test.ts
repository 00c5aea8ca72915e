import assert from "node:assert/strict";
import type { CleanUpRules } from "../../documents/clean-up-request";
import { familiesOf } from "../../images/families";
import type { ManifestLinks } from "../../images/links";
import type { RegistryImage } from "../../images/registry";
import { relationsOf } from "../../images/relations";
import { decide } from "../../images/selection";
import { daysAgo, image, NOW } from "../support/registries";

const rules = (given: Partial<CleanUpRules>): CleanUpRules => ({ keepBy: "pushed", protect: [], ...given });

/** Digests that go, in the order of the images. */
function going(
  images: RegistryImage[],
  given: Partial<CleanUpRules>,
  links: Record<string, Partial<ManifestLinks>> = {},
  used: string[] = [],
): string[] {
  const full = new Map(
    Object.entries(links).map(([digest, one]) => [digest, { children: [], subjects: [], ...one }]),
  );
  return decide(
    images,
    relationsOf(images, full),
    rules(given),
    ({ digest }) => (used.includes(digest) ? "a task" : undefined),
    NOW,
  )
    .filter(({ verdict }) => verdict.go)
    .map((one) => one.image.digest);
}

describe("archived images", () => {
  it("are kept with their signatures and entries, and do not count for keep", () => {
    const archived = { status: "ARCHIVED", archivedAt: daysAgo(200), days: 300 } as const;
    const images = [
      image("archived", { ...archived, tags: ["v3"], days: 1 }),
      image("restoring", { ...archived, status: "ACTIVATING", tags: ["v2"] }),
      image("signature", { days: 300 }),
      image("entry", { days: 300 }),
      image("new", { tags: ["v1"], days: 2 }),
      image("old", { tags: ["v0"], days: 400 }),
    ];
    const links = { signature: { subjects: ["archived"] }, archived: { children: ["entry"] } };
    assert.deepEqual(going(images, { untaggedDays: 1, keep: 1 }, links), ["old"]);
    assert.deepEqual(going(images, { untaggedDays: 1, keep: 0 }, links), ["new", "old"]);
  });

  it("keep all untagged images but artifacts if the entries of an archived list are unknown", () => {
    const images = [
      image("list", { status: "ARCHIVED", tags: ["v1"] }),
      image("entry", { days: 99 }),
      image("orphaned", { days: 99 }),
      image("tagged", { tags: ["old"], days: 99 }),
    ];
    const orphaned = { subjects: ["gone"] };
    const given = { untaggedDays: 1, olderThanDays: 1 };
    assert.deepEqual(going(images, given, { orphaned, list: { unread: true } }), ["orphaned", "tagged"]);
    assert.deepEqual(going(images, given, { orphaned, list: { children: [] } }), [
      "entry",
      "orphaned",
      "tagged",
    ]);
  });
});

describe("images that clean-up archived", () => {
  it("keep what belongs to them from the archive if one that they belong to is in use", () => {
    const archived = { status: "ARCHIVED", archivedAt: daysAgo(10), days: 200 } as const;
    const images = [
      image("used", { ...archived, tags: ["v1"] }),
      image("signature", archived),
      image("of the signature", { days: 200 }),
    ];
    const links = new Map([
      ["signature", { children: [], subjects: ["used"] }],
      ["of the signature", { children: [], subjects: ["signature"] }],
    ]);
    const actions = (used: string[]) =>
      decide(
        images,
        relationsOf(images, links),
        rules({ olderThanDays: 1 }),
        ({ digest }) => (used.includes(digest) ? "a task" : undefined),
        NOW,
        undefined,
        () => true,
      ).map(({ verdict }) => (verdict.go ? verdict.action : verdict.why));
    assert.deepEqual(actions(["used"]), ["in use", "archived", "kept with another image"]);
    assert.deepEqual(actions([]), ["archived", "archived", "archive"]);
  });

  it("take signatures into the archive with them if their list was restored and archived again", () => {
    const archived = { status: "ARCHIVED", days: 200 } as const;
    const images = [
      image("list", { ...archived, archivedAt: daysAgo(10), tags: ["v1"] }),
      image("entry", { ...archived, archivedAt: daysAgo(100) }),
      image("signature", { days: 200 }),
    ];
    const links = new Map([
      ["list", { children: ["entry"], subjects: [] }],
      ["signature", { children: [], subjects: ["entry"] }],
    ]);
    const decided = decide(
      images,
      relationsOf(images, links),
      rules({ olderThanDays: 1 }),
      () => undefined,
      NOW,
      undefined,
      () => true,
    );
    assert.deepEqual(
      decided.map(({ verdict }) => (verdict.go ? verdict.action : verdict.why)),
      ["archived", "kept with another image", "archive"],
    );
  });
});

describe("clean-up selects", () => {
  it("nothing without a rule", () => {
    assert.deepEqual(going([image("a", { days: 9999 }), image("b", { tags: ["x"], days: 9999 })], {}), []);
  });

  it("untagged images from the day that was given, not a day earlier", () => {
    const images = [
      image("young", { days: 6 }),
      image("old", { days: 7 }),
      image("tagged", { tags: ["v1"], days: 99 }),
    ];
    assert.deepEqual(going(images, { untaggedDays: 7 }), ["old"]);
  });

  it("tagged images only where all conditions hold", () => {
    const images = [
      image("old and idle", { tags: ["a"], days: 100, pulled: 60 }),
      image("old and pulled", { tags: ["b"], days: 100, pulled: 3 }),
      image("old and never pulled", { tags: ["c"], days: 100 }),
      image("young", { tags: ["d"], days: 20 }),
    ];
    assert.deepEqual(going(images, { olderThanDays: 90, unpulledDays: 30 }), [
      "old and idle",
      "old and never pulled",
    ]);
    assert.deepEqual(going(images, { unpulledDays: 30 }), ["old and idle", "old and never pulled"]);
  });

  it("not the newest by push, or by semantic version, whatever was pushed when", () => {
    const images = [
      image("1.10.0", { tags: ["v1.10.0"], days: 90 }),
      image("1.9.0", { tags: ["v1.9.0"], days: 10 }),
      image("1.9.0-rc.1", { tags: ["v1.9.0-rc.1"], days: 5 }),
      image("branch", { tags: ["main"], days: 1 }),
    ];
    assert.deepEqual(going(images, { keep: 2, keepBy: "pushed" }), ["1.10.0", "1.9.0"]);
    assert.deepEqual(going(images, { keep: 2, keepBy: "semver" }), ["1.9.0-rc.1", "branch"]);
  });

  it("the oldest of versions that are dates, with zeros before a digit or without", () => {
    const images = [
      image("november", { tags: ["2026.11.02"], days: 1 }),
      image("october", { tags: ["2026.10.24"], days: 10 }),
      image("january", { tags: ["v2026.01.09"], days: 300 }),
    ];
    assert.deepEqual(going(images, { keep: 1, keepBy: "semver" }), ["october", "january"]);
    assert.deepEqual(going(images, { keep: 2, keepBy: "semver" }), ["january"]);
  });

  it("nothing that is protected by any of its tags", () => {
    const images = [
      image("a", { tags: ["v1", "deployed-prod"], days: 99 }),
      image("b", { tags: ["v2"], days: 99 }),
    ];
    assert.deepEqual(going(images, { olderThanDays: 1, protect: ["deployed-*"] }), ["b"]);
  });

  it("a manifest list with its entries and signatures, or none of them", () => {
    const images = [
      image("list", { tags: ["v1"], days: 99 }),
      image("amd64", { days: 99 }),
      image("arm64", { days: 99 }),
      image("signature", { days: 99 }),
      image("sbom", { tags: ["sha256-x.sbom"], days: 1 }),
    ];
    const links = {
      list: { children: ["amd64", "arm64"] },
      signature: { subjects: ["list"] },
      sbom: { subjects: ["amd64"] },
    };
    assert.deepEqual(
      going(images, { untaggedDays: 1 }, links),
      [],
      "its entries are not untagged images of their own",
    );
    assert.deepEqual(going(images, { olderThanDays: 30 }, links).sort(), [
      "amd64",
      "arm64",
      "list",
      "sbom",
      "signature",
    ]);
    assert.deepEqual(
      going(images, { olderThanDays: 30, untaggedDays: 1 }, links, ["arm64"]),
      [],
      "an entry runs",
    );
  });

  it("an entry that two lists share only with both", () => {
    const images = [
      image("old", { tags: ["v1"], days: 99 }),
      image("new", { tags: ["v2"], days: 1 }),
      image("shared", { days: 99 }),
      image("own", { days: 99 }),
    ];
    const links = { old: { children: ["shared", "own"] }, new: { children: ["shared"] } };
    assert.deepEqual(going(images, { olderThanDays: 30 }, links), ["old", "own"]);
  });

  it("what is about an image that is gone by its own age", () => {
    assert.deepEqual(
      going([image("sig", { days: 9 })], { untaggedDays: 7 }, { sig: { subjects: ["gone"] } }),
      ["sig"],
    );
  });

  it("a signature of several images only with all of them", () => {
    const images = [
      image("old", { tags: ["v1"], days: 99 }),
      image("new", { tags: ["v2"], days: 1 }),
      image("signature", { tags: ["sha256-x.sig", "sha256-y.sig"], days: 99 }),
    ];
    const links = { signature: { subjects: ["old", "new"] } };
    assert.deepEqual(going(images, { olderThanDays: 30 }, links), ["old"]);
    assert.deepEqual(going(images, { olderThanDays: 1 }, links), ["old", "new", "signature"]);
  });

  it("no image because a signature whose image is gone takes its place among the newest", () => {
    const images = [
      image("v2", { tags: ["v2"], days: 20 }),
      image("v1", { tags: ["v1"], days: 30 }),
      image("signature", { tags: ["sha256-x.sig"], days: 1 }),
    ];
    const links = { signature: { subjects: ["gone"] } };
    assert.deepEqual(going(images, { keep: 2 }, links), []);
    assert.deepEqual(going(images, { keep: 1 }, links), ["v1"]);
  });

  it("a signature whose image is gone as an untagged image, whatever its tags", () => {
    const images = [image("signature", { tags: ["sha256-x.sig"], days: 9 })];
    const links = { signature: { subjects: ["gone"] } };
    assert.deepEqual(going(images, { olderThanDays: 1, keep: 0 }, links), []);
    assert.deepEqual(going(images, { untaggedDays: 10 }, links), []);
    assert.deepEqual(going(images, { untaggedDays: 9 }, links), ["signature"]);
  });

  it("a manifest list by the last pull of an entry, not by its own, which clean-up causes", () => {
    const images = [
      image("list", { tags: ["v1"], days: 99, pulled: 0 }),
      image("inner", { days: 99, pulled: 0 }),
      image("amd64", { days: 99, pulled: 40 }),
      image("arm64", { days: 99 }),
    ];
    const links = { list: { children: ["inner"] }, inner: { children: ["amd64", "arm64"] } };
    assert.deepEqual(going(images, { unpulledDays: 41 }, links), []);
    assert.deepEqual(going(images, { unpulledDays: 40 }, links), ["list", "inner", "amd64", "arm64"]);
  });

  it("all of a chain of 50,000 signatures of signatures", () => {
    const images = Array.from({ length: 50_000 }, (_, i) =>
      image(`${i}`, { days: 99, tags: i === 0 ? ["v1"] : [] }),
    );
    const links = new Map(
      images.slice(1).map(({ digest }, i) => [digest, { children: [], subjects: [`${i}`] }]),
    );
    const relations = relationsOf(images, links);
    const decided = decide(images, relations, rules({ olderThanDays: 1 }), () => undefined, NOW);
    assert.ok(decided.every(({ verdict }) => verdict.go));
    assert.deepEqual(
      familiesOf(images, relations).map(({ size, steps }) => [size, steps.length]),
      [[50_000, 50_000]],
    );
  });

  it("nothing in a circle, which no registry can hold", () => {
    const images = [image("a", { days: 99 }), image("b", { days: 99 })];
    const links = { a: { children: ["b"] }, b: { children: ["a"] } };
    assert.deepEqual(going(images, { untaggedDays: 1 }, links), []);
  });

  it("nothing that nothing needs but in use, with where it runs", () => {
    const images = [image("a", { days: 99 })];
    const [one] = decide(
      images,
      relationsOf(images, new Map()),
      rules({ untaggedDays: 1 }),
      () => "ECS task x",
      NOW,
    );
    assert.deepEqual(one?.verdict, { go: false, why: "in use", by: "ECS task x" });
  });
});
