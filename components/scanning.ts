import * as aws from "./parts/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../config/settings";
import type { Common } from "./parts/options";

/** Arguments of {@link Scanning}. */
export interface ScanningArgs extends Common {
  /** Scan type, filters and who enables Inspector. */
  scanning: Settings["scanning"];
}

/**
 * The registry scanning configuration and Amazon Inspector, one per account and region, so exactly one stack
 * declares them. Both are retained on delete: deleting the configuration sets the registry back to basic
 * scanning without rules, and no account loses Inspector because a stack stops managing it.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html
 */
export class Scanning extends pulumi.ComponentResource {
  /** `ENHANCED` or `BASIC`. */
  readonly scanType: pulumi.Output<string>;

  constructor(name: string, args: ScanningArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ecr-platform:index:Scanning", name, {}, opts);
    const { scanning } = args;
    // Not protected: what is retained is never lost, and protection would refuse to change the scan type.
    const retained = { parent: this, retainOnDelete: true };
    const enablers = scanning.type === "enhanced" ? this.enableInspector(name, args, retained) : [];
    if (scanning.type === "basic") {
      new aws.ecr.AccountSetting(
        `${name}-basic-version`,
        // Clair, the older version, no longer gets findings. https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-basic.html
        { name: "BASIC_SCAN_TYPE_VERSION", value: "AWS_NATIVE" },
        retained,
      );
    }
    const rule = (scanFrequency: string, filters: string[]) =>
      filters.length === 0
        ? []
        : [
            {
              scanFrequency,
              repositoryFilters: filters.map((filter) => ({ filter, filterType: "WILDCARD" })),
            },
          ];
    const configuration = new aws.ecr.RegistryScanningConfiguration(
      `${name}-configuration`,
      {
        scanType: scanning.type.toUpperCase(),
        rules: [...rule("CONTINUOUS_SCAN", scanning.continuous), ...rule("SCAN_ON_PUSH", scanning.onPush)],
      },
      { ...retained, dependsOn: enablers },
    );
    for (const principalArn of scanning.pullTimeExclusions) {
      new aws.ecr.PullTimeUpdateExclusion(
        `${name}-exclusion-${principalArn.slice(principalArn.indexOf(":iam::") + 6)}`,
        { principalArn },
        { parent: this },
      );
    }
    this.scanType = configuration.scanType;
    this.registerOutputs({ scanType: this.scanType });
  }

  private enableInspector(
    name: string,
    args: ScanningArgs,
    retained: pulumi.CustomResourceOptions,
  ): aws.inspector2.Enabler[] {
    const { mode, resourceTypes, memberAccounts } = args.scanning.inspector;
    if (mode === "elsewhere") {
      return [];
    }
    // The provider's five minutes are often too short (terraform-provider-aws #27639).
    const slow = { ...retained, customTimeouts: { create: "15m", update: "15m", delete: "15m" } };
    const own = new aws.inspector2.Enabler(
      `${name}-inspector`,
      { accountIds: [args.place.accountId], resourceTypes },
      slow,
    );
    // One enabler per member: removing an account from a shared enabler would disable Inspector in that account.
    const members = memberAccounts.map((accountId) => {
      const association = new aws.inspector2.MemberAssociation(
        `${name}-member-${accountId}`,
        { accountId },
        { ...retained, dependsOn: own },
      );
      return new aws.inspector2.Enabler(
        `${name}-member-${accountId}-inspector`,
        { accountIds: [accountId], resourceTypes },
        { ...slow, dependsOn: association },
      );
    });
    return [own, ...members];
  }
}
