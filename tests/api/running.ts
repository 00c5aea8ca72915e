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

  async lambda(name: string, image: string): Promise<void> {
    const role = await new IAMClient(this.connection).send(
      new CreateRoleCommand({
        RoleName: `role-of-${name}`,
        AssumeRolePolicyDocument: JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
          ],
        }),
      }),
    );
    await new LambdaClient(this.connection).send(
      new CreateFunctionCommand({
        FunctionName: name,
        PackageType: "Image",
        Code: { ImageUri: image },
        Role: role.Role?.Arn,
        Publish: true,
      }),
    );
  }
}
