import { keyPath } from "../diagnostics";
import { partsOf } from "../parts";
import { partitionOf } from "../settings";
import type { Reporter, Subject } from "./subject";

/**
 * ARNs and regions of another partition, as in a copy of another partition's stack file: nothing reaches from one to another.
 * https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
 */
export function checkPartition({ config, settings }: Subject, error: Reporter): void {
  const { partition, region } = settings.place;
  for (const { path, value } of partsOf(config)) {
    const own = typeof value === "string" ? /^arn:(aws[a-z-]*):/.exec(value)?.[1] : undefined;
    // Without caches outside of the partition aws, their credentials are not used.
    if (
      own !== undefined &&
      own !== partition &&
      !(partition !== "aws" && path.includes("pullThroughCache"))
    ) {
      error(keyPath(path), {
        rule: `an ARN of the partition ${own}, and aws:region ${region} is in ${partition}`,
        fix: `write the ARN of one in ${partition}, or remove it`,
      });
    }
  }
  config.operations.cleanUp.inUse.regions.forEach((other, i) => {
    if (partitionOf(other) !== partition) {
      error(`operations.cleanUp.inUse.regions[${i}]`, {
        rule: `a region of the partition ${partitionOf(other)}, and aws:region ${region} is in ${partition}`,
        fix: "remove it",
      });
    }
  });
}
