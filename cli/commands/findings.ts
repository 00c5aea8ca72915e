import type { Command } from "commander";
import { registryHost } from "../../aws/arns";
import { severitiesFrom, SEVERITIES, type Severity } from "../../aws/severities";
import { quantity } from "../../aws/quantity";
import { includesUnrated } from "../../documents/events";
import { nearest } from "../../config/suggest";
import { readFindings, type Findings } from "../../images/findings";
import { countsOf, findingsReport, type FindingsReport } from "../../images/findings-report";
import { UserError } from "../../plan/user-error";
import { onRepositories, type KnownRepository, type SelectedOptions } from "../context";
import { choiceOption, numberOption } from "../options";
import { notRead, print, printText, withProgress, writeResult } from "../output";
import { findingsText, notScannedInWords, severitiesInWords } from "../reports/findings-text";
import { htmlReport } from "../reports/html";
import { sarifLog } from "../reports/sarif";

/** Rows of the table unless a flag says otherwise. */
const ROWS = 50;

/** Exit codes with --fail-on, and of an image that was asked for by name. */
const EXIT = { ok: 0, failed: 1, found: 2, notScanned: 3 };

interface FindingsOptions extends SelectedOptions {
  severity: Severity;
  image?: string;
  fixable?: boolean;
  failOn?: Severity;
  format: "table" | "json" | "sarif" | "html";
  output?: string;
  limit?: number;
}

/**
 * Refuses an image that is not there: it would look like one without findings.
 * @throws UserError that names the nearest tag
 */
function checkImage(
  { images, tags, failures }: Findings,
  image: string | undefined,
  repositories: readonly KnownRepository[],
): void {
  if (image === undefined || images.length > 0) {
    return;
  }
  const [only] = repositories;
  const where = repositories.length === 1 ? only?.name : quantity(repositories.length, "repository");
  const near = nearest(image, tags);
  throw new UserError(
    [`no image ${image} in ${where}`, ...notRead(failures)].join("\n"),
    near === undefined ? "images list shows what there is" : `did you mean ${near}?`,
  );
}

/** Why the command ends with an exit code other than 0, and the code. */
function verdictOf(
  read: Findings,
  { notScanned, failures }: FindingsReport,
  { failOn, image, fixable }: FindingsOptions,
): { exitCode: number; why?: string } {
  if (failOn !== undefined) {
    const least = [...severitiesFrom(failOn), ...(includesUnrated(failOn) ? ["UNTRIAGED", "UNDEFINED"] : [])];
    const found = read.findings.filter(
      (one) => least.includes(one.severity) && (fixable !== true || one.fixedIn !== undefined),
    );
    if (found.length > 0) {
      const why = `--fail-on ${failOn}: ${severitiesInWords(countsOf(found))}`;
      return { exitCode: EXIT.found, why };
    }
  }
  if (failures.length > 0) {
    return { exitCode: EXIT.failed };
  }
  // Archived images cannot be pulled. One that was asked for by name was not scanned all the same.
  const missing = notScanned.filter((one) => image !== undefined || one.notScanned !== "archived");
  return missing.length > 0 && (failOn !== undefined || image !== undefined)
    ? { exitCode: EXIT.notScanned, why: `not everything is scanned: ${notScannedInWords(missing)}` }
    : { exitCode: EXIT.ok };
}

/** `findings`: what scans found in the stack's images. */
export function configure(command: Command, directory: string): void {
  command
    .addOption(
      choiceOption("--severity <least>", "least severity that is shown", SEVERITIES).default("MEDIUM"),
    )
    .option("--image <tag or digest>", "only this image; of a multi-platform image, all platforms")
    .option("--fixable", "only what has a fix")
    .addOption(
      choiceOption(
        "--fail-on <least>",
        `exit with ${EXIT.found} if there is a finding of this severity or above, or with ${EXIT.notScanned} if there is none but not everything is scanned`,
        SEVERITIES,
      ),
    )
    .addOption(
      choiceOption("--format <format>", "table, json, SARIF for code scanning, or an HTML page with charts", [
        "table",
        "json",
        "sarif",
        "html",
      ]).default("table"),
    )
    .option("-o, --output <file>", "write to a file")
    .addOption(
      numberOption(
        "--limit <findings>",
        `show at most this many in the table or as JSON; 0 shows all. Default ${ROWS}, as JSON all`,
        { whole: true, example: ROWS },
      ),
    );
  onRepositories<FindingsOptions>(command, directory, async ({ context, repositories }, options) => {
    const format = options.json === true ? "json" : options.format;
    if (options.limit !== undefined && (format === "sarif" || format === "html")) {
      throw new UserError(`--limit does not apply to ${format}`, "leave it out: the file has every finding");
    }
    const { image, team, repository } = options;
    const read = await withProgress("repositories", (progress) =>
      readFindings(context.connection, repositories, image, progress),
    );
    checkImage(read, image, repositories);
    const report = findingsReport(read, {
      severity: options.severity,
      fixable: options.fixable === true,
      ...(image === undefined ? {} : { image }),
      ...(team === undefined ? {} : { team }),
      ...(repository === undefined ? {} : { repository }),
    });
    const { findings, failures } = report;
    const { place, environment } = context.settings;
    const now = new Date();
    const limit = options.limit ?? (format === "table" ? ROWS : 0);
    const shown = limit === 0 ? findings : findings.slice(0, limit);
    const text = {
      table: () => findingsText(report, shown, now),
      json: () => JSON.stringify({ ...report, findings: shown, total: findings.length }, null, 2),
      sarif: () =>
        JSON.stringify(
          sarifLog(report, {
            registry: registryHost(place),
            environment,
            version: command.parent?.version() ?? "",
          }),
          null,
          2,
        ),
      html: () => htmlReport(report, { environment, place: `${place.accountId}, ${place.region}`, now }),
    }[format]();
    if (options.output === undefined) {
      printText(text);
    } else {
      writeResult(options.output, text);
      print(options.json, { file: options.output, findings: findings.length }, () =>
        [
          `wrote ${options.output}: ${quantity(findings.length, "finding")}`,
          ...[notScannedInWords(report.notScanned)].flatMap((words) => words ?? []),
        ].join("\n"),
      );
    }
    const { exitCode, why } = verdictOf(read, report, options);
    for (const line of format === "json" ? [] : [...notRead(failures), ...(why === undefined ? [] : [why])]) {
      console.error(line);
    }
    process.exitCode = exitCode;
  });
}
