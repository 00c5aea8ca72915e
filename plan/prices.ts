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
  kmsKey: { unit: "KMS key and month", usd: 1, source: "https://aws.amazon.com/kms/pricing/" },
  endpointHour: {
    unit: "interface endpoint, zone and hour",
    usd: 0.01,
    regions: { "eu-west-1": 0.011, "eu-central-1": 0.012 },
    source: "https://aws.amazon.com/privatelink/pricing/",
  },
  storageGb: { unit: "GB of images and month", usd: 0.1, source: "https://aws.amazon.com/ecr/pricing/" },
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
    unit: "custom metric and hour in which it is published",
    // 0.30 USD a metric and month, by the hour.
    usd: 0.00041,
    source: "https://aws.amazon.com/cloudwatch/pricing/",
  },
  dashboard: { unit: "dashboard and month", usd: 3, source: "https://aws.amazon.com/cloudwatch/pricing/" },
  alarm: { unit: "alarm and month", usd: 0.1, source: "https://aws.amazon.com/cloudwatch/pricing/" },
} as const satisfies Record<string, Price>;

/** A price by its name in the table. */
export type PriceName = keyof typeof PRICES;

/** A price in a region, and whether it is that region's or the base region's. */
export function priceIn(name: PriceName, region: string): { usd: number; ofRegion: boolean } {
  const price: Price = PRICES[name];
  const own = region === BASE_REGION ? price.usd : price.regions?.[region];
  return { usd: own ?? price.usd, ofRegion: own !== undefined };
}

/** What the estimate leaves out, in words. */
export const LEFT_OUT = [
  "data transfer: layers pulled across regions or to the internet, and per GB through interface endpoints",
  "runs of the two functions (cents), and requests to CloudWatch's API",
  "requests to KMS, SNS messages, SQS and S3 (cents at this scale)",
  "storage of the trail's log files and CloudWatch Logs ingestion, which follow the account's activity",
  "Inspector for other resource types than images, and Security Hub",
  "free tiers, discounts and taxes",
];
