import * as aws from "./parts/aws";
import * as pulumi from "@pulumi/pulumi";
import type { RepositorySettings } from "../config/settings";
import type { Place } from "../aws/arns";
import { lifecyclePolicy } from "../documents/lifecycle";
import { repositoryPolicy } from "../documents/repository-policy";
import { encryptionInputs, mutabilityInputs } from "./parts/repository-inputs";
import { keeping } from "./parts/options";

/** Arguments of {@link TeamRepositories}. */
export interface TeamRepositoriesArgs {
  place: Place;
  /** The organization that grants are limited to. Default none. */
  organizationId?: string;
  production: boolean;
  /** The team's repositories, resolved. */
  repositories: RepositorySettings[];
  /** ARN of the stack's key, for the repositories that use it. */
  stackKeyArn?: pulumi.Input<string>;
}

/**
 * The repositories of one team, named `<team>-<service>` in the stack so that no other team's change
 * touches them: encryption, tag mutability, lifecycle policy and, where something is shared, a repository policy.
 */
export class TeamRepositories extends pulumi.ComponentResource {
  /** The repositories by service. */
  readonly repositories: Readonly<Record<string, aws.ecr.Repository>>;

  constructor(name: string, args: TeamRepositoriesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ecr-platform:index:TeamRepositories", name, {}, opts);
    this.repositories = Object.fromEntries(
      args.repositories.map((settings) => [
        settings.service,
        this.declare(`${name}-${settings.service}`, settings, args),
      ]),
    );
    this.registerOutputs({
      repositoryUrls: Object.fromEntries(args.repositories.map(({ service, url }) => [service, url])),
    });
  }

  private declare(
    name: string,
    settings: RepositorySettings,
    args: TeamRepositoriesArgs,
  ): aws.ecr.Repository {
    const repository = new aws.ecr.Repository(
      name,
      {
        name: settings.name,
        encryptionConfigurations: [encryptionInputs(settings.encryption, args.stackKeyArn)],
        ...mutabilityInputs(settings),
        forceDelete: settings.forceDelete,
        tags: settings.tags,
      },
      { parent: this, ...keeping(args.production) },
    );
    // Children of the component, not of the repository: they would inherit its protection, which refuses to
    // replace an edited lifecycle policy, and its retention, which would leave a withdrawn share in force.
    new aws.ecr.LifecyclePolicy(
      `${name}-lifecycle`,
      { repository: repository.name, policy: JSON.stringify(lifecyclePolicy(settings.lifecycle)) },
      // An edit replaces this resource, and deleting the old one would delete the new policy: a repository
      // has one. Putting a policy overwrites, so the old one is left behind instead (docs/decisions/0002).
      { parent: this, retainOnDelete: true },
    );
    const policy = repositoryPolicy(args.place, args.organizationId, settings.sharing);
    if (policy !== undefined) {
      new aws.ecr.RepositoryPolicy(
        `${name}-policy`,
        { repository: repository.name, policy: JSON.stringify(policy) },
        { parent: this },
      );
    }
    return repository;
  }
}
