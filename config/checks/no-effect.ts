import { isDeepStrictEqual } from "node:util";
import { valueAt } from "../diagnostics";
import { stackConfig } from "../schema";
import { cleansUp, watchesCosts } from "../settings";
import type { Reporter, Subject } from "./subject";

type Part = "scanning" | "findings" | "network" | "registry" | "audit" | "costs" | "operations";

/** Keys that say nothing while what they belong to is off. */
interface Row {
  part: Part;
  /** Keys below the part. Default all but `manage`. */
  keys?: string[];
  /** Keys below the part that have an effect all the same. */
  except?: string[];
  /** Whether they have no effect. */
  when: (subject: Subject) => boolean;
  /** Why not, and what would give them one. */
  because: string;
  fix: string;
  /** As in a check's finding. */
  from?: string;
  /** Default a warning. */
  severity?: "error";
}

const off =
  (part: Part) =>
  ({ config }: Subject): boolean =>
    !config[part].manage;

/** The first row that applies to a key reports it. */
const ROWS: Row[] = [
  {
    part: "scanning",
    // Alerts depend on the type, in whichever stack the configuration is.
    except: ["type"],
    when: off("scanning"),
    because: "scanning.manage is off",
    fix: "remove it, or set it in the stack that owns the scanning configuration",
  },
  {
    part: "scanning",
    keys: ["inspector.mode", "inspector.resourceTypes"],
    when: ({ config }) => config.scanning.type === "basic",
    because: "basic scanning does not use Inspector",
    fix: "remove it, or use scanning.type: enhanced",
  },
  {
    part: "scanning",
    keys: ["inspector.resourceTypes"],
    when: ({ config }) => config.scanning.inspector.mode === "elsewhere",
    because: "with scanning.inspector.mode: elsewhere this stack does not enable Inspector",
    fix: "remove it, or use scanning.inspector.mode: enable",
  },
  {
    part: "findings",
    except: ["topicArn"],
    when: off("findings"),
    because: "findings.manage is off",
    fix: "remove it, or set findings.manage: true",
  },
  {
    part: "findings",
    keys: ["scanComplete", "securityHub"],
    when: ({ config }) => config.scanning.type === "basic",
    because: "it is about scans by Inspector, and scanning.type is basic",
    fix: "remove it, or use scanning.type: enhanced",
  },
  {
    part: "network",
    when: ({ config }) => !config.network.manage || config.network.vpc === undefined,
    because: "this stack makes no endpoints: network.manage is off, or there is no network.vpc",
    fix: "remove it, or set network.vpc",
  },
  {
    part: "registry",
    except: ["githubOidcProvider"],
    when: off("registry"),
    because: "it needs registry.manage, which is off in this stack",
    fix: "set it in the stack that owns the registry",
    severity: "error",
  },
  {
    part: "audit",
    except: ["trailArn", "alerts", "deploymentRoles"],
    when: off("audit"),
    because: "audit.manage is off, so this stack has no trail",
    fix: "remove it, or set audit.manage: true",
  },
  {
    part: "audit",
    keys: ["deploymentRoles"],
    when: ({ config }) => !config.audit.alerts,
    because: "audit.alerts is off",
    fix: "remove it, or set audit.alerts: true",
  },
  {
    part: "costs",
    when: off("costs"),
    because: "costs.manage is off",
    fix: "remove it, or set costs.manage: true",
  },
  {
    part: "costs",
    keys: ["actualThresholds", "forecastThresholds"],
    when: ({ config }) =>
      [config.costs, ...config.teams].every(({ monthlyBudget }) => monthlyBudget === undefined),
    because: "there is no budget",
    fix: "set costs.monthlyBudget, or remove it",
    from: "teams",
  },
  {
    part: "costs",
    keys: ["emails"],
    when: ({ settings }) => !watchesCosts(settings),
    because: "there is no budget, billing alarm or anomaly monitor",
    fix: "set costs.monthlyBudget, costs.billingAlarm or costs.anomalyThreshold, or remove it",
    from: "teams",
  },
  {
    part: "operations",
    // The commands clean up by them, too.
    except: ["cleanUp"],
    when: off("operations"),
    because: "operations.manage is off",
    fix: "remove it, or set operations.manage: true",
  },
  {
    part: "operations",
    keys: ["cleanUp.mode", "cleanUp.schedule", "cleanUp.reportDays"],
    when: ({ settings }) => !cleansUp(settings) && settings.operations.cleanUp.mode !== "off",
    because: "there is no clean-up: operations.manage is off, or no repository has a rule in cleanUp",
    fix: "set repositories.cleanUp, or remove it",
    from: "teams",
  },
  {
    part: "operations",
    keys: ["cleanUp.schedule", "cleanUp.reportDays"],
    when: ({ config }) => config.operations.cleanUp.mode === "off",
    because: "operations.cleanUp.mode is off",
    fix: "remove it, or set operations.cleanUp.mode: dry-run",
  },
];

/** Keys that differ from their default and have no effect. */
export function checkNoEffect(subject: Subject, error: Reporter, warn: Reporter): void {
  const reported = new Set<string>();
  for (const { part, except = [], when, because, fix, from, severity, ...row } of ROWS) {
    const config = subject.config[part];
    const defaults = stackConfig.shape[part].parse(undefined);
    const keys = row.keys ?? Object.keys(config).filter((key) => !["manage", ...except].includes(key));
    for (const key of when(subject) ? keys : []) {
      const full = `${part}.${key}`;
      if (!reported.has(full) && !isDeepStrictEqual(valueAt(config, key), valueAt(defaults, key))) {
        reported.add(full);
        (severity === "error" ? error : warn)(full, { rule: `it has no effect: ${because}`, fix, from });
      }
    }
  }
}
