// The services that components use. The index of @pulumi/aws loads every service of AWS, at each start of the program.
export * as budgets from "@pulumi/aws/budgets";
export * as chatbot from "@pulumi/aws/chatbot";
export * as cloudtrail from "@pulumi/aws/cloudtrail";
export * as cloudwatch from "@pulumi/aws/cloudwatch";
export * as costexplorer from "@pulumi/aws/costexplorer";
export * as ec2 from "@pulumi/aws/ec2";
export * as ecr from "@pulumi/aws/ecr";
export * as iam from "@pulumi/aws/iam";
export * as inspector2 from "@pulumi/aws/inspector2";
export * as kms from "@pulumi/aws/kms";
export * as lambda from "@pulumi/aws/lambda";
export * as s3 from "@pulumi/aws/s3";
export * as scheduler from "@pulumi/aws/scheduler";
export * as securityhub from "@pulumi/aws/securityhub";
export * as sns from "@pulumi/aws/sns";
export * as sqs from "@pulumi/aws/sqs";
export * as vpc from "@pulumi/aws/vpc";
