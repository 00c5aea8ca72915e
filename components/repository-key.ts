import * as pulumi from "@pulumi/pulumi";
import { repositoryKeyPolicy } from "../documents/key-policies";
import { encryptionKey } from "./parts/encryption-key";
import type { Common } from "./parts/options";

/**
 * The stack's KMS key for repositories (Security Hub ECR.5), with yearly rotation (KMS.4).
 * ECR cannot change a repository's key after creation.
 */
export class RepositoryKey extends pulumi.ComponentResource {
  /** ARN of the key. */
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: Common, opts?: pulumi.ComponentResourceOptions) {
    super("ecr-platform:index:RepositoryKey", name, {}, opts);
    const key = encryptionKey(
      name,
      {
        ...args,
        description: `Images in the repositories of ${args.prefix}`,
        alias: "repositories",
        policy: repositoryKeyPolicy(args.place),
      },
      this,
    );
    this.arn = key.arn;
    this.registerOutputs({ arn: this.arn });
  }
}
