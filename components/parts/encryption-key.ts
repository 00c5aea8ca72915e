import * as aws from "./aws";
import type * as pulumi from "@pulumi/pulumi";
import type { PolicyDocument } from "../../documents/iam";
import { keeping, type Common } from "./options";

/** Arguments of {@link encryptionKey}. */
export interface EncryptionKeyArgs extends Common {
  /** What the key encrypts, for people who find it in the console. */
  description: string;
  /** Last part of the alias, `alias/<prefix>-<alias>`. */
  alias: string;
  policy: PolicyDocument;
  /** Region of the key. Default the provider's. */
  region?: string;
}

/**
 * Declares a KMS key and its alias. The key is rotated yearly and kept in production. The rotation period is AWS's
 * default; it is set because the provider does not notice changes of an input that is not set.
 * https://docs.aws.amazon.com/kms/latest/developerguide/rotating-keys-enable-disable.html
 * @param name prefix of the logical names
 */
export function encryptionKey(name: string, args: EncryptionKeyArgs, parent: pulumi.Resource): aws.kms.Key {
  const { region } = args;
  const key = new aws.kms.Key(
    `${name}-key`,
    {
      description: args.description,
      enableKeyRotation: true,
      rotationPeriodInDays: 365,
      deletionWindowInDays: 30,
      policy: JSON.stringify(args.policy),
      region,
      tags: args.tags,
    },
    { parent, ...keeping(args.production) },
  );
  new aws.kms.Alias(
    `${name}-alias`,
    { name: `alias/${args.prefix}-${args.alias}`, targetKeyId: key.keyId, region },
    { parent },
  );
  return key;
}
