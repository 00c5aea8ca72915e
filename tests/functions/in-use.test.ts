import assert from "node:assert/strict";
import { InUse, listedImages, parseReference } from "../../functions/in-use";

const registry = { accountId: "111122223333", region: "eu-west-1" };
const HOST = "111122223333.dkr.ecr.eu-west-1.amazonaws.com";
const DIGEST = `sha256:${"a".repeat(64)}`;

describe("a reference to an image", () => {
  for (const [image, expected] of [
    [`${HOST}/a-x-dev:v1`, { repository: "a-x-dev", tag: "v1" }],
    [`${HOST}/a-x-dev`, { repository: "a-x-dev", tag: "latest" }],
    [`${HOST}/a-x-dev@${DIGEST}`, { repository: "a-x-dev", digest: DIGEST }],
    [`${HOST}/a-x-dev:v1@${DIGEST}`, { repository: "a-x-dev", tag: "v1", digest: DIGEST }],
    [`${HOST}/cache/library/nginx:1`, { repository: "cache/library/nginx", tag: "1" }],
    ["111122223333.dkr-ecr.eu-west-1.on.aws/a-x-dev:v1", { repository: "a-x-dev", tag: "v1" }],
    ["111122223333.dkr.ecr-fips.eu-west-1.amazonaws.com/a-x-dev:v1", { repository: "a-x-dev", tag: "v1" }],
    ["a-x-dev:v1.*", { repository: "a-x-dev", tag: "v1.*" }],
    ["999988887777.dkr.ecr.eu-west-1.amazonaws.com/a-x-dev:v1", undefined],
    ["111122223333.dkr.ecr.eu-central-1.amazonaws.com/a-x-dev:v1", undefined],
    ["ghcr.io:443/a/b:c", undefined],
    ["two words", undefined],
  ] as const) {
    it(`is taken apart: ${image}`, () => {
      assert.deepEqual(parseReference(image, registry), expected);
    });
  }
});

describe("what runs", () => {
  it("is found by digest or by tag, in its own repository only", () => {
    const inUse = new InUse(
      [
        { image: `${HOST}/a-x-dev@${DIGEST}`, where: "a task" },
        { image: "a-y-dev:v1.*", where: "a list" },
        { image: "docker.io:443/library/nginx:1", where: "elsewhere" },
      ],
      registry,
    );
    const where = (repository: string, tags: string[], digest = "sha256:b") =>
      inUse.where(repository, { digest, tags });
    assert.equal(where("a-x-dev", [], DIGEST), "a task");
    assert.equal(where("a-x-dev", ["v1"]), undefined);
    assert.equal(where("a-y-dev", ["other", "v1.2"]), "a list");
    assert.equal(where("a-y-dev", ["v2"], DIGEST), undefined);
    assert.equal(inUse.elsewhere, 1);
  });
  it("is listed one a line, with comments", () => {
    assert.deepEqual(
      listedImages("# pods\n\n a:1 \nb:2 # old\r\n", "f").map(({ image }) => image),
      ["a:1", "b:2"],
    );
  });
});
