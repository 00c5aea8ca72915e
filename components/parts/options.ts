import type * as pulumi from "@pulumi/pulumi";
import type { Place } from "../../aws/arns";

/** Arguments that every component takes. */
export interface Common {
  /** Partition, region and account, for the ARNs in policy documents. */
  place: Place;
  /** First part of physical names, `<project>-<env>`. */
  prefix: string;
  /** Whether what holds data is protected and retained. */
  production: boolean;
  /** Tags for every resource that takes tags. */
  tags: Record<string, string>;
}

/** Resource options of what holds data: in production nothing deletes it, not even `pulumi destroy`. */
export function keeping(
  production: boolean,
): Pick<pulumi.CustomResourceOptions, "protect" | "retainOnDelete"> {
  return production ? { protect: true, retainOnDelete: true } : {};
}
