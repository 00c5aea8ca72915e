import { IAMClient, paginateSimulatePrincipalPolicy } from "@aws-sdk/client-iam";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { type Place } from "../../aws/arns";
import { deploymentPolicies } from "../../documents/deployment-permissions";
import { chunks } from "../../aws/chunks";
import { clientConfig } from "../../images/clients";
import type { Context } from "../context";
import { fail, ok, warn, type Result } from "./result";

export async function checkCredentials({ connection, registry, settings }: Context): Promise<Result> {
  const { Account, Arn } = await new STSClient(clientConfig(connection)).send(
    new GetCallerIdentityCommand({}),
  );
  return Account === registry.accountId
    ? ok(`${Arn}`)
    : fail(
        `the credentials belong to account ${Account}, but stack ${settings.stack} is in ${registry.accountId}`,
        "set AWS_PROFILE to a profile of that account",
      );
}

/** ARN of the role behind a session, as IAM simulates it. */
function principalOf(arn: string): string {
  const session = /^arn:(aws[\w-]*):sts::(\d{12}):assumed-role\/([^/]+)\//.exec(arn);
  return session === null ? arn : `arn:${session[1]}:iam::${session[2]}:role/${session[3]}`;
}

/** Asks IAM whether the caller may do all that an update of the stack does. */
export async function checkPermissions(context: Context, types: readonly string[]): Promise<Result> {
  const { connection, settings } = context;
  const { Arn } = await new STSClient(clientConfig(connection)).send(new GetCallerIdentityCommand({}));
  const { prefix, environment, place } = settings;
  const statements = deploymentPolicies({ place, prefix, environment }, types).update.flatMap(
    ({ Statement }) => Statement,
  );
  const iam = new IAMClient(clientConfig(connection));
  const denied = new Set<string>();
  for (const { Action, Resource } of statements) {
    const resources = [Resource ?? "*"].flat().filter((resource) => resource !== "*");
    for (const some of chunks([Action].flat(), 50)) {
      const pages = paginateSimulatePrincipalPolicy(
        { client: iam },
        {
          PolicySourceArn: principalOf(Arn ?? ""),
          ActionNames: some,
          ...(resources.length === 0 ? {} : { ResourceArns: resources.map((one) => exampleOf(one, place)) }),
        },
      );
      for await (const page of pages) {
        for (const { EvalActionName = "", EvalDecision } of page.EvaluationResults ?? []) {
          if (EvalDecision !== "allowed") {
            denied.add(EvalActionName);
          }
        }
      }
    }
  }
  const all = new Set(statements.flatMap(({ Action }) => Action)).size;
  const names = [...denied].sort();
  // A condition in a policy may allow what a simulation without its keys refuses.
  return names.length === 0
    ? ok(`all ${all} actions that an update takes are allowed`)
    : warn(
        `${names.length} of the ${all} actions that an update takes are not allowed: ${names.slice(0, 5).join(", ")}${names.length > 5 ? ", …" : ""}`,
        `attach what npm run permissions -- --stack ${settings.stack} prints`,
      );
}

/** One resource that a pattern of ARNs is about: IAM simulates calls, and a call is on one. */
function exampleOf(pattern: string, { region }: Place): string {
  return pattern
    .split(":")
    .map((part, i) => (i === 3 ? part.replace("*", region) : part.replaceAll("*", "example")))
    .join(":");
}
