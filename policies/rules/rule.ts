import type { Policy, PolicyResource, PolicyResourceOptions, ReportViolation } from "@pulumi/policy";

/** Properties of a resource as a policy gets them: reading what a preview cannot know throws. */
export type Props = Record<string, unknown>;

/** What a rule is told of one resource. */
export interface RuleResource {
  /** Pulumi type token, such as `aws:ecr/repository:Repository`. */
  type: string;
  /** Logical name. */
  name: string;
  urn: string;
  props: Props;
  opts: Pick<PolicyResourceOptions, "protect">;
}

/** What a rule is told of one resource among its stack's. */
export interface RuleStackResource extends RuleResource {
  /** What it waits for, in its inputs or by dependsOn. */
  dependencies: Pick<PolicyResource, "urn">[];
}

interface Configured {
  getConfig<T extends object>(): T;
}

/** A rule of the pack: one of Pulumi's policies that needs no more than this, so that a plan can call it too. */
export type Rule = Policy &
  (
    | { validateResource: (args: RuleResource & Configured, report: ReportViolation) => void }
    | {
        validateStack: (
          args: { resources: RuleStackResource[] } & Configured,
          report: ReportViolation,
        ) => void;
      }
  );
