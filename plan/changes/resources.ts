import { RESOURCE_TYPES } from "../../aws/resource-types";
import type { PlanDiff } from "../diff";
import type { PlannedResource } from "../run";
import { typeName } from "../words";
import { counted, listed, type Risk, type Statement } from "./change";

/** Resources that a sentence names; more are counted. */
const NAMED = 3;

/** One sentence about all resources of a type that the same happens to. */
function together(
  kind: Statement["kind"],
  risk: Risk,
  resources: readonly (PlannedResource & { what: string })[],
): Statement[] {
  const groups = new Map<string, (typeof resources)[number][]>();
  for (const one of resources) {
    const key = `${one.type} ${one.what}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].map((same): Statement => {
    const names = same.map(({ name }) => name).sort();
    const type = typeName(same[0]?.type ?? "");
    const who =
      names.length <= NAMED
        ? `${listed(names)} (${type})`
        : `${counted(names.length, "resource")} of type ${type} (${names.slice(0, NAMED).join(", ")} and ${names.length - NAMED} more)`;
    return { kind, risk, what: `${who} ${same[0]?.what}` };
  });
}

/**
 * What the resources lose that differ, whatever changed them: what is deleted or replaced of that which holds data, and
 * protection. Repositories of which words tell that already are left out.
 */
export function lossStatements(diff: PlanDiff, told: ReadonlySet<string>): Statement[] {
  const endangered = new Map(diff.dangers.map(({ urn, what }) => [urn, what]));
  const lost = (resource: PlannedResource, does: string) => {
    const { keep } = RESOURCE_TYPES[resource.type] ?? {};
    const danger = endangered.get(resource.urn);
    const physical = String(resource.inputs.name);
    return (keep === undefined && danger === undefined) || told.has(physical)
      ? []
      : [
          {
            ...resource,
            what: `${danger === undefined ? does : `is protected and ${danger}`}${keep === undefined ? "" : `: ${keep}`}`,
          },
        ];
  };
  const unguarded = diff.changed.flatMap(({ resource, fields }) =>
    fields.flatMap(({ field, before }) =>
      before === true && (field === "(protect)" || field === "(retainOnDelete)")
        ? [{ ...resource, what: field === "(protect)" ? "is no longer protected" : "is no longer retained" }]
        : [],
    ),
  );
  return [
    ...together("protection", "deletes", [
      ...diff.removed.flatMap((resource) => lost(resource, "would be deleted")),
      ...diff.changed.flatMap(({ resource, replaced }) =>
        replaced === false
          ? []
          : lost(resource, replaced === "maybe" ? "may be replaced" : "would be replaced"),
      ),
    ]),
    ...together("protection", "protection", unguarded),
  ];
}

/** Types whose documents and settings decide on access, on what is kept, and on what is seen. */
const SENSITIVE: Readonly<Record<string, Risk>> = {
  "aws:ecr/repository:Repository": "protection",
  "aws:ecr/repositoryPolicy:RepositoryPolicy": "access",
  "aws:ecr/registryPolicy:RegistryPolicy": "access",
  "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate": "access",
  "aws:ecr/lifecyclePolicy:LifecyclePolicy": "deletes",
  "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration": "scanning",
  "aws:ecr/replicationConfiguration:ReplicationConfiguration": "access",
  "aws:inspector2/enabler:Enabler": "scanning",
  "aws:iam/role:Role": "access",
  "aws:iam/rolePolicy:RolePolicy": "access",
  "aws:kms/key:Key": "access",
  "aws:s3/bucketPolicy:BucketPolicy": "access",
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": "access",
  "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": "protection",
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": "deletes",
  "aws:sns/topicPolicy:TopicPolicy": "access",
  "aws:sqs/queuePolicy:QueuePolicy": "access",
  "aws:ec2/vpcEndpoint:VpcEndpoint": "access",
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "access",
  "aws:cloudtrail/trail:Trail": "protection",
  "aws:cloudwatch/eventRule:EventRule": "scanning",
  "aws:cloudwatch/metricAlarm:MetricAlarm": "scanning",
  "aws:scheduler/schedule:Schedule": "deletes",
};

/** Inputs that decide nothing. */
const HARMLESS = /^(tags|tagsAll|resourceTags|description|alarmDescription)\b/;

/**
 * What the program itself changes, with the config as it was: words about the config do not show that.
 * @param diff the revision's program against today's, both with the revision's config
 */
export function programStatements(diff: PlanDiff): Statement[] {
  const differs = (resource: PlannedResource, what: string) =>
    SENSITIVE[resource.type] === undefined ? [] : [{ ...resource, what }];
  const all = [
    ...diff.added.flatMap((resource) => differs(resource, "added")),
    ...diff.removed.flatMap((resource) => differs(resource, "removed")),
    ...diff.changed.flatMap(({ resource, fields }) =>
      fields.some(({ field }) => !HARMLESS.test(field)) ? differs(resource, "changed") : [],
    ),
  ];
  return [...new Set(all.map(({ type }) => SENSITIVE[type]))].flatMap((risk) =>
    risk === undefined
      ? []
      : together(
          "program",
          risk,
          all.filter(({ type }) => SENSITIVE[type] === risk),
        ).map((statement) => ({
          ...statement,
          what: `by the program, not by the config: ${statement.what}`,
        })),
  );
}
