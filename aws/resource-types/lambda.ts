import { passRole, type ResourceType } from "./resource-type";

/**
 * AWS Lambda.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
 */
export const lambda: Record<string, ResourceType> = {
  "aws:lambda/function:Function": {
    read: {
      function: [
        "lambda:GetFunction",
        "lambda:GetFunctionCodeSigningConfig",
        "lambda:GetFunctionConfiguration",
        "lambda:ListTags",
        "lambda:ListVersionsByFunction",
      ],
    },
    write: {
      function: [
        "lambda:CreateFunction",
        "lambda:DeleteFunction",
        "lambda:TagResource",
        "lambda:UntagResource",
        "lambda:UpdateFunctionCode",
        "lambda:UpdateFunctionConfiguration",
      ],
      ...passRole,
    },
    replace: ["name"],
    update: [
      "architectures",
      "code",
      "deadLetterConfig",
      "description",
      "environment",
      "handler",
      "loggingConfig",
      "memorySize",
      "role",
      "runtime",
      "timeout",
      "tracingConfig",
    ],
  },
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": {
    read: { function: ["lambda:GetFunctionEventInvokeConfig"] },
    write: {
      function: ["lambda:DeleteFunctionEventInvokeConfig", "lambda:PutFunctionEventInvokeConfig"],
    },
    replace: ["functionName"],
    update: ["maximumEventAgeInSeconds", "maximumRetryAttempts"],
  },
  "aws:lambda/permission:Permission": {
    read: { any: ["lambda:GetPolicy"] },
    write: { any: ["lambda:AddPermission", "lambda:RemovePermission"] },
    replace: ["action", "function", "principal", "sourceAccount", "sourceArn"],
    update: [],
  },
};
