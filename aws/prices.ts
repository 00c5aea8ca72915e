/** A list price in USD. */
export interface Price {
  /** What is charged. */
  unit: string;
  usd: number;
  /** Regions that differ. */
  regions?: Record<string, number>;
  /** AWS page the price stands on. */
  source: string;
}

/** The month in which the prices below were last compared with their sources. */
export const PRICES_AS_OF = "2026-11";

/** Region of the prices without an entry in `regions`. */
export const BASE_REGION = "us-east-1";

/** List prices without free tiers, discounts and taxes. */
export const PRICES = {
  // Each of the first two rotations adds the same price per month; later ones are free.
  kmsKey: { unit: "KMS key and month", usd: 1, source: "https://aws.amazon.com/kms/pricing/" },
  endpointHour: {
    unit: "interface endpoint, zone and hour",
    usd: 0.01,
    regions: { "eu-west-1": 0.011, "eu-central-1": 0.012 },
    source: "https://aws.amazon.com/privatelink/pricing/",
  },
  storageGb: { unit: "GB of images and month", usd: 0.1, source: "https://aws.amazon.com/ecr/pricing/" },
  // The same as the standard class: 0.07 USD only above 150 TB. At least 90 days are charged.
  archiveGb: {
    unit: "GB of archived images and month",
    usd: 0.1,
    source: "https://aws.amazon.com/ecr/pricing/",
  },
  restoreGb: {
    unit: "GB restored from the archive class",
    usd: 0.03,
    source: "https://aws.amazon.com/ecr/pricing/",
  },
  transferOutGb: {
    unit: "GB of layers pulled to the internet",
    usd: 0.09,
    source: "https://aws.amazon.com/ecr/pricing/",
  },
  initialScan: {
    unit: "first scan of an image (enhanced)",
    usd: 0.09,
    source: "https://aws.amazon.com/inspector/pricing/",
  },
  rescan: {
    unit: "rescan of an image (enhanced)",
    usd: 0.01,
    source: "https://aws.amazon.com/inspector/pricing/",
  },
  metricHour: {
    unit: "custom metric and hour with data",
    // 0.30 USD a metric and month, by the hour.
    usd: 0.00041,
    source: "https://aws.amazon.com/cloudwatch/pricing/",
  },
  dashboard: { unit: "dashboard and month", usd: 3, source: "https://aws.amazon.com/cloudwatch/pricing/" },
  alarm: { unit: "alarm and month", usd: 0.1, source: "https://aws.amazon.com/cloudwatch/pricing/" },
  managementEvents: {
    // The first copy in a region is free. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-trail-manage-costs.html
    unit: "100,000 management events of a further copy",
    usd: 2,
    source: "https://aws.amazon.com/cloudtrail/pricing/",
  },
} as const satisfies Record<string, Price>;

/** A price by its name in the table. */
export type PriceName = keyof typeof PRICES;

/** A price in USD and its region: the given one, or the base region if the table has no price for that. */
export function priceIn(name: PriceName, region: string): { usd: number; region: string } {
  const price: Price = PRICES[name];
  const own = price.regions?.[region];
  return own === undefined ? { usd: price.usd, region: BASE_REGION } : { usd: own, region };
}
