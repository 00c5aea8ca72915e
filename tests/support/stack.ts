import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { withoutStackTraces } from "../../plan/runtime";

const ROOT = path.resolve(__dirname, "../..");

/** One registration as the program sent it. */
export interface Recorded {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
}

/** A program's registrations, what its stack exports, and the warnings that Pulumi would print. */
export class RecordedStack {
  constructor(
    readonly resources: readonly Recorded[],
    readonly outputs: Record<string, unknown>,
    readonly warnings: readonly string[],
  ) {}

  /** The inputs of all resources of a type, such as `ecr/repository:Repository`, by logical name. */
  all(type: string): Map<string, Record<string, unknown>> {
    return new Map(
      this.resources
        .filter((resource) => resource.type.endsWith(`:${type}`))
        .map(({ name, inputs }) => [name, inputs]),
    );
  }

  /** The inputs of one resource, which must be there. */
  one(type: string, name: string): Record<string, unknown> {
    const inputs = this.all(type).get(name);
    if (inputs === undefined) {
      throw new Error(`no ${type} ${name}; there are: ${[...this.all(type).keys()].join(", ") || "none"}`);
    }
    return inputs;
  }

  /** The policy or pattern that an input of one resource holds as JSON. */
  document(type: string, name: string, input = "policy"): any {
    return JSON.parse(this.one(type, name)[input] as string);
  }
}

/** Answers of AWS to look-ups, by invoke token. */
export type Lookups = Record<string, (inputs: any) => Record<string, unknown>>;

/** AWS's answers about a network: subnets lie in the zone of their last character. */
export const lookups: Lookups = {
  "aws:ec2/getSubnet:getSubnet": ({ id }) => ({ id, availabilityZoneId: `euw1-az${String(id).slice(-1)}` }),
  "aws:ec2/getVpc:getVpc": ({ tags }) => ({ id: `vpc-of-${tags.Name}` }),
  "aws:ec2/getSubnets:getSubnets": ({ filters, tags }) => ({
    ids: [`subnet-${filters[0].values[0]}-${tags.Tier}-1`, "subnet-2"],
  }),
  "aws:ec2/getRouteTables:getRouteTables": ({ vpcId }) => ({ ids: [`rtb-${vpcId}`] }),
};

function unwrapped(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(unwrapped);
  }
  if (value !== null && typeof value === "object") {
    const record = value as Record<string, unknown>;
    return "4dabf18193072939515e22adb298388d" in record
      ? unwrapped(record.value)
      : Object.fromEntries(Object.entries(record).map(([key, inner]) => [key, unwrapped(inner)]));
  }
  return value;
}

function stateOf(type: string, name: string, inputs: Record<string, unknown>): Record<string, unknown> {
  const service = type.split(":")[1]?.split("/")[0] ?? "";
  const arn = `arn:aws:${service}:eu-west-1:111122223333:${typeof inputs.name === "string" ? inputs.name : name}`;
  return {
    arn,
    keyId: `${name}-key-id`,
    url: `https://queue.example/${name}`,
    prefixListId: "pl-6da54004",
    vpcId: "vpc-0new",
    isolatedSubnetIds: ["subnet-0new1", "subnet-0new2"],
    routeTables: [],
    ...inputs,
  };
}

/** How AWS and the engine behave in a test. */
interface Mocking {
  preview?: boolean;
  stack?: string;
  lookups?: Lookups;
}

/**
 * Puts Pulumi on mocks.
 * @returns the registrations, which fill up as the program runs
 */
export async function mock({ preview = false, stack = "dev", lookups = {} }: Mocking): Promise<Recorded[]> {
  const resources: Recorded[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        const plain = unwrapped(inputs) as Record<string, unknown>;
        if (type !== "pulumi:pulumi:Stack") {
          resources.push({ type, name, inputs: plain });
        }
        // In a preview only inputs are known.
        return preview
          ? { id: undefined, state: inputs as object }
          : { id: `${name}-id`, state: stateOf(type, name, inputs as Record<string, unknown>) };
      },
      call: ({ token, inputs }) => {
        const answer = lookups[token];
        if (answer === undefined) {
          throw new Error(`the program looked up ${token}, which this test does not answer`);
        }
        return answer(inputs);
      },
    },
    "ecr-platform",
    stack,
    preview,
  );
  return resources;
}

/** The value of an output, or its rejection. */
export function resolved<T>(value: pulumi.Input<T>): Promise<T> {
  return (pulumi.output(value) as unknown as { promise(): Promise<T> }).promise();
}

/**
 * Runs the whole program on Pulumi's mocks and waits until every registration is done.
 * @param config the keys below the project's namespace
 */
export async function runStack(
  config: Record<string, unknown>,
  options: Mocking & { region?: string; allowed?: string[] } = {},
): Promise<RecordedStack> {
  const { region = "eu-west-1" } = options;
  const resources = await mock(options);
  const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
  pulumi.runtime.setAllConfig({
    "aws:region": region,
    "aws:allowedAccountIds": JSON.stringify(options.allowed ?? [config.accountId]),
    ...Object.fromEntries(Object.entries(config).map(([key, value]) => [`ecr-platform:${key}`, text(value)])),
  });
  delete require.cache[path.join(ROOT, "index.ts")];
  const warnings: string[] = [];
  const warn = console.warn;
  console.warn = (text: string) => void warnings.push(text);
  const outputs = await withoutStackTraces(async () => {
    const exported = await pulumi.runtime.runInPulumiStack(() =>
      Promise.resolve(require(path.join(ROOT, "index"))),
    );
    await pulumi.runtime.disconnect();
    return exported;
  }).finally(() => {
    console.warn = warn;
  });
  const missing = resources.find(({ inputs }) => JSON.stringify(inputs).includes("undefined"));
  if (missing !== undefined) {
    throw new Error(`${missing.name} was sent an undefined value: ${JSON.stringify(missing.inputs)}`);
  }
  return new RecordedStack(resources, outputs ?? {}, warnings);
}
