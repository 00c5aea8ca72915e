import { belongings, known, list, tagsOf, text } from "./reading";
import { REPOSITORY } from "./repositories";
import { KEPT, TAGGED } from "./resource-types";
import type { Props, Rule } from "./rule";

/** Rules on ownership, protection, audit and cost. */
export const stackRules: Rule[] = [
  {
    name: "owner-tags",
    displayName: "Everything has an owner",
    description:
      "What takes tags carries Project, Environment, ManagedBy and Contact; a repository also Team and Service.",
    enforcementLevel: "mandatory",
    severity: "low",
    configSchema: {
      properties: { required: { type: "array", items: { type: "string" } } },
    },
    validateResource: (args, report) => {
      if (!TAGGED.includes(args.type)) {
        return;
      }
      const configured = args.getConfig<{ required?: string[] }>().required;
      const wanted = [
        ...(configured ?? ["Project", "Environment", "ManagedBy", "Contact"]),
        ...(args.type === REPOSITORY ? ["Team", "Service"] : []),
      ];
      const tags = tagsOf(args);
      const missing = wanted.filter((key) => (tags[key] ?? "").trim() === "");
      if (missing.length > 0) {
        report(
          `${args.name} lacks the tags ${missing.join(", ")}. Fix: declare it through the stack's config.`,
        );
      }
    },
  },
  {
    name: "production-protected",
    displayName: "Production data is protected",
    description:
      "In production, repositories, keys, buckets, trails and the OIDC provider are protected, and a repository is not deleted with its images.",
    enforcementLevel: "mandatory",
    severity: "critical",
    configSchema: {
      properties: { environments: { type: "array", items: { type: "string" } } },
    },
    validateResource: (args, report) => {
      const production = args.getConfig<{ environments?: string[] }>().environments ?? ["prod", "production"];
      const reason = KEPT[args.type];
      if (reason === undefined || !production.includes(tagsOf(args).Environment ?? "")) {
        return;
      }
      if (!args.opts.protect) {
        report(`${args.name} is not protected: ${reason}. Fix: production: yes in the stack's config.`);
      }
      if (known(() => args.props.forceDelete) === true) {
        report(`${args.name} would be deleted with its images. Fix: leave forceDelete out.`);
      }
    },
  },
  {
    name: "trail-tamper-proof",
    displayName: "The trail can be relied on",
    description:
      "A trail covers all regions and validates its log files (Security Hub CloudTrail.1, CloudTrail.4), to a bucket where nothing is deleted before its time (S3 Object Lock).",
    enforcementLevel: "mandatory",
    severity: "high",
    validateStack: ({ resources }, report) => {
      const trails = resources.filter(({ type }) => type === "aws:cloudtrail/trail:Trail");
      for (const trail of trails) {
        const off = ["isMultiRegionTrail", "enableLogFileValidation"].filter(
          (key) => known(() => trail.props[key]) !== true,
        );
        if (known(() => trail.props.enableLogging) === false) {
          off.push("enableLogging");
        }
        if (off.length > 0) {
          report(`${trail.name} lacks ${off.join(", ")}. Fix: set them to true.`, trail.urn);
        }
      }
      const locksOf = belongings(
        resources,
        "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
        "bucket",
        "bucket",
      );
      for (const bucket of resources.filter(({ type }) => type === "aws:s3/bucket:Bucket")) {
        const holdsTrail = trails.some(({ dependencies }) =>
          dependencies.some(({ urn }) => urn === bucket.urn),
        );
        const locked = known(() => bucket.props.objectLockEnabled) === true && locksOf(bucket).length > 0;
        if (holdsTrail && !locked) {
          report(
            `${bucket.name} holds log files that can be deleted. Fix: objectLockEnabled with a default retention.`,
            bucket.urn,
          );
        }
      }
    },
  },
  {
    name: "budget-present",
    displayName: "Somebody hears of the cost",
    description: "A stack with repositories has a budget with a forecast and somebody to notify.",
    enforcementLevel: "advisory",
    severity: "low",
    validateStack: ({ resources }, report) => {
      const budgets = resources.filter(({ type }) => type === "aws:budgets/budget:Budget");
      const forecast = budgets.some(({ props }) =>
        list(props, "notifications").some(
          (notification) => text(notification as Props, "notificationType") === "FORECASTED",
        ),
      );
      if (resources.some(({ type }) => type === REPOSITORY) && !forecast) {
        report(
          `there is no budget${budgets.length > 0 ? " with a forecast" : ""} in this stack. Fix: costs.monthlyBudget` +
            `${budgets.length > 0 ? " and costs.forecastThresholds" : ""}, unless another stack of the account has one.`,
        );
      }
    },
  },
];
