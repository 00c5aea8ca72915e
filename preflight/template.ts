import { REFERENCE, SECRET, UNKNOWN, type PlannedResource, type ProgramRun } from "../plan/run";
import { TABLE, type Row } from "./table";

/** A CloudFormation template. */
export interface Template {
  AWSTemplateFormatVersion: "2010-09-09";
  Parameters: Record<string, { Type: string; Default?: string }>;
  Resources: Record<string, TemplateResource>;
}

export interface TemplateResource {
  Type: string;
  Properties: Record<string, unknown>;
  DeletionPolicy: "Retain" | "Delete";
  UpdateReplacePolicy: "Retain" | "Delete";
}

/** A Pulumi type and input, such as `aws:ecr/repository:Repository` and `forceDelete`. */
export interface Uncovered {
  type: string;
  /** Absent where the whole type has no counterpart. */
  input?: string;
  reason: string;
}

/** What a plan's resources are in CloudFormation. */
export interface Mapping {
  /** By region: a template is deployed to one. */
  templates: Map<string, Template>;
  /** Logical name of the Pulumi resource that a template's resource stands for, by logical id. */
  names: Map<string, string>;
  /** Pulumi types, and inputs of them, that a template has. */
  covered: { types: Set<string>; inputs: Set<string> };
  /** What CloudFormation has no counterpart of. */
  uncovered: Uncovered[];
  /** What the table does not know: nothing may be left out in silence. */
  problems: string[];
}

type Mapped = Exclude<Row, { without: string }>;
type Properties = Mapped["properties"];

/** What `Ref` gives of these types is their ARN; the others have an attribute for it. */
const REF_IS_ARN = new Set(["AWS::SNS::Topic", "AWS::CE::AnomalyMonitor"]);

/** A logical id, letters and digits only, of words. */
function logicalId(words: string): string {
  return words
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("")
    .slice(0, 240);
}

function place(target: Record<string, unknown>, path: string, value: unknown): void {
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  const parent = keys.reduce<Record<string, unknown>>(
    (at, key) => (at[key] ??= {}) as Record<string, unknown>,
    target,
  );
  parent[last] = value;
}

/** Maps one plan. What CloudFormation deploys separately, such as another region's, is a template of its own. */
class Mapper implements Mapping {
  readonly templates = new Map<string, Template>();
  readonly names = new Map<string, string>();
  readonly covered = { types: new Set<string>(), inputs: new Set<string>() };
  readonly problems: string[] = [];
  private readonly without = new Map<string, Uncovered>();
  /** Where each resource's properties are, by URN; a part's are its owner's. */
  private readonly placed = new Map<string, { region: string; id: string; type: string }>();

  constructor(private readonly run: ProgramRun) {
    const resources = run.resources.filter(({ custom, remote }) => custom || remote);
    const known = resources.flatMap((resource): [PlannedResource, Mapped][] => {
      const row = TABLE[resource.type];
      if (row === undefined) {
        this.problem(
          resource,
          "is of a type that preflight/table.ts does not have: add a row with its CloudFormation type, or the reason why there is none",
        );
        return [];
      }
      if ("without" in row) {
        this.leaveOut(resource.type, undefined, row.without);
        return [];
      }
      this.covered.types.add(resource.type);
      return [[resource, row]];
    });
    for (const [resource, row] of known) {
      if ("type" in row) {
        this.declare(resource, row.type);
      }
    }
    for (const [resource, row] of known) {
      if ("type" in row) {
        const properties = this.propertiesOf(resource);
        if (row.nameTo !== undefined) {
          properties[row.nameTo] = resource.name;
        }
        this.fill(resource, row, properties);
      } else {
        this.fillPart(resource, row);
      }
    }
  }

  get uncovered(): Uncovered[] {
    return [...this.without.values()];
  }

  private problem({ type, name }: PlannedResource, text: string): void {
    this.problems.push(`${type} ${name} ${text}`);
  }

  private leaveOut(type: string, input: string | undefined, reason: string): void {
    this.without.set(`${type}.${input ?? ""}`, { type, ...(input === undefined ? {} : { input }), reason });
  }

  private regionOf({ inputs }: PlannedResource): string {
    return typeof inputs.region === "string" ? inputs.region : this.run.region;
  }

  private template(region: string): Template {
    let template = this.templates.get(region);
    if (template === undefined) {
      template = { AWSTemplateFormatVersion: "2010-09-09", Parameters: {}, Resources: {} };
      this.templates.set(region, template);
    }
    return template;
  }

  private declare(resource: PlannedResource, type: string): void {
    const region = this.regionOf(resource);
    const base = logicalId(resource.name);
    let id = base;
    for (let i = 2; this.names.has(id); i++) {
      id = `${base}${i}`;
    }
    const policy = resource.retainOnDelete || resource.protect ? "Retain" : "Delete";
    this.template(region).Resources[id] = {
      Type: type,
      Properties: {},
      DeletionPolicy: policy,
      UpdateReplacePolicy: policy,
    };
    this.names.set(id, resource.name);
    this.placed.set(resource.urn, { region, id, type });
  }

  private propertiesOf({ urn }: PlannedResource): Record<string, unknown> {
    const at = this.placed.get(urn);
    return at === undefined ? {} : (this.templates.get(at.region)?.Resources[at.id]?.Properties ?? {});
  }

  /** The resource that has this one as a property: by its name, or by a reference to it. */
  private ownerOf(
    part: PlannedResource,
    row: Extract<Mapped, { partOf: string }>,
  ): PlannedResource | undefined {
    const [own, owner] = row.by;
    const value = part.inputs[own];
    const [, , referred] = REFERENCE.exec(String(value)) ?? [];
    return this.run.resources.find(
      ({ type, urn, inputs }) => type === row.partOf && (urn === referred || inputs[owner] === value),
    );
  }

  private fillPart(part: PlannedResource, row: Extract<Mapped, { partOf: string }>): void {
    const owner = this.ownerOf(part, row);
    const at = owner && this.placed.get(owner.urn);
    if (owner === undefined || at === undefined) {
      this.problem(part, `belongs to no ${row.partOf} of the plan by its ${row.by[0]}`);
      return;
    }
    this.placed.set(part.urn, at);
    const properties = this.propertiesOf(owner);
    if (row.elementOf === undefined) {
      this.fill(part, row, properties);
      return;
    }
    const element = {};
    ((properties[row.elementOf] ??= []) as unknown[]).push(element);
    this.fill(part, row, element);
  }

  private fill(resource: PlannedResource, row: Mapped, target: Record<string, unknown>): void {
    for (const [path, value] of Object.entries(row.always ?? {})) {
      place(target, path, value);
    }
    for (const [input, value] of Object.entries(resource.inputs)) {
      // The region is the template's; what names a part's owner is where the part stands.
      if (input === "region" || ("by" in row && input === row.by[0])) {
        this.covered.inputs.add(`${resource.type}.${input}`);
        continue;
      }
      const property = row.properties[input];
      if (property === undefined) {
        this.problem(
          resource,
          `has the input ${input}, which its row of preflight/table.ts does not have: add CloudFormation's property, or the reason why there is none`,
        );
      } else if (typeof property === "object" && "without" in property) {
        this.leaveOut(resource.type, input, property.without);
      } else {
        this.covered.inputs.add(`${resource.type}.${input}`);
        this.set(resource, input, value, typeof property === "string" ? { to: property } : property, target);
      }
    }
  }

  private set(
    resource: PlannedResource,
    input: string,
    value: unknown,
    { to, convert, list = false }: Exclude<Properties[string], string | { without: string }>,
    target: Record<string, unknown>,
  ): void {
    const region = this.regionOf(resource);
    try {
      const known =
        value === UNKNOWN && list
          ? this.parameter(region, `${resource.name} ${input}`, "CommaDelimitedList")
          : value;
      const converted = convert === undefined ? known : convert(known);
      place(target, to, this.withReferences(region, converted, `${resource.name} ${input}`));
    } catch (error) {
      this.problem(resource, `${input} ${(error as Error).message}`);
    }
  }

  /** A parameter without a value: what the rules know that they cannot know. */
  private parameter(region: string, words: string, type: string): { Ref: string } {
    const id = logicalId(`Unknown ${words}`);
    this.template(region).Parameters[id] = { Type: type };
    return { Ref: id };
  }

  /** The value with references as templates have them; what cannot be one is a parameter of its own. */
  private withReferences(region: string, value: unknown, path: string): unknown {
    if (typeof value === "string") {
      return value === UNKNOWN || value === SECRET || value.startsWith("<files ")
        ? this.parameter(region, path, "String")
        : this.textWithReferences(region, value, path);
    }
    if (Array.isArray(value)) {
      return value.map((element, i) => this.withReferences(region, element, `${path} ${i}`));
    }
    return typeof value === "object" && value !== null
      ? Object.fromEntries(
          Object.entries(value).map(([key, inner]) => [
            key,
            this.withReferences(region, inner, `${path} ${key}`),
          ]),
        )
      : value;
  }

  private textWithReferences(region: string, text: string, path: string): unknown {
    const parts = text.split(new RegExp(REFERENCE, "g"));
    if (parts.length === 1) {
      return text;
    }
    // Text, output, URN, text, and so on.
    const references = parts.flatMap((output, i) => {
      const urn = parts[i + 1];
      return i % 3 === 1 && urn !== undefined ? [this.reference(region, output, urn, `${path} ${i}`)] : [];
    });
    const [first] = references;
    if (first !== undefined && references.length === 1 && parts[0] === "" && parts.at(-1) === "") {
      return first;
    }
    const texts = parts.filter((_, i) => i % 3 === 0).map((part) => part.replaceAll("${", "${!"));
    const names = references.map((one) => ("Ref" in one ? one.Ref : one["Fn::GetAtt"].join(".")));
    return { "Fn::Sub": texts.map((part, i) => (i === 0 ? part : `\${${names[i - 1]}}${part}`)).join("") };
  }

  /** A reference to a resource of the same template; of another region's it is a parameter. */
  private reference(
    region: string,
    output: string,
    urn: string,
    path: string,
  ): { Ref: string } | { "Fn::GetAtt": [string, string] } {
    const placed = this.placed.get(urn);
    if (placed?.region !== region) {
      return this.parameter(region, path, "String");
    }
    return output === "arn" && !REF_IS_ARN.has(placed.type)
      ? { "Fn::GetAtt": [placed.id, "Arn"] }
      : { Ref: placed.id };
  }
}

/** Writes a plan's resources as CloudFormation templates. */
export function templatesOf(run: ProgramRun): Mapping {
  return new Mapper(run);
}
