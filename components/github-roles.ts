import * as aws from "./parts/aws";
import * as pulumi from "@pulumi/pulumi";
import type { TeamSettings } from "../config/settings";
import { GITHUB_ISSUER } from "../aws/arns";
import { githubTrust, pushPolicy } from "../documents/github-role";
import type { Common } from "./parts/options";

/** Arguments of {@link GithubRoles}. */
export interface GithubRolesArgs extends Common {
  environment: string;
  /** Whether to make GitHub's OIDC provider, which an account has once, or to use the one that exists. */
  provider: "create" | "existing";
  teams: TeamSettings[];
}

/**
 * Roles that GitHub Actions workflows assume to push, without long-lived keys. Each is for named branches,
 * tags or environments of one GitHub repository, and for named repositories of one team.
 */
export class GithubRoles extends pulumi.ComponentResource {
  /** ARNs by `<team>/<role>`. */
  readonly roleArns: Readonly<Record<string, pulumi.Output<string>>>;

  constructor(name: string, args: GithubRolesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ecr-platform:index:GithubRoles", name, {}, opts);
    const provider =
      args.provider === "create"
        ? [
            new aws.iam.OpenIdConnectProvider(
              `${name}-provider`,
              { url: `https://${GITHUB_ISSUER}`, clientIdLists: ["sts.amazonaws.com"], tags: args.tags },
              { parent: this, protect: args.production },
            ),
          ]
        : [];
    this.roleArns = Object.fromEntries(
      args.teams.flatMap((team) =>
        team.githubRoles.map((settings) => {
          const role = new aws.iam.Role(
            `${name}-${team.name}-${settings.name}`,
            {
              name: `${team.name}-${settings.name}-${args.environment}-push`,
              description: `Pushes images of ${team.name} from the GitHub repository ${settings.repository}`,
              assumeRolePolicy: JSON.stringify(githubTrust(args.place, settings)),
              maxSessionDuration: 3600,
              tags: team.tags,
            },
            { parent: this, dependsOn: provider },
          );
          new aws.iam.RolePolicy(
            `${name}-${team.name}-${settings.name}-push`,
            { role: role.id, policy: JSON.stringify(pushPolicy(args.place, settings.repositoryNames)) },
            { parent: role },
          );
          return [`${team.name}/${settings.name}`, role.arn];
        }),
      ),
    );
    this.registerOutputs({ roleArns: this.roleArns });
  }
}
