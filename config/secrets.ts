import { digest } from "../aws/names";

const ENCRYPTED = "https://secret.invalid/";

const ENCRYPTED_VALUES = /https:\/\/secret\.invalid\/\w*/g;

/** What stands for an encrypted value where only its ciphertext is known. It has the form of a webhook's address. */
export function encrypted(ciphertext: string): string {
  return `${ENCRYPTED}${digest(ciphertext)}`;
}

/** Whether a value is encrypted, as Pulumi writes it into a stack's file. */
export function isCiphertext(value: unknown): value is { secure: string } {
  return (
    value !== null &&
    typeof value === "object" &&
    Object.keys(value).join() === "secure" &&
    typeof (value as { secure?: unknown }).secure === "string"
  );
}

/** Whether a value stands for an encrypted one. */
export function isEncrypted(value: unknown): boolean {
  return typeof value === "string" && value.startsWith(ENCRYPTED);
}

/** Words that look like an address and hold no secret: ARNs, and images in Amazon ECR. */
const PUBLIC = /^arn:aws|^\d{12}\.dkr\.ecr\./;

/** Whether a part of a word ends with a name of the Internet, such as `hooks.example.com:443`. */
function isHost(part: string): boolean {
  const labels =
    part
      .replace(/:\d+$/, "")
      .split(/[^\w.-]/)
      .at(-1)
      ?.split(".") ?? [];
  return /\w/.test(labels.at(-2) ?? "") && /^[a-z]{2,}$/i.test(labels.at(-1) ?? "");
}

/** A word without what follows the host of an address, with or without `https://`, and without the user before it. */
function withoutPath(word: string): string {
  const parts = PUBLIC.test(word) ? [] : word.split(/([/?#]+)/);
  const host = parts.findIndex((part, i) => {
    const [scheme = "-", slashes = ""] = [parts[i - 2], parts[i - 1]];
    const afterScheme = slashes.startsWith("/") && (scheme.endsWith(":") || `${scheme}${slashes}` === "//");
    const beforePath = () => isHost(part) && parts.slice(i + 1).some((after) => /\w/.test(after));
    return i % 2 === 0 && part !== "" && (afterScheme || beforePath());
  });
  const name = parts[host]?.replace(/^.*@/s, "");
  return name === undefined
    ? word
    : `${parts.slice(0, host).join("")}${name}${host + 1 < parts.length ? "/…" : ""}`;
}

/** A text that may quote values, without their secrets. */
export function textWithoutSecrets(text: string): string {
  return text.replace(ENCRYPTED_VALUES, "[secret]").replace(/[^\s"]+/g, withoutPath);
}

/** A value that is text, up to its first secret. */
function stringWithoutSecrets(value: string): string {
  const words = value.replace(ENCRYPTED_VALUES, "[secret]").split(/([\s"]+)/);
  const first = words.findIndex((word) => withoutPath(word) !== word);
  return words
    .slice(0, first === -1 ? undefined : first + 1)
    .map(withoutPath)
    .join("");
}

/** Names of keys whose value is shown nowhere. */
export const SECRET_NAME = /secret|token|password|webhook/i;

/**
 * A value without secrets: encrypted values, what keys such as `token` hold, and all that follows the host in an
 * address, where webhooks have their token.
 */
export function withoutSecrets<T>(value: T): T;
export function withoutSecrets(value: unknown): unknown {
  if (typeof value === "string") {
    return stringWithoutSecrets(value);
  }
  if (Array.isArray(value)) {
    return value.map((one: unknown) => withoutSecrets(one));
  }
  return value !== null && typeof value === "object"
    ? Object.fromEntries(
        Object.entries(value).map(([key, inner]) => [
          textWithoutSecrets(key),
          SECRET_NAME.test(key) ? "[not shown]" : withoutSecrets(inner),
        ]),
      )
    : value;
}
