import {
  DescribeImageScanFindingsCommand,
  GetRegistryScanningConfigurationCommand,
  paginateDescribeImageScanFindings,
  ScanNotFoundException,
  type ECRClient,
  type ImageScanFinding,
} from "@aws-sdk/client-ecr";
import {
  paginateListFindings,
  type Finding as InspectorFinding,
  type Inspector2Client,
} from "@aws-sdk/client-inspector2";
import { chunks } from "../aws/chunks";
import type { RegistryImage, RepositoryRef } from "./registry";

/** One vulnerability in one package of one image, found by Inspector or by ECR. */
export interface ImageFinding {
  /** CVE or advisory, such as `CVE-2026-1234`. */
  id: string;
  severity: string;
  title: string;
  repository: string;
  team: string;
  digest: string;
  tags: string[];
  package: string;
  installed: string;
  /** Version without it; undefined where there is none yet. */
  fixedIn?: string;
  /** CVSS or Inspector's score, 0 to 10. */
  score?: number;
  /** Whether an exploit is known (Inspector). */
  exploit?: boolean;
  firstSeen?: string;
  url?: string;
}

/** How a registry is scanned now: `ENHANCED` by Inspector or `BASIC` by ECR. */
export async function scanTypeOf(ecr: ECRClient): Promise<"ENHANCED" | "BASIC"> {
  const { scanningConfiguration } = await ecr.send(new GetRegistryScanningConfigurationCommand({}));
  return scanningConfiguration?.scanType === "ENHANCED" ? "ENHANCED" : "BASIC";
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

/** The most values that ListFindings takes for one filter. https://docs.aws.amazon.com/inspector/v2/APIReference/API_FilterCriteria.html */
const FILTER_VALUES = 10;

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

/** An attribute of a basic finding: package_name, package_version, CVSS2_SCORE or CVSS3_SCORE, patched_versions. */
function attributeOf({ attributes = [] }: ImageScanFinding, ...keys: string[]): string | undefined {
  return keys
    .map((wanted) => attributes.find(({ key }) => key === wanted)?.value)
    .find((value) => value !== undefined);
}

/** ECR's own findings (basic scanning) in one image; none where it was never scanned. */
export async function basicFindings(
  ecr: ECRClient,
  { name, team }: RepositoryRef,
  image: Pick<RegistryImage, "digest" | "tags">,
): Promise<ImageFinding[]> {
  const found: ImageFinding[] = [];
  try {
    const pages = paginateDescribeImageScanFindings(
      { client: ecr, pageSize: 1000 },
      { repositoryName: name, imageId: { imageDigest: image.digest } },
    );
    for await (const page of pages) {
      for (const finding of page.imageScanFindings?.findings ?? []) {
        const fixedIn = attributeOf(finding, "patched_versions", "fixed_in_version");
        const score = Number(attributeOf(finding, "CVSS4_SCORE", "CVSS3_SCORE", "CVSS2_SCORE"));
        found.push({
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
  return found;
}

/** The result of an image's last scan. */
export interface ScanState {
  status: string;
  description?: string;
  completedAt?: string;
  counts: Record<string, number>;
}

/** The state of an image's scan; undefined where there was none. */
export async function scanStateOf(
  ecr: ECRClient,
  repositoryName: string,
  imageDigest: string,
): Promise<ScanState | undefined> {
  try {
    const { imageScanStatus, imageScanFindings } = await ecr.send(
      new DescribeImageScanFindingsCommand({ repositoryName, imageId: { imageDigest }, maxResults: 1 }),
    );
    return {
      status: imageScanStatus?.status ?? "PENDING",
      ...(imageScanStatus?.description === undefined ? {} : { description: imageScanStatus.description }),
      ...(imageScanFindings?.imageScanCompletedAt === undefined
        ? {}
        : { completedAt: imageScanFindings.imageScanCompletedAt.toISOString() }),
      counts: imageScanFindings?.findingSeverityCounts ?? {},
    };
  } catch (error) {
    if (error instanceof ScanNotFoundException) {
      return undefined;
    }
    throw error;
  }
}
