/** Whether `text` matches `pattern`, in which `*` matches any text, even none. */
export function matchesGlob(pattern: string, text: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  if (rest.length === 0) {
    return pattern === text;
  }
  if (!text.startsWith(first)) {
    return false;
  }
  const last = rest.pop() ?? "";
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) {
      return false;
    }
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

/**
 * Whether everything that `narrow` matches is matched by `wide` too. Exact: a character that occurs in
 * neither pattern, put for each `*` of `narrow`, can only be matched by a `*` of `wide`.
 */
export function coversGlob(wide: string, narrow: string): boolean {
  return matchesGlob(wide, narrow.replaceAll("*", "\u0000"));
}

/**
 * A scanning filter as a pattern: ECR takes one without a wildcard for a part of the name.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-filters.html
 */
export function scanningGlob(filter: string): string {
  return filter.includes("*") ? filter : `*${filter}*`;
}
