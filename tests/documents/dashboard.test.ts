import assert from "node:assert/strict";
import { dashboardBody, type DashboardMetric, type Widget } from "../../documents/dashboard";
import { DASHBOARD } from "../../aws/limits";
import { longestGap } from "../../aws/schedules";

const body = (teams: number, repositories: number, alarms = 20) =>
  dashboardBody({
    region: "eu-west-1",
    environment: "dev",
    period: 3600,
    teams: Object.fromEntries(
      Array.from({ length: teams }, (_, t) => [
        `team${t}`,
        Array.from({ length: Math.ceil((repositories - t) / teams) }, (_, r) => `team${t}-service${r}-dev`),
      ]),
    ),
    alarmArns: Array.from(
      { length: alarms },
      (_, i) => `arn:aws:cloudwatch:eu-west-1:111122223333:alarm:${i}`,
    ),
  }).widgets;

const metricsOf = (widgets: Widget[]): DashboardMetric[] =>
  widgets.flatMap(({ properties }) => properties.metrics ?? []);

/** What CloudWatch would refuse. */
function check(widgets: Widget[]): void {
  assert.ok(widgets.length <= DASHBOARD.widgets);
  // A search counts as the lines that it shows.
  const count = (metrics: DashboardMetric[]) =>
    metrics.reduce((sum, [first]) => sum + (typeof first === "object" ? 100 : 1), 0);
  assert.ok(count(metricsOf(widgets)) <= DASHBOARD.metrics, `${count(metricsOf(widgets))} metrics`);
  for (const { properties, x, width, type } of widgets) {
    assert.ok(count(properties.metrics ?? []) <= DASHBOARD.metricsInWidget);
    assert.ok((properties.alarms ?? []).length <= DASHBOARD.alarmsInWidget);
    assert.ok(x >= 0 && x + width <= 24);
    assert.ok(type !== "metric" || (properties.metrics ?? []).length > 0, "no graph is empty");
  }
  widgets.forEach((one, i) => {
    widgets.slice(0, i).forEach((other) => {
      const apart =
        one.x >= other.x + other.width ||
        other.x >= one.x + one.width ||
        one.y >= other.y + other.height ||
        other.y >= one.y + one.height;
      assert.ok(apart, `${one.properties.title} lies over ${other.properties.title}`);
    });
  });
}

describe("a dashboard", () => {
  it("has a line for each team and repository, and every alarm", () => {
    const widgets = body(3, 7);
    check(widgets);
    const lines = metricsOf(widgets).map((metric) =>
      metric.filter((part) => typeof part === "string").join(" "),
    );
    for (const line of [
      "EcrPlatform StorageSize Environment dev",
      "EcrPlatform ImageScanFindingsCount Environment dev Severity CRITICAL",
      "EcrPlatform StorageSize Environment dev Team team2",
      "EcrPlatform StorageSize Environment dev Team team1 Repository team1-service0-dev",
      "AWS/ECR RepositoryPullCount RepositoryName team0-service2-dev",
      "AWS/Usage CallCount Service ECR Type API Resource BatchGetImage Class None",
    ]) {
      assert.ok(lines.includes(line), line);
    }
    assert.equal(widgets.flatMap(({ properties }) => properties.alarms ?? []).length, 20);
  });
  it("shows the images that are not scanned right after the findings, of the environment and of each team", () => {
    const widgets = body(3, 7);
    for (const [findings, dimensions] of [
      ["Findings by severity", ["Environment", "dev"]],
      ["Critical findings by team", ["Environment", "dev", "Team", "team0"]],
    ] as const) {
      const next = widgets[widgets.findIndex(({ properties }) => properties.title === findings) + 1];
      const [first = []] = next?.properties.metrics ?? [];
      assert.deepEqual(
        first.filter((part) => typeof part === "string"),
        ["EcrPlatform", "NotScannedImageCount", ...dimensions],
      );
    }
  });
  it("keeps to CloudWatch's limits at 500 repositories, with a line for each", () => {
    const widgets = body(60, 500, 150);
    check(widgets);
    const named = metricsOf(widgets).filter((metric) => metric.includes("RepositoryName"));
    assert.equal(named.length, 500);
  });
  it("leaves repositories, and then teams, to a search where they are too many", () => {
    for (const [teams, repositories] of [
      [100, 2000],
      [900, 2000],
      [5000, 20_000],
    ] as const) {
      const widgets = body(teams, repositories);
      check(widgets);
      assert.ok(JSON.stringify(widgets).includes("SEARCH('{AWS/ECR,RepositoryName}"));
      assert.equal(
        JSON.stringify(widgets).includes("SEARCH('{EcrPlatform,Environment,Team,Severity}"),
        teams > 500,
      );
    }
  });
  it("is there for a stack without teams", () => {
    const widgets = body(1, 0, 0);
    assert.ok(widgets.length > 5);
  });
});

describe("the longest time between two runs of a schedule", () => {
  it("is what CloudWatch's alarms have to look back", () => {
    const [hour, day] = [3600, 24 * 3600];
    for (const [schedule, expected] of [
      ["rate(15 minutes)", 900],
      ["rate(1 hour)", hour],
      ["rate(2 days)", 2 * day],
      ["cron(0 3 * * ? *)", day],
      ["cron(0 */4 * * ? *)", 4 * hour],
      ["cron(0 8,20 * * ? *)", 12 * hour],
      ["cron(0 9 ? * MON-FRI *)", 3 * day],
      ["cron(0 3 ? * SUN *)", 7 * day],
      ["cron(0 3 1 1 ? 2027)", Infinity],
    ] as const) {
      assert.equal(longestGap(schedule), expected, schedule);
    }
  });
});
