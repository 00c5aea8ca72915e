import {
  BatchGetRepositoryScanningConfigurationCommand,
  ECRClient,
  LimitExceededException,
  StartImageScanCommand,
  ValidationException,
} from "@aws-sdk/client-ecr";
import type { Command } from "commander";
import pMap from "p-map";
import { scanStateOf } from "../../images/basic-scans";
import { clientConfig, ecrClient } from "../../images/clients";
import { chunks } from "../../aws/chunks";
import { quantity } from "../../aws/quantity";
import {
  CONCURRENCY,
  forEachRepository,
  imagesOf,
  type ImageScan,
  type RegistryImage,
} from "../../images/registry";
import { isScannable, notScannedReason, reasonOf } from "../../images/scan-status";
import { scanReader, scanTypeOf } from "../../images/scans";
import { table } from "../../plan/table";
import { UserError } from "../../plan/user-error";
import { onRepositories, type Context, type KnownRepository, type SelectedOptions } from "../context";
import { announceChanges } from "../interruption";
import { numberOption } from "../options";
import { notRead, print, shortDigest, withProgress } from "../output";

interface ScanOptions extends SelectedOptions {
  image?: string;
  all?: boolean;
  timeout: number;
}

/** One image's scan. */
interface Scanned {
  repository: string;
  digest: string;
  tags: string[];
  state: ImageScan;
  /** Why no new scan was started. */
  note?: string;
}

const POLL_MS = 2000;

/** The images that are scanned: the newest tagged one of each repository, one that is named, or all. */
function chosen(images: readonly RegistryImage[], { image, all }: ScanOptions): RegistryImage[] {
  if (image !== undefined) {
    return images.filter(({ tags, digest }) => tags.includes(image) || digest === image);
  }
  const tagged = images.filter(({ tags }) => tags.length > 0);
  return all === true
    ? tagged
    : [...tagged].sort((a, b) => b.pushedAt.getTime() - a.pushedAt.getTime()).slice(0, 1);
}

async function scanOne(
  { ecr, starter, onStart }: { ecr: ECRClient; starter: ECRClient; onStart: () => void },
  repository: string,
  { digest, tags }: RegistryImage,
  deadline: number,
): Promise<Scanned> {
  let note: string | undefined;
  try {
    await starter.send(
      new StartImageScanCommand({ repositoryName: repository, imageId: { imageDigest: digest } }),
    );
    onStart();
  } catch (error) {
    // https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-basic.html
    if (error instanceof LimitExceededException) {
      note = "scanned in the last 24 hours: ECR starts no second scan, this is what the last one found";
    } else if (error instanceof ValidationException) {
      throw new Error(`ECR starts no scan: ${error.message}`);
    } else {
      throw error;
    }
  }
  for (;;) {
    const state = (await scanStateOf(ecr, repository, digest)) ?? { status: "PENDING", counts: {} };
    if (reasonOf(state) !== "scan in progress") {
      return { repository, digest, tags, state, ...(note === undefined ? {} : { note }) };
    }
    if (Date.now() > deadline) {
      return {
        repository,
        digest,
        tags,
        state,
        note: "still running: the findings command shows the result later",
      };
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function basic(context: Context, repositories: readonly KnownRepository[], options: ScanOptions) {
  const ecr = ecrClient(context.connection);
  // ECR's word for one scan a day is the SDK's for throttling, which it would try again and again.
  const starter = new ECRClient({ ...clientConfig(context.connection), maxAttempts: 1 });
  const deadline = Date.now() + options.timeout * 1000;
  let started = 0;
  announceChanges({
    soFar: () =>
      `${quantity(started, "scan")} started in ECR, which goes on; the findings command shows the results`,
  });
  const onStart = () => void started++;
  const { results, failures } = await withProgress("repositories", (progress) =>
    forEachRepository(
      repositories,
      async ({ name }) => {
        const images = chosen(await imagesOf(ecr, name, "ACTIVE"), options);
        return pMap(images, (image) => scanOne({ ecr, starter, onStart }, name, image, deadline), {
          concurrency: CONCURRENCY,
        });
      },
      progress,
    ),
  );
  const scans = results.flat();
  if (scans.length === 0 && failures.length === 0) {
    throw new UserError(
      `no image to scan${options.image === undefined ? "" : ` is ${options.image}`}`,
      "see what there is: images list",
    );
  }
  print(options.json, { scanType: "BASIC", scans, failures }, () =>
    [
      table(
        ["repository", "image", "scan", "critical", "high", "medium"],
        scans.map(({ repository, digest, tags, state }) => [
          repository,
          tags[0] ?? shortDigest(digest),
          state.status?.toLowerCase().replaceAll("_", " ") ?? "",
          ...["CRITICAL", "HIGH", "MEDIUM"].map(
            (severity) => state.counts[severity] ?? (reasonOf(state) === undefined ? 0 : "-"),
          ),
        ]),
        [3, 4, 5],
      ),
      ...scans.flatMap(({ repository, tags, digest, note }) =>
        note === undefined ? [] : [`${repository}:${tags[0] ?? shortDigest(digest)}: ${note}`],
      ),
      ...notRead(failures),
    ].join("\n"),
  );
  const bad = scans.some(({ state }) => reasonOf(state) !== undefined);
  process.exitCode = failures.length > 0 || bad ? 1 : 0;
}

/** How Inspector covers one repository. */
interface Covered {
  repository: string;
  /** CONTINUOUS_SCAN, SCAN_ON_PUSH or MANUAL. */
  frequency: string;
  images: number;
  scanned: number;
  /** Reasons for which images are not scanned, with their number. */
  notScanned: Record<string, number>;
  lastScannedAt?: string;
}

const WHY_NOT =
  "Enhanced scanning has no manual start: ECR refuses StartImageScan while Amazon Inspector scans the registry.\n" +
  "Inspector scans an image when it is pushed and, in repositories that are scanned continuously, again with each new CVE.\n" +
  "To have one scanned now, push it again; to have a repository covered, add it to scanning.continuous in the stack's file.";

/** The coverage of a repository's images. One that Inspector does not know counts as NEVER_SCANNED. */
function covered(repository: string, frequency: string, images: readonly RegistryImage[]): Covered {
  const notScanned: Record<string, number> = {};
  for (const { scan } of images.filter((image) => notScannedReason(image) !== undefined)) {
    const reason = scan.status ?? "NEVER_SCANNED";
    notScanned[reason] = (notScanned[reason] ?? 0) + 1;
  }
  const [last] = images
    .flatMap(({ scan }) => scan.completedAt ?? [])
    .sort((a, b) => b.getTime() - a.getTime());
  return {
    repository,
    frequency,
    images: images.length,
    scanned: images.filter((image) => notScannedReason(image) === undefined).length,
    notScanned,
    ...(last === undefined ? {} : { lastScannedAt: last.toISOString() }),
  };
}

async function enhanced(context: Context, repositories: readonly KnownRepository[], options: ScanOptions) {
  const names = repositories.map(({ name }) => name);
  const ecr = ecrClient(context.connection);
  const frequencies = new Map<string, string>();
  // https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetRepositoryScanningConfiguration.html
  for (const some of chunks(names, 25)) {
    const answer = await ecr.send(
      new BatchGetRepositoryScanningConfigurationCommand({ repositoryNames: some }),
    );
    for (const { repositoryName, scanFrequency } of answer.scanningConfigurations ?? []) {
      frequencies.set(repositoryName ?? "", scanFrequency ?? "MANUAL");
    }
  }
  const readScans = await scanReader(context.connection);
  const { results: coverage, failures } = await withProgress("repositories", (progress) =>
    forEachRepository(
      repositories,
      async ({ name }): Promise<Covered> => {
        const read = await readScans(name, await imagesOf(ecr, name, "ACTIVE"));
        return covered(name, frequencies.get(name) ?? "MANUAL", read.filter(isScannable));
      },
      progress,
    ),
  );
  print(options.json, { scanType: "ENHANCED", manualStart: WHY_NOT, coverage, failures }, () =>
    [
      WHY_NOT,
      "",
      table(
        ["repository", "scanned", "images", "covered", "last scan", "not scanned"],
        coverage.map((one) => [
          one.repository,
          one.frequency.toLowerCase().replaceAll("_", " "),
          one.images,
          one.scanned,
          one.lastScannedAt?.slice(0, 16).replace("T", " ") ?? "never",
          Object.entries(one.notScanned)
            .map(([reason, count]) => `${count} ${reason}`)
            .join(", "),
        ]),
        [2, 3],
      ),
      ...notRead(failures),
    ].join("\n"),
  );
  process.exitCode = failures.length > 0 ? 1 : 0;
}

/** `scan`: starts basic scans and waits, or shows what Inspector covers. */
export function configure(command: Command, directory: string): void {
  command
    .option("--image <tag or digest>", "this image. Default the newest tagged one of each repository")
    .option("--all", "every tagged image")
    .addOption(
      numberOption("--timeout <seconds>", "how long to wait", { whole: true, example: 600 }).default(600),
    );
  onRepositories<ScanOptions>(command, directory, async ({ context, repositories }, options) => {
    const run = (await scanTypeOf(ecrClient(context.connection))) === "ENHANCED" ? enhanced : basic;
    await run(context, repositories, options);
  });
}
