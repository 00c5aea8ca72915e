import { chunks } from "../aws/chunks";
import { FINDING_SEVERITIES, NAMESPACE, type MetricName } from "../aws/metrics";
import { DASHBOARD } from "../aws/limits";
import { quantity } from "../aws/quantity";

/** One metric of a graph: namespace, name, dimensions by name and value, and how it is drawn. */
export type DashboardMetric = (string | Record<string, unknown>)[];

/** A widget in the grid of 24 columns. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html */
export interface Widget {
  type: "metric" | "text" | "alarm";
  x: number;
  y: number;
  width: number;
  height: number;
  properties: {
    title?: string;
    markdown?: string;
    metrics?: DashboardMetric[];
    alarms?: string[];
    [key: string]: unknown;
  };
}

/** The subjects of a dashboard. */
export interface DashboardSettings {
  region: string;
  environment: string;
  /** Repository names by team. */
  teams: Record<string, string[]>;
  /** ARNs of alarms to show. */
  alarmArns: string[];
  /** Seconds between two publications of the platform's metrics. */
  period: number;
}

/** Metrics of the sections that do not grow with the teams, with room to spare. */
const FIXED_METRICS = 30;
/** Graphs with one line for each repository. */
const REPOSITORY_GRAPHS = 2;
/** Graphs with one line for each team. */
const TEAM_GRAPHS = 4;
/** The most lines that a search shows. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-search-expressions.html */
const SEARCHED = 100;

/** A widget that has no place in the grid yet. */
type Unplaced = Omit<Widget, "x" | "y">;

/** Half of the grid. */
const WIDTH = 12;
const HEIGHT = 6;

/**
 * The body of an environment's dashboard: alarms, the environment, its teams and their repositories. If
 * there are too many repositories for CloudWatch's quotas, their graphs use a search expression instead.
 */
export function dashboardBody(settings: DashboardSettings): { widgets: Widget[] } {
  return {
    widgets: placed([environmentSection(settings), teamsSection(settings), repositoriesSection(settings)]),
  };
}

function environmentSection(settings: DashboardSettings): Unplaced[] {
  const graph = (title: string, metrics: DashboardMetric[], options?: Record<string, unknown>) =>
    graphOf(settings, title, metrics, options);
  const own = (name: MetricName) => ownMetric(settings, name);
  const teams = Object.values(settings.teams);
  return [
    heading(
      `# ECR ${settings.environment}: ${quantity(teams.length, "team")}, ${quantity(teams.flat().length, "repository")}`,
    ),
    ...chunks(settings.alarmArns, DASHBOARD.alarmsInWidget).map((alarms): Unplaced => ({
      type: "alarm",
      width: 2 * WIDTH,
      height: 3,
      properties: { title: "Alarms", alarms },
    })),
    graph("Storage", [own("StorageSize")]),
    graph("Images", [own("ImageCount"), own("UntaggedCount"), own("LargestRepositoryImages")]),
    graph(
      "Findings by severity",
      FINDING_SEVERITIES.map((severity) =>
        ownMetric(settings, "ImageScanFindingsCount", { Severity: severity }, severity),
      ),
      { stacked: true },
    ),
    graph("Scanning", [
      own("NotScannedImageCount"),
      own("ScanFailures"),
      own("DaysSinceScan"),
      own("MeasureFailures"),
    ]),
    graph("Clean-up", [own("CleanUpDeletedImages"), own("CleanUpFailures")], { stat: "Sum" }),
    graph(
      "Requests to the registry (account and region)",
      ["BatchGetImage", "GetDownloadUrlForLayer", "GetAuthorizationToken", "PutImage"].map((call) => [
        "AWS/Usage",
        "CallCount",
        "Service",
        "ECR",
        "Type",
        "API",
        "Resource",
        call,
        "Class",
        "None",
        { label: call },
      ]),
      { stat: "Sum", period: 300 },
    ),
  ];
}

function teamsSection(settings: DashboardSettings): Unplaced[] {
  const { environment, period } = settings;
  const teams = Object.keys(settings.teams);
  const byTeam = (
    title: string,
    name: MetricName,
    dimensions: Record<string, string> = {},
    options?: Record<string, unknown>,
  ) => {
    const names = ["Environment", "Team", ...Object.keys(dimensions)];
    const values = Object.entries({ Environment: environment, ...dimensions });
    return linesOrSearch(
      settings,
      title,
      roomOf(settings).teamsFit,
      teams.map((team) => ownMetric(settings, name, { Team: team, ...dimensions }, team)),
      {
        terms: `{${[NAMESPACE, ...names].join(",")}} MetricName="${name}" ${values.map(([key, value]) => `${key}="${value}"`).join(" ")}`,
        statistic: "Maximum",
        period,
      },
      options,
    );
  };
  return [
    heading("## Teams"),
    ...byTeam("Storage by team", "StorageSize", {}, { stacked: true }),
    ...byTeam("Images by team", "ImageCount", {}, { stacked: true }),
    ...byTeam("Critical findings by team", "ImageScanFindingsCount", { Severity: "CRITICAL" }),
    ...byTeam("Images not scanned by team", "NotScannedImageCount"),
  ];
}

function repositoriesSection(settings: DashboardSettings): Unplaced[] {
  const { environment, period } = settings;
  const repositories = Object.entries(settings.teams).flatMap(([team, names]) =>
    names.map((name) => ({ team, name })),
  );
  const { repositoriesFit } = roomOf(settings);
  return [
    heading("## Repositories"),
    ...linesOrSearch(
      settings,
      "Storage by repository",
      repositoriesFit,
      repositories.map(({ team, name }) =>
        ownMetric(settings, "StorageSize", { Team: team, Repository: name }, name),
      ),
      {
        terms: `{${NAMESPACE},Environment,Team,Repository} MetricName="StorageSize" Environment="${environment}"`,
        statistic: "Maximum",
        period,
      },
    ),
    ...linesOrSearch(
      settings,
      "Pulls by repository",
      repositoriesFit,
      repositories.map(({ name }) => ["AWS/ECR", "RepositoryPullCount", "RepositoryName", name]),
      { terms: '{AWS/ECR,RepositoryName} MetricName="RepositoryPullCount"', statistic: "Sum", period: 3600 },
      { stat: "Sum", period: 3600 },
    ),
  ];
}

/** Whether each team, and each repository, has a line of its own within CloudWatch's quota of metrics. */
function roomOf(settings: DashboardSettings): { teamsFit: boolean; repositoriesFit: boolean } {
  const ofTeams = TEAM_GRAPHS * Object.keys(settings.teams).length;
  const teamsFit = ofTeams <= DASHBOARD.metrics - FIXED_METRICS;
  const room = DASHBOARD.metrics - FIXED_METRICS - (teamsFit ? ofTeams : TEAM_GRAPHS * SEARCHED);
  const repositories = Object.values(settings.teams).flat().length;
  return { teamsFit, repositoriesFit: repositories * REPOSITORY_GRAPHS <= room };
}

/** One of the platform's own metrics, of the environment unless more dimensions are given. */
function ownMetric(
  { environment }: DashboardSettings,
  name: MetricName,
  dimensions: Record<string, string> = {},
  label?: string,
): DashboardMetric {
  return [
    NAMESPACE,
    name,
    ...Object.entries({ Environment: environment, ...dimensions }).flat(),
    ...(label === undefined ? [] : [{ label }]),
  ];
}

function heading(markdown: string): Unplaced {
  return { type: "text", width: 2 * WIDTH, height: 1, properties: { markdown } };
}

function graphOf(
  { region, period }: DashboardSettings,
  title: string,
  metrics: DashboardMetric[],
  options: Record<string, unknown> = {},
): Unplaced {
  return {
    type: "metric",
    width: WIDTH,
    height: HEIGHT,
    properties: { title, region, view: "timeSeries", stat: "Maximum", period, metrics, ...options },
  };
}

/** One line per metric, in as many graphs as their number requires; or, if they do not fit, a search for the largest. */
function linesOrSearch(
  settings: DashboardSettings,
  title: string,
  fits: boolean,
  all: DashboardMetric[],
  search: { terms: string; statistic: "Maximum" | "Sum"; period: number },
  options?: Record<string, unknown>,
): Unplaced[] {
  if (fits) {
    return chunks(all, DASHBOARD.metricsInWidget).map((metrics, i, parts) =>
      graphOf(
        settings,
        parts.length === 1 ? title : `${title} (${i + 1} of ${parts.length})`,
        metrics,
        options,
      ),
    );
  }
  const rank = search.statistic === "Sum" ? "SUM" : "MAX";
  const expression = `SLICE(SORT(SEARCH('${search.terms}', '${search.statistic}', ${search.period}), ${rank}, DESC), 0, ${SEARCHED})`;
  return [graphOf(settings, `${title} (the ${SEARCHED} with most)`, [[{ expression, id: "most" }]], options)];
}

/** Places widgets from left to right and top to bottom; each section begins in a new row. */
function placed(sections: Unplaced[][]): Widget[] {
  const widgets: Widget[] = [];
  let y = 0;
  for (const section of sections) {
    let x = 0;
    let row = 0;
    for (const widget of section) {
      if (x + widget.width > 2 * WIDTH) {
        y += row;
        x = 0;
        row = 0;
      }
      widgets.push({ ...widget, x, y });
      x += widget.width;
      row = Math.max(row, widget.height);
    }
    y += row;
  }
  return widgets;
}
