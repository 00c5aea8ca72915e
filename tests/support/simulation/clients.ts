/** Packages of the SDK whose clients the program makes, with the name of the client. */
const CLIENTS = {
  apprunner: "AppRunnerClient",
  batch: "BatchClient",
  "bedrock-agentcore-control": "BedrockAgentCoreControlClient",
  cloudwatch: "CloudWatchClient",
  codebuild: "CodeBuildClient",
  ecr: "ECRClient",
  ecs: "ECSClient",
  eks: "EKSClient",
  inspector2: "Inspector2Client",
  lambda: "LambdaClient",
  s3: "S3Client",
  sagemaker: "SageMakerClient",
  sns: "SNSClient",
};

/** The replaced clients. */
export interface AwsServices {
  restore(): void;
}

/**
 * Replaces the SDK's clients by objects that only send. Setting up a real client takes half a millisecond, which is most of
 * the time of a simulation with thousands of runs.
 */
export function withoutSetUp(send: (endpoint: string, command: unknown) => Promise<unknown>): AwsServices {
  const restores = Object.entries(CLIENTS).map(([name, client]) => {
    const sdk = require(`@aws-sdk/client-${name}`) as Record<string, { prototype: object }>;
    const real = sdk[client]!;
    sdk[client] = function ({ endpoint }: { endpoint: string }) {
      return Object.assign(Object.create(real.prototype), {
        send: (command: unknown) => send(endpoint, command),
      });
    } as never;
    return () => {
      sdk[client] = real;
    };
  });
  return {
    restore: () => {
      restores.forEach((restore) => {
        restore();
      });
    },
  };
}
