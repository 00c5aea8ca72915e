import * as pulumi from "@pulumi/pulumi";
import { parseStack, type Parsed } from "./parse";
import { ConfigError, formatDiagnostics } from "./diagnostics";
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

/** The keys of one namespace of a config, without their prefix. */
function namespaceOf(config: Record<string, string>, namespace: string): Record<string, string> {
  const prefix = `${namespace}:`;
  return Object.fromEntries(
    Object.entries(config)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => [key.slice(prefix.length), value]),
  );
}

/**
 * Checks a stack's config in the form in which Pulumi hands it over: texts by namespaced key. Never throws: what is
 * wrong comes back as diagnostics.
 */
export function parseConfig(project: string, stack: string, config: Record<string, string>): Parsed {
  const aws = namespaceOf(config, "aws");
  const raw = Object.fromEntries(
    Object.entries(namespaceOf(config, project))
      .map(([key, text]): [string, unknown] => [key, typed(key, text)])
      .filter(([, value]) => value !== undefined),
  );
  return parseStack(raw, {
    project,
    stack,
    region: aws.region ?? "",
    allowedAccountIds:
      aws.allowedAccountIds === undefined ? undefined : typed("allowedAccountIds", aws.allowedAccountIds),
  });
}

/**
 * The settings of a config that was checked.
 * @throws ConfigError with every error
 */
export function settingsOf(stack: string, { settings, diagnostics }: Parsed): Settings {
  if (settings === undefined) {
    throw new ConfigError(
      stack,
      diagnostics.filter(({ severity }) => severity === "error"),
    );
  }
  return settings;
}

/**
 * Reads the running stack's config: the only place that does. Warnings are logged.
 * @throws ConfigError with every problem, before any resource is declared
 */
export function loadSettings(): Settings {
  const stack = pulumi.getStack();
  const parsed = parseConfig(pulumi.getProject(), stack, pulumi.runtime.allConfig());
  const settings = settingsOf(stack, parsed);
  for (const warning of parsed.diagnostics) {
    void pulumi.log.warn(`Pulumi.${stack}.yaml, warning:\n${formatDiagnostics([warning])}`);
  }
  return settings;
}
