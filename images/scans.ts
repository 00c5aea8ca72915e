import { GetRegistryScanningConfigurationCommand, type ECRClient } from "@aws-sdk/client-ecr";
import { paginateListFindingAggregations, type Inspector2Client } from "@aws-sdk/client-inspector2";
import { scanStateOf } from "./basic-scans";
import { ecrClient, inspectorClient, type Connection } from "./clients";
import { coveredScans, imageKey } from "./inspector";
import { isList } from "./manifests";
import type { ImageScan, RegistryImage } from "./registry";
import { isScannable } from "./scan-status";

/** Adds scan results to a repository's images. */
export type ScanReader = (
  repositoryName: string,
  images: readonly RegistryImage[],
) => Promise<RegistryImage[]>;

/** How a registry is scanned now: `ENHANCED` by Inspector or `BASIC` by ECR. */
export async function scanTypeOf(ecr: ECRClient): Promise<"ENHANCED" | "BASIC"> {
  const { scanningConfiguration } = await ecr.send(new GetRegistryScanningConfigurationCommand({}));
  return scanningConfiguration?.scanType === "ENHANCED" ? "ENHANCED" : "BASIC";
}

/**
 * Reads Inspector once for the whole registry: DescribeImages does not report enhanced scans (containers-roadmap #1662).
 * Inspector counts critical, high and medium findings, and all of them together.
 */
async function enhancedReader(inspector: Inspector2Client): Promise<ScanReader> {
  const scans = await coveredScans(inspector);
  const pages = paginateListFindingAggregations(
    { client: inspector, pageSize: 100 },
    { aggregationType: "AWS_ECR_CONTAINER" },
  );
  for await (const page of pages) {
    for (const { awsEcrContainerAggregation: one } of page.responses ?? []) {
      const { all = 0, critical = 0, high = 0, medium = 0 } = one?.severityCounts ?? {};
      const key = imageKey(one?.repository ?? "", one?.imageSha ?? "");
      scans.set(key, {
        ...scans.get(key),
        counts: { CRITICAL: critical, HIGH: high, MEDIUM: medium, OTHER: all - critical - high - medium },
      });
    }
  }
  return (repositoryName, images) =>
    Promise.resolve(
      images.map((image) => ({
        ...image,
        scan: scans.get(imageKey(repositoryName, image.digest)) ?? { counts: {} },
      })),
    );
}

/** How many images of a repository are read one by one, the newest first; each takes a call. */
const ASKED = 100;

/**
 * Reads the results of ECR's basic scans. The current version of basic scanning leaves the summary in DescribeImages out,
 * so the newest images without a summary are read one by one: tagged ones, and untagged ones where there are lists, whose
 * entries have no tags. Lists, archived images and artifacts have no scan.
 */
function basicReader(ecr: ECRClient): ScanReader {
  return async (repositoryName, images) => {
    const haveEntries = images.some(isList);
    const asked = images
      .filter(
        (image) =>
          image.scan.completedAt === undefined &&
          (image.tags.length > 0 || haveEntries) &&
          image.status === undefined &&
          isScannable(image),
      )
      .sort((a, b) => b.pushedAt.getTime() - a.pushedAt.getTime())
      .slice(0, ASKED);
    const scans = new Map<string, ImageScan>();
    // One after the other, because several repositories are read at the same time.
    for (const { digest } of asked) {
      const state = await scanStateOf(ecr, repositoryName, digest);
      if (state !== undefined) {
        scans.set(digest, state);
      }
    }
    return images.map((image) => ({ ...image, scan: scans.get(image.digest) ?? image.scan }));
  };
}

/** Reads scans in the way in which the registry is scanned. */
export async function scanReader(connection: Connection): Promise<ScanReader> {
  const ecr = ecrClient(connection);
  return (await scanTypeOf(ecr)) === "ENHANCED"
    ? enhancedReader(inspectorClient(connection))
    : basicReader(ecr);
}
