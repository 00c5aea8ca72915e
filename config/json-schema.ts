import { z } from "zod";
import { REPOSITORY_DEFAULTS } from "./defaults";
import { stackConfig, teamFile } from "./schema";

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
  propertyNames?: JsonSchema;
  additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  const?: unknown;
  [key: string]: unknown;
}

/**
 * Sets the defaults of repository options in their schema. Only in that of `repositories`: a team's and a service's options
 * are inherited.
 */
function setRepositoryDefaults({ properties: options = {} }: JsonSchema): void {
  for (const [name, value] of Object.entries(REPOSITORY_DEFAULTS)) {
    const option = options[name];
    if (typeof value !== "object") {
      Object.assign(option ?? {}, { default: value });
      continue;
    }
    for (const [key, inner] of Object.entries<unknown>(value)) {
      Object.assign(option?.properties?.[key] ?? {}, { default: inner });
    }
  }
}

let cached: JsonSchema | undefined;
let cachedTeamFile: JsonSchema | undefined;

function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const written = z.toJSONSchema(schema, { io: "input", target: "draft-7" });
  // What the schema of zod uses twice is one object in it.
  return JSON.parse(JSON.stringify(written)) as JsonSchema;
}

/** JSON Schema of a team file. Editors use it through the modeline in the file's first line. */
export function teamFileSchema(): JsonSchema {
  cachedTeamFile ??= { ...jsonSchemaOf(teamFile), title: "A team file" };
  return cachedTeamFile;
}

/** JSON Schema of a stack's config below the project's namespace, as a user writes it. */
export function stackConfigSchema(): JsonSchema {
  if (cached === undefined) {
    cached = jsonSchemaOf(stackConfig);
    setRepositoryDefaults(cached.properties?.repositories ?? {});
  }
  return cached;
}

/** The schema of a config in which the endpoints of subscriptions may be encrypted, as Pulumi writes it into the file. */
function withEncryptedEndpoints(schema: JsonSchema): JsonSchema {
  const secure: JsonSchema = {
    type: "object",
    properties: { secure: { type: "string" } },
    required: ["secure"],
    additionalProperties: false,
  };
  return JSON.parse(JSON.stringify(schema), (key, value: JsonSchema) => {
    const { description, ...text } = value;
    return key === "endpoint" ? { description, anyOf: [text, secure] } : value;
  }) as JsonSchema;
}

/**
 * JSON Schema of a whole stack file, with the keys in the project's namespace. Editors use it through the
 * modeline in the first line of a stack file.
 * @param project the project's name
 */
export function stackFileSchema(project: string): JsonSchema {
  const config = withEncryptedEndpoints(stackConfigSchema());
  const namespaced = (key: string) => `${project}:${key}`;
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: `A stack file of ${project}`,
    type: "object",
    properties: {
      config: {
        type: "object",
        required: [
          ...(config.required ?? []).filter((key) => key !== "teams").map(namespaced),
          "aws:region",
          "aws:allowedAccountIds",
        ],
        anyOf: ["teams", "teamsFrom"].map((key) => ({ required: [namespaced(key)] })),
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
