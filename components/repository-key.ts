import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { repositoryKeyPolicy } from "../documents/key-policies";
import { keeping, type Common } from "./options";

/**
 * The stack's KMS key for repositories (Security Hub ECR.5), with yearly rotation (KMS.4).
 * ECR cannot change a repository's key after creation.
 */
export class RepositoryKey extends pulumi.ComponentResource {
  /** ARN of the key. */
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: Common, opts?: pulumi.ComponentResourceOptions) {
    super("ecr-platform:index:RepositoryKey", name, {}, opts);
    const key = new aws.kms.Key(
      `${name}-key`,
      {
        description: `Images in the repositories of ${args.prefix}`,
        enableKeyRotation: true,
        deletionWindowInDays: 30,
        policy: JSON.stringify(repositoryKeyPolicy(args.place)),
        tags: args.tags,
      },
      { parent: this, ...keeping(args.production) },
    );
    new aws.kms.Alias(
      `${name}-alias`,
      { name: `alias/${args.prefix}-repositories`, targetKeyId: key.keyId },
      { parent: this },
    );
    this.arn = key.arn;
    this.registerOutputs({ arn: this.arn });
  }
}
