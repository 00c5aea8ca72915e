import { given, known, statementsOf, text } from "./reading";
import type { Rule } from "./rule";

const ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint";

/** Last part of an endpoint's service name, such as `ecr.api`. */
function serviceOf(serviceName: string): string {
  return serviceName.replace(/^(cn\.)?com\.amazonaws\.[a-z0-9-]+\./, "");
}

/** Rules on the private network. */
export const networkRules: Rule[] = [
  {
    name: "private-endpoints",
    displayName: "Endpoints are private",
    description:
      "An interface endpoint answers under the service's own name (private DNS), behind a security group, with a policy of its own (Security Hub EC2.55, EC2.56).",
    enforcementLevel: "mandatory",
    severity: "high",
    validateResource: ({ type, props, name }, report) => {
      if (type !== ENDPOINT || text(props, "vpcEndpointType") !== "Interface") {
        return;
      }
      if (known(() => props.privateDnsEnabled) !== true) {
        report(
          `${name} has no private DNS, so clients still need the internet. Fix: privateDnsEnabled: true.`,
        );
      }
      if (!given(props, "securityGroupIds")) {
        report(`${name} has the VPC's default security group. Fix: securityGroupIds with one of its own.`);
      }
      if (!given(props, "policy")) {
        report(
          `${name} has no policy, so every call of every account passes. Fix: a policy for this registry.`,
        );
      }
    },
  },
  {
    name: "endpoint-policy-limited",
    displayName: "Endpoint policies say what passes",
    description:
      "The policy of an endpoint limits callers, actions or resources. The S3 gateway of a shared VPC may have to stay open.",
    enforcementLevel: "advisory",
    severity: "medium",
    validateResource: ({ type, props, name }, report) => {
      const open = (type === ENDPOINT ? statementsOf(props, "policy") : undefined)?.find(
        ({ effect, actions, conditions, resources }) =>
          effect === "Allow" && actions.includes("*") && conditions.length === 0 && resources.includes("*"),
      );
      if (open !== undefined) {
        report(
          `${name}: statement ${open.sid} lets everything pass. Fix: network.s3Policy: ecr-layers, where nobody ` +
            "else uses the gateway.",
        );
      }
    },
  },
  {
    name: "endpoints-not-open",
    displayName: "Endpoints are not reachable from everywhere",
    description: "No ingress rule of the stack allows the whole internet (Security Hub EC2.18).",
    enforcementLevel: "mandatory",
    severity: "high",
    validateResource: ({ type, props, name }, report) => {
      const from = ["cidrIpv4", "cidrIpv6"].map((key) => text(props, key));
      if (
        type === "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule" &&
        from.some((cidr) => cidr?.endsWith("/0"))
      ) {
        report(`${name} lets every address in. Fix: network.allowedCidrs with the networks of the clients.`);
      }
    },
  },
  {
    name: "no-nat",
    displayName: "No NAT gateway",
    description: "Images are pulled through endpoints; a NAT gateway is a way out, and is paid by the hour.",
    enforcementLevel: "mandatory",
    severity: "medium",
    validateResource: ({ type, name }, report) => {
      if (type === "aws:ec2/natGateway:NatGateway") {
        report(`${name} is a NAT gateway. Fix: remove it; network.services has the endpoints.`);
      }
    },
  },
  {
    name: "pull-path",
    displayName: "The private pull path is whole",
    description: "A stack with endpoints has ECR API, ECR Docker and S3, without which a pull stops halfway.",
    enforcementLevel: "advisory",
    severity: "medium",
    validateStack: ({ resources }, report) => {
      const services = resources.flatMap(({ type, props }) =>
        type === ENDPOINT ? serviceOf(text(props, "serviceName") ?? "") : [],
      );
      const missing = ["ecr.api", "ecr.dkr", "s3"].filter((service) => !services.includes(service));
      if (services.length > 0 && missing.length > 0) {
        report(
          `there is no endpoint for ${missing.join(", ")} in this stack. Fix: add it to network.services, unless ` +
            "the VPC has it already (network.existing).",
        );
      }
    },
  },
];
