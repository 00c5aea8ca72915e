import { spawn, type ChildProcess } from "node:child_process";
import * as path from "node:path";
import * as grpc from "@grpc/grpc-js";
import * as pulumi from "@pulumi/pulumi";
import { AnalyzerClient } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/analyzer_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { PolicyFinding } from "../../plan/policies";
import { UNKNOWN, type PlannedResource, type ProgramRun } from "../../plan/run";
import { ROOT } from "../support/project";

/** Starts a policy pack as Pulumi's language host does. */
const RUNNER = path.join(ROOT, "node_modules/@pulumi/pulumi/cmd/run-policy-pack");

/** A plan's word for what is unknown, in the form in which the engine says it. */
function unknowns(value: unknown): unknown {
  if (value === UNKNOWN) {
    return pulumi.runtime.unknownValue;
  }
  if (Array.isArray(value)) {
    return value.map(unknowns);
  }
  return value !== null && typeof value === "object"
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unknowns(inner)]))
    : value;
}

function optionsOf({ protect }: PlannedResource): proto.AnalyzerResourceOptions {
  return new proto.AnalyzerResourceOptions().setProtect(protect);
}

function propertiesOf({ inputs }: PlannedResource): Struct {
  return Struct.fromJavaScript(unknowns(inputs) as Record<string, never>);
}

/** The policy pack, served by @pulumi/policy in a process of its own, and asked as the engine asks. */
export class PolicyServer {
  private constructor(
    private readonly child: ChildProcess,
    private readonly client: AnalyzerClient,
  ) {}

  static async start(): Promise<PolicyServer> {
    const child = spawn(process.execPath, [RUNNER, "127.0.0.1:1", "."], {
      cwd: path.join(ROOT, "policies"),
      stdio: ["ignore", "pipe", "inherit"],
    });
    const port = await new Promise<string>((resolve, reject) => {
      child.stdout.once("data", (data: Buffer) => {
        resolve(data.toString().trim());
      });
      child.once("exit", () => {
        reject(new Error("the policy pack ended before it said its port"));
      });
    });
    return new PolicyServer(
      child,
      new AnalyzerClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure()),
    );
  }

  stop(): void {
    this.client.close();
    this.child.kill();
  }

  /** Names of the policies that the pack says it has. */
  async policies(): Promise<string[]> {
    const empty = new (await import("google-protobuf/google/protobuf/empty_pb")).Empty();
    const info = await new Promise<proto.AnalyzerInfo>((resolve, reject) => {
      this.client.getAnalyzerInfo(empty, (error, reply) => {
        if (error === null) {
          resolve(reply);
        } else {
          reject(error);
        }
      });
    });
    return info.getPoliciesList().map((policy) => policy.getName());
  }

  /** Configures the pack as `--policy-pack-config` does. */
  async configure(
    config: Record<string, { level: "ADVISORY" | "MANDATORY" | "DISABLED"; properties?: object }>,
  ) {
    const request = new proto.ConfigureAnalyzerRequest();
    for (const [policy, { level, properties }] of Object.entries(config)) {
      request
        .getPolicyconfigMap()
        .set(
          policy,
          new proto.PolicyConfig()
            .setEnforcementlevel(proto.EnforcementLevel[level])
            .setProperties(Struct.fromJavaScript((properties ?? {}) as Record<string, never>)),
        );
    }
    await new Promise<void>((resolve, reject) => {
      this.client.configure(request, (error) => {
        if (error === null) {
          resolve();
        } else {
          reject(error);
        }
      });
    });
  }

  /** All findings on a stack: each resource's on its own, then the stack's. */
  async findings(run: ProgramRun): Promise<PolicyFinding[]> {
    const answers: proto.AnalyzeResponse[] = [];
    const keep =
      (resolve: () => void, reject: (error: Error) => void) =>
      (error: grpc.ServiceError | null, reply: proto.AnalyzeResponse) => {
        if (error === null) {
          answers.push(reply);
          resolve();
        } else {
          reject(error);
        }
      };
    for (const resource of run.resources) {
      const request = new proto.AnalyzeRequest()
        .setType(resource.type)
        .setUrn(resource.urn)
        .setName(resource.name)
        .setProperties(propertiesOf(resource))
        .setOptions(optionsOf(resource));
      await new Promise<void>((resolve, reject) => {
        this.client.analyze(request, (error, reply) => {
          for (const diagnostic of reply?.getDiagnosticsList() ?? []) {
            diagnostic.setUrn(diagnostic.getUrn() || resource.urn);
          }
          keep(resolve, reject)(error, reply);
        });
      });
    }
    const stack = new proto.AnalyzeStackRequest().setResourcesList(
      run.resources.map((resource) =>
        new proto.AnalyzerResource()
          .setType(resource.type)
          .setUrn(resource.urn)
          .setName(resource.name)
          .setProperties(propertiesOf(resource))
          .setOptions(optionsOf(resource))
          .setDependenciesList(resource.dependsOn),
      ),
    );
    await new Promise<void>((resolve, reject) => {
      this.client.analyzeStack(stack, keep(resolve, reject));
    });
    return answers.flatMap((answer) =>
      answer.getDiagnosticsList().map((diagnostic): PolicyFinding => ({
        policy: diagnostic.getPolicyname(),
        level:
          diagnostic.getEnforcementlevel() === proto.EnforcementLevel.MANDATORY ? "mandatory" : "advisory",
        severity: (["medium", "low", "medium", "high", "critical"] as const)[diagnostic.getSeverity()],
        // The server puts the policy's description first.
        message: diagnostic.getMessage().split("\n").slice(1).join("\n"),
        ...(diagnostic.getUrn() === "" ? {} : { urn: diagnostic.getUrn() }),
      })),
    );
  }
}
