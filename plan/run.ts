import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import * as provproto from "@pulumi/pulumi/proto/provider_pb";
import * as resproto from "@pulumi/pulumi/proto/resource_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { ConfigError } from "../config/diagnostics";
import { withTeamsInside, type StackToRun } from "../config/load";
import { leanly } from "./runtime";
import { UserError } from "./user-error";

/** Stands in a plan for what only AWS can know. */
export const UNKNOWN = "<unknown>";
/** Stands in a plan for a secret. */
export const SECRET = "<secret>";
/** Stands in a plan with references for an output that only AWS can know: which one, and the URN of whose. */
export const REFERENCE = /<(arn|id|keyId|url) of (urn:[^>]+)>/;

/** One resource as the program registers it. */
export interface PlannedResource {
  urn: string;
  /** Pulumi type token, such as `aws:ecr/repository:Repository`. */
  type: string;
  /** Logical name. */
  name: string;
  /** URN of the parent; undefined below the stack itself. */
  parent?: string;
  /** Whether a provider makes it; components only group. */
  custom: boolean;
  /** Whether it is a component that its own plugin expands, which a plan cannot. */
  remote: boolean;
  inputs: Record<string, unknown>;
  protect: boolean;
  retainOnDelete: boolean;
  /** Names that the resource had before. */
  aliases: string[];
  /** Inputs whose change replaces the resource because the program asks for it. */
  replaceOnChanges?: string[];
  /** URNs of what it waits for, in its inputs or by dependsOn. */
  dependsOn: string[];
  /** Time-outs that differ from the provider's, such as `15m`. */
  timeouts?: { create: string; update: string; delete: string };
}

/** What a program declares for a stack. */
export interface ProgramRun {
  project: string;
  stack: string;
  /** `accountId` and `aws:region` as configured. */
  accountId: string;
  region: string;
  /** Last part of every repository's name: `environment` as configured, or the stack's name. */
  environment: string;
  /** In the order of registration. */
  resources: PlannedResource[];
  outputs: Record<string, unknown>;
  warnings: string[];
}

/** The types of the resources that providers make, each once. */
export function declaredTypes(resources: readonly PlannedResource[]): string[] {
  return [...new Set(resources.filter(({ custom, remote }) => custom || remote).map(({ type }) => type))];
}

const STACK_TYPE = "pulumi:pulumi:Stack";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";
const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
/** Pulumi's marks of assets and archives. */
const FILE_SIGNATURES = ["c44067f5952c0a294b673a41bacd8c17", "0def7320c3a5731c473e5ecbe6d01bc7"];

/** Values as people read them: unknowns and secrets by a word, files by their digest, no Pulumi wrapping. */
function readable(value: unknown): unknown {
  if (value === pulumi.runtime.unknownValue) {
    return UNKNOWN;
  }
  if (Array.isArray(value)) {
    return value.map(readable);
  }
  if (value !== null && typeof value === "object") {
    const record = value as Record<string, unknown>;
    if (record[SIGNATURE_KEY] === SECRET_SIGNATURE) {
      return SECRET;
    }
    if (FILE_SIGNATURES.includes(String(record[SIGNATURE_KEY]))) {
      return `<files ${createHash("sha256").update(JSON.stringify(record)).digest("hex").slice(0, 16)}>`;
    }
    return Object.fromEntries(Object.entries(record).map(([key, inner]) => [key, readable(inner)]));
  }
  return value;
}

/** Mocks that are never asked: the plan's monitor answers itself. */
const UNASKED: pulumi.runtime.Mocks = { newResource: () => ({ id: undefined, state: {} }), call: () => ({}) };

type Reply<T> = (error: unknown, response: T | undefined) => void;

function timeoutsOf(req: resproto.RegisterResourceRequest): Pick<PlannedResource, "timeouts"> {
  const timeouts = req.getCustomtimeouts();
  return timeouts === undefined
    ? {}
    : {
        timeouts: {
          create: timeouts.getCreate(),
          update: timeouts.getUpdate(),
          delete: timeouts.getDelete(),
        },
      };
}

/**
 * Pulumi's mock monitor, for a plan instead of a test: it keeps what a registration says beyond the inputs
 * (parent, protect, retainOnDelete, aliases), names resources as the engine does, answers as a preview
 * does (what is not an input is unknown) and, unlike the mocks, refuses two resources of one URN.
 */
class PlanMonitor extends MockMonitor {
  readonly resourcesByUrn = new Map<string, PlannedResource>();
  readonly duplicates = new Set<string>();
  stackOutputs: Record<string, unknown> = {};

  /** @param references whether what only AWS can know is a reference instead of unknown */
  constructor(private readonly references: boolean) {
    super(UNASKED);
  }

  private urnOf(req: resproto.RegisterResourceRequest): string {
    const parentType = req.getParent().split("::")[2] ?? STACK_TYPE;
    const type = parentType === STACK_TYPE ? req.getType() : `${parentType}$${req.getType()}`;
    return `urn:pulumi:${pulumi.getStack()}::${pulumi.getProject()}::${type}::${req.getName()}`;
  }

  override registerResource(
    req: resproto.RegisterResourceRequest,
    reply: Reply<resproto.RegisterResourceResponse>,
  ): Promise<void> {
    const urn = this.urnOf(req);
    if (this.resourcesByUrn.has(urn)) {
      // An error as the reply would leave the SDK waiting, so the run fails when it is over.
      this.duplicates.add(urn);
    }
    const parent = this.resourcesByUrn.get(req.getParent());
    this.resourcesByUrn.set(urn, {
      urn,
      type: req.getType(),
      name: req.getName(),
      ...(parent === undefined || parent.type === STACK_TYPE ? {} : { parent: parent.urn }),
      custom: req.getCustom(),
      remote: req.getRemote(),
      inputs: readable(req.getObject()?.toJavaScript() ?? {}) as Record<string, unknown>,
      // The engine lets children inherit both.
      protect: (req.hasProtect() ? req.getProtect() : parent?.protect) ?? false,
      retainOnDelete: (req.hasRetainondelete() ? req.getRetainondelete() : parent?.retainOnDelete) ?? false,
      aliases: req.getAliasesList().flatMap((alias) => alias.getSpec()?.getName() ?? []),
      ...(req.getReplaceonchangesList().length === 0
        ? {}
        : { replaceOnChanges: req.getReplaceonchangesList() }),
      dependsOn: req.getDependenciesList(),
      ...timeoutsOf(req),
    });
    const response = new resproto.RegisterResourceResponse();
    response.setUrn(urn);
    response.setObject(req.getRemote() ? new Struct() : req.getObject());
    if (this.references && req.getCustom() && !req.getRemote()) {
      const of = (output: string) => `<${output} of ${urn}>`;
      const outputs = Object.fromEntries(["arn", "keyId", "url"].map((output) => [output, of(output)]));
      response.setId(of("id"));
      response.setObject(Struct.fromJavaScript({ ...outputs, ...req.getObject()?.toJavaScript() }));
    }
    reply(undefined, response);
    return Promise.resolve();
  }

  override registerResourceOutputs(req: resproto.RegisterResourceOutputsRequest, reply: Reply<object>): void {
    if (this.resourcesByUrn.get(req.getUrn())?.type === STACK_TYPE) {
      this.stackOutputs = readable(req.getOutputs()?.toJavaScript() ?? {}) as Record<string, unknown>;
    }
    reply(undefined, {});
  }

  /** What AWS would be asked stays unknown. */
  override invoke(_req: unknown, reply: Reply<provproto.InvokeResponse>): Promise<void> {
    const response = new provproto.InvokeResponse();
    response.setReturn(Struct.fromJavaScript({ id: pulumi.runtime.unknownValue }));
    reply(undefined, response);
    return Promise.resolve();
  }
}

/**
 * Runs the program of `pulumi preview` for a stack, in process, on Pulumi's mocks. Never touches the network and reads
 * no stack file (stack-file.ts does). One run at a time: Pulumi's runtime is global.
 * @param directory the project's root, with index.ts
 * @param options.references whether outputs that only AWS can know are {@link REFERENCE}s instead of unknown, so
 * that a document that holds one is still seen whole
 * @throws RunError (Pulumi's) for what the program itself reports, such as a config that is not valid
 */
export async function runProgram(
  directory: string,
  toRun: StackToRun,
  { references = false }: { references?: boolean } = {},
): Promise<ProgramRun> {
  const { project, stack, misread = [], readFiles, directory: configured = directory } = toRun;
  // Team files that are being edited are not where the program would read them.
  const config = readFiles === undefined ? toRun.config : withTeamsInside(toRun);
  if (misread.length > 0) {
    throw new ConfigError(stack, misread);
  }
  const root = fs.realpathSync(directory);
  const monitor = new PlanMonitor(references);
  await pulumi.runtime.setMocks(UNASKED, project, stack, true);
  pulumi.runtime.setMockOptions(monitor, project, stack, true);
  pulumi.runtime.setAllConfig(config, []);
  const warnings: string[] = [];
  // Where Pulumi runs a program, too: the folder of the config, whose team files the program reads.
  const folder = process.cwd();
  process.chdir(configured);
  const warn = console.warn;
  console.warn = (text: string) => void warnings.push(text.replace(/^warning: \[runtime\] /, ""));
  // A failure rejects several of Pulumi's promises, of which only the stack's is awaited here.
  const failures: unknown[] = [];
  const onRejection = (error: unknown) => void failures.push(error);
  process.on("unhandledRejection", onRejection);
  try {
    // The program is what runs when index.ts is loaded; the modules below it hold no state. Node also keeps what a
    // module loaded as its children, with all that an earlier run declared.
    const index = path.join(root, "index.ts");
    delete require.cache[index];
    module.children = module.children.filter(({ filename }) => filename !== index);
    const runIndex = async () => {
      await pulumi.runtime.runInPulumiStack(
        async () => ((await import(path.join(root, "index"))) as { default: object }).default,
      );
      await pulumi.runtime.disconnect();
    };
    await (process.env.PLAN_TRACE === undefined ? leanly(runIndex) : runIndex());
  } finally {
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", onRejection);
    console.warn = warn;
    process.chdir(folder);
  }
  if (failures.length > 0) {
    throw failures[0];
  }
  if (monitor.duplicates.size > 0) {
    throw new UserError(
      `Duplicate resource URN: ${[...monitor.duplicates].join(", ")}`,
      "give each a unique name",
    );
  }
  return {
    project,
    stack,
    accountId: config[`${project}:accountId`] ?? "",
    region: config["aws:region"] ?? "",
    environment: config[`${project}:environment`] || stack,
    resources: [...monitor.resourcesByUrn.values()].filter(({ type }) => type !== STACK_TYPE),
    outputs: monitor.stackOutputs,
    warnings,
  };
}
