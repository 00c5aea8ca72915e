import type { PlannedResource } from "./run";

/** The physical name of a resource, or what else tells it apart. */
export function labelOf({ inputs }: PlannedResource): string {
  return (
    [inputs.name, inputs.bucket, inputs.serviceName, inputs.endpoint, inputs.prefix, inputs.scanType].find(
      (value): value is string => typeof value === "string" && value !== "",
    ) ?? ""
  );
}

/** Type token as people write it: `aws.ecr.Repository`. */
export function typeName(token: string): string {
  const [pkg = "", module = "", type = ""] = token.split(":");
  return pkg === "ecr-platform" ? type : [pkg, module.split("/")[0], type].join(".");
}

/** How reports describe a resource that is, or may be, replaced. */
export function replacedText(replaced: true | "maybe"): string {
  return replaced === "maybe" ? "may be replaced" : "replaced";
}

/** How reports describe a changed input that replaces its resource, or may replace it. */
export function replacesText(replaces: true | "maybe"): string {
  return replaces === "maybe" ? "may replace" : "replaces";
}

/** A value in one line of at most `limit` characters. */
export function short(value: unknown, limit = 80): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "(none)");
  return text.length > limit ? `${text.slice(0, limit - 3)}...` : text;
}

/** USD with two decimals. */
export function usd(amount: number): string {
  return `${amount.toFixed(2)} USD`;
}
