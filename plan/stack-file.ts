import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { ENCRYPTED } from "../config/diagnostics";
import type { StackToRun } from "../config/load";
import { UserError } from "./user-error";

interface ProjectFile {
  name: string;
  config?: Record<string, { default?: unknown } | string>;
}

function read(file: string): string {
  if (!fs.existsSync(file)) {
    throw new UserError(`${file} does not exist`, "name a stack that has a file, or make one with new-env");
  }
  return fs.readFileSync(file, "utf8");
}

function parsed(file: string, text: string): unknown {
  try {
    return parse(text) as unknown;
  } catch (error) {
    throw new UserError(
      `${file} is not YAML: ${(error as Error).message.trim()}`,
      "correct the line that it names",
    );
  }
}

function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(withoutSecrets);
  }
  if (value !== null && typeof value === "object") {
    const entries = Object.entries(value);
    return entries.length === 1 && entries[0]?.[0] === "secure"
      ? ENCRYPTED
      : Object.fromEntries(entries.map(([key, inner]) => [key, withoutSecrets(inner)]));
  }
  return value;
}

/** A config value in the form in which Pulumi hands it to a program: text, structures as JSON. */
function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The stacks that have a file in a project's folder. */
export function stacksOf(directory: string): string[] {
  return fs
    .readdirSync(directory)
    .flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? [])
    .sort();
}

/** The path of a stack's file. */
export function stackFile(directory: string, stack: string): string {
  return path.join(directory, `Pulumi.${stack}.yaml`);
}

/**
 * A stack's config as the Pulumi CLI would compose it: the project's defaults below the stack file's values.
 * @param text the content of the stack's file. Default what the file holds
 * @throws UserError where a file is missing or is not YAML
 */
export function readStackConfig(
  directory: string,
  stack: string,
  text = read(stackFile(directory, stack)),
): StackToRun {
  const project = parsed("Pulumi.yaml", read(path.join(directory, "Pulumi.yaml"))) as ProjectFile;
  const file = parsed(`Pulumi.${stack}.yaml`, text) as { config?: Record<string, unknown> } | null;
  const defaults = Object.entries(project.config ?? {}).flatMap(([key, declared]): [string, unknown][] =>
    typeof declared === "object" && declared.default !== undefined ? [[key, declared.default]] : [],
  );
  const values = Object.entries(file?.config ?? {}).flatMap(([key, value]): [string, unknown][] =>
    value === null ? [] : [[key, withoutSecrets(value)]],
  );
  return {
    project: project.name,
    stack,
    directory,
    config: Object.fromEntries([...defaults, ...values].map(([key, value]) => [key, asText(value)])),
  };
}
