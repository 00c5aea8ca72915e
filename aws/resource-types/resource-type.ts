/** IAM actions by what they are narrowed to: a name in SCOPES of index.ts, `any` where IAM cannot narrow them. */
export type Actions = Readonly<Record<string, string[]>>;

/** What this project knows of one resource type. */
export interface ResourceType {
  /** What the AWS provider calls to read a resource, as every preview with refresh does. */
  read: Actions;
  /** What it calls to create, change and delete one. */
  write: Actions;
  /**
   * Inputs whose change makes the provider replace the resource ("Changes to this property will trigger replacement"
   * in its API documentation). Any change below a key counts.
   */
  replace: readonly string[];
  /** Inputs that the provider updates in place. Those in neither list may replace it, but for `tags` and `region`. */
  update: readonly string[];
  /** Why production keeps every resource of this type; absent where one can be made again. */
  keep?: string;
}

/** For a resource that acts through a role of the stack. */
export const passRole: Actions = { role: ["iam:PassRole"] };

/** For a service that makes its own role when it is first used. */
export const serviceLinkedRole: Actions = { serviceLinkedRole: ["iam:CreateServiceLinkedRole"] };
