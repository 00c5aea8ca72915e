import { isContainerImage, REFERRER_TAG } from "./manifests";
import type { ImageScan, RegistryImage } from "./registry";

/** Why the findings of an image are not known. */
export type NotScannedReason =
  | "never scanned"
  | "scan in progress"
  | "scanning ended"
  | "excluded from scanning"
  | "unsupported image"
  | "scan failed"
  | "archived";

const SCANNED = ["ACTIVE", "COMPLETE", "SUCCESSFUL"];

/**
 * What ECR's and Inspector's words mean for an image. All others are failures.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageScanStatus.html
 * https://docs.aws.amazon.com/inspector/v2/APIReference/API_ScanStatus.html
 */
const REASONS: Record<string, NotScannedReason> = {
  IN_PROGRESS: "scan in progress",
  PENDING: "scan in progress",
  PENDING_INITIAL_SCAN: "scan in progress",
  PENDING_REVIVAL_SCAN: "scan in progress",
  SCAN_IN_PROGRESS: "scan in progress",
  // An image that is scanned once, at its push: without a scan yet.
  SCAN_FREQUENCY_SCAN_ON_PUSH: "scan in progress",
  // Inspector closes the findings of an image that it no longer scans.
  PENDING_DISABLE: "scanning ended",
  RESOURCE_TERMINATED: "scanning ended",
  SCAN_ELIGIBILITY_EXPIRED: "scanning ended",
  EXCLUDED_BY_TAG: "excluded from scanning",
  SCAN_FREQUENCY_MANUAL: "excluded from scanning",
  UNSUPPORTED_IMAGE: "unsupported image",
  UNSUPPORTED_LANGUAGE: "unsupported image",
  UNSUPPORTED_MEDIA_TYPE: "unsupported image",
  UNSUPPORTED_OS: "unsupported image",
  UNSUPPORTED_RUNTIME: "unsupported image",
  IMAGE_ARCHIVED: "archived",
};

/** Why a scan gives no current findings; undefined where it does. */
export function reasonOf({ status, completedAt }: Pick<ImageScan, "status" | "completedAt">) {
  if (status === undefined) {
    return completedAt === undefined ? "never scanned" : undefined;
  }
  const scannedAtPush = status === "SCAN_FREQUENCY_SCAN_ON_PUSH" && completedAt !== undefined;
  return SCANNED.includes(status) || scannedAtPush ? undefined : (REASONS[status] ?? "scan failed");
}

/** Why the findings of an image are not known; undefined where they are. */
export function notScannedReason({
  status,
  scan,
}: Pick<RegistryImage, "status" | "scan">): NotScannedReason | undefined {
  return status === undefined ? reasonOf(scan) : "archived";
}

/** Whether scans are about an image: neither about manifest lists, nor about signatures, SBOMs and other artifacts. */
export function isScannable(image: RegistryImage): boolean {
  const named = image.tags.map((tag) => REFERRER_TAG.exec(tag));
  const isReferrer = named.length > 0 && named.every((match) => match !== null);
  return isContainerImage(image) && !isReferrer;
}
