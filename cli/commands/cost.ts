import {
  GetMetricDataCommand,
  type CloudWatchClient,
  type MetricDataQuery,
} from "@aws-sdk/client-cloudwatch";
import type { Command } from "commander";
import { chunks } from "../../aws/chunks";
import { storageUsd } from "../../images/clean-up-report";
import { cloudWatchClient, ecrClient } from "../../images/clients";
import { NAMESPACE } from "../../aws/metrics";
import { REFERRER_TAG } from "../../images/manifests";
import { measure } from "../../images/measure";
import {
  forEachRepository,
  imagesOf,
  type RegistryImage,
  type RepositoryFailure,
} from "../../images/registry";
import { size } from "../../images/summary";
import { usd } from "../../plan/words";
import { priceIn, PRICES_AS_OF } from "../../aws/prices";
import { table } from "../../plan/table";
import { onRepositories, type Context, type KnownRepository, type SelectedOptions } from "../context";
import { choiceOption, numberOption } from "../options";
import { notRead, print, withProgress } from "../output";

interface CostOptions extends SelectedOptions {
  from: "auto" | "metrics" | "images";
  days: number;
}

/** What a repository holds. */
interface Held {
  /** Of images that are not archived. */
  bytes: number;
  images: number;
  archivedBytes: number;
  archivedImages: number;
  /** Bytes that the average pull transfers if no layer is cached; undefined where the images were not listed. */
  pullBytes?: number;
}

/** One team's part of the bill. */
interface TeamCost {
  team: string;
  repositories: number;
  images: number;
  /** Of images that are not archived, as is `images`. */
  storageBytes: number;
  storageUsdPerMonth: number;
  archivedImages: number;
  archivedBytes: number;
  archivedUsdPerMonth: number;
  /** In the days asked for. */
  pulls: number;
  /** Number of pulls times the average pull of their repository; undefined where the images were not listed. */
  transferBytes?: number;
  /** What that costs where it leaves AWS; pulls in the same region are free. */
  transferUsdAtMost?: number;
}

const DAY = 24 * 3600;
/** Days for which CloudWatch keeps hourly values: 15 months. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#metrics-retention */
const METRIC_DAYS = 455;
/** GetMetricData takes so many queries. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html */
const QUERIES = 500;

/** One number a repository from CloudWatch: the newest value, or the sum over a time. */
async function metricOf(
  cloudWatch: CloudWatchClient,
  repositories: readonly KnownRepository[],
  query: (repository: KnownRepository) => NonNullable<MetricDataQuery["MetricStat"]>,
  days: number,
  of: (values: number[]) => number | undefined,
): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  const end = new Date();
  for (const some of chunks(repositories, QUERIES)) {
    const values = new Map<number, number[]>();
    let token: string | undefined;
    do {
      const answer = await cloudWatch.send(
        new GetMetricDataCommand({
          StartTime: new Date(end.getTime() - days * DAY * 1000),
          EndTime: end,
          ScanBy: "TimestampDescending",
          MetricDataQueries: some.map((repository, i) => ({ Id: `q${i}`, MetricStat: query(repository) })),
          NextToken: token,
        }),
      );
      for (const { Id = "", Values = [] } of answer.MetricDataResults ?? []) {
        const i = Number(Id.slice(1));
        values.set(i, [...(values.get(i) ?? []), ...Values]);
      }
      token = answer.NextToken;
    } while (token !== undefined);
    for (const [i, list] of values) {
      const value = of(list);
      const repository = some[i];
      if (value !== undefined && repository !== undefined) {
        found.set(repository.name, value);
      }
    }
  }
  return found;
}

/** What the metrics function published last, of repositories that it published at all. */
async function heldByMetrics(
  { connection, settings }: Context,
  repositories: readonly KnownRepository[],
): Promise<Map<string, Held>> {
  const cloudWatch = cloudWatchClient(connection);
  const newest = (name: string) =>
    metricOf(
      cloudWatch,
      repositories,
      ({ name: repository, team }) => ({
        Metric: {
          Namespace: NAMESPACE,
          MetricName: name,
          Dimensions: [
            { Name: "Environment", Value: settings.environment },
            { Name: "Team", Value: team },
            { Name: "Repository", Value: repository },
          ],
        },
        Period: 3600,
        Stat: "Maximum",
      }),
      // A day is the longest time between two publications.
      2,
      ([first]) => first,
    );
  const [bytes, images, archivedBytes, archivedImages] = await Promise.all([
    newest("StorageSize"),
    newest("ImageCount"),
    newest("ArchivedStorageSize"),
    newest("ArchivedImageCount"),
  ]);
  return new Map(
    [...bytes].map(([name, value]) => [
      name,
      {
        bytes: value,
        images: images.get(name) ?? 0,
        archivedBytes: archivedBytes.get(name) ?? 0,
        archivedImages: archivedImages.get(name) ?? 0,
      },
    ]),
  );
}

/**
 * Bytes that the average pull of a repository transfers: the mean over its tagged images without signatures and archived
 * images, a manifest list counting as its largest entry. If no image is tagged, the mean over all images.
 */
function averagePull(all: readonly RegistryImage[]): number {
  const images = all.filter(({ status }) => status === undefined);
  const tagged = images.filter(({ tags }) => tags.some((tag) => !REFERRER_TAG.test(tag)));
  const pulled = tagged.length === 0 ? images : tagged;
  return pulled.length === 0 ? 0 : pulled.reduce((sum, { pullBytes }) => sum + pullBytes, 0) / pulled.length;
}

async function heldByImages(
  { connection }: Context,
  repositories: readonly KnownRepository[],
): Promise<{ held: Map<string, Held>; failures: RepositoryFailure[] }> {
  const ecr = ecrClient(connection);
  const now = new Date();
  const { results, failures } = await withProgress("repositories", (progress) =>
    forEachRepository(
      repositories,
      async ({ name }): Promise<[string, Held]> => {
        const images = await imagesOf(ecr, name);
        const { storageBytes: bytes, ...counts } = measure(images, now, false);
        return [name, { bytes, ...counts, pullBytes: averagePull(images) }];
      },
      progress,
    ),
  );
  return { held: new Map(results), failures };
}

/** What archived images cost, and what the ways out of the archive class save or cost. */
function archivedInWords(usdPerMonth: number, region: string): string {
  return (
    `archived: about ${usd(usdPerMonth)} a month, the price of the standard class up to 150 TB; deleting archived images ` +
    `saves it, after at least 90 days; restoring them costs ${priceIn("restoreGb", region).usd} USD per GB once`
  );
}

/** `cost`: storage and pulls by team. */
export function configure(command: Command, directory: string): void {
  command
    .addOption(
      choiceOption(
        "--from <source>",
        "storage by the metrics function's last run, by listing the images, or auto: by metrics where all repositories have them",
        ["auto", "metrics", "images"],
      ).default("auto"),
    )
    .addOption(
      numberOption("--days <number>", "count the pulls of the last days", {
        whole: true,
        least: 1,
        most: METRIC_DAYS,
        example: 30,
      }).default(30),
    );
  onRepositories<CostOptions>(command, directory, async ({ context, repositories }, options) => {
    const { region } = context.settings.place;
    const { days } = options;
    let held =
      options.from === "images" ? new Map<string, Held>() : await heldByMetrics(context, repositories);
    let failures: RepositoryFailure[] = [];
    let source: "metrics" | "images" = "metrics";
    if (options.from === "images" || (options.from === "auto" && held.size < repositories.length)) {
      source = "images";
      ({ held, failures } = await heldByImages(context, repositories));
    }
    const pulls = await metricOf(
      cloudWatchClient(context.connection),
      repositories,
      ({ name }) => ({
        Metric: {
          Namespace: "AWS/ECR",
          MetricName: "RepositoryPullCount",
          Dimensions: [{ Name: "RepositoryName", Value: name }],
        },
        Period: DAY,
        Stat: "Sum",
      }),
      days,
      (values) => values.reduce((sum, value) => sum + value, 0),
    );
    const transfer = priceIn("transferOutGb", region);
    const priceRegion = priceIn("storageGb", region).region;
    const teams = [...new Set(repositories.map(({ team }) => team))].map((team): TeamCost => {
      const own = repositories.filter((one) => one.team === team);
      const sum = (of: (name: string) => number) => own.reduce((total, { name }) => total + of(name), 0);
      const storageBytes = sum((name) => held.get(name)?.bytes ?? 0);
      const archivedBytes = sum((name) => held.get(name)?.archivedBytes ?? 0);
      const transferBytes = sum((name) => (pulls.get(name) ?? 0) * (held.get(name)?.pullBytes ?? 0));
      return {
        team,
        repositories: own.length,
        images: sum((name) => held.get(name)?.images ?? 0),
        storageBytes,
        storageUsdPerMonth: storageUsd(storageBytes, region),
        archivedImages: sum((name) => held.get(name)?.archivedImages ?? 0),
        archivedBytes,
        archivedUsdPerMonth: storageUsd(archivedBytes, region, "archiveGb"),
        pulls: sum((name) => pulls.get(name) ?? 0),
        ...(source === "metrics"
          ? {}
          : { transferBytes, transferUsdAtMost: (transferBytes / 2 ** 30) * transfer.usd }),
      };
    });
    teams.sort((a, b) => b.storageBytes - a.storageBytes);
    const total = teams.reduce((sum, { storageUsdPerMonth }) => sum + storageUsdPerMonth, 0);
    const archived = teams.reduce((sum, { archivedUsdPerMonth }) => sum + archivedUsdPerMonth, 0);
    print(
      options.json,
      {
        source,
        days,
        pricesAsOf: PRICES_AS_OF,
        priceRegions: { storage: priceRegion, transfer: transfer.region },
        teams,
        storageUsdPerMonth: total,
        archivedUsdPerMonth: archived,
        failures,
      },
      () =>
        [
          table(
            [
              "team",
              "repositories",
              "images",
              "storage",
              "USD/month",
              "archived",
              "USD/month",
              `pulls, ${days} days`,
              "transfer at most",
              "USD at most",
            ],
            teams.map((one) => [
              one.team,
              one.repositories,
              one.images,
              size(one.storageBytes),
              one.storageUsdPerMonth.toFixed(2),
              size(one.archivedBytes),
              one.archivedUsdPerMonth.toFixed(2),
              one.pulls,
              one.transferBytes === undefined ? "-" : size(Math.round(one.transferBytes)),
              one.transferUsdAtMost?.toFixed(2) ?? "-",
            ]),
            [1, 2, 3, 4, 5, 6, 7, 8, 9],
          ),
          "",
          `storage: about ${usd(total)} a month (list price of ${PRICES_AS_OF} in ${priceRegion}), by ${source === "metrics" ? "the metrics function's last run" : "the images listed now"}`,
          ...(archived === 0 ? [] : [archivedInWords(archived, region)]),
          "layers that images share are counted in each image; pulls in the same region transfer for free, and cached layers not at all",
          ...(source === "metrics"
            ? [
                "the metrics do not include the sizes of pulled images: run with --from images to estimate the transfer",
              ]
            : [`transfer: list price of ${PRICES_AS_OF} in ${transfer.region}`]),
          ...notRead(failures),
        ].join("\n"),
    );
    process.exitCode = failures.length > 0 ? 1 : 0;
  });
}
