import { BatchClient } from "@aws-sdk/client-batch";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { ECRClient } from "@aws-sdk/client-ecr";
import { ECSClient } from "@aws-sdk/client-ecs";
import { Inspector2Client } from "@aws-sdk/client-inspector2";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { SNSClient } from "@aws-sdk/client-sns";
import { fromTemporaryCredentials } from "@aws-sdk/credential-providers";

/** How to connect to AWS: settings of every client. */
export interface Connection {
  region: string;
  /** Another address than AWS's own, for every service. */
  endpoint?: string;
  /** ARN of a role to assume first. Default the SDK's usual chain. */
  roleArn?: string;
}

/**
 * Options of every client. Adaptive retry slows down when AWS throttles, which suits jobs that nobody waits for. https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
export function clientConfig({ region, endpoint, roleArn }: Connection) {
  return {
    region,
    retryMode: "adaptive",
    maxAttempts: 8,
    // Without them, a call that is never answered waits for ever.
    requestHandler: { connectionTimeout: 5_000, requestTimeout: 60_000, throwOnRequestTimeout: true },
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(roleArn === undefined
      ? {}
      : {
          credentials: fromTemporaryCredentials({
            params: { RoleArn: roleArn, RoleSessionName: "ecr-platform" },
            clientConfig: { region, ...(endpoint === undefined ? {} : { endpoint }) },
          }),
        }),
  };
}

export const batchClient = (connection: Connection) => new BatchClient(clientConfig(connection));
export const ecrClient = (connection: Connection) => new ECRClient(clientConfig(connection));
export const ecsClient = (connection: Connection) => new ECSClient(clientConfig(connection));
export const inspectorClient = (connection: Connection) => new Inspector2Client(clientConfig(connection));
export const lambdaClient = (connection: Connection) => new LambdaClient(clientConfig(connection));
export const cloudWatchClient = (connection: Connection) => new CloudWatchClient(clientConfig(connection));
export const snsClient = (connection: Connection) => new SNSClient(clientConfig(connection));
/** Addresses buckets by path, which other implementations of S3 need, where the address is not AWS's own. */
export const s3Client = (connection: Connection) =>
  new S3Client({ ...clientConfig(connection), forcePathStyle: connection.endpoint !== undefined });
