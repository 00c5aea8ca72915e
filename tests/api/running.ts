import {
  BatchClient,
  CreateComputeEnvironmentCommand,
  CreateJobQueueCommand,
  RegisterJobDefinitionCommand,
} from "@aws-sdk/client-batch";
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DeregisterTaskDefinitionCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
} from "@aws-sdk/client-ecs";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { CreateFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { DescribeSubnetsCommand, EC2Client } from "@aws-sdk/client-ec2";
import type { Connection } from "../../images/clients";

/** What runs in the emulator: made by the SDK, as a deployment does. */
export class Running {
  private readonly ecs: ECSClient;

  constructor(private readonly connection: Connection) {
    this.ecs = new ECSClient(connection);
  }

  /** A task definition, active. Its ARN. */
  async taskDefinition(family: string, image: string): Promise<string> {
    const { taskDefinition } = await this.ecs.send(
      new RegisterTaskDefinitionCommand({
        family,
        requiresCompatibilities: ["FARGATE"],
        networkMode: "awsvpc",
        cpu: "256",
        memory: "512",
        containerDefinitions: [{ name: "main", image, cpu: 256, memory: 512 }],
      }),
    );
    return taskDefinition?.taskDefinitionArn ?? "";
  }

  /** Makes a task definition inactive: what runs from it goes on. */
  async deregister(taskDefinition: string): Promise<void> {
    await this.ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition }));
  }

  private async network() {
    const { Subnets } = await new EC2Client(this.connection).send(new DescribeSubnetsCommand({}));
    return { awsvpcConfiguration: { subnets: [Subnets?.[0]?.SubnetId ?? ""], securityGroups: [] } };
  }

  async cluster(name: string): Promise<void> {
    await this.ecs.send(new CreateClusterCommand({ clusterName: name }));
  }

  async task(cluster: string, taskDefinition: string): Promise<void> {
    await this.ecs.send(
      new RunTaskCommand({
        cluster,
        taskDefinition,
        launchType: "FARGATE",
        networkConfiguration: await this.network(),
      }),
    );
  }

  async service(cluster: string, name: string, taskDefinition: string): Promise<void> {
    await this.ecs.send(
      new CreateServiceCommand({
        cluster,
        serviceName: name,
        taskDefinition,
        desiredCount: 1,
        launchType: "FARGATE",
        networkConfiguration: await this.network(),
      }),
    );
  }

  private async role(name: string, service: string): Promise<string | undefined> {
    const { Role } = await new IAMClient(this.connection).send(
      new CreateRoleCommand({
        RoleName: `role-of-${name}`,
        AssumeRolePolicyDocument: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
        }),
      }),
    );
    return Role?.Arn;
  }

  /** A job queue of AWS Batch. */
  async queue(name: string): Promise<void> {
    const batch = new BatchClient(this.connection);
    await batch.send(
      new CreateComputeEnvironmentCommand({
        computeEnvironmentName: name,
        type: "UNMANAGED",
        state: "ENABLED",
        serviceRole: await this.role(name, "batch.amazonaws.com"),
      }),
    );
    await batch.send(
      new CreateJobQueueCommand({
        jobQueueName: name,
        priority: 1,
        state: "ENABLED",
        computeEnvironmentOrder: [{ order: 1, computeEnvironment: name }],
      }),
    );
  }

  /** An active job definition of AWS Batch. */
  async jobDefinition(name: string, image: string): Promise<void> {
    await new BatchClient(this.connection).send(
      new RegisterJobDefinitionCommand({
        jobDefinitionName: name,
        type: "container",
        containerProperties: { image, vcpus: 1, memory: 512, command: ["true"] },
      }),
    );
  }

  async lambda(name: string, image: string): Promise<void> {
    await new LambdaClient(this.connection).send(
      new CreateFunctionCommand({
        FunctionName: name,
        PackageType: "Image",
        Code: { ImageUri: image },
        Role: await this.role(name, "lambda.amazonaws.com"),
        Publish: true,
      }),
    );
  }
}
