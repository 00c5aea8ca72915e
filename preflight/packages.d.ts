// What is used of preflight/package.json's packages, which the root's type check runs without.

declare module "@aws/cloudformation-validate" {
  export interface Diagnostic {
    ruleId: string;
    severity: "FATAL" | "ERROR" | "WARN" | "INFO" | "DEBUG";
    message: string;
    source: "SCHEMA" | "CFN_LINT" | "ENGINE" | "CUSTOM" | "GUARD";
    entity?: { logicalId: string };
    propertyPath?: string;
  }
  export class RegoEngine {
    constructor(config: { customRules: { name: string; content: string }[] });
    validateStandard(
      template: { path: string; readBytes(): Uint8Array },
      config: { pseudoParameterOverrides: Record<string, string>; exclude: { ids: string[] } },
    ): { status: string; diagnostics: Diagnostic[] };
    listRules(): { id: string; source: string }[];
    free(): void;
  }
}

declare module "cdk-preflight/lib/rules.generated.js" {
  export const BUNDLED_RULES: { id: string; service: string; resourceTypes: string[]; rego: string }[];
  export const BUNDLED_LIBS: { name: string; rego: string }[];
}
