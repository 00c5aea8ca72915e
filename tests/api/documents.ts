import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { ROOT } from "../support/project";
import { lookups, runStack, type RecordedStack } from "../support/stack";
import { ACCOUNT, Emulator } from "./emulator";

export type Inputs = Record<string, any>;

/** The config of a committed stack, as the emulator's account has it, with everything on that a document is for. */
function configOf(stack: string): Record<string, unknown> {
  const file = parse(
    fs.readFileSync(path.join(ROOT, `Pulumi.${stack}.yaml`), "utf8").replaceAll("444455556666", ACCOUNT),
  );
  const config: Inputs = Object.fromEntries(
    Object.entries<any>(file.config).flatMap(([key, value]) =>
      key.startsWith("ecr-platform:") ? [[key.replace("ecr-platform:", ""), value]] : [],
    ),
  );
  config.findings = {
    ...config.findings,
    pushes: true,
    deletes: true,
    scanFailures: true,
    scanComplete: true,
  };
  config.registry = { ...config.registry, replicateFrom: ["222233334444"] };
  config.audit = { ...config.audit, logGroup: { retentionDays: 90 } };
  return config;
}

/** Texts that stand for JSON with the case in which an SDK wants keys. */
export const upper = (value: any): any =>
  Array.isArray(value)
    ? value.map(upper)
    : value !== null && typeof value === "object"
      ? Object.fromEntries(
          Object.entries(value).map(([key, inner]) => [
            key.charAt(0).toUpperCase() + key.slice(1),
            upper(inner),
          ]),
        )
      : value;

export const tagsOf = (inputs: Inputs) =>
  Object.entries(inputs.tags ?? {}).map(([Key, Value]) => ({ Key, Value: String(Value) }));

/** The emulator, and a committed stack whose documents are put into it. */
export interface StackOnApi {
  aws: Emulator;
  stack: RecordedStack;
  /** Puts every resource of a type. Fails if the stack has fewer than `least`. */
  each: (
    type: string,
    least: number,
    put: (inputs: Inputs, name: string) => Promise<unknown>,
  ) => Promise<void>;
  close: () => void;
}

export async function stackOnApi(stackName: string): Promise<StackOnApi> {
  const variables = { ...process.env };
  const aws = await Emulator.start();
  Object.assign(process.env, aws.environment);
  const stack = await runStack(configOf(stackName), { stack: stackName, lookups, allowed: [ACCOUNT] });
  const each = async (
    type: string,
    least: number,
    put: (inputs: Inputs, name: string) => Promise<unknown>,
  ) => {
    const all = stack.all(type);
    assert.ok(all.size >= least, `${all.size} ${type}`);
    for (const [name, inputs] of all) {
      await put(inputs as Inputs, name).catch((error: unknown) => {
        throw new Error(`${name} is refused: ${String(error)}`, { cause: error });
      });
    }
  };
  return {
    aws,
    stack,
    each,
    close: () => {
      aws.close();
      process.env = variables;
    },
  };
}
