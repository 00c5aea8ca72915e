import { priceIn, PRICES_AS_OF } from "../aws/prices";
import type { RepositoryFailure } from "./registry";
import type { UnreadUse } from "./users/unread";

/** One image in a report. */
export interface ReportedImage {
  digest: string;
  tags: string[];
  /** Bytes that deleting it frees: 0 for a manifest list, which has no layers of its own. */
  bytes: number;
  pushedAt: string;
  /** Why it is deleted. */
  why: string;
}

/** The result for one repository. */
export interface RepositoryReport {
  repository: string;
  team: string;
  images: number;
  /** Number of images kept, by reason. */
  kept: Partial<
    Record<
      "in use" | "protected" | "archived" | "kept with another image" | "not selected" | "not confirmed",
      number
    >
  >;
  selected: ReportedImage[];
  /** Digests that this run deleted. */
  deleted: string[];
  /** Digests of selected images that were gone already: somebody else deleted them, or a request whose answer was lost. */
  gone: string[];
  /** Images that could not be deleted, or that changed after they were selected. */
  failed: { digest: string; reason: string }[];
  /** Images that the run did not try to delete. In a dry run, those beyond the limit of one run. */
  left: { digest: string; reason: string }[];
  /** Archived images that something uses, which cannot be pulled until they are restored. */
  wanted: { digest: string; tags: string[]; where: string }[];
}

/** What a clean-up did, or would do. */
export interface CleanUpReport {
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
    deleted: number;
    deletedBytes: number;
    gone: number;
    failed: number;
    left: number;
    /** USD a month that the deleted images cost, or in a dry run those selected, at ECR's list price. */
    usdPerMonth: number;
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
  const bytesOf = (report: RepositoryReport, digests: ReadonlySet<string>) =>
    report.selected.reduce((total, { digest, bytes }) => total + (digests.has(digest) ? bytes : 0), 0);
  const selectedBytes = sum((report) =>
    bytesOf(report, new Set(report.selected.map(({ digest }) => digest))),
  );
  const deletedBytes = sum((report) => bytesOf(report, new Set(report.deleted)));
  return {
    repositories: reports.length,
    images: sum(({ images }) => images),
    selected: sum(({ selected }) => selected.length),
    selectedBytes,
    deleted: sum(({ deleted }) => deleted.length),
    deletedBytes,
    gone: sum(({ gone }) => gone.length),
    failed: sum(({ failed }) => failed.length),
    left: sum(({ left }) => left.length),
    usdPerMonth: storageUsd(dryRun ? selectedBytes : deletedBytes, region),
    priceRegion: priceIn("storageGb", region).region,
    pricesAsOf: PRICES_AS_OF,
  };
}
