import { spawn, type ChildProcess } from "node:child_process";
import * as path from "node:path";
import * as grpc from "@grpc/grpc-js";
import * as pulumi from "@pulumi/pulumi";
import { AnalyzerClient } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/analyzer_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { PolicyFinding } from "../../plan/policies";
import { UNKNOWN, type PlannedResource, type ProgramRun } from "../../plan/run";
import { POLICY_RUNNER, ROOT } from "../support/project";

/** One call of gRPC's kind, as a promise. */
function answer<T>(
  call: (callback: (error: grpc.ServiceError | null, reply: T) => void) => unknown,
): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, reply) => {
      if (error === null) {
        resolve(reply);
      } else {
        reject(error);
      }
    });
  });
}

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
    const child = spawn(process.execPath, [POLICY_RUNNER, "127.0.0.1:1", "."], {
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
    const info = await answer<proto.AnalyzerInfo>((callback) =>
      this.client.getAnalyzerInfo(new Empty(), callback),
    );
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
    await answer((callback) => this.client.configure(request, callback));
  }

  /** All findings on a stack: each resource's on its own, then the stack's. */
  async findings(run: ProgramRun): Promise<PolicyFinding[]> {
    const answers: proto.AnalyzeResponse[] = [];
    for (const resource of run.resources) {
      const request = new proto.AnalyzeRequest()
        .setType(resource.type)
        .setUrn(resource.urn)
        .setName(resource.name)
        .setProperties(propertiesOf(resource))
        .setOptions(optionsOf(resource));
      const reply = await answer<proto.AnalyzeResponse>((callback) => this.client.analyze(request, callback));
      for (const diagnostic of reply.getDiagnosticsList()) {
        diagnostic.setUrn(diagnostic.getUrn() || resource.urn);
      }
      answers.push(reply);
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
    answers.push(
      await answer<proto.AnalyzeResponse>((callback) => this.client.analyzeStack(stack, callback)),
    );
    return answers.flatMap((reply) =>
      reply.getDiagnosticsList().map((diagnostic): PolicyFinding => ({
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
