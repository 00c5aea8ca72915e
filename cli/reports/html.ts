import { createHash } from "node:crypto";
import type { ImageFinding } from "../../images/finding";
import {
  countsOf,
  type FindingsFilters,
  type FindingsReport,
  type NotScanned,
} from "../../images/findings-report";
import { rankOf, type Fix } from "../../images/fixes";
import { groupBy } from "../../images/groups";
import { daysBetween } from "../../images/selection";
import { SEVERITIES } from "../../aws/severities";
import { ago, shortDigest } from "../output";
import { notScannedInWords, severitiesInWords, totalsInWords } from "./findings-text";
import { SCRIPT } from "./page-script";
import { STYLE } from "./page-style";

/** What the page's heading says. */
export interface PageOf {
  environment: string;
  /** Account and region. */
  place: string;
  now: Date;
}

/** The most rows of a table. JSON has all of them. */
const MOST_ROWS = 2000;
const MOST_UPGRADES = 25;
/** Repositories that an upgrade names. */
const MOST_NAMES = 3;
/** Bars of a chart. */
const MOST_BARS = 12;

/** Text in which no character is markup: titles come from the authors of advisories. */
function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** An address that a browser may follow. */
function link(url: string | undefined, text: string): string {
  return url !== undefined && /^https?:\/\//.test(url)
    ? `<a href="${escape(url)}" rel="noreferrer">${escape(text)}</a>`
    : escape(text);
}

const color = (severity: string) => `var(--${rankOf(severity) < 0 ? "UNRATED" : severity})`;
const severityCell = (severity: string): Cell => ({
  html: `<b class="severity" style="color:${color(severity)}">${escape(severity)}</b>`,
  // The worst first where the order is ascending.
  sort: SEVERITIES.length - rankOf(severity),
});

/** A cell: text, a number, or markup with what it is ordered by. */
type Cell = string | number | { html: string; sort?: string | number };

const classOf = (cell: Cell | undefined) => (typeof cell === "number" ? ' class="number"' : "");

function cellOf(cell: Cell, label: string): string {
  if (typeof cell !== "object") {
    return `<td data-label="${label}"${classOf(cell)}>${escape(String(cell))}</td>`;
  }
  const sort = cell.sort === undefined ? "" : ` data-sort="${escape(String(cell.sort))}"`;
  return `<td data-label="${label}"${sort}>${cell.html}</td>`;
}

function tableOf(head: readonly string[], rows: readonly Cell[][], most = MOST_ROWS): string {
  const shown = rows
    .slice(0, most)
    .map((row) => `<tr>${row.map((cell, i) => cellOf(cell, head[i] ?? "")).join("")}</tr>`);
  return `<table>
<thead><tr>${head.map((one, i) => `<th scope="col"${classOf(rows[0]?.[i])}>${one}</th>`).join("")}</tr></thead>
<tbody>
${shown.join("\n")}
</tbody>
</table>
${rows.length > most ? `<p>The first ${most} of ${rows.length} rows. As JSON, the command lists all.</p>` : ""}`;
}

/** A chart with one bar for each value of a key, the longest first, in parts by severity. */
function chart(title: string, findings: readonly ImageFinding[], key: (one: ImageFinding) => string): string {
  const groups = groupBy(findings, key).sort((a, b) => b[1].length - a[1].length || a[0].localeCompare(b[0]));
  return barsOf(
    groups.length > MOST_BARS ? `${title} (the ${MOST_BARS} with most)` : title,
    groups.slice(0, MOST_BARS),
  );
}

function barsOf(title: string, groups: readonly [label: string, members: ImageFinding[]][]): string {
  const most = Math.max(...groups.map(([, members]) => members.length));
  const bars = groups.map(([label, members]) => {
    const counts = countsOf(members);
    const parts = Object.entries(counts).map(
      ([severity, count]) =>
        `<i style="width:${((100 * count) / most).toFixed(2)}%;background:${color(severity)}"></i>`,
    );
    return (
      `<li><span title="${escape(label)}">${escape(label)}</span><span class="bar" aria-hidden="true">${parts.join("")}</span>` +
      `<span class="number">${members.length}<span class="unseen"> (${escape(severitiesInWords(counts))})</span></span></li>`
    );
  });
  return `<div class="chart"><h3>${title}</h3><ul>${bars.join("")}</ul></div>`;
}

function filtersInWords({ severity, fixable, image, team = [], repository = [] }: FindingsFilters): string {
  return [
    severity === SEVERITIES[0] ? "all severities" : `severity ${severity} and above, and without a rating`,
    ...(fixable ? ["only with a fix"] : []),
    ...(image === undefined ? [] : [`image ${image}`]),
    ...(team.length === 0 ? [] : [`${team.length === 1 ? "team" : "teams"} ${team.join(", ")}`]),
    ...(repository.length === 0
      ? []
      : [`${repository.length === 1 ? "repository" : "repositories"} ${repository.join(", ")}`]),
  ].join("; ");
}

function noticeOf({ notScanned, failures }: FindingsReport): string {
  const lines = [
    ...(notScanned.length === 0
      ? []
      : [`<a href="#not-scanned">${escape(notScannedInWords(notScanned) ?? "")}</a>`]),
    ...failures.map(({ repository, error }) => escape(`not read: ${repository}: ${error}`)),
  ];
  return lines.length === 0
    ? ""
    : `<div class="notice" role="note"><b>Not everything was looked at.</b>${lines.map((line) => `<p>${line}</p>`).join("")}</div>`;
}

function fixesSection(fixes: readonly Fix[]): string {
  return fixes.length === 0
    ? ""
    : `<section><h2>Upgrades that end the most severe findings</h2>
${tableOf(
  ["Upgrade", "Findings", "Images", "Worst", "Repositories"],
  fixes.map((fix) => [
    { html: `<b>${escape(fix.package)}</b> to ${escape(fix.version)}` },
    fix.findings,
    fix.images,
    severityCell(fix.worst),
    [
      ...fix.repositories.slice(0, MOST_NAMES),
      ...(fix.repositories.length > MOST_NAMES ? [`and ${fix.repositories.length - MOST_NAMES} more`] : []),
    ].join(", "),
  ]),
  MOST_UPGRADES,
)}</section>`;
}

function chartsSection(findings: readonly ImageFinding[]): string {
  return `<section><h2>Where they are</h2><div class="charts">
${barsOf(
  "By severity",
  groupBy(findings, ({ severity }) => severity),
)}
${chart("By team", findings, ({ team }) => team)}
${chart("By repository", findings, ({ repository }) => repository)}
${chart("By package", findings, (one) => one.package || "(none)")}
</div></section>`;
}

function findingsSection({ findings, scanType }: FindingsReport, now: Date): string {
  const enhanced = scanType === "ENHANCED";
  const head = ["Severity", "Vulnerability", "Repository", "Image", "Package", "Installed", "Fixed in"];
  const rows = findings
    .slice(0, MOST_ROWS + 1)
    .map((one): Cell[] => [
      severityCell(one.severity),
      { html: `${link(one.url, one.id)}<small>${escape(one.title)}</small>`, sort: one.id },
      one.repository,
      one.tags.join(", ") || shortDigest(one.digest),
      one.package,
      one.installed,
      one.fixedIn ?? "none yet",
      ...(enhanced
        ? [
            one.firstSeen === undefined
              ? ""
              : { html: ago(daysBetween(new Date(one.firstSeen), now)), sort: one.firstSeen },
            one.exploit === true ? "known" : "",
          ]
        : []),
    ]);
  return `<section id="findings"><h2>Findings</h2>
<form role="search" hidden><label for="search">Search </label><input id="search" type="search"> <span id="found" role="status"></span></form>
${tableOf(enhanced ? [...head, "First seen", "Exploit"] : head, rows)}</section>`;
}

function notScannedSection(notScanned: readonly NotScanned[]): string {
  return notScanned.length === 0
    ? ""
    : `<section id="not-scanned"><h2>Images not scanned</h2>
${tableOf(
  ["Reason", "Repository", "Image", "Status"],
  notScanned.map((one) => [
    one.notScanned,
    one.repository,
    one.tags.join(", ") || shortDigest(one.digest),
    [one.status, one.description].filter((part) => part !== undefined).join(": "),
  ]),
)}</section>`;
}

/**
 * Findings as one HTML page that needs nothing else: what was not looked at, upgrades, charts, and the findings, worst
 * first. Only its own script runs.
 */
export function htmlReport(report: FindingsReport, { environment, place, now }: PageOf): string {
  const { findings } = report;
  const hash = createHash("sha256").update(SCRIPT).digest("base64");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hash}'">
<title>Findings of ${escape(environment)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Findings of ${escape(environment)}</h1>
<p class="muted">${escape(place)}, ${now.toISOString().slice(0, 16).replace("T", " ")} UTC. Shown: ${escape(filtersInWords(report.filters))}.</p>
${noticeOf(report)}
${totalsInWords(report)
  .map((line) => `<p>${escape(line)}</p>`)
  .join("\n")}
${fixesSection(report.fixes)}
${findings.length === 0 ? "" : `${chartsSection(findings)}\n${findingsSection(report, now)}`}
${notScannedSection(report.notScanned)}
</main>
${findings.length === 0 ? "" : `<script>${SCRIPT}</script>`}
</body>
</html>
`;
}
