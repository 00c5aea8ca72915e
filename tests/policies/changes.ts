import assert from "node:assert/strict";
import type { PlannedResource, ProgramRun } from "../../plan/run";
import { planned } from "../support/planned";

export type Change = (run: ProgramRun) => void;

export function named(run: ProgramRun, name: string): PlannedResource {
  const found = run.resources.find((resource) => resource.name === name);
  assert.ok(found, `there is no ${name}`);
  return found;
}

export const set =
  (name: string, inputs: Record<string, unknown>): Change =>
  (run) => {
    Object.assign(named(run, name).inputs, inputs);
  };

export const remove =
  (name: string): Change =>
  (run) => {
    const { urn } = named(run, name);
    run.resources = run.resources.filter((resource) => resource.urn !== urn);
  };

export const add =
  (type: string, name: string, inputs: Record<string, unknown> = {}): Change =>
  (run) => {
    run.resources.push(planned(name, inputs, { type }));
  };

/** Changes the policy document that an input holds. */
export const document =
  (name: string, key: string, change: (statements: any[]) => unknown): Change =>
  (run) => {
    const { inputs } = named(run, name);
    const parsed = JSON.parse(inputs[key] as string) as { Statement: any[] };
    parsed.Statement = (change(parsed.Statement) as any[] | undefined) ?? parsed.Statement;
    inputs[key] = JSON.stringify(parsed);
  };

export const open = { Sid: "Open", Effect: "Allow", Action: "ecr:BatchGetImage" };
export const allow =
  (statement: object): Change =>
  (run) => {
    document("payments-ledger-policy", "policy", (statements) => [...statements, { ...open, ...statement }])(
      run,
    );
  };

export const untagged: Change = (run) => {
  named(run, "findings-topic").inputs.tags = { Project: "x", Environment: "prod", ManagedBy: "pulumi" };
};
