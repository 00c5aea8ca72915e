import * as aws from "./parts/aws";
import * as pulumi from "@pulumi/pulumi";
import { UPSTREAMS } from "../aws/upstreams";
import type { StackConfig } from "../config/schema";
import type { Settings } from "../config/settings";
import { serviceTrust } from "../documents/iam";
import { cacheLifecyclePolicy, lifecyclePolicy } from "../documents/lifecycle";
import { shortName } from "../aws/names";
import { creationRolePolicy, registryPolicy } from "../documents/registry-policy";
import { cacheSharing, repositoryPolicy } from "../documents/repository-policy";
import { encryptionInputs, mutabilityInputs } from "./parts/repository-inputs";
import type { Common } from "./parts/options";

/** Arguments of {@link Registry}. */
export interface RegistryArgs extends Common {
  registry: StackConfig["registry"];
  /** Encryption, mutability, lifecycle and sharing of the repositories that ECR creates by itself. */
  defaults: Settings["defaults"];
  /** The organization that grants are limited to. Default none. */
  organizationId?: string;
  /** ARN of the stack's key, where the defaults use it. */
  stackKeyArn?: pulumi.Input<string>;
}

/**
 * What a registry has once per account and region: replication, pull through cache rules, the registry policy that
 * lets other accounts use both, and creation templates so that the repositories which ECR creates for them are
 * encrypted, tagged, shared and cleaned up like the rest.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html
 */
export class Registry extends pulumi.ComponentResource {
  constructor(name: string, args: RegistryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ecr-platform:index:Registry", name, {}, opts);
    const { registry, place, organizationId, defaults } = args;
    if (registry.replication.length > 0) {
      new aws.ecr.ReplicationConfiguration(
        `${name}-replication`,
        {
          replicationConfiguration: {
            rules: registry.replication.map(({ prefixes, destinations }) => ({
              destinations: destinations.map(({ region, accountId }) => ({
                region,
                registryId: accountId ?? place.accountId,
              })),
              // ECR refuses an empty list. Without a list, a rule replicates every repository.
              ...(prefixes.length === 0
                ? {}
                : {
                    repositoryFilters: prefixes.map((filter) => ({ filter, filterType: "PREFIX_MATCH" })),
                  }),
            })),
          },
        },
        { parent: this },
      );
    }
    const policy = registryPolicy(place, organizationId, registry, defaults.sharing);
    if (policy !== undefined) {
      new aws.ecr.RegistryPolicy(`${name}-policy`, { policy: JSON.stringify(policy) }, { parent: this });
    }
    const templates = [
      ...registry.pullThroughCache.map(({ prefix }) => ({ prefix, use: "PULL_THROUGH_CACHE" })),
      ...(registry.replicateFrom.length > 0 ? [{ prefix: "ROOT", use: "REPLICATION" }] : []),
    ];
    const declared = templates.length > 0 ? this.declareTemplates(name, args, templates) : [];
    for (const { prefix, upstream, credentialArn } of registry.pullThroughCache) {
      new aws.ecr.PullThroughCacheRule(
        `${name}-cache-${prefix}`,
        { ecrRepositoryPrefix: prefix, upstreamRegistryUrl: UPSTREAMS[upstream].url, credentialArn },
        {
          parent: this,
          // The first pull creates the repository, so the template must exist before the rule.
          dependsOn: declared,
          // ECR takes one rule per prefix, and a change of the upstream replaces the rule. Resources with an input `name`
          // are replaced in this order by default (pulumi-terraform-bridge, nameRequiresDeleteBeforeReplace).
          deleteBeforeReplace: true,
        },
      );
    }
    this.registerOutputs({});
  }

  private declareTemplates(
    name: string,
    args: RegistryArgs,
    templates: { prefix: string; use: string }[],
  ): aws.ecr.RepositoryCreationTemplate[] {
    const { defaults, place, organizationId, tags } = args;
    const encryption = encryptionInputs(defaults.encryption, args.stackKeyArn);
    const role = new aws.iam.Role(
      `${name}-creation-role`,
      {
        name: shortName(`${args.prefix}-${place.region}-ecr-creation`, 64),
        description: "Lets ECR create repositories with tags and encryption from creation templates",
        assumeRolePolicy: JSON.stringify(serviceTrust("ecr.amazonaws.com")),
        tags,
      },
      { parent: this },
    );
    new aws.iam.RolePolicy(
      `${name}-creation-role-policy`,
      {
        role: role.id,
        policy: pulumi
          .output(encryption.kmsKey)
          .apply((key) => JSON.stringify(creationRolePolicy(place, key))),
      },
      { parent: role },
    );
    const sharing = repositoryPolicy(place, organizationId, cacheSharing(defaults.sharing));
    return templates.map(
      ({ prefix, use }) =>
        new aws.ecr.RepositoryCreationTemplate(
          `${name}-template-${prefix}`,
          {
            prefix,
            appliedFors: [use],
            description: `Repositories that ECR creates for ${use.toLowerCase().replaceAll("_", " ")}`,
            customRoleArn: role.arn,
            encryptionConfigurations: [encryption],
            ...(use === "PULL_THROUGH_CACHE"
              ? {
                  // Upstreams move their tags, and the cache has to follow.
                  imageTagMutability: "MUTABLE",
                  lifecyclePolicy: JSON.stringify(cacheLifecyclePolicy(defaults.lifecycle)),
                  ...(sharing === undefined ? {} : { repositoryPolicy: JSON.stringify(sharing) }),
                }
              : {
                  ...mutabilityInputs(defaults),
                  lifecyclePolicy: JSON.stringify(lifecyclePolicy(defaults.lifecycle)),
                }),
            resourceTags: tags,
          },
          { parent: this },
        ),
    );
  }
}
