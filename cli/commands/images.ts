import { randomUUID } from "node:crypto";
import * as fs from "node:fs";
import type { Command } from "commander";
import { repositoryArn } from "../../aws/arns";
import { quantity } from "../../aws/quantity";
import { unseenUsers } from "../../config/checks/operations";
import { cleanUpRequestOf } from "../../config/settings";
import { cleanUp, type CleanUpContext } from "../../images/clean-up";
import type { CleanUpReport } from "../../images/clean-up-report";
import {
  cleanUpRequest,
  selectsAny,
  type CleanUpInput,
  type CleanUpRequest,
} from "../../documents/clean-up-request";
import { unexplain } from "../../documents/values";
import { ecrClient } from "../../images/clients";
import { listedImages, type ImageReference } from "../../images/references";
import {
  forEachRepository,
  imagesOf,
  messageOf,
  taggedRepositories,
  type RegistryImage,
} from "../../images/registry";
import { notScannedReason } from "../../images/scan-status";
import { scanReader } from "../../images/scans";
import { daysBetween } from "../../images/selection";
import { actionsInWords, countsOf, size } from "../../images/summary";
import { unreadProblem } from "../../images/users/unread";
import { table } from "../../plan/table";
import { UserError } from "../../plan/user-error";
import { archiveStoreOf, configureArchived, configureRestore } from "../archived-images";
import { confirm } from "../ask";
import {
  onRepositories,
  type Context,
  type KnownRepository,
  type Selected,
  type SelectedOptions,
} from "../context";
import { announceChanges, interruptedExitCode } from "../interruption";
import { choiceOption, numberOption } from "../options";
import {
  ago,
  notRead,
  print,
  printText,
  shortDigest,
  tagsInWords,
  withProgress,
  writeResult,
} from "../output";
import { outcomeInWords, selectionInWords } from "../reports/clean-up";

/** `images`: what the registry holds, what of it is stale, deleting that, and restoring what is archived. */
export function configure(command: Command, directory: string): void {
  configureList(command.command("list"), directory);
  configureStale(command.command("stale"), directory);
  configureClean(command.command("clean"), directory);
  configureArchived(command.command("archived"), directory);
  configureRestore(command.command("restore"), directory);
}

interface ListOptions extends SelectedOptions {
  untagged?: boolean;
  sort: "pushed" | "size" | "pulled";
  limit?: number;
}

/** Why a clean-up stopped that a signal has stopped. */
const INTERRUPTED = "it was interrupted";

/** Rows of a table unless a flag says otherwise. */
const ROWS = 50;

const ORDER: Record<ListOptions["sort"], (a: RegistryImage, b: RegistryImage) => number> = {
  pushed: (a, b) => b.pushedAt.getTime() - a.pushedAt.getTime(),
  size: (a, b) => b.pullBytes - a.pullBytes,
  pulled: (a, b) => (a.pulledAt?.getTime() ?? 0) - (b.pulledAt?.getTime() ?? 0),
};

function configureList(command: Command, directory: string): void {
  command
    .description("List images, newest first.")
    .option("--untagged", "only images without a tag")
    .addOption(
      choiceOption(
        "--sort <by>",
        "order: latest push, size, or longest without a pull",
        Object.keys(ORDER),
      ).default("pushed"),
    )
    .addOption(
      numberOption(
        "--limit <images>",
        `show at most this many; 0 shows all. Default ${ROWS}, with --json all`,
        { whole: true, example: ROWS },
      ),
    );
  onRepositories<ListOptions>(command, directory, async ({ context, repositories }, options) => {
    const ecr = ecrClient(context.connection);
    const readScans = await scanReader(context.connection);
    const { results, failures } = await withProgress("repositories", (progress) =>
      forEachRepository(
        repositories,
        async (repository) =>
          (await readScans(repository.name, await imagesOf(ecr, repository.name))).map((image) => ({
            ...image,
            repository: repository.name,
            team: repository.team,
          })),
        progress,
      ),
    );
    const all = results
      .flat()
      .filter(({ tags }) => options.untagged !== true || tags.length === 0)
      .sort(ORDER[options.sort]);
    const limit = options.limit ?? (options.json === true ? 0 : ROWS);
    const shown = limit === 0 ? all : all.slice(0, limit);
    const now = new Date();
    print(options.json, { images: shown, total: all.length, failures }, () =>
      [
        table(
          ["repository", "tags", "digest", "pushed", "last pull", "size", "critical", "high"],
          shown.map((image) => [
            image.repository,
            `${tagsInWords(image.tags)}${image.status === undefined ? "" : ` (${image.status.toLowerCase()})`}`,
            shortDigest(image.digest),
            ago(daysBetween(image.pushedAt, now)),
            ago(image.pulledAt === undefined ? undefined : daysBetween(image.pulledAt, now)),
            size(image.pullBytes),
            ...["CRITICAL", "HIGH"].map(
              (severity) => image.scan.counts[severity] ?? (notScannedReason(image) === undefined ? 0 : "-"),
            ),
          ]),
          [5, 6, 7],
        ),
        "",
        `${quantity(all.length, "image")} in ${quantity(repositories.length, "repository")}, ${size(all.reduce((sum, { bytes }) => sum + bytes, 0))} stored` +
          (shown.length < all.length ? `; the first ${shown.length} are shown (--limit)` : ""),
        ...notRead(failures),
      ].join("\n"),
    );
    process.exitCode = failures.length > 0 ? 1 : 0;
  });
}

/** Rules given by flags, and where else to look. */
interface SelectionOptions extends SelectedOptions {
  untaggedDays?: number;
  olderThanDays?: number;
  unpulledDays?: number;
  keep?: number;
  keepBy?: "semver" | "pushed";
  protect?: string[];
  inUse?: string;
  ignoreOtherAccounts?: boolean;
  /** False with --no-archive. */
  archive: boolean;
}

interface CleanOptions extends SelectionOptions {
  yes?: boolean;
  max?: number;
  report?: string;
}

function withSelectionOptions(command: Command): Command {
  const days = { whole: true, example: 30 };
  return command
    .addOption(numberOption("--untagged-days <days>", "untagged images, N days after the push", days))
    .addOption(numberOption("--older-than-days <days>", "tagged images pushed at least N days ago", days))
    .addOption(numberOption("--unpulled-days <days>", "tagged images not pulled in N days", days))
    .addOption(
      numberOption("--keep <images>", "keep the newest N tagged images", { whole: true, example: 10 }),
    )
    .addOption(choiceOption("--keep-by <order>", "what is newest", ["semver", "pushed"]))
    .option("--protect <pattern...>", "tags to keep, in addition to those of the config")
    .option("--no-archive", "delete tagged images at once, also where clean-up archives them first")
    .option("--in-use <file>", "a list of images that run elsewhere, one per line; - for standard input")
    .option(
      "--ignore-other-accounts",
      "continue although images are shared with accounts in which running images cannot be listed",
    )
    .addHelpText(
      "after",
      "\nRules given by flags replace those of the stack's file (repositories.cleanUp); all conditions on tagged images must hold.\nNever selected: what ECS, Batch and Lambda use, what --in-use and the config list, protected tags, and whatever those need.\nIf EKS without a list, App Runner, SageMaker, CodeBuild or AgentCore is in use, nothing is deleted until operations.cleanUp.inUse.checkedByHand names it.",
    );
}

/** The images of a file, or of standard input where it is `-`. */
function listedIn(file: string): ImageReference[] {
  try {
    return listedImages(
      fs.readFileSync(file === "-" ? 0 : file, "utf8"),
      file === "-" ? "standard input" : file,
    );
  } catch (error) {
    throw new UserError(
      `--in-use cannot be read, so nothing is selected: ${messageOf(error)}`,
      "name a file with one image per line",
    );
  }
}

/** The request for what flags and config say together: a dry run. */
function requestOf({ settings, project }: Context, options: SelectionOptions): CleanUpRequest {
  const base = cleanUpRequestOf(settings, project);
  const given = {
    ...(options.untaggedDays === undefined ? {} : { untaggedDays: options.untaggedDays }),
    ...(options.olderThanDays === undefined ? {} : { olderThanDays: options.olderThanDays }),
    ...(options.unpulledDays === undefined ? {} : { unpulledDays: options.unpulledDays }),
    ...(options.keep === undefined ? {} : { keep: options.keep }),
  };
  const more = options.protect ?? [];
  const rulesOf = (rules: CleanUpInput["rules"]): CleanUpInput["rules"] => ({
    ...(Object.keys(given).length > 0 ? given : rules),
    keepBy: options.keepBy ?? rules.keepBy,
    protect: [...(rules.protect ?? []), ...more],
  });
  const listed = options.inUse === undefined ? [] : listedIn(options.inUse);
  const checked = cleanUpRequest.safeParse({
    ...base,
    dryRun: true,
    archive: base.archive !== false && options.archive,
    rules: rulesOf(base.rules),
    exceptions: Object.fromEntries(
      Object.entries(base.exceptions ?? {}).map(([name, rules]) => [name, rulesOf(rules)]),
    ),
    inUse: {
      ...base.inUse,
      images: [...(base.inUse?.images ?? []), ...listed.map(({ image }) => image)],
      // A list stands for EKS, as one in S3 does.
      checkedByHand: [
        ...(base.inUse?.checkedByHand ?? []),
        ...(options.inUse === undefined ? [] : ["eks" as const]),
      ],
    },
  });
  if (!checked.success) {
    throw new UserError(
      `the rules are not valid: ${checked.error.issues.map(({ path, message }) => `${path.join(".")}: ${unexplain(message).rule}`).join("; ")}`,
      "correct the flags, or repositories.cleanUp in the stack's file",
    );
  }
  return checked.data;
}

/** Refuses to go on where images may run out of sight. */
function checkSight(
  { settings }: Context,
  repositories: readonly KnownRepository[],
  options: SelectionOptions,
): void {
  if (options.ignoreOtherAccounts === true) {
    return;
  }
  const { accounts, open } = unseenUsers(
    repositories.map((one) => one.settings),
    settings.place.accountId,
    settings.operations.cleanUp.inUse,
  );
  if (accounts.length > 0 || open !== undefined) {
    throw new UserError(
      `images are shared with ${accounts.length > 0 ? accounts.join(", ") : `accounts that ${open} does not list`}, and clean-up cannot see which images are in use there`,
      "set operations.cleanUp.inUse in the stack's file; or give --ignore-other-accounts, with --in-use <file> for what runs there",
    );
  }
}

/** Whether the options leave some of the stack's repositories out. */
function isPartial({ team, repository }: SelectionOptions): boolean {
  return team !== undefined || repository !== undefined;
}

/** Finds the images that clean-up would archive or delete, and the repositories that it may touch. */
async function select(
  { context, repositories: named }: Selected,
  options: SelectionOptions & Pick<CleanOptions, "max">,
): Promise<{
  request: CleanUpRequest;
  report: CleanUpReport;
  scope: Pick<CleanUpContext, "repositories" | "failures" | "partial" | "archive">;
}> {
  const given = requestOf(context, options);
  const request = { ...given, maxDeletions: options.max ?? given.maxDeletions };
  if (![request.rules, ...Object.values(request.exceptions)].some(selectsAny)) {
    throw new UserError(
      `${options.stack} has no clean-up rules`,
      "give flags such as --untagged-days 14, or set repositories.cleanUp in the stack's file",
    );
  }
  // As the function does, by tags: a repository may have a name of the stack and not be the stack's.
  const { results: repositories, failures } = await taggedRepositories(
    ecrClient(context.connection),
    named.map((one) => ({ ...one, arn: repositoryArn(context.settings.place, one.name) })),
    request,
  );
  // As the function does.
  const archive = request.archive
    ? { run: `${new Date().toISOString()}-${randomUUID()}`, store: archiveStoreOf(context) }
    : undefined;
  const scope = {
    repositories,
    failures,
    partial: isPartial(options),
    ...(archive === undefined ? {} : { archive }),
  };
  const report = await withProgress("repositories", (progress) =>
    cleanUp(request, { ...context, ...scope, now: new Date(), progress }),
  );
  return { request, report, scope };
}

function configureStale(command: Command, directory: string): void {
  command.description("Show which images clean-up would archive or delete, and why. Changes nothing.");
  withSelectionOptions(command);
  onRepositories<SelectionOptions>(command, directory, async (selected, options) => {
    const { report } = await select(selected, options);
    print(options.json, report, () => selectionInWords(report));
    process.exitCode = report.failures.length > 0 ? 1 : 0;
  });
}

function configureClean(command: Command, directory: string): void {
  command
    .description(
      "Show which images clean-up would archive or delete, and do it once that is confirmed. Ctrl-C stops between two batches.",
    )
    .option("-y, --yes", "archive and delete without asking")
    .addOption(
      numberOption(
        "--max <images>",
        "archive and delete at most N images. Default operations.cleanUp.maxDeletions",
        {
          whole: true,
          least: 1,
          example: 100,
        },
      ),
    )
    .option("--report <file>", "write the report to a file, as JSON");
  withSelectionOptions(command);
  onRepositories<CleanOptions>(command, directory, async (selected, options) => {
    const { context, repositories } = selected;
    const { request, report: dryRun, scope } = await select(selected, options);
    checkSight(context, repositories, options);
    if (dryRun.unread.length > 0) {
      const { rule, fix } = unreadProblem(dryRun.unread);
      throw new UserError(`${rule}, so nothing is deleted`, fix);
    }
    const words = (text: string) => {
      if (options.json !== true) {
        printText(text);
      }
    };
    words(selectionInWords(dryRun));
    if (dryRun.totals.selected === 0) {
      print(options.json, dryRun, () => "nothing to do");
      process.exitCode = dryRun.failures.length > 0 ? 1 : 0;
      return;
    }
    const { accountId, region } = context.registry;
    const counts = countsOf(dryRun);
    const total = counts.archive + counts.delete;
    const what = actionsInWords(counts, { archive: "archive", delete: "permanently delete" });
    const question = `${what[0]?.toUpperCase()}${what.slice(1)} images of stack ${options.stack} (account ${accountId}, ${region})?`;
    const word = context.settings.production ? options.stack : undefined;
    if (!(await confirm(question, options.yes, word))) {
      words("nothing was changed");
      return;
    }
    const write = (report: CleanUpReport) => {
      if (options.report !== undefined) {
        writeResult(options.report, `${JSON.stringify(report, null, 2)}\n`);
      }
    };
    const stop = new AbortController();
    const shouldStop = () => (stop.signal.aborted ? INTERRUPTED : undefined);
    let changed = 0;
    let soFar = () =>
      `at least ${changed} of ${total} images were archived or deleted; images list shows the others`;
    announceChanges({
      stop: () => {
        stop.abort();
      },
      soFar: () => soFar(),
    });
    // What was seen and confirmed, and nothing that became stale since.
    const only = new Map(
      dryRun.repositories.map(({ repository, selected }) => [
        repository,
        new Map(selected.map(({ digest, action }) => [digest, action])),
      ]),
    );
    const report = await withProgress("images", (progress) =>
      cleanUp(
        { ...request, dryRun: false },
        {
          ...context,
          ...scope,
          now: new Date(),
          progress: (done, total) => {
            changed = done;
            progress(done, total);
          },
          only,
          // The plan before anything is changed, so that a file that cannot be written is found first.
          record: (unfinished) => {
            write(unfinished());
            return Promise.resolve();
          },
          shouldStop,
          shouldStopReading: shouldStop,
        },
      ),
    );
    soFar = () => outcomeInWords(report, options.stack);
    write(report);
    print(options.json, report, () => outcomeInWords(report, options.stack));
    const failed = report.totals.failed + report.failures.length > 0;
    process.exitCode =
      (report.stopped === INTERRUPTED ? interruptedExitCode() : undefined) ?? (failed ? 1 : 0);
  });
}
