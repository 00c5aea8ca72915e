import { PutMetricDataCommand, type CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { chunks } from "../aws/chunks";
import { METRICS, NAMESPACE, type MetricName } from "../aws/metrics";

/** One value of one metric. */
export interface Datapoint {
  name: MetricName;
  value: number;
  dimensions: Record<string, string>;
}

/** The most metrics that one PutMetricData request takes; it may have 1 MB. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html */
const METRICS_IN_REQUEST = 1000;

/** Publishes values in the platform's namespace, all of one moment. */
export async function publish(
  cloudWatch: CloudWatchClient,
  points: readonly Datapoint[],
  now: Date,
): Promise<void> {
  for (const batch of chunks(points, METRICS_IN_REQUEST)) {
    await cloudWatch.send(
      new PutMetricDataCommand({
        Namespace: NAMESPACE,
        MetricData: batch.map(({ name, value, dimensions }) => ({
          MetricName: name,
          Value: value,
          Unit: METRICS[name],
          Timestamp: now,
          Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
        })),
      }),
    );
  }
}
