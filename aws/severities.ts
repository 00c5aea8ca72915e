/**
 * Severities, least first: Inspector's, which ECR's basic scanning names the same.
 * https://docs.aws.amazon.com/inspector/latest/user/findings-understanding-severity.html
 */
export const SEVERITIES = ["INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL"] as const;
/** One of the severities. */
export type Severity = (typeof SEVERITIES)[number];

/** The given severity and those above it. */
export function severitiesFrom(minimum: Severity): string[] {
  return SEVERITIES.slice(SEVERITIES.indexOf(minimum));
}
