import { ReadRequest } from "@pulumi/pulumi/proto/provider_pb";
import { main, type CheckResult, type DiffResult, type Provider } from "@pulumi/pulumi/provider";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { replaces } from "../../plan/replacements";
import { readWorld, writeWorld, type Fault, type World, type WorldCall, type WorldResource } from "./world";

/**
 * A stand-in for the AWS provider, for tests only: it keeps its world in the file named by STAND_IN_WORLD,
 * gives ids and ARNs in AWS's formats, replaces where the real provider does (plan/replacements.ts) and
 * refuses some of what AWS refuses, in AWS's words. Attach it with PULUMI_DEBUG_PROVIDERS=aws:<port>.
 */

const FILE = process.env.STAND_IN_WORLD ?? "";

type Inputs = Record<string, unknown>;

function typeOf(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? "";
}

function nameOf(urn: string): string {
  return urn.split("::").at(-1) ?? "";
}

/** What AWS adds to the inputs of a resource. */
function computed(
  type: string,
  name: string,
  id: string,
  inputs: Inputs,
  { account, region }: World,
): Inputs {
  const arn = (service: string, resource: string) => `arn:aws:${service}:${region}:${account}:${resource}`;
  const physical = typeof inputs.name === "string" ? inputs.name : name;
  switch (type) {
    case "aws:ecr/repository:Repository":
      return {
        arn: arn("ecr", `repository/${physical}`),
        registryId: account,
        repositoryUrl: `${account}.dkr.ecr.${region}.amazonaws.com/${physical}`,
      };
    case "aws:kms/key:Key":
      return { keyId: id, arn: arn("kms", `key/${id}`) };
    case "aws:sns/topic:Topic":
      return { arn: arn("sns", physical) };
    case "aws:sqs/queue:Queue":
      return { arn: arn("sqs", physical), url: `https://sqs.${region}.amazonaws.com/${account}/${physical}` };
    case "aws:iam/role:Role":
      return { arn: `arn:aws:iam::${account}:role/${physical}` };
    case "aws:cloudtrail/trail:Trail":
      return { arn: arn("cloudtrail", `trail/${physical}`) };
    case "aws:cloudwatch/logGroup:LogGroup":
      return { arn: arn("logs", `log-group:${physical}`) };
    case "aws:lambda/function:Function":
      return { arn: arn("lambda", `function:${physical}`) };
    case "aws:scheduler/schedule:Schedule":
      return { arn: arn("scheduler", `schedule/default/${physical}`) };
    case "aws:ec2/vpcEndpoint:VpcEndpoint":
      return { arn: arn("ec2", `vpc-endpoint/${id}`), prefixListId: "pl-6da54004" };
    default:
      return { arn: arn(type.split(":")[1]?.split("/")[0] ?? "aws", physical) };
  }
}

/** The state of a resource: what AWS adds, the inputs, and which keys were inputs. */
function outputsOf(urn: string, id: string, inputs: Inputs, world: World): Inputs {
  return {
    ...computed(typeOf(urn), nameOf(urn), id, inputs, world),
    ...inputs,
    __given: Object.keys(inputs),
  };
}

/** What AWS refuses because it is there already: the input that must be unique, and AWS's words. */
const TAKEN: Record<string, { by: string; says: (value: string, world: World) => string }> = {
  "aws:budgets/budget:Budget": {
    by: "name",
    says: (name) => `DuplicateRecordException: Error creating budget: ${name} - the budget already exists.`,
  },
  "aws:cloudtrail/trail:Trail": {
    by: "name",
    says: (name, { account }) =>
      `TrailAlreadyExistsException: Trail ${name} already exists for customer: ${account}`,
  },
  "aws:cloudwatch/logGroup:LogGroup": {
    by: "name",
    says: () => "ResourceAlreadyExistsException: The specified log group already exists",
  },
  "aws:ecr/pullThroughCacheRule:PullThroughCacheRule": {
    by: "ecrRepositoryPrefix",
    says: (prefix) =>
      `PullThroughCacheRuleAlreadyExistsException: A pull through cache rule with the prefix '${prefix}' already exists`,
  },
  "aws:ecr/repository:Repository": {
    by: "name",
    says: (name, { account }) =>
      `RepositoryAlreadyExistsException: The repository with name '${name}' already exists in the registry with id '${account}'`,
  },
  "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate": {
    by: "prefix",
    says: (prefix) =>
      `TemplateAlreadyExistsException: The repository creation template '${prefix}' already exists`,
  },
  "aws:iam/openIdConnectProvider:OpenIdConnectProvider": {
    by: "url",
    says: (url) => `EntityAlreadyExists: Provider with url ${url} already exists.`,
  },
  "aws:iam/role:Role": {
    by: "name",
    says: (name) => `EntityAlreadyExists: Role with name ${name} already exists.`,
  },
  "aws:kms/alias:Alias": {
    by: "name",
    says: (name) => `AlreadyExistsException: An alias with the name ${name} already exists`,
  },
  "aws:lambda/function:Function": {
    by: "name",
    says: (name) => `ResourceConflictException: Function already exist: ${name}`,
  },
  "aws:scheduler/schedule:Schedule": {
    by: "name",
    says: (name) => `ConflictException: Schedule ${name} already exists.`,
  },
  "aws:s3/bucket:Bucket": {
    by: "bucket",
    says: () =>
      "BucketAlreadyOwnedByYou: Your previous request to create the named bucket succeeded and you already own it.",
  },
};

/** What AWS refuses, in its words; undefined where it does not. */
function refusal(type: string, inputs: Inputs, world: World): string | undefined {
  const others = Object.values(world.resources).filter((resource) => resource.type === type);
  const taken = TAKEN[type];
  if (taken !== undefined && others.some(({ outs }) => outs[taken.by] === inputs[taken.by])) {
    return taken.says(String(inputs[taken.by]), world);
  }
  if (
    type === "aws:ec2/vpcEndpoint:VpcEndpoint" &&
    inputs.privateDnsEnabled === true &&
    others.some(({ outs }) => outs.vpcId === inputs.vpcId && outs.serviceName === inputs.serviceName)
  ) {
    return `InvalidParameter: private-dns-enabled cannot be set because there is already a conflicting DNS domain for ${String(inputs.serviceName)} in the VPC ${String(inputs.vpcId)}`;
  }
  if (type === "aws:ecr/lifecyclePolicy:LifecyclePolicy") {
    const { rules } = JSON.parse(String(inputs.policy)) as {
      rules: { rulePriority: number; selection: { tagStatus: string } }[];
    };
    const priorities = rules.map(({ rulePriority }) => rulePriority);
    const any = rules.find(({ selection }) => selection.tagStatus === "any")?.rulePriority;
    if (new Set(priorities).size < rules.length || (any !== undefined && any < Math.max(...priorities))) {
      return "InvalidParameterException: Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy validation failure'";
    }
  }
  return undefined;
}

/** The id that the provider gives: AWS's own where there is one, else a counted one. */
function idOf(type: string, inputs: Inputs, world: World): string {
  switch (type) {
    case "aws:ecr/repository:Repository":
      return String(inputs.name);
    case "aws:ecr/lifecyclePolicy:LifecyclePolicy":
    case "aws:ecr/repositoryPolicy:RepositoryPolicy":
      return String(inputs.repository);
    // One an account and region: whoever puts it last, puts the same one.
    case "aws:ecr/registryPolicy:RegistryPolicy":
    case "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration":
    case "aws:ecr/replicationConfiguration:ReplicationConfiguration":
      return world.account;
    case "aws:ecr/accountSetting:AccountSetting":
      return String(inputs.name);
    case "aws:inspector2/enabler:Enabler":
      return (inputs.accountIds as string[]).join("-");
    case "aws:s3/bucket:Bucket":
      return String(inputs.bucket);
    case "aws:kms/key:Key":
      return `00000000-0000-0000-0000-${String(++world.ids).padStart(12, "0")}`;
    default:
      return `${type.split(":").at(-1)?.toLowerCase()}-${String(++world.ids).padStart(8, "0")}`;
  }
}

const keyOf = (type: string, id: string) => `${type}|${id}`;

class StandIn implements Provider {
  readonly version = "7.48.0";

  check(_urn: string, _olds: Inputs, news: Inputs): Promise<CheckResult> {
    return Promise.resolve({ inputs: news });
  }

  diff(_id: string, urn: string, olds: Inputs, news: Inputs): Promise<DiffResult> {
    const type = typeOf(urn);
    const changed = [...new Set([...Object.keys(news), ...this.givenKeys(olds)])].filter(
      (key) => JSON.stringify(olds[key]) !== JSON.stringify(news[key]),
    );
    return Promise.resolve({
      changes: changed.length > 0,
      replaces: changed.filter((key) => replaces(type, key) === true),
      // As the bridged provider asks for: lifecycle policies (pulumi-aws #2085), and what the program has named
      // (pulumi-terraform-bridge, nameRequiresDeleteBeforeReplace).
      deleteBeforeReplace:
        type === "aws:ecr/lifecyclePolicy:LifecyclePolicy" ||
        [news.name, news.bucket].some((physical) => typeof physical === "string"),
    });
  }

  /** Keys of a state that came from inputs, of which one may be gone. */
  private givenKeys(olds: Inputs): string[] {
    return (olds.__given as string[] | undefined) ?? [];
  }

  async create(urn: string, inputs: Inputs) {
    const type = typeOf(urn);
    return this.perform("create", urn, (world) => {
      const refused = refusal(type, inputs, world);
      if (refused !== undefined) {
        throw new Error(refused);
      }
      const id = idOf(type, inputs, world);
      const outs = outputsOf(urn, id, inputs, world);
      world.resources[keyOf(type, id)] = { type, name: nameOf(urn), outs };
      return { id, outs };
    });
  }

  read(id: string, urn: string, props?: Inputs) {
    const found: WorldResource | undefined = readWorld(FILE).resources[keyOf(typeOf(urn), id)];
    return Promise.resolve(
      found === undefined
        ? {}
        : { id, props: found.outs, inputs: { ...props, ...pick(found.outs, this.givenKeys(found.outs)) } },
    );
  }

  async update(id: string, urn: string, _olds: Inputs, news: Inputs) {
    const type = typeOf(urn);
    return this.perform("update", urn, (world) => {
      const outs = outputsOf(urn, id, news, world);
      world.resources[keyOf(type, id)] = { type, name: nameOf(urn), outs };
      return { outs };
    });
  }

  async delete(id: string, urn: string, props: Inputs): Promise<void> {
    const type = typeOf(urn);
    return this.perform("delete", urn, (world) => {
      const images = world.images[String(props.name)] ?? 0;
      if (type === "aws:ecr/repository:Repository" && images > 0 && props.forceDelete !== true) {
        throw new Error(
          `RepositoryNotEmptyException: The repository with name '${String(props.name)}' in registry with id '${world.account}' cannot be deleted because it still contains images`,
        );
      }
      const using = Object.values(world.resources).find(
        ({ outs }) => Array.isArray(outs.securityGroupIds) && outs.securityGroupIds.includes(id),
      );
      if (type === "aws:ec2/securityGroup:SecurityGroup" && using !== undefined) {
        throw new Error(`DependencyViolation: resource ${id} has a dependent object (${using.name})`);
      }
      delete world.resources[keyOf(type, id)];
    });
  }

  /** One call that changes the world, with what a test wants to go wrong. */
  private async perform<T>(
    operation: WorldCall["operation"],
    urn: string,
    change: (world: World) => T,
  ): Promise<T> {
    const world = readWorld(FILE);
    let how: Fault["how"] | undefined;
    const hit = world.fault?.operation === operation && typeOf(urn).endsWith(world.fault.type ?? "");
    if (world.fault !== undefined && hit && --world.fault.at <= 0) {
      how = world.fault.how;
      delete world.fault;
    }
    const never = () => new Promise<never>(() => undefined);
    if (how === "hang-before" || how === "hang-after") {
      world.hanging = true;
    }
    if (how === "fail" || how === "hang-before") {
      writeWorld(FILE, world);
      if (how === "fail") {
        throw new Error("ThrottlingException: Rate exceeded");
      }
      return never();
    }
    const result = change(world);
    world.calls.push({ operation, type: typeOf(urn), name: nameOf(urn) });
    writeWorld(FILE, world);
    if (how === "hang-after") {
      return never();
    }
    if (how === "slow") {
      await new Promise((resolve) => setTimeout(resolve, 2000));
    }
    return result;
  }

  invoke(token: string, inputs: Inputs) {
    switch (token) {
      case "aws:ec2/getSubnet:getSubnet":
        // Subnets lie in the zone of their last character.
        return Promise.resolve({
          outputs: { ...inputs, availabilityZoneId: `euw1-az${String(inputs.id).slice(-1)}` },
        });
      case "aws:ec2/getVpc:getVpc":
        return Promise.resolve({ outputs: { ...inputs, id: "vpc-0a1b2c3d4e5f60718" } });
      case "aws:ec2/getSubnets:getSubnets":
        return Promise.resolve({
          outputs: { ...inputs, ids: ["subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60712"] },
        });
      case "aws:ec2/getRouteTables:getRouteTables":
        return Promise.resolve({ outputs: { ...inputs, ids: ["rtb-0a1b2c3d4e5f60721"] } });
      default:
        throw new Error(`the stand-in does not know ${token}`);
    }
  }
}

// An import reads without properties, which the SDK's server takes for granted.
const getProperties = Object.getOwnPropertyDescriptor(ReadRequest.prototype, "getProperties")?.value as (
  this: ReadRequest,
) => Struct | undefined;
ReadRequest.prototype.getProperties = function (this: ReadRequest) {
  return getProperties.call(this) ?? new Struct();
};

function pick(from: Inputs, keys: string[]): Inputs {
  return Object.fromEntries(keys.map((key) => [key, from[key]]));
}

void main(new StandIn(), []);
