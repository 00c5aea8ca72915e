import assert from "node:assert/strict";
import fc from "fast-check";
import { matchesGlob } from "../../aws/globs";
import type { CleanUpRules } from "../../documents/clean-up-request";
import type { ManifestLinks } from "../../images/links";
import type { RegistryImage } from "../../images/registry";
import { decide, familiesOf, relationsOf } from "../../images/selection";

const NOW = new Date("2026-11-01T12:00:00Z");
const DAY = 24 * 3600 * 1000;
const daysAgo = (days: number) => new Date(NOW.getTime() - days * DAY);

function image(digest: string, fields: Partial<RegistryImage> & { days?: number; pulled?: number } = {}) {
  const { days = 0, pulled, ...rest } = fields;
  return {
    digest,
    tags: [],
    bytes: 1,
    pullBytes: 1,
    pushedAt: daysAgo(days),
    ...(pulled === undefined ? {} : { pulledAt: daysAgo(pulled) }),
    scan: { counts: {} },
    ...rest,
  } satisfies RegistryImage;
}

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

/** A registry as it may be: images by index, entries and subjects that point to earlier ones, so without circles. */
const registries = fc
  .array(
    fc.record({
      tags: fc.uniqueArray(
        fc.constantFrom("v1.0.0", "v1.2.0", "v2.0.0-rc.1", "latest", "deployed-a", "main", "pr-7"),
        {
          maxLength: 2,
        },
      ),
      days: fc.nat(60),
      pulled: fc.option(fc.nat(60), { nil: undefined }),
      children: fc.array(fc.nat(30), { maxLength: 3 }),
      subjects: fc.array(fc.nat(30), { minLength: 1, maxLength: 3 }),
      kind: fc.constantFrom("image", "image", "list", "about"),
      used: fc.nat(9).map((n) => n === 0),
      archived: fc.nat(7).map((n) => n === 0),
    }),
    { minLength: 1, maxLength: 25 },
  )
  .map((specs) =>
    specs.map(({ kind, children, subjects, days, pulled, tags, used, archived }, i) => ({
      image: image(`sha256:${i}`, {
        tags,
        days,
        ...(pulled === undefined ? {} : { pulled: Math.min(pulled, days) }),
        ...(archived ? { status: "ARCHIVED" } : {}),
      }),
      // Nobody can read the entries of an archived list.
      unread: kind === "list" && archived,
      children: kind === "list" && i > 0 && !archived ? [...new Set(children.map((child) => child % i))] : [],
      // -1 is an image that the repository does not have.
      subjects: kind === "about" ? [...new Set(subjects.map((one) => (one % (i + 1)) - 1))] : [],
      used,
    })),
  );

const anyRules = fc.record(
  {
    untaggedDays: fc.integer({ min: 1, max: 40 }),
    olderThanDays: fc.integer({ min: 1, max: 40 }),
    unpulledDays: fc.integer({ min: 1, max: 40 }),
    keep: fc.nat(5),
    keepBy: fc.constantFrom("semver" as const, "pushed" as const),
    protect: fc.constantFrom<string[]>([], ["deployed-*"], ["latest", "v1.*"]),
  },
  { requiredKeys: ["keepBy", "protect"] },
);

type Registry = typeof registries extends fc.Arbitrary<infer T> ? T : never;

/**
 * What must stay, worked out on its own: sets that grow until they do not, where the program asks each image about its
 * owners. Shares nothing with it but the meaning of a tag pattern.
 */
function mustStay(registry: Registry, given: CleanUpRules): Set<number> {
  const all = registry.map((_, i) => i);
  const at = (i: number) => registry[i]!;
  const ownersOf = (i: number) => [
    ...all.filter((j) => at(j).children.includes(i)),
    ...at(i).subjects.filter((j) => j >= 0),
  ];
  const used = new Set(all.filter((i) => at(i).used));
  for (let grew = true; grew;) {
    grew = false;
    for (const i of [...used].flatMap(ownersOf)) {
      grew ||= !used.has(i);
      used.add(i);
    }
  }
  const age = (i: number) => Math.floor((NOW.getTime() - at(i).image.pushedAt.getTime()) / DAY);
  const pulls = (i: number): Date[] =>
    at(i).children.length > 0 ? at(i).children.flatMap(pulls) : [at(i).image.pulledAt ?? []].flat();
  const idle = (i: number) =>
    Math.min(
      ...[at(i).image.pushedAt, ...pulls(i)].map((one) => Math.floor((NOW.getTime() - one.getTime()) / DAY)),
    );
  const isArtifact = (i: number) => at(i).subjects.length > 0;
  const isArchived = (i: number) => at(i).image.status !== undefined;
  const entriesUnknown = registry.some(({ unread }) => unread);
  const isTagged = (i: number) => at(i).image.tags.length > 0;
  /** As numbers that compare like the version: a release is newer than its candidates. */
  const version = (i: number): number[] | undefined =>
    at(i)
      .image.tags.flatMap((tag) => {
        const parts = /^v(\d+)\.(\d+)\.(\d+)(-rc\.(\d+))?$/.exec(tag);
        return parts === null
          ? []
          : [[Number(parts[1]), Number(parts[2]), Number(parts[3]), parts[4] === undefined ? 1 : 0]];
      })
      .sort((a, b) => compare(b, a))[0];
  const compare = (a: number[], b: number[]): number => a.map((n, i) => n - b[i]!).find((n) => n !== 0) ?? 0;
  const newerFirst = (a: number, b: number) => {
    const pushed =
      at(b).image.pushedAt.getTime() - at(a).image.pushedAt.getTime() ||
      (at(a).image.digest < at(b).image.digest ? -1 : 1);
    if (given.keepBy === "pushed") {
      return pushed;
    }
    const [va, vb] = [version(a), version(b)];
    return va && vb ? compare(vb, va) || pushed : va ? -1 : vb ? 1 : pushed;
  };
  const newest = new Set(
    all
      .filter((i) => isTagged(i) && !isArtifact(i) && !isArchived(i))
      .sort(newerFirst)
      .slice(0, given.keep ?? 0),
  );
  const hasTaggedRule = [given.olderThanDays, given.unpulledDays, given.keep].some(
    (rule) => rule !== undefined,
  );
  const selected = (i: number) =>
    isTagged(i) && !isArtifact(i)
      ? hasTaggedRule &&
        !newest.has(i) &&
        age(i) >= (given.olderThanDays ?? 0) &&
        Math.min(age(i), idle(i)) >= (given.unpulledDays ?? 0)
      : given.untaggedDays !== undefined && age(i) >= given.untaggedDays;
  const belongs = (i: number) => ownersOf(i).length > 0 && (!isTagged(i) || isArtifact(i));
  const stay = new Set(
    all.filter(
      (i) =>
        used.has(i) ||
        isArchived(i) ||
        (entriesUnknown && !isTagged(i) && !isArtifact(i)) ||
        at(i).image.tags.some((tag) => given.protect.some((pattern) => matchesGlob(pattern, tag))) ||
        (!belongs(i) && !selected(i)),
    ),
  );
  for (let grew = true; grew;) {
    grew = false;
    for (const i of all.filter((one) => !stay.has(one) && ownersOf(one).some((owner) => stay.has(owner)))) {
      stay.add(i);
      grew = true;
    }
  }
  return stay;
}

const linksOf = (registry: Registry) =>
  new Map(
    registry.map(({ image: { digest }, children, subjects, unread }) => [
      digest,
      {
        ...(unread ? { unread: true as const } : {}),
        children: children.map((i) => `sha256:${i}`),
        subjects: subjects.map((i) => `sha256:${i}`),
      },
    ]),
  );

describe("clean-up, for any registry and rules", () => {
  it("deletes exactly what need not stay", () => {
    let deleted = 0;
    fc.assert(
      fc.property(registries, anyRules, (registry, given) => {
        const used = new Set(registry.filter((one) => one.used).map((one) => one.image.digest));
        const images = registry.map((one) => one.image);
        const decided = decide(
          images,
          relationsOf(images, linksOf(registry)),
          given,
          ({ digest }) => (used.has(digest) ? "a task" : undefined),
          NOW,
        );
        const stay = mustStay(registry, given);
        decided.forEach(({ verdict }, i) => {
          deleted += Number(verdict.go);
          assert.equal(verdict.go, !stay.has(i), `image ${i}: ${JSON.stringify(verdict)}`);
        });
      }),
      { numRuns: 3000 },
    );
    assert.ok(deleted > 1000, "the generated registries have something to delete");
  });

  it("deletes each image after what it belongs to, and in one family with it", () => {
    fc.assert(
      fc.property(registries, (registry) => {
        const links = linksOf(registry);
        const images = registry.map((one) => one.image);
        const families = familiesOf(images, relationsOf(images, links));
        const places = new Map(
          families.flatMap(({ steps }, family) =>
            steps.flatMap((step, i) => step.map(({ digest }) => [digest, { family, step: i }] as const)),
          ),
        );
        assert.equal(places.size, registry.length);
        assert.equal(
          families.reduce((sum, { size }) => sum + size, 0),
          registry.length,
        );
        const isBefore = (owner: string, digest: string) => {
          const [first, second] = [places.get(owner), places.get(digest)];
          assert.ok(first === undefined || (second !== undefined && first.step < second.step));
          assert.ok(first === undefined || first.family === second?.family);
        };
        for (const [digest, { children, subjects }] of links) {
          children.forEach((child) => {
            isBefore(digest, child);
          });
          subjects.forEach((subject) => {
            isBefore(subject, digest);
          });
        }
        const oldest = families.map(({ steps }) =>
          Math.min(...steps.flat().map(({ pushedAt }) => pushedAt.getTime())),
        );
        assert.deepEqual(
          oldest,
          [...oldest].sort((a, b) => a - b),
          "the oldest first",
        );
      }),
      { numRuns: 500 },
    );
  });
});
