import { CLEAN_UP_DEFAULTS } from "../documents/clean-up-request";
import type { RepositoryOptions } from "./schema";

/** Options that are completed key by key. */
type Group<K extends keyof RepositoryOptions> = NonNullable<RepositoryOptions[K]>;

/** A repository's options where neither `repositories` nor its team or service sets them. */
export const REPOSITORY_DEFAULTS: {
  encryption: string;
  imageTags: Required<Omit<Group<"imageTags">, "reason">>;
  lifecycle: Required<Group<"lifecycle">>;
  sharing: Required<Group<"sharing">>;
  cleanUp: Required<Pick<Group<"cleanUp">, "keepBy" | "protect">>;
  forceDelete: boolean;
} = {
  encryption: "stack-key",
  imageTags: { immutable: true, mutable: [] },
  lifecycle: { protect: [], rules: [], untaggedDays: 7, others: { days: 365 } },
  sharing: {
    accounts: [],
    organization: false,
    organizationPaths: [],
    principals: [],
    lambda: false,
    pushPrincipals: [],
    outsideOrganization: false,
  },
  cleanUp: CLEAN_UP_DEFAULTS,
  forceDelete: false,
};
