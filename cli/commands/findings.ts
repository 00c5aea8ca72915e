import { Inspector2Client } from "@aws-sdk/client-inspector2";
import type { Command } from "commander";
import { registryHost } from "../../aws/arns";
import { SEVERITIES, severitiesFrom, type Severity } from "../../aws/severities";
import { clientConfig, ecrClient } from "../../images/clients";
import { basicFindings, inspectorFindings, scanTypeOf, type ImageFinding } from "../../images/findings";
import { isList } from "../../images/manifests";
import { forEachRepository, imagesOf, type RepositoryFailure } from "../../images/registry";
import { table } from "../../plan/table";
import { UserError } from "../../plan/user-error";
import { onRepositories, type Context, type KnownRepository, type SelectedOptions } from "../context";
import { choiceOption, numberOption } from "../options";
import { notRead, print, printText, severityColor, shortDigest, withProgress, writeResult } from "../output";
import { htmlReport } from "../reports/html";
import { sarifLog } from "../reports/sarif";

/** Rows of the table unless a flag says otherwise. */
const ROWS = 50;

interface FindingsOptions extends SelectedOptions {
  severity: Severity;
  image?: string;
  fixable?: boolean;
  format: "table" | "json" | "sarif" | "html";
  output?: string;
  limit?: number;
}

async function findingsOf(
  { connection }: Context,
  repositories: readonly KnownRepository[],
): Promise<{ scanType: string; findings: ImageFinding[]; failures: RepositoryFailure[] }> {
  const ecr = ecrClient(connection);
  const scanType = await scanTypeOf(ecr);
  if (scanType === "ENHANCED") {
    const findings = await inspectorFindings(new Inspector2Client(clientConfig(connection)), repositories);
    return { scanType, findings, failures: [] };
  }
  const { results, failures } = await withProgress("repositories", (progress) =>
    forEachRepository(
      repositories,
      async (repository) => {
        const found: ImageFinding[] = [];
        for (const image of await imagesOf(ecr, repository.name, "ACTIVE")) {
          if (!isList(image)) {
            found.push(...(await basicFindings(ecr, repository, image)));
          }
        }
        return found;
      },
      progress,
    ),
  );
  return { scanType, findings: results.flat(), failures };
}

/** Worst first, then what people look for: where it is. */
function worstFirst(a: ImageFinding, b: ImageFinding): number {
  const rank = ({ severity }: ImageFinding) => SEVERITIES.indexOf(severity as (typeof SEVERITIES)[number]);
  return (
    rank(b) - rank(a) ||
    (b.score ?? 0) - (a.score ?? 0) ||
    a.repository.localeCompare(b.repository) ||
    a.id.localeCompare(b.id)
  );
}

function inWords(findings: readonly ImageFinding[], shown: readonly ImageFinding[]): string {
  const counts = [...SEVERITIES]
    .reverse()
    .map((severity) => ({ severity, count: findings.filter((one) => one.severity === severity).length }))
    .filter(({ count }) => count > 0)
    .map(({ severity, count }) => `${count} ${severity.toLowerCase()}`);
  return [
    ...(shown.length === 0
      ? []
      : [
          table(
            ["severity", "vulnerability", "repository", "image", "package", "installed", "fixed in"],
            shown.map((one) => [
              severityColor(one.severity),
              one.id,
              one.repository,
              one.tags[0] ?? shortDigest(one.digest),
              one.package,
              one.installed,
              one.fixedIn ?? "none yet",
            ]),
            [],
          ),
          "",
        ]),
    `${findings.length} findings${counts.length > 0 ? `: ${counts.join(", ")}` : ""}; ${findings.filter(({ fixedIn }) => fixedIn !== undefined).length} have a fix` +
      (shown.length < findings.length ? `; the first ${shown.length} are shown (--limit 0 shows all)` : ""),
  ].join("\n");
}

/** `findings`: what scans found in the stack's images. */
export function configure(command: Command, directory: string): void {
  command
    .addOption(choiceOption("--severity <least>", "least severity", SEVERITIES).default("MEDIUM"))
    .option("--image <tag or digest>", "only this image")
    .option("--fixable", "only what has a fix")
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
    const { scanType, findings: all, failures } = await findingsOf(context, repositories);
    const least = severitiesFrom(options.severity);
    const findings = all
      .filter(
        (one) =>
          // What nobody has rated yet may be anything.
          (least.includes(one.severity) || !SEVERITIES.some((severity) => severity === one.severity)) &&
          (options.image === undefined || one.tags.includes(options.image) || one.digest === options.image) &&
          (options.fixable !== true || one.fixedIn !== undefined),
      )
      .sort(worstFirst);
    const { place, environment } = context.settings;
    const limit = options.limit ?? (format === "table" ? ROWS : 0);
    const shown = limit === 0 ? findings : findings.slice(0, limit);
    const text = {
      table: () => inWords(findings, shown),
      json: () => JSON.stringify({ scanType, findings: shown, total: findings.length, failures }, null, 2),
      sarif: () => JSON.stringify(sarifLog(findings, registryHost(place)), null, 2),
      html: () =>
        htmlReport(findings, { environment, place: `${place.accountId}, ${place.region}`, now: new Date() }),
    }[format]();
    if (options.output === undefined) {
      printText(text);
    } else {
      writeResult(options.output, text);
      print(
        options.json,
        { file: options.output, findings: findings.length },
        () => `wrote ${options.output}: ${findings.length} findings`,
      );
    }
    for (const line of format === "json" ? [] : notRead(failures)) {
      console.error(line);
    }
    process.exitCode = failures.length > 0 ? 1 : 0;
  });
}
