import type { Report, Subject } from "./report";

/** The trail, its lock, and what alerts on API calls need. */
export function checkAudit({ config }: Subject, error: Report): void {
  const { audit, findings } = config;
  if (audit.lock.days > audit.retentionDays) {
    error(
      "audit.lock.days",
      audit.lock.days,
      `a log file cannot be locked longer than it is kept, ${audit.retentionDays} days`,
      "shorten the lock or lengthen audit.retentionDays",
    );
  }
  if (audit.manage && audit.trailArn !== undefined) {
    error(
      "audit.trailArn",
      audit.trailArn,
      "a stack that makes its trail takes none from elsewhere",
      "remove it, or set audit.manage: false",
    );
  }
  if (audit.alerts && !audit.manage && audit.trailArn === undefined) {
    error(
      "audit.alerts",
      true,
      "alerts on API calls need a logging trail, and audit.manage is off",
      "give audit.trailArn, or set audit.alerts: false",
    );
  }
  if (audit.alerts && !findings.manage && findings.topicArn === undefined) {
    error(
      "audit.alerts",
      true,
      "alerts on API calls need a topic, and findings.manage is off",
      "give findings.topicArn, or set audit.alerts: false",
    );
  }
  audit.deploymentRoles.forEach((arn, i) => {
    if (!arn.includes(":role/")) {
      error(
        `audit.deploymentRoles[${i}]`,
        arn,
        "a role: calls are told apart by the session's issuer",
        "name the role that runs pulumi up",
      );
    }
  });
}

/** Where AWS has budgets and alarms, and who hears of them. */
export function checkCosts({ config, settings }: Subject, error: Report, warn: Report): void {
  const { costs } = config;
  const { partition } = settings.place;
  config.teams.forEach((team, t) => {
    if (team.monthlyBudget !== undefined && !costs.manage) {
      error(
        `teams[${t}].monthlyBudget`,
        team.monthlyBudget,
        "a team's budget needs costs.manage, which is off in this stack",
        "remove it, or set it in the stack that owns the budgets",
      );
    }
  });
  if (!costs.manage) {
    return;
  }
  const budgets = [costs.monthlyBudget, ...config.teams.map((team) => team.monthlyBudget)].some(
    (b) => b !== undefined,
  );
  if (costs.billingAlarm !== undefined && partition !== "aws") {
    error(
      "costs.billingAlarm",
      costs.billingAlarm,
      `estimated charges are published in us-east-1, which the partition ${partition} lacks`,
      "remove it",
    );
  }
  if (costs.anomalyThreshold !== undefined && partition !== "aws") {
    error(
      "costs.anomalyThreshold",
      costs.anomalyThreshold,
      `cost anomaly detection is not available in the partition ${partition}`,
      "remove it",
    );
  }
  if (budgets && partition === "aws-us-gov") {
    error(
      "costs.monthlyBudget",
      costs.monthlyBudget,
      "GovCloud accounts are billed, and budgeted, in their standard account",
      "set costs.manage: false",
    );
  }
  const count = costs.actualThresholds.length + costs.forecastThresholds.length;
  if (budgets && (count === 0 || count > 10)) {
    error(
      "costs.actualThresholds",
      count,
      "a budget has 1 to 10 notifications (AWS Budgets quotas)",
      "list fewer actual and forecast thresholds",
    );
  }
  if (
    (budgets || costs.billingAlarm !== undefined || costs.anomalyThreshold !== undefined) &&
    costs.emails.length === 0
  ) {
    warn("costs.emails", [], "nobody hears of the costs", "list a mail address");
  }
}
