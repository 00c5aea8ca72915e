import { iamArn, type Place } from "../aws/arns";
import { policyOf, type PolicyDocument } from "./iam";

/** Whose repositories may be reached through the ECR endpoints. */
export interface EndpointReach {
  /** Accounts besides this one. */
  accounts: string[];
  /** An organization whose repositories may all be reached. */
  organizationId: string | undefined;
}

/** CIDR blocks that may reach the endpoints: those listed, and all of a VPC that is made with them. */
export function clientCidrs(
  vpc: { kind: "ids" | "lookup" } | { kind: "new"; cidr: string },
  allowedCidrs: string[],
): string[] {
  return vpc.kind === "new" ? [...new Set([vpc.cidr, ...allowedCidrs])] : allowedCidrs;
}

/**
 * Policy of the ecr.api and ecr.dkr endpoints: repositories of the given accounts (in any region, for the
 * same endpoint serves one region only) and logging in. It bounds whose repositories are reached; what a
 * caller may do there stays with its own policies and the repository's.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html#ecr-vpc-endpoint-policy
 */
export function ecrEndpointPolicy(place: Place, reach: EndpointReach): PolicyDocument {
  return policyOf(
    { Sid: "LogIn", Effect: "Allow", Principal: "*", Action: "ecr:GetAuthorizationToken", Resource: "*" },
    {
      Sid: "RepositoriesOfAccounts",
      Effect: "Allow",
      Principal: "*",
      Action: "ecr:*",
      Resource: [place.accountId, ...reach.accounts].map(
        (accountId) => `arn:${place.partition}:ecr:*:${accountId}:repository/*`,
      ),
    },
    reach.organizationId === undefined
      ? undefined
      : {
          Sid: "RepositoriesOfOrganization",
          Effect: "Allow",
          Principal: "*",
          Action: "ecr:*",
          Resource: `arn:${place.partition}:ecr:*:*:repository/*`,
          Condition: { StringEquals: { "aws:ResourceOrgID": reach.organizationId } },
        },
  );
}

/** ARN of the bucket in which ECR keeps a region's image layers. https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html#ecr-minimum-s3-perms */
export function layerBucketArn(place: Place): string {
  return `arn:${place.partition}:s3:::prod-${place.region}-starport-layer-bucket`;
}

/** Policy of the S3 gateway endpoint: ECR's layers, and the named buckets, or everything. */
export function s3EndpointPolicy(
  place: Place,
  mode: "ecr-layers" | "any",
  buckets: string[],
): PolicyDocument {
  if (mode === "any") {
    return policyOf({ Sid: "AnyBucket", Effect: "Allow", Principal: "*", Action: "*", Resource: "*" });
  }
  const arns = buckets.map((bucket) => `arn:${place.partition}:s3:::${bucket}`);
  return policyOf(
    {
      Sid: "EcrLayers",
      Effect: "Allow",
      Principal: "*",
      Action: "s3:GetObject",
      Resource: `${layerBucketArn(place)}/*`,
    },
    arns.length === 0
      ? undefined
      : {
          Sid: "NamedBuckets",
          Effect: "Allow",
          Principal: "*",
          Action: ["s3:GetObject", "s3:ListBucket", "s3:PutObject"],
          Resource: arns.flatMap((arn) => [arn, `${arn}/*`]),
        },
  );
}

/**
 * Policy of the logs and sts endpoints: callers of this account. Assuming a role by web identity or SAML is
 * an unsigned call without a caller's account, so there the role is what must be this account's.
 */
export function ownCallersPolicy(place: Place): PolicyDocument {
  return policyOf(
    {
      Sid: "CallersOfThisAccount",
      Effect: "Allow",
      Principal: "*",
      Action: "*",
      Resource: "*",
      Condition: { StringEquals: { "aws:PrincipalAccount": place.accountId } },
    },
    {
      Sid: "FederatedIntoThisAccount",
      Effect: "Allow",
      Principal: "*",
      Action: ["sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"],
      Resource: iamArn(place, "role/*"),
    },
  );
}

/** Service name of an endpoint. In China's regions those of ECR and STS bear the cn. prefix. */
export function endpointServiceName(place: Place, service: string): string {
  const prefix = place.partition === "aws-cn" && service !== "s3" && service !== "logs" ? "cn." : "";
  return `${prefix}com.amazonaws.${place.region}.${service}`;
}
