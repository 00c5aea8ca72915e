import { PolicyPack } from "@pulumi/policy";
import { PACK, RULES } from "./rules";

// What `pulumi preview --policy-pack policies` starts. The offline plan holds a stack to the same rules.
new PolicyPack(PACK, { policies: RULES, enforcementLevel: "mandatory" });
