import {
  paginateListCoverage,
  paginateListFindings,
  type CoveredResource,
  type CoverageFilterCriteria,
  type Finding as InspectorFinding,
  type Inspector2Client,
} from "@aws-sdk/client-inspector2";
import { chunks } from "../aws/chunks";
import type { ImageFinding } from "./finding";
import type { ImageScan, RepositoryRef } from "./registry";
import { reasonOf } from "./scan-status";

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

/** The scan of an image as Inspector's coverage reports it. */
function scanOf({ scanStatus, lastScannedAt }: CoveredResource): ImageScan {
  const status = scanStatus?.reason ?? "FAILED";
  // What is scanned again still has the findings of its last scan.
  const again =
    scanStatus?.statusCode === "ACTIVE" &&
    lastScannedAt !== undefined &&
    reasonOf({ status }) === "scan in progress";
  return {
    status: again ? "ACTIVE" : status,
    ...(lastScannedAt === undefined ? {} : { completedAt: lastScannedAt }),
    counts: {},
  };
}

/** The key of an image in the registry. */
export const imageKey = (repository: string, digest: string) => `${repository}@${digest}`;

/** Scans by {@link imageKey} of the images that Inspector knows; default of all. */
export async function coveredScans(
  inspector: Inspector2Client,
  filter?: CoverageFilterCriteria,
): Promise<Map<string, ImageScan>> {
  const covered = await coverageOf(inspector, filter);
  return new Map(
    covered.flatMap((resource): [string, ImageScan][] => {
      const image = imageOfArn(resource.resourceId ?? "");
      return image === undefined ? [] : [[imageKey(image.repository, image.digest), scanOf(resource)]];
    }),
  );
}

function ofInspector(finding: InspectorFinding, teams: ReadonlyMap<string, string>): ImageFinding[] {
  const details = finding.packageVulnerabilityDetails;
  return (finding.resources ?? []).flatMap(({ details: resource }): ImageFinding[] => {
    const image = resource?.awsEcrContainerImage;
    const team = teams.get(image?.repositoryName ?? "");
    if (image === undefined || team === undefined) {
      return [];
    }
    // A finding without a package is still one.
    const packages = details?.vulnerablePackages?.length ? details.vulnerablePackages : [undefined];
    return packages.map((one) => ({
      id: details?.vulnerabilityId ?? finding.title ?? "",
      severity: finding.severity ?? "UNTRIAGED",
      title: finding.title ?? "",
      repository: image.repositoryName ?? "",
      team,
      digest: image.imageHash ?? "",
      tags: image.imageTags ?? [],
      package: one?.name ?? "",
      installed: one?.version ?? "",
      // Inspector writes NotAvailable where there is no fix.
      ...(one?.fixedInVersion === undefined || one.fixedInVersion === "NotAvailable"
        ? {}
        : { fixedIn: one.fixedInVersion }),
      ...(finding.inspectorScore === undefined ? {} : { score: finding.inspectorScore }),
      exploit: finding.exploitAvailable === "YES",
      ...(finding.firstObservedAt === undefined ? {} : { firstSeen: finding.firstObservedAt.toISOString() }),
      ...(details?.sourceUrl === undefined ? {} : { url: details.sourceUrl }),
    }));
  });
}

/** The most values that ListFindings and ListCoverage take for one filter. https://docs.aws.amazon.com/inspector/v2/APIReference/API_FilterCriteria.html */
export const FILTER_VALUES = 10;

/** Active findings of Inspector in images of the given repositories. */
export async function inspectorFindings(
  inspector: Inspector2Client,
  repositories: readonly RepositoryRef[],
): Promise<ImageFinding[]> {
  const teams = new Map(repositories.map(({ name, team }) => [name, team]));
  const found: ImageFinding[] = [];
  for (const some of chunks([...teams.keys()], FILTER_VALUES)) {
    const pages = paginateListFindings(
      { client: inspector, pageSize: 100 },
      {
        filterCriteria: {
          resourceType: [{ comparison: "EQUALS", value: "AWS_ECR_CONTAINER_IMAGE" }],
          findingStatus: [{ comparison: "EQUALS", value: "ACTIVE" }],
          ecrImageRepositoryName: some.map((value) => ({ comparison: "EQUALS", value })),
        },
      },
    );
    for await (const page of pages) {
      found.push(...(page.findings ?? []).flatMap((finding) => ofInspector(finding, teams)));
    }
  }
  return found;
}
