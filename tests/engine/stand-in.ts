import { main, type CheckResult, type DiffResult, type Provider } from "@pulumi/pulumi/provider";
import { replaces } from "../../plan/replacements";
import { readWorld, writeWorld, type World, type WorldResource } from "./world";

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

/** What AWS refuses, in its words; undefined where it does not. */
function refusal(type: string, inputs: Inputs, world: World): string | undefined {
  const existing = (other: string, key: string, value: unknown) =>
    Object.values(world.resources).find(
      (resource) => resource.type === other && resource.outs[key] === value,
    );
  if (type === "aws:ecr/repository:Repository" && existing(type, "name", inputs.name) !== undefined) {
    return `RepositoryAlreadyExistsException: The repository with name '${String(inputs.name)}' already exists in the registry with id '${world.account}'`;
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
      replaces: changed.filter((key) => replaces(type, key)),
      // As the bridged provider asks for (pulumi-aws #2085).
      deleteBeforeReplace: type === "aws:ecr/lifecyclePolicy:LifecyclePolicy",
    });
  }

  /** Keys of a state that came from inputs, of which one may be gone. */
  private givenKeys(olds: Inputs): string[] {
    return (olds.__given as string[] | undefined) ?? [];
  }

  create(urn: string, inputs: Inputs) {
    const world = readWorld(FILE);
    const type = typeOf(urn);
    if (world.failCreate !== undefined && --world.failCreate <= 0) {
      delete world.failCreate;
      writeWorld(FILE, world);
      throw new Error("ThrottlingException: Rate exceeded");
    }
    const refused = refusal(type, inputs, world);
    if (refused !== undefined) {
      throw new Error(refused);
    }
    const id = `${type.split(":").at(-1)?.toLowerCase()}-${String(++world.ids).padStart(8, "0")}`;
    const outs = outputsOf(urn, id, inputs, world);
    world.resources[id] = { type, name: nameOf(urn), outs };
    world.calls.push({ operation: "create", type, name: nameOf(urn) });
    writeWorld(FILE, world);
    return Promise.resolve({ id, outs });
  }

  read(id: string, _urn: string, props?: Inputs) {
    const found: WorldResource | undefined = readWorld(FILE).resources[id];
    return Promise.resolve(
      found === undefined
        ? {}
        : { id, props: found.outs, inputs: { ...props, ...pick(found.outs, this.givenKeys(found.outs)) } },
    );
  }

  update(id: string, urn: string, _olds: Inputs, news: Inputs) {
    const world = readWorld(FILE);
    const type = typeOf(urn);
    const outs = outputsOf(urn, id, news, world);
    world.resources[id] = { type, name: nameOf(urn), outs };
    world.calls.push({ operation: "update", type, name: nameOf(urn) });
    writeWorld(FILE, world);
    return Promise.resolve({ outs });
  }

  delete(id: string, urn: string, props: Inputs): Promise<void> {
    const world = readWorld(FILE);
    const type = typeOf(urn);
    const images = world.images[String(props.name)] ?? 0;
    if (type === "aws:ecr/repository:Repository" && images > 0 && props.forceDelete !== true) {
      throw new Error(
        `RepositoryNotEmptyException: The repository with name '${String(props.name)}' in registry with id '${world.account}' cannot be deleted because it still contains images`,
      );
    }
    delete world.resources[id];
    world.calls.push({ operation: "delete", type, name: nameOf(urn) });
    writeWorld(FILE, world);
    return Promise.resolve();
  }

  invoke(token: string, inputs: Inputs) {
    if (token !== "aws:ec2/getSubnet:getSubnet") {
      throw new Error(`the stand-in does not know ${token}`);
    }
    // Subnets lie in the zone of their last character.
    return Promise.resolve({
      outputs: { ...inputs, availabilityZoneId: `euw1-az${String(inputs.id).slice(-1)}` },
    });
  }
}

function pick(from: Inputs, keys: string[]): Inputs {
  return Object.fromEntries(keys.map((key) => [key, from[key]]));
}

void main(new StandIn(), []);
