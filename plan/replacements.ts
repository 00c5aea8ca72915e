import { RESOURCE_TYPES } from "../aws/resource-types";

/** What a change of an input does to its resource; `maybe` where this program does not know it. */
export type Replaces = boolean | "maybe";

/** Whether a change of an input makes the provider replace a resource. A resource of AWS moves with its region. */
export function replaces(type: string, input: string): Replaces {
  const known = RESOURCE_TYPES[type];
  return (known?.replace.includes(input) ?? false) || (type.startsWith("aws:") && input === "region")
    ? true
    : (known?.update.includes(input) ?? false) || input === "tags"
      ? false
      : "maybe";
}
