import { AppRunnerClient } from "@aws-sdk/client-apprunner";
import { BatchClient } from "@aws-sdk/client-batch";
import { BedrockAgentCoreControlClient } from "@aws-sdk/client-bedrock-agentcore-control";
import { CodeBuildClient } from "@aws-sdk/client-codebuild";
import { ECSClient } from "@aws-sdk/client-ecs";
import { EKSClient } from "@aws-sdk/client-eks";
import { Inspector2Client } from "@aws-sdk/client-inspector2";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { mockClient } from "aws-sdk-client-mock";

/** Every service that can use images, as mocks that have nothing until a test says otherwise. */
export function mockImageUsers() {
  const mocks = {
    appRunner: mockClient(AppRunnerClient),
    batch: mockClient(BatchClient),
    agentCore: mockClient(BedrockAgentCoreControlClient),
    codeBuild: mockClient(CodeBuildClient),
    ecs: mockClient(ECSClient),
    eks: mockClient(EKSClient),
    inspector: mockClient(Inspector2Client),
    lambda: mockClient(LambdaClient),
    sageMaker: mockClient(SageMakerClient),
  };
  // One type for all, since only what they have in common is used.
  const all = Object.values(mocks) as unknown as (typeof mocks.ecs)[];
  return {
    ...mocks,
    /** Nothing again. */
    reset: () => {
      all.forEach((mock) => {
        mock.reset();
        mock.onAnyCommand().resolves({});
      });
    },
    restore: () => {
      all.forEach((mock) => {
        mock.restore();
      });
    },
  };
}
