import assert from "node:assert/strict";
import { Random } from "../support/simulation/random";
import { Simulation, simulationEnvironment, type Conditions } from "../support/simulation/simulation";
import { imageOf, World, type StoredImage } from "../support/simulation/world";

const DAY = 24 * 3600 * 1000;
const digestOf = (name: string) => `sha256:${Buffer.from(name).toString("hex").padEnd(64, "0")}`;
const INDEX = "application/vnd.oci.image.index.v1+json";

/** A world with repositories of images that were pushed 90 days ago. */
function worldWith(repositories: Record<string, Record<string, Partial<StoredImage>>>): World {
  const world = new World();
  for (const [name, images] of Object.entries(repositories)) {
    const stored = Object.entries(images).map(([image, fields]) =>
      imageOf(digestOf(image), world.now - 90 * DAY, fields),
    );
    world.repositories.set(name, {
      name,
      ours: true,
      images: new Map(stored.map((one) => [one.digest, one])),
    });
  }
  return world;
}

const tagged = (...tags: string[]) => ({ tags: new Set(tags) });
const listOf = (...entries: string[]) => ({
  mediaType: INDEX,
  manifest: { manifests: entries.map((entry) => ({ digest: digestOf(entry), platform: { os: "linux" } })) },
});
const signatureTag = (image: string) => `${digestOf(image).replace(":", "-")}.sig`;
const left = (world: World, repository: string) =>
  [...(world.repositories.get(repository)?.images.keys() ?? [])].sort();

describe("a clean-up while the registry changes, or an answer is lost", () => {
  const variables = { ...process.env };
  let simulation: Simulation | undefined;
  before(() => {
    Object.assign(process.env, simulationEnvironment);
  });
  afterEach(() => {
    simulation?.restore();
    assert.deepEqual(simulation?.oracle.violations, []);
  });
  after(() => {
    process.env = variables;
  });

  async function clean(world: World, given: Partial<Conditions>) {
    simulation = new Simulation(world, new Random(1), {
      ...given,
      rules: { keepBy: "pushed", protect: [], olderThanDays: 30 },
    });
    const [cleaner] = await simulation.run(["function"]);
    return cleaner!;
  }

  it("keeps a list with all that it needs if one of its entries is pulled before it is deleted", async () => {
    const world = worldWith({
      "t-a-dev": { amd: {}, arm: {}, list: { ...tagged("v1"), ...listOf("amd", "arm") }, old: tagged("v0") },
    });
    const cleaner = await clean(world, {
      fate: ({ name, by }) => {
        if (name === "DescribeImages" && by.stored !== undefined) {
          const entry = world.image("t-a-dev", digestOf("amd"));
          Object.assign(entry ?? {}, { pulledAt: world.now, usedAt: world.now });
        }
        return undefined;
      },
    });
    assert.deepEqual(left(world, "t-a-dev"), ["amd", "arm", "list"].map(digestOf).sort());
    assert.deepEqual(
      cleaner.returned?.repositories[0]?.failed.map(({ digest, reason }) => [digest, reason]),
      [
        [digestOf("amd"), "it was pulled in the meantime"],
        [digestOf("list"), `${digestOf("amd")}, which belongs to it, changed in the meantime`],
        [digestOf("arm"), `it belongs to ${digestOf("list")}, which stays`],
      ],
    );
  });

  it("keeps a list if one of its entries, which stays itself, is tagged before the list is deleted", async () => {
    const world = worldWith({
      "t-a-dev": { entry: tagged("v2"), list: { ...tagged("v1"), ...listOf("entry") } },
    });
    const entry = world.image("t-a-dev", digestOf("entry"))!;
    entry.pushedAt = world.now;
    const cleaner = await clean(world, {
      fate: ({ name, by }) => {
        if (name === "DescribeImages" && by.stored !== undefined) {
          entry.tags.add("deployed");
        }
        return undefined;
      },
    });
    assert.deepEqual(left(world, "t-a-dev"), ["entry", "list"].map(digestOf).sort());
    assert.deepEqual(cleaner.returned?.repositories[0]?.failed, [
      {
        digest: digestOf("list"),
        reason: `${digestOf("entry")}, which belongs to it, changed in the meantime`,
      },
    ]);
  });

  it("keeps a list in a list if its entry is pulled after the outer list was deleted", async () => {
    const world = worldWith({
      "t-a-dev": { entry: {}, inner: listOf("entry"), outer: { ...tagged("v1"), ...listOf("inner") } },
    });
    let looks = 0;
    await clean(world, {
      fate: ({ name, by }) => {
        looks += name === "DescribeImages" && by.stored !== undefined ? 1 : 0;
        const entry = world.image("t-a-dev", digestOf("entry"));
        if (looks === 2) {
          Object.assign(entry ?? {}, { pulledAt: world.now, usedAt: world.now });
        }
        return undefined;
      },
    });
    assert.deepEqual(left(world, "t-a-dev"), ["entry", "inner"].map(digestOf).sort());
  });

  it("keeps an image that loses its last tag before it is deleted", async () => {
    const world = worldWith({ "t-a-dev": { old: tagged("v1") } });
    const cleaner = await clean(world, {
      fate: ({ name, by }) => {
        if (name === "DescribeImages" && by.stored !== undefined) {
          world.image("t-a-dev", digestOf("old"))?.tags.clear();
        }
        return undefined;
      },
    });
    assert.deepEqual(left(world, "t-a-dev"), [digestOf("old")]);
    assert.equal(cleaner.returned?.repositories[0]?.failed[0]?.reason, "it lost its tags in the meantime");
  });

  it("keeps a signature of two images while another repository has one of them", async () => {
    const signature = {
      ...tagged(signatureTag("one"), signatureTag("two")),
      mediaType: INDEX.replace("index", "manifest"),
    };
    const world = worldWith({ "t-a-dev": { one: tagged("v1"), signature }, "t-b-dev": { two: {} } });
    await clean(world, {});
    assert.deepEqual(left(world, "t-a-dev"), [digestOf("signature")]);
  });

  for (const fate of ["lost", "malformed"] as const) {
    it(`says of images that they are gone if the answer to the request that deleted them is ${fate}`, async () => {
      const world = worldWith({ "t-a-dev": { one: tagged("v1"), two: tagged("v2") } });
      const cleaner = await clean(world, {
        fate: ({ name }) => (name === "BatchDeleteImage" ? fate : undefined),
      });
      const [report] = cleaner.returned?.repositories ?? [];
      assert.deepEqual(report?.gone.sort(), ["one", "two"].map(digestOf).sort());
      assert.deepEqual([report.deleted, report.failed, left(world, "t-a-dev")], [[], [], []]);
    });
  }

  it("says that images may be deleted if it cannot look either", async () => {
    const world = worldWith({ "t-a-dev": { one: tagged("v1") } });
    let sent = false;
    const cleaner = await clean(world, {
      fate: ({ name }) => {
        const fate =
          name === "BatchDeleteImage" ? "lost" : sent && name === "DescribeImages" ? "refused" : undefined;
        sent ||= name === "BatchDeleteImage";
        return fate;
      },
    });
    assert.deepEqual(
      cleaner.returned?.repositories[0]?.failed.map(({ reason }) => reason),
      ["TimeoutError: no answer within 60 s; it may be deleted"],
    );
  });

  it("keeps an image in its record that may be archived, so that it can be restored and is deleted later", async () => {
    const world = worldWith({ "t-a-dev": { one: tagged("v1") } });
    let sent = false;
    await clean(world, {
      archive: true,
      fate: ({ name }) => {
        const isArchiving = name === "UpdateImageStorageClass";
        const fate = isArchiving ? "lost" : sent && name === "DescribeImages" ? "refused" : undefined;
        sent ||= isArchiving;
        return fate;
      },
    });
    const [record] = [...world.objects].filter(([key]) => key.includes("/archived/"));
    assert.match(record?.[1].text ?? "", new RegExp(digestOf("one")));
    simulation?.passDays(91);
    sent = false;
    delete simulation?.conditions.fate;
    await simulation?.run(["function"]);
    assert.deepEqual(left(world, "t-a-dev"), []);
  });

  for (const fate of ["lost", "repeated"] as const) {
    it(`deletes no more than its limit although the answers are ${fate}`, async () => {
      const images = Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`image ${i}`, tagged(`v${i}`)]));
      const world = worldWith({ "t-a-dev": images, "t-b-dev": images, "t-c-dev": images });
      const cleaner = await clean(world, {
        maxDeletions: 5,
        fate: ({ name }) => (name === "BatchDeleteImage" ? fate : undefined),
      });
      assert.deepEqual([cleaner.returned?.totals.gone, cleaner.deleted.size], [5, 5]);
    });
  }
});
