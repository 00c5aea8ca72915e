import { RegoEngine } from "@aws/cloudformation-validate";
import { BUNDLED_LIBS, BUNDLED_RULES } from "cdk-preflight/lib/rules.generated.js";
import { partitionOf } from "../config/settings";
import type { Finding } from "./exceptions";
import { TABLE } from "./table";
import type { Template } from "./template";

/** Parameters by which the rules know where a template is deployed. */
const REGION = "PreflightRegion";
const ACCOUNT = "PreflightAccount";

/** Rules about how a template is written, which nobody wrote here: unused parameters, ARNs and account ids as text. */
const TEMPLATE_STYLE = ["W2001", "W9002", "W9013"];

const HEADER = "package cdk_preflight\n\nimport rego.v1\n";
/** cdk-preflight builds an engine for each region, which takes seconds; here the template says it. */
const DEPLOYMENT = `${HEADER}
deploy_region := input.parameters.${REGION}["default"]
deploy_account := input.parameters.${ACCOUNT}["default"]
`;

/** cdk-preflight's rules on the resource types that {@link TABLE} maps to, and on all types. */
const types = new Set(Object.values(TABLE).flatMap((row) => ("type" in row ? [row.type] : [])));
const rules = BUNDLED_RULES.filter(({ resourceTypes }) =>
  resourceTypes.some((type) => type === "*" || types.has(type)),
);

/** The rules as modules of the engine: one per service compiles several times faster than one per rule. */
function modules(): { name: string; content: string }[] {
  const bodies = new Map<string, string[]>();
  for (const { service, rego } of rules) {
    const body = rego.replace(/^(?:package|import)\s.*\n/gm, "");
    bodies.set(service, [...(bodies.get(service) ?? []), body]);
  }
  return [
    ...BUNDLED_LIBS.map(({ name, rego }) => ({ name, content: rego })),
    ...[...bodies].map(([service, parts]) => ({ name: service, content: HEADER + parts.join("\n") })),
    { name: "deployment", content: DEPLOYMENT },
  ];
}

/**
 * The rules of cdk-preflight, each of which was reproduced against AWS or names its documentation, and the
 * schemas and rules that @aws/cloudformation-validate brings.
 */
export class Rules {
  private readonly engine = new RegoEngine({ customRules: modules() });

  /** Ids of cdk-preflight's rules that look at a resource type of the templates. */
  idsFor(templates: Iterable<Template>): Set<string> {
    const used = new Set(
      [...templates].flatMap(({ Resources }) => Object.values(Resources).map(({ Type }) => Type)),
    );
    return new Set(
      rules
        .filter(({ resourceTypes }) => resourceTypes.some((type) => type === "*" || used.has(type)))
        .map(({ id }) => id),
    );
  }

  /**
   * What the rules refuse in a template.
   * @throws Error where a rule could not be evaluated, so that none of them counts as passed
   */
  refusals(template: Template, { region, accountId }: { region: string; accountId: string }): Finding[] {
    const deployed: Template = {
      ...template,
      Parameters: {
        ...template.Parameters,
        [REGION]: { Type: "String", Default: region },
        [ACCOUNT]: { Type: "String", Default: accountId },
      },
    };
    const { status, diagnostics } = this.engine.validateStandard(
      { path: `${region}.json`, readBytes: () => Buffer.from(JSON.stringify(deployed)) },
      {
        pseudoParameterOverrides: { region, accountId, partition: partitionOf(region) },
        exclude: { ids: TEMPLATE_STYLE },
      },
    );
    if (status !== "OK") {
      throw new Error(`the rules could not be evaluated (${status})`);
    }
    return diagnostics
      .filter(({ severity }) => severity !== "INFO" && severity !== "DEBUG")
      .map(({ ruleId, entity, propertyPath, message }) => ({
        rule: ruleId,
        id: entity?.logicalId ?? "",
        path: propertyPath ?? "",
        message,
      }));
  }
}
