import { IAMClient, ListOpenIDConnectProvidersCommand } from "@aws-sdk/client-iam";
import { githubProviderArn } from "../../aws/arns";
import { acceptedClaims } from "../../documents/github-role";
import { clientConfig } from "../../images/clients";
import type { Context } from "../context";
import { fail, ok, warn, type Result } from "./result";

export async function checkGithub({ connection, settings }: Context): Promise<Result> {
  const wanted = settings.registry.githubOidcProvider;
  if (wanted === "none") {
    return ok("not used");
  }
  const { OpenIDConnectProviderList } = await new IAMClient(clientConfig(connection)).send(
    new ListOpenIDConnectProvidersCommand({}),
  );
  const arn = githubProviderArn(settings.place);
  const there = (OpenIDConnectProviderList ?? []).some(({ Arn }) => Arn === arn);
  return wanted === "existing" && !there
    ? fail(`${arn} does not exist`, "set registry.githubOidcProvider: create")
    : wanted === "create" && there
      ? warn(
          `${arn} exists: an update is refused unless this stack has made it`,
          "if it has not, set registry.githubOidcProvider: existing",
        )
      : ok(there ? "it exists" : "this stack makes it");
}

/** The claims that the push roles accept, to compare with those of a refused workflow. */
export function githubRoles({ settings }: Context): Result {
  const roles = settings.teams.flatMap(({ name, githubRoles }) =>
    githubRoles.map((role) => `${name}/${role.name} accepts ${acceptedClaims(settings.place, role)}`),
  );
  return ok(roles.length === 0 ? "none" : roles.join("; "));
}
