import { exceeded, LIMITS } from "../../aws/limits";
import type { Reporter, Subject } from "./subject";

/** The trail, its lock, and what alerts on API calls need. */
export function checkAudit({ config }: Subject, error: Reporter): void {
  const { audit, findings } = config;
  if (audit.lock.days > audit.retentionDays) {
    error("audit.lock.days", {
      rule: `a log file cannot be locked longer than it is kept, ${audit.retentionDays} days`,
      fix: "shorten the lock or lengthen audit.retentionDays",
    });
  }
  if (audit.manage && audit.trailArn !== undefined) {
    error("audit.trailArn", {
      rule: "a stack that makes its trail takes none from elsewhere",
      fix: "remove it, or set audit.manage: false",
    });
  }
  if (audit.alerts && !audit.manage && audit.trailArn === undefined) {
    error("audit.alerts", {
      rule: "alerts on API calls need a logging trail, and audit.manage is off",
      fix: "give audit.trailArn, or set audit.alerts: false",
    });
  }
  if (audit.alerts && !findings.manage && findings.topicArn === undefined) {
    error("audit.alerts", {
      rule: "alerts on API calls need a topic, and findings.manage is off",
      fix: "give findings.topicArn, or set audit.alerts: false",
    });
  }
  audit.deploymentRoles.forEach((arn, i) => {
    if (!arn.includes(":role/")) {
      error(`audit.deploymentRoles[${i}]`, {
        rule: "must be a role: calls are attributed to the session's issuing role",
        fix: "name the role that runs pulumi up",
      });
    }
  });
}

/** Where AWS has budgets and alarms, and who is notified. */
export function checkCosts({ config, settings }: Subject, error: Reporter, warn: Reporter): void {
  const { costs } = config;
  const { partition } = settings.place;
  config.teams.forEach((team, t) => {
    if (team.monthlyBudget !== undefined && !costs.manage) {
      error(`teams[${t}].monthlyBudget`, {
        rule: "a team's budget needs costs.manage, which is off in this stack",
        fix: "remove it, or set it in the stack that owns the budgets",
      });
    }
  });
  if (!costs.manage) {
    return;
  }
  const budgets = [costs.monthlyBudget, ...config.teams.map((team) => team.monthlyBudget)].some(
    (b) => b !== undefined,
  );
  if (costs.billingAlarm !== undefined && partition !== "aws") {
    error("costs.billingAlarm", {
      rule: `estimated charges are published in us-east-1, which the partition ${partition} lacks`,
      fix: "remove it",
    });
  }
  if (costs.anomalyThreshold !== undefined && partition !== "aws") {
    error("costs.anomalyThreshold", {
      rule: `cost anomaly detection is not available in the partition ${partition}`,
      fix: "remove it",
    });
  }
  if (budgets && partition === "aws-us-gov") {
    error("costs.monthlyBudget", {
      rule: "GovCloud accounts are billed, and budgeted, in their standard account",
      fix: "set costs.manage: false",
    });
  }
  const count = costs.actualThresholds.length + costs.forecastThresholds.length;
  if (budgets && count === 0) {
    error("costs.actualThresholds", {
      rule: "a budget needs a notification, and there is no threshold, neither actual nor forecast",
      fix: "write costs.actualThresholds: [80, 100]",
    });
  } else if (budgets && count > LIMITS.budgetNotifications.max) {
    error("costs.actualThresholds", {
      rule: `${exceeded(LIMITS.budgetNotifications, settings.place.region, count)}: one per threshold, actual or forecast`,
      fix: "list fewer thresholds in costs.actualThresholds and costs.forecastThresholds",
    });
  }
  if (
    (budgets || costs.billingAlarm !== undefined || costs.anomalyThreshold !== undefined) &&
    costs.emails.length === 0
  ) {
    warn("costs.emails", { rule: "nobody is notified of costs", fix: "list a mail address" });
  }
}
