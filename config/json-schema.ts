import { z } from "zod";
import { stackConfig } from "./schema";

/** The parts of JSON Schema that zod writes for the stack config and that this program reads. */
export interface JsonSchema {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  pattern?: string;
  minimum?: number;
  maximum?: number;
  required?: string[];
  properties?: Record<string, JsonSchema>;
  additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  const?: unknown;
  [key: string]: unknown;
}

let cached: JsonSchema | undefined;

/** JSON Schema of a stack's config below the project's namespace, as a user writes it. */
export function stackConfigSchema(): JsonSchema {
  cached ??= z.toJSONSchema(stackConfig, { io: "input", target: "draft-7" }) as JsonSchema;
  return cached;
}

/**
 * JSON Schema of a whole stack file, with the keys in the project's namespace. Editors use it through the
 * modeline in the first line of a stack file.
 * @param project the project's name
 */
export function stackFileSchema(project: string): JsonSchema {
  const config = stackConfigSchema();
  const namespaced = (key: string) => `${project}:${key}`;
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: `A stack file of ${project}`,
    type: "object",
    properties: {
      config: {
        type: "object",
        required: [...(config.required ?? []).map(namespaced), "aws:region", "aws:allowedAccountIds"],
        properties: {
          "aws:region": { type: "string", description: "The region this stack deploys to." },
          "aws:allowedAccountIds": {
            type: "array",
            items: { type: "string", pattern: "^\\d{12}$" },
            description: "Accounts that the AWS provider accepts; must hold the stack's accountId.",
          },
          ...Object.fromEntries(
            Object.entries(config.properties ?? {}).map(([key, schema]) => [namespaced(key), schema]),
          ),
        },
      },
    },
  };
}
