import { Region } from "@pulumi/aws/types/enums";
import { nearest } from "../suggest";
import type { Report, Subject } from "./report";

const REGIONS: readonly string[] = Object.values(Region).filter((region) =>
  /^(?!.*iso)(?!eusc)/.test(region),
);

/** What is wrong with a region's name, if anything. */
export function regionProblem(region: string): { rule: string; fix: string } | undefined {
  if (REGIONS.includes(region)) {
    return undefined;
  }
  const near = nearest(region, REGIONS);
  return {
    rule: "a region of the partitions aws, aws-cn or aws-us-gov",
    fix: near === undefined ? "write it like eu-west-1" : `did you mean ${near}?`,
  };
}

/** The region, and that the AWS provider takes the stack's account only. */
export function checkAccount({ config, settings, allowedAccountIds }: Subject, error: Report): void {
  const problem = regionProblem(settings.place.region);
  if (problem !== undefined) {
    error("aws:region", settings.place.region || undefined, problem.rule, problem.fix);
  }
  const allowed = Array.isArray(allowedAccountIds) ? allowedAccountIds.map(String) : [];
  if (!allowed.includes(config.accountId)) {
    error(
      "aws:allowedAccountIds",
      allowedAccountIds,
      "the AWS provider must refuse every account but the stack's own, or wrong credentials deploy elsewhere",
      `write aws:allowedAccountIds: ["${config.accountId}"]`,
    );
  }
}
