import * as fs from "node:fs";
import type { EnforcementLevel, PolicyPackConfig, Severity } from "@pulumi/policy";
import { z } from "zod";
import { RULES } from "../policies/rules";
import type { Props, RuleStackResource } from "../policies/rules/rule";
import { UNKNOWN, type ProgramRun } from "./run";
import { UserError } from "./user-error";

/** What a rule of the policy pack says against a stack. */
export interface PolicyFinding {
  /** Name of the rule, as docs/policies.md lists it. */
  policy: string;
  /** A mandatory one stops `pulumi preview` and `up`. */
  level: "mandatory" | "advisory";
  severity: Severity;
  /** What is wrong, and the fix. */
  message: string;
  /** What it is about; absent for a finding on the stack as a whole. */
  urn?: string;
}

const LEVELS = ["advisory", "mandatory", "remediate", "disabled"] as const satisfies EnforcementLevel[];
const packConfig = z.record(
  z.string(),
  z.union([z.enum(LEVELS), z.looseObject({ enforcementLevel: z.enum(LEVELS).optional() })]),
);

/**
 * Reads a policy pack's config, in the form that `pulumi preview --policy-pack-config` takes.
 * @throws UserError where the file cannot be read, or names a rule that the pack does not have
 */
export function readPolicyConfig(file: string): PolicyPackConfig {
  const fail = (why: string, fix = "write it as docs/policies.md shows") =>
    new UserError(`${file} is not a policy config: ${why}`, fix);
  let parsed: unknown;
  try {
    parsed = JSON.parse(fs.readFileSync(file, "utf8"));
  } catch (error) {
    throw fail(error instanceof Error ? error.message : String(error));
  }
  const checked = packConfig.safeParse(parsed);
  if (!checked.success) {
    throw fail(z.prettifyError(checked.error));
  }
  const unknown = Object.keys(checked.data).find(
    (name) => name !== "all" && !RULES.some((rule) => rule.name === name),
  );
  if (unknown !== undefined) {
    throw fail(`there is no policy ${unknown}`, `name one of ${RULES.map(({ name }) => name).join(", ")}`);
  }
  return checked.data;
}

/** Properties that throw where what is read is unknown, as Pulumi's policy server has it. */
function unknownThrows<T extends object>(value: T): T {
  return new Proxy(value, {
    get: (target, key) => {
      const inner: unknown = Reflect.get(target, key);
      if (inner === UNKNOWN) {
        throw new Error(`${String(key)} is not known yet`);
      }
      return typeof inner === "object" && inner !== null ? unknownThrows(inner) : inner;
    },
  });
}

/**
 * What the policy pack says of a stack, rule by rule: the findings that `pulumi preview --policy-pack policies`
 * would have.
 */
export function policyFindings(run: ProgramRun, config: PolicyPackConfig = {}): PolicyFinding[] {
  const resources = run.resources.map(
    ({ type, name, urn, inputs, protect, dependsOn }): RuleStackResource => ({
      type,
      name,
      urn,
      props: unknownThrows(inputs as Props),
      opts: { protect },
      dependencies: dependsOn.map((dependency) => ({ urn: dependency })),
    }),
  );
  return RULES.flatMap((rule) => {
    const configured = config[rule.name] ?? config.all ?? {};
    const { enforcementLevel, ...properties } =
      typeof configured === "string" ? { enforcementLevel: configured } : configured;
    const level = enforcementLevel ?? rule.enforcementLevel;
    if (level === "disabled") {
      return [];
    }
    const found: PolicyFinding[] = [];
    const report = (about?: string) => (message: string, urn?: string) => {
      const of = urn ?? about;
      found.push({
        policy: rule.name,
        level: level === "advisory" ? "advisory" : "mandatory",
        severity: rule.severity ?? "medium",
        message,
        ...(of === undefined ? {} : { urn: of }),
      });
    };
    const getConfig = <T extends object>() => properties as T;
    if ("validateStack" in rule) {
      rule.validateStack({ resources, getConfig }, report());
    } else {
      for (const resource of resources) {
        rule.validateResource({ ...resource, getConfig }, report(resource.urn));
      }
    }
    return found;
  });
}
