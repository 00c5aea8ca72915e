/** One statement of an IAM policy. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html */
export interface Statement {
  Sid: string;
  Effect: "Allow" | "Deny";
  Principal?: "*" | { AWS?: string | string[]; Service?: string | string[]; Federated?: string };
  Action: string | string[];
  Resource?: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

/** An IAM policy document. */
export interface PolicyDocument {
  Version: "2012-10-17";
  Statement: Statement[];
}

/** A policy of the given statements; those that are undefined (nothing to say) are left out. */
export function policyOf(...statements: (Statement | undefined)[]): PolicyDocument {
  return {
    Version: "2012-10-17",
    Statement: statements.filter((statement) => statement !== undefined),
  };
}

/** Refuses every request that did not come over TLS (Security Hub S3.5, SQS.3). */
export function denyPlainHttp(actions: string, resources: string[]): Statement {
  return {
    Sid: "DenyPlainHttp",
    Effect: "Deny",
    Principal: "*",
    Action: actions,
    Resource: resources,
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  };
}

/** Lets a service's role write the streams of one log group. */
export function writeLogStreams(logGroupArn: string): Statement {
  return {
    Sid: "WriteLogStreams",
    Effect: "Allow",
    Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
    Resource: `${logGroupArn}:log-stream:*`,
  };
}

/**
 * Lets an AWS service assume a role.
 * @param accountId only on behalf of this account; leave it out for services that do not state their source
 */
export function serviceTrust(service: string, accountId?: string): PolicyDocument {
  return policyOf({
    Sid: "AllowServiceToAssume",
    Effect: "Allow",
    Principal: { Service: service },
    Action: "sts:AssumeRole",
    ...(accountId === undefined ? {} : { Condition: { StringEquals: { "aws:SourceAccount": accountId } } }),
  });
}
