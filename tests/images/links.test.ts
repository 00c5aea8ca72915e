import assert from "node:assert/strict";
import { BatchGetImageCommand, ECRClient } from "@aws-sdk/client-ecr";
import { mockClient } from "aws-sdk-client-mock";
import { linksOf } from "../../images/links";
import type { RegistryImage } from "../../images/registry";

const hex = (digit: string) => digit.repeat(64);
const digest = (digit: string) => `sha256:${hex(digit)}`;
const INDEX = "application/vnd.oci.image.index.v1+json";
const OCI = "application/vnd.oci.image.manifest.v1+json";
const DOCKER = "application/vnd.docker.distribution.manifest.v2+json";
const IMAGE = "application/vnd.oci.image.config.v1+json";

const image = (digit: string, fields: Partial<RegistryImage> = {}): RegistryImage => ({
  digest: digest(digit),
  tags: [],
  bytes: 1,
  pullBytes: 1,
  pushedAt: new Date(),
  mediaType: OCI,
  artifactType: IMAGE,
  scan: { counts: {} },
  ...fields,
});

/** The links of images whose manifests ECR has, and the digests whose manifests were read. */
async function links(images: RegistryImage[], manifests: Record<string, object | undefined> = {}) {
  const ecr = mockClient(ECRClient);
  ecr.on(BatchGetImageCommand).callsFake(({ imageIds }: { imageIds: { imageDigest: string }[] }) => ({
    images: imageIds.flatMap(({ imageDigest }) => {
      const manifest = manifests[imageDigest];
      return manifest === undefined
        ? []
        : [{ imageId: { imageDigest }, imageManifest: JSON.stringify(manifest) }];
    }),
  }));
  try {
    const found = await linksOf(new ECRClient({ region: "eu-west-1" }), "payments-api-dev", images);
    const read = ecr
      .commandCalls(BatchGetImageCommand)
      .flatMap(({ args }) => args[0].input.imageIds?.map(({ imageDigest }) => imageDigest) ?? []);
    return { found: Object.fromEntries(found), read };
  } finally {
    ecr.restore();
  }
}

describe("the links between images", () => {
  it("are not read from archived lists, which cannot be pulled: their entries are unknown", async () => {
    const archived = { mediaType: INDEX, status: "ARCHIVED" } as const;
    const { found, read } = await links([
      image("a", archived),
      image("b", { ...archived, status: "ACTIVATING" }),
      image("c", { status: "ARCHIVED", subject: digest("a") }),
    ]);
    const unread = { children: [], subjects: [], unread: true };
    assert.deepEqual(found, {
      [digest("a")]: unread,
      [digest("b")]: unread,
      [digest("c")]: { children: [], subjects: [digest("a")] },
    });
    assert.deepEqual(read, []);
  });

  it("are read from DescribeImages where it knows them, since reading a manifest counts as a pull", async () => {
    const { found, read } = await links([
      image("a"),
      image("b", { mediaType: DOCKER, artifactType: "application/vnd.docker.container.image.v1+json" }),
      image("c", { artifactType: "application/vnd.dev.sigstore.bundle.v0.3+json", subject: digest("a") }),
    ]);
    assert.deepEqual(found, { [digest("c")]: { children: [], subjects: [digest("a")] } });
    assert.deepEqual(read, []);
  });

  it("are read from the manifests of lists, and of artifacts whose subject DescribeImages does not return", async () => {
    const signature = { artifactType: "application/vnd.dev.sigstore.bundle.v0.3+json" };
    const { found, read } = await links(
      [
        image("a"),
        image("b", { mediaType: INDEX }),
        image("c", signature),
        image("d", { artifactType: undefined }),
      ],
      {
        [digest("b")]: { manifests: [{ digest: digest("a"), platform: {} }] },
        [digest("c")]: { subject: { digest: digest("b") } },
        [digest("d")]: {},
      },
    );
    assert.deepEqual(found, {
      [digest("b")]: { children: [digest("a")], subjects: [] },
      [digest("c")]: { children: [], subjects: [digest("b")] },
    });
    assert.deepEqual(read, [digest("b"), digest("c"), digest("d")]);
  });

  it("of an artifact are all the images that its tags and its manifest name", async () => {
    const tags = [`sha256-${hex("a")}.sig`, `sha256-${hex("b")}.att`];
    const { found } = await links([image("c", { tags, subject: digest("d") })]);
    assert.deepEqual(found[digest("c")]?.subjects, [digest("d"), digest("a"), digest("b")]);
  });

  it("do not make an artifact of an image with a tag like a digest", async () => {
    const { found } = await links(
      [
        image("b", { tags: [`sha256-${hex("a")}`] }),
        image("c", { tags: [`sha256-${hex("a")}.sig`, "v1"] }),
        image("d", { tags: [`sha256-${hex("a")}`], mediaType: INDEX }),
        image("e", { tags: [`sha256-${hex("a")}.dev`] }),
      ],
      { [digest("d")]: { manifests: [{ digest: digest("b"), platform: { os: "linux" } }] } },
    );
    assert.deepEqual(found, { [digest("d")]: { children: [digest("b")], subjects: [] } });
  });

  it("make an artifact of a list of referrers, by OCI's referrers tag", async () => {
    const { found } = await links([image("d", { tags: [`sha256-${hex("a")}`], mediaType: INDEX })], {
      [digest("d")]: { manifests: [{ digest: digest("b"), artifactType: "application/spdx+json" }] },
    });
    assert.deepEqual(found[digest("d")], { children: [digest("b")], subjects: [digest("a")] });
  });

  it("contain no circle for a list whose subject is itself or one of its entries", async () => {
    const { found } = await links([image("d", { mediaType: INDEX, subject: digest("b") })], {
      [digest("d")]: { manifests: [{ digest: digest("b") }] },
    });
    assert.deepEqual(found[digest("d")], { children: [digest("b")], subjects: [] });
    assert.deepEqual((await links([image("d", { subject: digest("d") })])).found, {});
  });

  it("are not known if ECR does not return a manifest", async () => {
    await assert.rejects(
      links([image("b", { mediaType: INDEX }), image("c", { mediaType: INDEX })], { [digest("b")]: {} }),
      new RegExp(`the manifest of ${digest("c")} cannot be read: ECR did not return it`),
    );
  });
});
