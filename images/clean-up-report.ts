import { priceIn, PRICES_AS_OF } from "../aws/prices";
import type { RepositoryFailure } from "./registry";
import type { Action } from "./selection";
import type { UnreadUse } from "./users/unread";

/** One image in a report. */
export interface ReportedImage {
  digest: string;
  tags: string[];
  /** Bytes that deleting it frees: 0 for a manifest list, which has no layers of its own. */
  bytes: number;
  pushedAt: string;
  action: Action;
  /** Why it is archived or deleted. */
  why: string;
  /** The first day on which a later run may delete an image that this one archives, such as `2027-02-26`. */
  deletedFrom?: string;
}

/** The result for one repository. */
export interface RepositoryReport {
  repository: string;
  team: string;
  images: number;
  /** Number of images kept, by reason. */
  kept: Partial<
    Record<
      | "in use"
      | "protected"
      | "archived"
      | "restored"
      | "kept with another image"
      | "not selected"
      | "not confirmed",
      number
    >
  >;
  selected: ReportedImage[];
  /** Digests that this run archived. */
  archived: string[];
  /** Digests that this run deleted. */
  deleted: string[];
  /** Digests of selected images that were gone already: somebody else deleted them, or a request whose answer was lost. */
  gone: string[];
  /** Images that could not be archived or deleted, or that changed after they were selected. */
  failed: { digest: string; reason: string }[];
  /** Images that the run did not try to archive or delete. In a dry run, those beyond the limit of one run. */
  left: { digest: string; reason: string }[];
  /** Archived images that something uses, which cannot be pulled until they are restored. */
  wanted: { digest: string; tags: string[]; where: string }[];
}

/** What a clean-up did, or would do. */
export interface CleanUpReport {
  /** Id by which `images restore --run` restores what it archived; undefined where nothing is archived. */
  run?: string;
  project: string;
  environment: string;
  region: string;
  dryRun: boolean;
  startedAt: string;
  /** Undefined in the record of a run that has not ended: what is selected and has no outcome may be deleted or not. */
  finishedAt?: string;
  totals: {
    repositories: number;
    images: number;
    selected: number;
    selectedBytes: number;
    /** Those of the selected images that are to be archived; the others are to be deleted. */
    toArchive: number;
    toArchiveBytes: number;
    archived: number;
    archivedBytes: number;
    deleted: number;
    deletedBytes: number;
    gone: number;
    failed: number;
    left: number;
    /** USD a month that the deleted images cost, or in a dry run those to be deleted, at ECR's list price. */
    usdPerMonth: number;
    /** USD a month that the archived images still cost, or in a dry run those to be archived. */
    archivedUsdPerMonth: number;
    /** Region of the list price. */
    priceRegion: string;
    /** Month of the list price. */
    pricesAsOf: string;
  };
  /** Services in use whose images are not read, so that a run that deletes would refuse. Empty unless in a dry run. */
  unread: UnreadUse[];
  /** Why the run ended before all that was selected was deleted. */
  stopped?: string;
  repositories: RepositoryReport[];
  /** Repositories for which the run had no time; the next run starts with them. */
  unreached: string[];
  /** Repositories that could not be read. */
  failures: RepositoryFailure[];
}

const GIB = 2 ** 30;

/** The list price of storing a number of bytes for a month, in USD: in the standard class, unless another price is given. */
export function storageUsd(
  bytes: number,
  region: string,
  price: "storageGb" | "archiveGb" = "storageGb",
): number {
  return (bytes / GIB) * priceIn(price, region).usd;
}

/** The totals of a report. */
export function totalsOf(
  reports: readonly RepositoryReport[],
  dryRun: boolean,
  region: string,
): CleanUpReport["totals"] {
  const sum = (of: (report: RepositoryReport) => number) =>
    reports.reduce((total, report) => total + of(report), 0);
  const selectedBytes = (isMeant: (report: RepositoryReport) => (image: ReportedImage) => boolean) =>
    sum((report) => report.selected.filter(isMeant(report)).reduce((total, { bytes }) => total + bytes, 0));
  const bytesIn = (list: "archived" | "deleted") =>
    selectedBytes((report) => {
      const digests = new Set(report[list]);
      return ({ digest }) => digests.has(digest);
    });
  const allBytes = selectedBytes(() => () => true);
  const toArchiveBytes = selectedBytes(
    () =>
      ({ action }) =>
        action === "archive",
  );
  const [archivedBytes, deletedBytes] = [bytesIn("archived"), bytesIn("deleted")];
  return {
    repositories: reports.length,
    images: sum(({ images }) => images),
    selected: sum(({ selected }) => selected.length),
    selectedBytes: allBytes,
    toArchive: sum(({ selected }) => selected.filter(({ action }) => action === "archive").length),
    toArchiveBytes,
    archived: sum(({ archived }) => archived.length),
    archivedBytes,
    deleted: sum(({ deleted }) => deleted.length),
    deletedBytes,
    gone: sum(({ gone }) => gone.length),
    failed: sum(({ failed }) => failed.length),
    left: sum(({ left }) => left.length),
    usdPerMonth: storageUsd(dryRun ? allBytes - toArchiveBytes : deletedBytes, region),
    archivedUsdPerMonth: storageUsd(dryRun ? toArchiveBytes : archivedBytes, region, "archiveGb"),
    priceRegion: priceIn("storageGb", region).region,
    pricesAsOf: PRICES_AS_OF,
  };
}
