import {
  DescribeRegistryCommand,
  GetRegistryPolicyCommand,
  GetRegistryScanningConfigurationCommand,
  paginateDescribeRepositories,
  RegistryPolicyNotFoundException,
} from "@aws-sdk/client-ecr";
import { registryPolicy } from "../../documents/registry-policy";
import { ecrClient } from "../../images/clients";
import type { Context } from "../context";
import { ok, together, warn, type Result } from "./result";

export async function checkScanning({ connection, settings }: Context): Promise<Result> {
  if (!settings.scanning.manage) {
    return ok("managed by another stack");
  }
  const { scanningConfiguration } = await ecrClient(connection).send(
    new GetRegistryScanningConfigurationCommand({}),
  );
  const rules = (scanningConfiguration?.rules ?? []).flatMap(({ scanFrequency, repositoryFilters }) =>
    (repositoryFilters ?? []).map(({ filter }) => `${scanFrequency} ${filter}`),
  );
  const wanted = [
    ...settings.scanning.continuous.map((filter) => `CONTINUOUS_SCAN ${filter}`),
    ...settings.scanning.onPush.map((filter) => `SCAN_ON_PUSH ${filter}`),
  ];
  const type = scanningConfiguration?.scanType ?? "BASIC";
  const same =
    type === settings.scanning.type.toUpperCase() && [...rules].sort().join() === [...wanted].sort().join();
  const untouched = type === "BASIC" && rules.length === 0;
  return same
    ? ok(`${type}, as this stack declares it`)
    : untouched
      ? ok("nobody has set it yet")
      : warn(
          `it is ${type} with ${rules.join(", ") || "no filters"}, and this stack would overwrite it`,
          "see that nobody else owns it, or set scanning.manage: false",
        );
}

export async function checkRegistry({ connection, settings }: Context): Promise<Result> {
  if (!settings.registry.manage) {
    return ok("managed by another stack");
  }
  const ecr = ecrClient(connection);
  const { replicationConfiguration } = await ecr.send(new DescribeRegistryCommand({}));
  const rules = replicationConfiguration?.rules ?? [];
  const policy = await ecr.send(new GetRegistryPolicyCommand({})).catch((error: unknown) => {
    if (error instanceof RegistryPolicyNotFoundException) {
      return undefined;
    }
    throw error;
  });
  const others = "see that nobody else owns it, or set registry.manage: false";
  const wanted = settings.registry.replication.flatMap(({ destinations }) =>
    destinations.map((one) => `${one.region} ${one.accountId ?? settings.place.accountId}`),
  );
  const found = rules.flatMap(({ destinations }) =>
    (destinations ?? []).map((one) => `${one.region} ${one.registryId}`),
  );
  const { place, organizationId, registry, defaults } = settings;
  const declared = registryPolicy(place, organizationId, registry, defaults.sharing);
  const differs = [...wanted].sort().join() !== [...found].sort().join();
  return together(
    [
      rules.length > 0 && differs
        ? warn(
            `images are replicated to ${found.join(", ")}${wanted.length > 0 ? ", and this stack would overwrite that" : ", by somebody else"}`,
            others,
          )
        : ok(""),
      policy?.policyText !== undefined && declared === undefined
        ? warn("there is a registry policy that this stack does not declare", others)
        : ok(""),
    ],
    "no settings made outside this stack",
  );
}

export async function checkRepositories({ connection, settings }: Context): Promise<Result> {
  const wanted = new Set(settings.teams.flatMap(({ repositories }) => repositories.map(({ name }) => name)));
  const foreign: string[] = [];
  for await (const page of paginateDescribeRepositories(
    { client: ecrClient(connection), pageSize: 1000 },
    {},
  )) {
    foreign.push(
      ...(page.repositories ?? []).flatMap(({ repositoryName = "" }) =>
        wanted.has(repositoryName) ? [repositoryName] : [],
      ),
    );
  }
  return foreign.length === 0
    ? ok(`none of the ${wanted.size} exists yet`)
    : warn(
        `${foreign.length} of ${wanted.size} exist: ${foreign.slice(0, 3).join(", ")}${foreign.length > 3 ? ", …" : ""}`,
        `if this stack has not made them, take them in: npm run import -- --stack ${settings.stack}`,
      );
}
