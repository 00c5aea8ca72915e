import * as fs from "node:fs";
import * as path from "node:path";
import { diagnostic, type Diagnostic } from "../config/diagnostics";
import { misreadAdvice } from "../config/issues";
import { stackConfigSchema } from "../config/json-schema";
import type { StackToRun } from "../config/load";
import { encrypted, isCiphertext } from "../config/secrets";
import { nearest } from "../config/suggest";
import { readYaml, YamlError } from "../config/yaml";
import { UserError } from "./user-error";

interface ProjectFile {
  name: string;
  config?: Record<string, { default?: unknown } | string>;
}

function parsed(file: string, text: string): ReturnType<typeof readYaml> {
  try {
    return readYaml(text);
  } catch (error) {
    if (error instanceof YamlError) {
      throw new UserError(`${file}, line ${error.line}: ${error.rule}`, error.fix);
    }
    throw error;
  }
}

/**
 * A key with its namespace: without one it is the project's.
 * https://www.pulumi.com/docs/iac/concepts/config/
 */
function namespaced(project: string, key: string): string {
  return key.includes(":") ? key.replace(/^([^:]+):config:([^:]+)$/, "$1:$2") : `${project}:${key}`;
}

/** A value with something else in place of what is encrypted. */
function withPlaceholders(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(withPlaceholders);
  }
  if (isCiphertext(value)) {
    return encrypted(value.secure);
  }
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withPlaceholders(inner)]));
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

/** What is wrong where a stack has no file, with the stacks that have one. */
export function noStackFile(directory: string, stack: string): UserError {
  const stacks = stacksOf(directory);
  const near = nearest(stack, stacks);
  return new UserError(
    `there is no stack ${stack}: Pulumi.${stack}.yaml does not exist`,
    stacks.length === 0
      ? "make a stack's file with new-env"
      : `${near === undefined ? "name one of the stacks that have a file" : `did you mean ${near}? Stacks that have a file`}: ${stacks.join(", ")}`,
  );
}

function readProject(directory: string): ProjectFile {
  const file = path.join(directory, "Pulumi.yaml");
  if (!fs.existsSync(file)) {
    throw new UserError(`${file} does not exist`, "run the command in the project's own copy");
  }
  const project = parsed("Pulumi.yaml", fs.readFileSync(file, "utf8")).value as Partial<ProjectFile> | null;
  if (typeof project?.name !== "string") {
    throw new UserError("Pulumi.yaml has no name", "write name: and the project's name");
  }
  return { ...project, name: project.name };
}

/** The name in Pulumi.yaml: the namespace of the project's config. */
export function projectName(directory: string): string {
  return readProject(directory).name;
}

/**
 * A stack's own name, where Pulumi also takes `organization/stack` and `organization/project/stack`.
 * https://www.pulumi.com/docs/iac/concepts/stacks/
 * @throws UserError where the name is of another project, or of none of these forms
 */
export function stackNameOf(directory: string, name: string): string {
  const own = projectName(directory);
  const [, project = own, stack] = /^(?:[\w.-]+\/(?:([\w.-]+)\/)?)?([\w.-]+)$/.exec(name) ?? [];
  if (stack === undefined) {
    throw new UserError(
      `${JSON.stringify(name)} is not a stack's name`,
      `write <stack>, <organization>/<stack> or <organization>/${own}/<stack>`,
    );
  }
  if (project !== own) {
    throw new UserError(
      `${name} is a stack of the project ${project}, and this is ${own}`,
      `write ${stack}, or <organization>/${own}/${stack}`,
    );
  }
  return stack;
}

function readStackFile(directory: string, stack: string): string {
  const file = stackFile(directory, stack);
  if (!fs.existsSync(file)) {
    throw noStackFile(directory, stack);
  }
  return fs.readFileSync(file, "utf8");
}

/** Keys of the config beside `config`, where nothing reads them. `environment` has a meaning of Pulumi's there. */
function besideConfig(project: string, file: object | null): Diagnostic[] {
  return Object.entries(file ?? {}).flatMap(([name, value]: [string, unknown]) => {
    const key = namespaced(project, name).replace(`${project}:`, "");
    return Object.hasOwn(stackConfigSchema().properties ?? {}, key) && name !== "environment"
      ? [
          diagnostic({
            severity: "error",
            key,
            value,
            rule: "it is beside config, and Pulumi reads only what is below config",
            fix: "indent it, so that it is below config:",
          }),
        ]
      : [];
  });
}

/**
 * A stack's config as the Pulumi CLI would compose it: the project's defaults below the stack file's values.
 * @param text the content of the stack's file. Default what the file holds
 * @throws UserError where a file is missing or is not YAML
 */
export function readStackConfig(
  directory: string,
  stack: string,
  text = readStackFile(directory, stack),
): StackToRun {
  const project = readProject(directory);
  const { value, misread } = parsed(`Pulumi.${stack}.yaml`, text);
  const file = value as { config?: Record<string, unknown> } | null;
  const defaults = Object.entries(project.config ?? {}).flatMap(([key, declared]): [string, unknown][] =>
    typeof declared === "object" && declared.default !== undefined ? [[key, declared.default]] : [],
  );
  const written = Object.keys(file?.config ?? {});
  const twice = written.find((key) =>
    written.some(
      (other) => other !== key && namespaced(project.name, other) === namespaced(project.name, key),
    ),
  );
  if (twice !== undefined) {
    throw new UserError(
      `Pulumi.${stack}.yaml: ${namespaced(project.name, twice)} is set twice, with and without the project's name`,
      "remove one of the two",
    );
  }
  // Pulumi takes a key without a value for empty text.
  const config = [...defaults, ...Object.entries(file?.config ?? {})].map(([key, one]) => [
    namespaced(project.name, key),
    asText(withPlaceholders(one ?? "")),
  ]);
  return {
    project: project.name,
    stack,
    directory,
    misread: [
      ...besideConfig(project.name, file),
      ...misreadAdvice(misread, stackConfigSchema(), ([, key, ...inner]) => [
        namespaced(project.name, String(key)).replace(`${project.name}:`, ""),
        ...inner,
      ]).map((one) => diagnostic({ severity: "error", ...one })),
    ],
    config: Object.fromEntries(config) as Record<string, string>,
  };
}
