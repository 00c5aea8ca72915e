import type { UserError } from "../plan/user-error";

/** What is reported of an error. */
type Advice = Pick<UserError, "problem" | "fix">;

/** Errors of a connection, by the code that Node gives them. https://nodejs.org/api/errors.html#common-system-errors */
const NO_CONNECTION = [
  "EAI_AGAIN",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "ETIMEDOUT",
];

/** What is wrong, and the fix, if an error comes from AWS's SDK; otherwise undefined. */
export function awsProblem(error: unknown): Advice | undefined {
  if (!(error instanceof Error)) {
    return undefined;
  }
  const { code } = error as NodeJS.ErrnoException;
  // Connecting to each of a host's addresses fails as an AggregateError without a message.
  const message = error.message || code || error.name;
  if (error.name === "TimeoutError" || (code !== undefined && NO_CONNECTION.includes(code))) {
    return {
      problem: `AWS cannot be reached: ${message}`,
      fix: "check the network, and the proxy if one is needed; doctor lists the endpoints",
    };
  }
  if (error.name === "CredentialsProviderError" || error.name === "TokenProviderError") {
    const profile = process.env.AWS_PROFILE;
    const login = `sign in (aws sso login${profile === undefined ? "" : ` --profile ${profile}`})`;
    const whose = profile === undefined ? "" : ` of the profile ${profile}`;
    if (/\bSSO\b|session token/i.test(message)) {
      return { problem: `the AWS sign-in${whose} has expired, or there was none: ${message}`, fix: login };
    }
    return {
      problem: `no AWS credentials${profile === undefined ? "" : ` for the profile ${profile}`}: ${message}`,
      fix: `${login}, or set AWS_PROFILE${profile === undefined ? "" : " to a profile of ~/.aws/config"}`,
    };
  }
  // The SDK marks what a service answered with. https://docs.aws.amazon.com/AWSJavaScriptSDK/v3/latest/Package/-smithy-smithy-client/Class/ServiceException/
  if (!("$metadata" in error)) {
    return undefined;
  }
  if (/Expired|InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|AuthFailure/.test(error.name)) {
    return {
      problem: `AWS rejected the credentials: ${error.name}: ${error.message}`,
      fix: "sign in again (aws sso login)",
    };
  }
  return /AccessDenied|NotAuthorized|UnauthorizedOperation/.test(error.name)
    ? {
        problem: `AWS denied a call: ${error.name}: ${error.message}`,
        fix: "allow the caller what the message names",
      }
    : {
        problem: `AWS refused a call: ${error.name}: ${error.message}`,
        fix: "see what the message says; doctor checks the account",
      };
}
