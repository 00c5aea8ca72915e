import { spawn } from "node:child_process";
import { GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
import type { Command } from "commander";
import { registryHost } from "../../aws/arns";
import { ecrClient } from "../../images/clients";
import { UserError } from "../../plan/user-error";
import { awsContextOf, contextOf, withAwsOptions, type AwsOptions } from "../context";
import { choiceOption } from "../options";
import { print } from "../output";

interface LoginOptions extends AwsOptions {
  client: "docker" | "podman" | "nerdctl" | "finch";
  print?: boolean;
}

/**
 * Runs a client's login with the password on its standard input: an argument would show in the list of processes.
 * @throws UserError where the client is not there or refuses
 */
async function logIn(client: string, host: string, user: string, password: string): Promise<void> {
  const child = spawn(client, ["login", "--username", user, "--password-stdin", host], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data: Buffer) => (said += data.toString()));
  }
  child.stdin.on("error", () => undefined);
  child.stdin.end(password);
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once("error", () => {
      reject(
        new UserError(
          `${client} is not installed, or not on PATH`,
          "install it, name another by --client, or use --print",
        ),
      );
    });
    child.once("close", resolve);
  });
  if (status !== 0) {
    // What a client says of a password it was given is not ours to trust.
    throw new UserError(
      `${client} login ended with ${status}: ${said.replaceAll(password, "<token>").trim()}`,
      `check that ${client} runs, and reaches ${host}`,
    );
  }
}

/** `login`: logs a container client in to the stack's registry. */
export function configure(command: Command, directory: string): void {
  command
    .addOption(
      choiceOption("--client <name>", "the client", ["docker", "podman", "nerdctl", "finch"]).default(
        "docker",
      ),
    )
    .option("--print", "only print the shell command that does it");
  withAwsOptions(command, directory).action(async (options: LoginOptions) => {
    if (options.print === true) {
      const { place } = contextOf(directory, options).settings;
      const host = registryHost(place);
      const shell = `aws ecr get-login-password --region ${place.region} | ${options.client} login --username AWS --password-stdin ${host}`;
      print(options.json, { registry: host, command: shell }, () => shell);
      return;
    }
    const { connection, settings } = await awsContextOf(directory, options);
    const { authorizationData } = await ecrClient(connection).send(new GetAuthorizationTokenCommand({}));
    const { authorizationToken = "", expiresAt } = authorizationData?.[0] ?? {};
    const [user = "", ...password] = Buffer.from(authorizationToken, "base64").toString().split(":");
    const host = registryHost(settings.place);
    await logIn(options.client, host, user, password.join(":"));
    print(
      options.json,
      { registry: host, expiresAt: expiresAt?.toISOString() },
      () =>
        `${options.client} is logged in to ${host}${expiresAt === undefined ? "" : ` until ${expiresAt.toISOString().slice(0, 16).replace("T", " ")} UTC`}`,
    );
  });
}
