import { accessRules } from "./rules/access";
import { encryptionRules } from "./rules/encryption";
import { networkRules } from "./rules/network";
import { repositoryRules } from "./rules/repositories";
import type { Rule } from "./rules/rule";
import { stackRules } from "./rules/stack";

/** Name of the policy pack. */
export const PACK = "ecr-platform";

/** Every rule, as docs/policies.md lists them. */
export const RULES: Rule[] = [
  ...repositoryRules,
  ...accessRules,
  ...encryptionRules,
  ...networkRules,
  ...stackRules,
];
