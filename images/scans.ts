import type { ECRClient } from "@aws-sdk/client-ecr";
import {
  type Inspector2Client,
  paginateListCoverage,
  paginateListFindingAggregations,
  type CoverageFilterCriteria,
  type CoveredResource,
} from "@aws-sdk/client-inspector2";
import { EXPECTED_INACTIVE } from "../documents/events";
import { ecrClient, inspectorClient, type Connection } from "./clients";
import { scanStateOf, scanTypeOf } from "./findings";
import { isList } from "./manifests";
import type { ImageScan, RegistryImage } from "./registry";

/** Adds scan results to a repository's images. */
export type ScanReader = (
  repositoryName: string,
  images: readonly RegistryImage[],
) => Promise<RegistryImage[]>;

/** The images that Inspector covers, and those for which it reports why it does not; default all. */
export async function coverageOf(
  inspector: Inspector2Client,
  filter: CoverageFilterCriteria = {},
): Promise<CoveredResource[]> {
  const found: CoveredResource[] = [];
  const pages = paginateListCoverage(
    { client: inspector, pageSize: 200 },
    {
      filterCriteria: {
        resourceType: [{ comparison: "EQUALS", value: "AWS_ECR_CONTAINER_IMAGE" }],
        ...filter,
      },
    },
  );
  for await (const page of pages) {
    found.push(...(page.coveredResources ?? []));
  }
  return found;
}

/** Repository and digest of an image's ARN, `arn:aws:ecr:<region>:<account>:repository/<name>/sha256:…`. */
export function imageOfArn(arn: string): { repository: string; digest: string } | undefined {
  const [, repository, digest] = /:repository\/(.+)\/(sha256:[0-9a-f]{64})$/.exec(arn) ?? [];
  return repository === undefined || digest === undefined ? undefined : { repository, digest };
}

const keyOf = (repository: string, digest: string) => `${repository}@${digest}`;

/**
 * Reads Inspector once for the whole registry: DescribeImages does not report enhanced scans (containers-roadmap #1662).
 * Inspector counts critical, high and medium findings, and all of them together.
 */
async function enhancedReader(inspector: Inspector2Client): Promise<ScanReader> {
  const scans = new Map<string, ImageScan>();
  for (const { resourceId, scanStatus, lastScannedAt } of await coverageOf(inspector)) {
    const image = imageOfArn(resourceId ?? "");
    if (image === undefined) {
      continue;
    }
    const rightly = EXPECTED_INACTIVE.includes(scanStatus?.reason ?? "");
    scans.set(keyOf(image.repository, image.digest), {
      status:
        scanStatus?.statusCode === "ACTIVE" ? "ACTIVE" : rightly ? "SCAN_ELIGIBILITY_EXPIRED" : "FAILED",
      ...(lastScannedAt === undefined ? {} : { completedAt: lastScannedAt }),
      counts: {},
    });
  }
  const pages = paginateListFindingAggregations(
    { client: inspector, pageSize: 100 },
    { aggregationType: "AWS_ECR_CONTAINER" },
  );
  for await (const page of pages) {
    for (const { awsEcrContainerAggregation: one } of page.responses ?? []) {
      const { all = 0, critical = 0, high = 0, medium = 0 } = one?.severityCounts ?? {};
      const key = keyOf(one?.repository ?? "", one?.imageSha ?? "");
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
        scan: scans.get(keyOf(repositoryName, image.digest)) ?? { counts: {} },
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
          image.subject === undefined &&
          !isList(image),
      )
      .sort((a, b) => b.pushedAt.getTime() - a.pushedAt.getTime())
      .slice(0, ASKED);
    const scans = new Map<string, ImageScan>();
    // One after the other, because several repositories are read at the same time.
    for (const { digest } of asked) {
      const state = await scanStateOf(ecr, repositoryName, digest);
      if (state !== undefined) {
        scans.set(digest, {
          status: state.status,
          ...(state.completedAt === undefined ? {} : { completedAt: new Date(state.completedAt) }),
          counts: state.counts,
        });
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
