import assert from "node:assert/strict";
import { DescribeImagesCommand, ECRClient, type ImageDetail } from "@aws-sdk/client-ecr";
import { mockClient } from "aws-sdk-client-mock";
import { measure } from "../../images/measure";
import { imagesOf } from "../../images/registry";

const NOW = new Date("2026-11-01T12:00:00Z");
const LISTS = [
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.index.v1+json",
];

/** Images as ECR describes them: with a size, and the media type of their manifest. */
async function described(...details: [size: number, mediaType: string | undefined][]) {
  const ecr = mockClient(ECRClient);
  ecr.on(DescribeImagesCommand).resolves({
    imageDetails: details.map(([imageSizeInBytes, imageManifestMediaType], i): ImageDetail => ({
      imageDigest: `sha256:${i}`,
      imagePushedAt: NOW,
      imageSizeInBytes,
      imageManifestMediaType,
    })),
  });
  const images = await imagesOf(new ECRClient({ region: "eu-west-1" }), "payments-api-dev");
  ecr.restore();
  return images;
}

describe("the size of an image", () => {
  const IMAGE = "application/vnd.oci.image.manifest.v1+json";

  for (const list of LISTS) {
    it(`is not counted again in a manifest list (${list})`, async () => {
      const images = await described([300, IMAGE], [200, IMAGE], [300, list]);
      assert.equal(measure(images, NOW, false).storageBytes, 500);
      assert.deepEqual(
        images.map(({ bytes, pullBytes }) => [bytes, pullBytes]),
        [
          [300, 300],
          [200, 200],
          [0, 300],
        ],
        "a pull of the list transfers one entry",
      );
    });
  }

  it("counts an image if ECR does not return the type of its manifest", async () => {
    assert.equal(measure(await described([300, undefined]), NOW, false).storageBytes, 300);
  });
});

describe("the images of a repository", () => {
  it("are unknown if ECR returns one without a digest or the time of its push", async () => {
    const ecr = mockClient(ECRClient);
    const list = () => imagesOf(new ECRClient({ region: "eu-west-1" }), "payments-api-dev");
    ecr.on(DescribeImagesCommand).resolves({ imageDetails: [{ imagePushedAt: NOW }] });
    await assert.rejects(list(), /ECR returned an image without its digest/);
    ecr.on(DescribeImagesCommand).resolves({ imageDetails: [{ imageDigest: "sha256:1" }] });
    await assert.rejects(list(), /ECR returned an image without the time of its push/);
    ecr.restore();
  });
});
