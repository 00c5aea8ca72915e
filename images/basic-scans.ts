import {
  DescribeImageScanFindingsCommand,
  paginateDescribeImageScanFindings,
  ScanNotFoundException,
  type DescribeImageScanFindingsCommandOutput,
  type ECRClient,
  type ImageScanFinding,
} from "@aws-sdk/client-ecr";
import type { ImageFinding } from "./finding";
import type { ImageScan, RegistryImage, RepositoryRef } from "./registry";

/** An attribute of a basic finding: package_name, package_version, CVSS2_SCORE or CVSS3_SCORE, patched_versions. */
function attributeOf({ attributes = [] }: ImageScanFinding, ...keys: string[]): string | undefined {
  return keys
    .map((wanted) => attributes.find(({ key }) => key === wanted)?.value)
    .find((value) => value !== undefined);
}

/** ECR's own scan of an image (basic scanning), with what it found. */
export async function basicScan(
  ecr: ECRClient,
  { name, team }: RepositoryRef,
  image: Pick<RegistryImage, "digest" | "tags">,
): Promise<{ scan: ImageScan; findings: ImageFinding[] }> {
  const findings: ImageFinding[] = [];
  let scan: ImageScan = { counts: {} };
  try {
    const pages = paginateDescribeImageScanFindings(
      { client: ecr, pageSize: 1000 },
      { repositoryName: name, imageId: { imageDigest: image.digest } },
    );
    for await (const page of pages) {
      scan = scanOf(page);
      for (const finding of page.imageScanFindings?.findings ?? []) {
        const fixedIn = attributeOf(finding, "patched_versions", "fixed_in_version");
        const score = Number(attributeOf(finding, "CVSS4_SCORE", "CVSS3_SCORE", "CVSS2_SCORE"));
        findings.push({
          id: finding.name ?? "",
          severity: finding.severity ?? "UNTRIAGED",
          title: finding.description ?? finding.name ?? "",
          repository: name,
          team,
          digest: image.digest,
          tags: image.tags,
          package: attributeOf(finding, "package_name") ?? "",
          installed: attributeOf(finding, "package_version") ?? "",
          ...(fixedIn === undefined ? {} : { fixedIn }),
          ...(Number.isFinite(score) ? { score } : {}),
          ...(finding.uri === undefined ? {} : { url: finding.uri }),
        });
      }
    }
  } catch (error) {
    if (!(error instanceof ScanNotFoundException)) {
      throw error;
    }
  }
  return { scan, findings };
}

function scanOf({ imageScanStatus, imageScanFindings }: DescribeImageScanFindingsCommandOutput): ImageScan {
  const completedAt = imageScanFindings?.imageScanCompletedAt;
  return {
    status: imageScanStatus?.status ?? "PENDING",
    ...(imageScanStatus?.description === undefined ? {} : { description: imageScanStatus.description }),
    ...(completedAt === undefined ? {} : { completedAt }),
    counts: imageScanFindings?.findingSeverityCounts ?? {},
  };
}

/** The state of an image's scan; undefined where there was none. */
export async function scanStateOf(
  ecr: ECRClient,
  repositoryName: string,
  imageDigest: string,
): Promise<ImageScan | undefined> {
  try {
    return scanOf(
      await ecr.send(
        new DescribeImageScanFindingsCommand({ repositoryName, imageId: { imageDigest }, maxResults: 1 }),
      ),
    );
  } catch (error) {
    if (error instanceof ScanNotFoundException) {
      return undefined;
    }
    throw error;
  }
}
