import type { PlannedResource } from "../../plan/run";

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
