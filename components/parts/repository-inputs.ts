import type * as pulumi from "@pulumi/pulumi";
import type { Encryption, RepositorySettings } from "../../config/settings";

/**
 * The encryption of a repository, or of those that ECR creates from a template.
 * @throws Error where the stack's key is asked for and none was declared (a mistake of the program)
 */
export function encryptionInputs(
  encryption: Encryption,
  stackKeyArn: pulumi.Input<string> | undefined,
): { encryptionType: string; kmsKey?: pulumi.Input<string> } {
  switch (encryption.type) {
    case "AES256":
      return { encryptionType: "AES256" };
    case "KMS":
      return { encryptionType: "KMS", kmsKey: encryption.keyArn };
    case "stack-key":
      if (stackKeyArn === undefined) {
        throw new Error("a repository uses the stack's key, and none was declared");
      }
      return { encryptionType: "KMS", kmsKey: stackKeyArn };
  }
}

/** Tag mutability in ECR's terms. https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html */
export function mutabilityInputs(settings: Pick<RepositorySettings, "immutableTags" | "mutableTagFilters">): {
  imageTagMutability: string;
  imageTagMutabilityExclusionFilters?: { filter: string; filterType: string }[];
} {
  if (!settings.immutableTags) {
    return { imageTagMutability: "MUTABLE" };
  }
  return settings.mutableTagFilters.length === 0
    ? { imageTagMutability: "IMMUTABLE" }
    : {
        imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters: settings.mutableTagFilters.map((filter) => ({
          filter,
          filterType: "WILDCARD",
        })),
      };
}
