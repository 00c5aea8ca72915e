import * as pulumi from "@pulumi/pulumi";
import { parseStack } from "./parse";
import { ConfigError, formatProblems } from "./report";
import { stackConfigSchema } from "./json-schema";
import type { Settings } from "./settings";

/** A value as Pulumi hands it over, always text, in the type that the schema wants at that key. */
function typed(key: string, text: string): unknown {
  if (stackConfigSchema().properties?.[key]?.type === "string") {
    // Pulumi.yaml's defaults cannot be absent, so empty text stands for it.
    return text === "" ? undefined : text;
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** The keys of one namespace of the running stack's config, without their prefix. */
function namespaceOf(namespace: string): Record<string, string> {
  const prefix = `${namespace}:`;
  return Object.fromEntries(
    Object.entries(pulumi.runtime.allConfig())
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => [key.slice(prefix.length), value]),
  );
}

/**
 * Reads the running stack's config: the only place that does. Warnings are logged.
 * @throws ConfigError with every problem, before any resource is declared
 */
export function loadSettings(): Settings {
  const project = pulumi.getProject();
  const stack = pulumi.getStack();
  const aws = namespaceOf("aws");
  const raw = Object.fromEntries(
    Object.entries(namespaceOf(project))
      .map(([key, text]): [string, unknown] => [key, typed(key, text)])
      .filter(([, value]) => value !== undefined),
  );
  const { settings, findings } = parseStack(raw, {
    project,
    stack,
    region: aws.region ?? "",
    allowedAccountIds: typed("allowedAccountIds", aws.allowedAccountIds ?? "[]"),
  });
  if (settings === undefined) {
    throw new ConfigError(
      stack,
      findings.filter(({ severity }) => severity === "error"),
    );
  }
  for (const warning of findings) {
    void pulumi.log.warn(`Pulumi.${stack}.yaml, worth a look:\n${formatProblems([warning])}`);
  }
  return settings;
}
