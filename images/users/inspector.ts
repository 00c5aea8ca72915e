import type { Inspector2Client } from "@aws-sdk/client-inspector2";
import { coverageOf, imageOfArn } from "../inspector";
import type { ImageReference } from "../references";

/**
 * Images of the registry that Amazon Inspector sees in ECS tasks and EKS pods. Inspector watches the images that it scans, so
 * this adds to what the services say and replaces none of it.
 * https://docs.aws.amazon.com/inspector/latest/user/scanning-ecr.html
 */
export async function inspectorImages(inspector: Inspector2Client): Promise<ImageReference[]> {
  const covered = await coverageOf(inspector, { ecrImageInUseCount: [{ lowerInclusive: 1 }] });
  return covered.flatMap(({ resourceId, resourceMetadata }) => {
    const image = imageOfArn(resourceId ?? "");
    const count = resourceMetadata?.ecrImage?.inUseCount ?? 0;
    return image === undefined || count === 0
      ? []
      : [
          {
            image: `${image.repository}@${image.digest}`,
            where: `${count} clusters, as Amazon Inspector reports`,
          },
        ];
  });
}
