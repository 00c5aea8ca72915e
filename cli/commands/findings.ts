import * as fs from "node:fs";
import { Inspector2Client } from "@aws-sdk/client-inspector2";
import { Option, type Command } from "commander";
import { registryHost } from "../../aws/arns";
import { SEVERITIES, severitiesFrom, type Severity } from "../../aws/severities";
import { clientConfig, ecrClient } from "../../images/clients";
import { basicFindings, inspectorFindings, scanTypeOf, type ImageFinding } from "../../images/findings";
import { isList } from "../../images/manifests";
import { forEachRepository, imagesOf, type RepositoryFailure } from "../../images/registry";
import { table } from "../../plan/table";
import {
  awsContextOf,
  repositoriesOf,
  withAwsOptions,
  withRepositoryOptions,
  type AwsOptions,
  type Context,
  type KnownRepository,
  type RepositoryOptions,
} from "../context";
import { print, severityColor, shortDigest, withProgress } from "../output";
import { htmlReport } from "../reports/html";
import { sarifLog } from "../reports/sarif";

interface FindingsOptions extends AwsOptions, RepositoryOptions {
  severity: Severity;
  image?: string;
  fixable?: boolean;
  format: "table" | "json" | "sarif" | "html";
  output?: string;
  limit: string;
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
        for (const image of await imagesOf(ecr, repository.name)) {
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

function inWords(findings: readonly ImageFinding[], limit: number): string {
  const counts = [...SEVERITIES]
    .reverse()
    .map((severity) => ({ severity, count: findings.filter((one) => one.severity === severity).length }))
    .filter(({ count }) => count > 0)
    .map(({ severity, count }) => `${count} ${severity.toLowerCase()}`);
  const shown = limit === 0 ? findings : findings.slice(0, limit);
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
    .addOption(new Option("--severity <least>", "least severity").choices(SEVERITIES).default("MEDIUM"))
    .option("--image <tag or digest>", "only this image")
    .option("--fixable", "only what has a fix")
    .addOption(
      new Option("--format <format>", "table, json, SARIF for code scanning, or an HTML page with charts")
        .choices(["table", "json", "sarif", "html"])
        .default("table"),
    )
    .option("-o, --output <file>", "write to a file")
    .option("--limit <number>", "rows of the table; 0 shows all", "50");
  withRepositoryOptions(withAwsOptions(command)).action(async (options: FindingsOptions) => {
    const context = await awsContextOf(directory, options);
    const repositories = repositoriesOf(context.settings, options);
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
    const format = options.json === true ? "json" : options.format;
    const text = {
      table: () => inWords(findings, Number(options.limit)),
      json: () => JSON.stringify({ scanType, findings, failures }, null, 2),
      sarif: () => JSON.stringify(sarifLog(findings, registryHost(place)), null, 2),
      html: () =>
        htmlReport(findings, { environment, place: `${place.accountId}, ${place.region}`, now: new Date() }),
    }[format]();
    if (options.output === undefined) {
      print(false, undefined, () => text);
    } else {
      fs.writeFileSync(options.output, text);
      print(
        options.json,
        { file: options.output, findings: findings.length },
        () => `wrote ${options.output}: ${findings.length} findings`,
      );
    }
    for (const { repository, error } of failures) {
      console.error(`not read: ${repository}: ${error}`);
    }
    process.exitCode = failures.length > 0 ? 1 : 0;
  });
}
