import type { PlannedResource, ProgramRun } from "../../plan/run";

/** A resource as a plan has it: a repository, unprotected and on its own, but for what is given. */
export function planned(
  name: string,
  inputs: Record<string, unknown>,
  rest: Partial<PlannedResource> = {},
): PlannedResource {
  const type = rest.type ?? "aws:ecr/repository:Repository";
  return {
    urn: `urn:pulumi:dev::p::${type}::${name}`,
    type,
    name,
    custom: true,
    remote: false,
    inputs,
    protect: false,
    retainOnDelete: false,
    aliases: [],
    dependsOn: [],
    ...rest,
  };
}

/** A run of the dev stack in eu-west-1 that declares these resources. */
export function runOf(...resources: PlannedResource[]): ProgramRun {
  return {
    project: "p",
    stack: "dev",
    accountId: "111122223333",
    region: "eu-west-1",
    environment: "dev",
    resources,
    outputs: {},
    warnings: [],
  };
}
