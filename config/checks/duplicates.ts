import { keyPath } from "../diagnostics";
import { partsOf } from "../parts";
import { repeated, type Reporter, type Subject } from "./subject";

/**
 * Values that a list repeats, in any list of the config: some become a resource each, and two resources cannot have one
 * name. Lists of mappings are compared by what identifies their entries, in the check of their part.
 */
export function checkDuplicates({ config }: Subject, error: Reporter): void {
  for (const { path, value } of partsOf(config)) {
    // Lifecycle rules of several layers are compared together, where they have become one policy.
    if (
      Array.isArray(value) &&
      value.every((one) => typeof one !== "object") &&
      !path.includes("lifecycle")
    ) {
      for (const { index, first } of repeated(value)) {
        error(keyPath([...path, index]), {
          rule: `the same as ${keyPath([...path, first])}`,
          fix: "remove one",
        });
      }
    }
  }
}
