import { chunks } from "../aws/chunks";
import { FINDING_SEVERITIES, NAMESPACE, type MetricName } from "../aws/metrics";
import { DASHBOARD } from "../aws/limits";

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

/** What a dashboard shows. */
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
const TEAM_GRAPHS = 3;
/** A search shows so many lines at the most. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-search-expressions.html */
const SEARCHED = 100;

const WIDTH = 12;
const HEIGHT = 6;

/**
 * The body of an environment's dashboard: alarms, the environment, its teams and their repositories. Where the
 * repositories are too many for CloudWatch's quotas, their graphs are left to a search that CloudWatch does itself.
 */
export function dashboardBody(settings: DashboardSettings): { widgets: Widget[] } {
  const { region, environment, period } = settings;
  const teams = Object.keys(settings.teams);
  const repositories = Object.entries(settings.teams).flatMap(([team, names]) =>
    names.map((name) => ({ team, name })),
  );
  const own = (name: MetricName, dimensions: Record<string, string>, label?: string): DashboardMetric => [
    NAMESPACE,
    name,
    ...Object.entries({ Environment: environment, ...dimensions }).flat(),
    ...(label === undefined ? [] : [{ label }]),
  ];
  const graph = (
    title: string,
    metrics: DashboardMetric[],
    options: Record<string, unknown> = {},
  ): Omit<Widget, "x" | "y"> => ({
    type: "metric",
    width: WIDTH,
    height: HEIGHT,
    properties: {
      title,
      region,
      view: "timeSeries",
      stat: "Maximum",
      period,
      metrics,
      ...options,
    },
  });
  const stacked = { stacked: true };
  const heading = (markdown: string): Omit<Widget, "x" | "y"> => ({
    type: "text",
    width: 2 * WIDTH,
    height: 1,
    properties: { markdown },
  });
  /** Graphs of one line each, in as many as their number asks for. */
  const lines = (title: string, all: DashboardMetric[], options: Record<string, unknown> = {}) =>
    chunks(all, DASHBOARD.metricsInWidget).map((metrics, i, parts) =>
      graph(parts.length === 1 ? title : `${title} (${i + 1} of ${parts.length})`, metrics, options),
    );
  /** The lines of a graph, or a search for those with most where there are more than CloudWatch's quota allows. */
  const linesOrSearch = (
    title: string,
    fits: boolean,
    all: DashboardMetric[],
    search: { terms: string; statistic: "Maximum" | "Sum"; period: number },
    options: Record<string, unknown> = {},
  ) => {
    const rank = search.statistic === "Sum" ? "SUM" : "MAX";
    return fits
      ? lines(title, all, options)
      : [
          graph(
            `${title} (the ${SEARCHED} with most)`,
            [
              [
                {
                  expression: `SLICE(SORT(SEARCH('${search.terms}', '${search.statistic}', ${search.period}), ${rank}, DESC), 0, ${SEARCHED})`,
                  id: "most",
                },
              ],
            ],
            options,
          ),
        ];
  };
  const ofTeams = TEAM_GRAPHS * teams.length;
  const teamsFit = ofTeams <= DASHBOARD.metrics - FIXED_METRICS;
  const room = DASHBOARD.metrics - FIXED_METRICS - (teamsFit ? ofTeams : TEAM_GRAPHS * SEARCHED);
  const repositoriesFit = repositories.length * REPOSITORY_GRAPHS <= room;
  const byTeam = (
    title: string,
    name: MetricName,
    dimensions: Record<string, string> = {},
    options: Record<string, unknown> = {},
  ) => {
    const names = ["Environment", "Team", ...Object.keys(dimensions)];
    const values = Object.entries({ Environment: environment, ...dimensions });
    return linesOrSearch(
      title,
      teamsFit,
      teams.map((team) => own(name, { Team: team, ...dimensions }, team)),
      {
        terms: `{${[NAMESPACE, ...names].join(",")}} MetricName="${name}" ${values.map(([key, value]) => `${key}="${value}"`).join(" ")}`,
        statistic: "Maximum",
        period,
      },
      options,
    );
  };
  const sections: Omit<Widget, "x" | "y">[][] = [
    [
      heading(`# ECR ${environment}: ${teams.length} teams, ${repositories.length} repositories`),
      ...chunks(settings.alarmArns, DASHBOARD.alarmsInWidget).map((alarms): Omit<Widget, "x" | "y"> => ({
        type: "alarm",
        width: 2 * WIDTH,
        height: 3,
        properties: { title: "Alarms", alarms },
      })),
      graph("Storage", [own("StorageSize", {})]),
      graph("Images", [own("ImageCount", {}), own("UntaggedCount", {}), own("LargestRepositoryImages", {})]),
      graph(
        "Findings by severity",
        FINDING_SEVERITIES.map((severity) => own("ImageScanFindingsCount", { Severity: severity }, severity)),
        stacked,
      ),
      graph("Scanning", [own("ScanFailures", {}), own("DaysSinceScan", {}), own("MeasureFailures", {})]),
      graph("Clean-up", [own("CleanUpDeletedImages", {}), own("CleanUpFailures", {})], { stat: "Sum" }),
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
    ],
    [
      heading("## Teams"),
      ...byTeam("Storage by team", "StorageSize", {}, stacked),
      ...byTeam("Images by team", "ImageCount", {}, stacked),
      ...byTeam("Critical findings by team", "ImageScanFindingsCount", { Severity: "CRITICAL" }),
    ],
    [
      heading("## Repositories"),
      ...linesOrSearch(
        "Storage by repository",
        repositoriesFit,
        repositories.map((one) => own("StorageSize", { Team: one.team, Repository: one.name }, one.name)),
        {
          terms: `{${NAMESPACE},Environment,Team,Repository} MetricName="StorageSize" Environment="${environment}"`,
          statistic: "Maximum",
          period,
        },
      ),
      ...linesOrSearch(
        "Pulls by repository",
        repositoriesFit,
        repositories.map(({ name }) => ["AWS/ECR", "RepositoryPullCount", "RepositoryName", name]),
        {
          terms: '{AWS/ECR,RepositoryName} MetricName="RepositoryPullCount"',
          statistic: "Sum",
          period: 3600,
        },
        { stat: "Sum", period: 3600 },
      ),
    ],
  ];
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
  return { widgets };
}
