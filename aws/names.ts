import { createHash } from "node:crypto";

/** Eight characters of a text's hash. */
export function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

/**
 * A physical name within a service's limit: the text itself where it fits, else its beginning and a digest
 * of the whole, so that two long names stay different.
 * @param limit characters
 */
export function shortName(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 9).replace(/-+$/, "")}-${digest(text)}`;
}
