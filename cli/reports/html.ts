import type { ImageFinding } from "../../images/finding";

/** What the report's heading says. */
export interface ReportOf {
  environment: string;
  /** Account and region. */
  place: string;
  now: Date;
}

/** Severities as they are shown, with their colors. */
const SEVERITY_COLORS: [severity: string, color: string][] = [
  ["CRITICAL", "#8b1a1a"],
  ["HIGH", "#d1432f"],
  ["MEDIUM", "#e39b2d"],
  ["LOW", "#c9b458"],
  ["INFORMATIONAL", "#7a93ac"],
  ["UNTRIAGED", "#9a9a9a"],
];

/** Text that is no markup: titles come from whoever wrote the advisory. */
function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function countBy<T>(list: readonly T[], key: (one: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const one of list) {
    counts.set(key(one), (counts.get(key(one)) ?? 0) + 1);
  }
  return counts;
}

const WIDTH = 640;
const ROW = 26;
const LABEL = 200;

/** A bar a row, each in parts of their own colors. */
function barChart(
  title: string,
  rows: { label: string; parts: { value: number; color: string }[] }[],
): string {
  const totals = rows.map(({ parts }) => parts.reduce((sum, { value }) => sum + value, 0));
  const scale = (WIDTH - LABEL - 60) / Math.max(1, ...totals);
  const bars = rows.map(({ label, parts }, i) => {
    let x = LABEL;
    const rectangles = parts.map(({ value, color }) => {
      const width = value * scale;
      const rectangle = `<rect x="${x.toFixed(1)}" y="${i * ROW + 4}" width="${width.toFixed(1)}" height="${ROW - 8}" fill="${color}"/>`;
      x += width;
      return rectangle;
    });
    return (
      `<text x="${LABEL - 8}" y="${i * ROW + ROW / 2 + 4}" text-anchor="end">${escape(label.length > 28 ? `${label.slice(0, 27)}…` : label)}</text>` +
      rectangles.join("") +
      `<text x="${(x + 6).toFixed(1)}" y="${i * ROW + ROW / 2 + 4}">${totals[i]}</text>`
    );
  });
  return `<figure><figcaption>${escape(title)}</figcaption><svg viewBox="0 0 ${WIDTH} ${Math.max(1, rows.length) * ROW}" role="img" aria-label="${escape(title)}">${bars.join("")}</svg></figure>`;
}

function stacked(
  title: string,
  findings: readonly ImageFinding[],
  key: (one: ImageFinding) => string,
  most: number,
) {
  const groups = [...countBy(findings, key)].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
  return barChart(
    groups.length > most ? `${title} (the ${most} with most)` : title,
    groups.slice(0, most).map(([label]) => ({
      label,
      parts: SEVERITY_COLORS.map(([severity, color]) => ({
        value: findings.filter((one) => key(one) === label && one.severity === severity).length,
        color,
      })).filter(({ value }) => value > 0),
    })),
  );
}

/** Rows of the table; a page of tens of thousands helps nobody, and JSON has them all. */
const MOST_ROWS = 2000;

/** An address that a browser may follow. */
function link(url: string | undefined, text: string): string {
  return url !== undefined && /^https?:\/\//.test(url)
    ? `<a href="${escape(url)}" rel="noreferrer">${escape(text)}</a>`
    : escape(text);
}

/** Findings as one HTML page that needs nothing else: charts, then a table, worst first. */
export function htmlReport(findings: readonly ImageFinding[], of: ReportOf): string {
  const bySeverity = countBy(findings, ({ severity }) => severity);
  const fixable = findings.filter(({ fixedIn }) => fixedIn !== undefined).length;
  const rows = findings.slice(0, MOST_ROWS).map((one) => {
    const color = SEVERITY_COLORS.find(([severity]) => severity === one.severity)?.[1] ?? "#9a9a9a";
    const cells = [
      `<b style="color:${color}">${escape(one.severity)}</b>`,
      link(one.url, one.id),
      escape(one.team),
      escape(one.repository),
      escape(one.tags.join(", ") || one.digest.slice(0, 19)),
      escape(one.package),
      escape(one.installed),
      one.fixedIn === undefined ? "<i>none yet</i>" : escape(one.fixedIn),
      one.exploit === true ? "<b>yes</b>" : "",
      escape(one.title),
    ];
    return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
  });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Findings of ${escape(of.environment)}</title>
<style>
  body { font: 14px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 1400px; padding: 0 1rem; color: #1d2733; background: #fff; }
  h1 { font-size: 1.5rem; margin-bottom: 0; }
  .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(540px, 1fr)); gap: 1rem; margin: 1.5rem 0; }
  figure { margin: 0; border: 1px solid #dde3ea; border-radius: 6px; padding: .75rem 1rem; }
  figcaption { font-weight: 600; margin-bottom: .5rem; }
  svg { width: 100%; height: auto; font-size: 12px; fill: #1d2733; }
  table { border-collapse: collapse; width: 100%; }
  th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #e7ebf0; vertical-align: top; }
  th { position: sticky; top: 0; background: #f4f6f9; }
</style>
</head>
<body>
<h1>Findings of ${escape(of.environment)}</h1>
<p>${escape(of.place)}, ${of.now.toISOString().slice(0, 16).replace("T", " ")} UTC. ${findings.length} findings in ${countBy(findings, ({ digest }) => digest).size} images; ${fixable} have a fix.</p>
<div class="charts">
${barChart(
  "By severity",
  SEVERITY_COLORS.map(([severity, color]) => ({
    label: severity,
    parts: [{ value: bySeverity.get(severity) ?? 0, color }],
  })),
)}
${stacked("By team", findings, ({ team }) => team, 12)}
${stacked("By repository", findings, ({ repository }) => repository, 12)}
${stacked("By package", findings, (one) => one.package || "(none)", 12)}
</div>
<table>
<thead><tr><th>Severity</th><th>Vulnerability</th><th>Team</th><th>Repository</th><th>Image</th><th>Package</th><th>Installed</th><th>Fixed in</th><th>Exploit</th><th>Title</th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table>
${findings.length > MOST_ROWS ? `<p>The first ${MOST_ROWS} are shown.</p>` : ""}
</body>
</html>
`;
}
