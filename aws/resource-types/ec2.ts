import type { ResourceType } from "./resource-type";

/**
 * Amazon EC2, and the VPC of awsx.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
 */
export const ec2: Record<string, ResourceType> = {
  "aws:ec2/securityGroup:SecurityGroup": {
    read: { any: ["ec2:DescribeSecurityGroups"] },
    write: {
      any: [
        "ec2:AuthorizeSecurityGroupEgress",
        "ec2:CreateSecurityGroup",
        "ec2:CreateTags",
        "ec2:DeleteSecurityGroup",
        "ec2:DeleteTags",
        "ec2:DescribeNetworkInterfaces",
        "ec2:RevokeSecurityGroupEgress",
        "ec2:RevokeSecurityGroupIngress",
      ],
    },
    replace: ["description", "name", "vpcId"],
    update: [],
  },
  "aws:ec2/vpcEndpoint:VpcEndpoint": {
    read: {
      // Subnets, VPCs and route tables are looked up for it; the provider reads the addresses in each subnet.
      any: [
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribePrefixLists",
        "ec2:DescribeRouteTables",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcEndpoints",
        "ec2:DescribeVpcs",
      ],
    },
    write: {
      any: [
        "ec2:CreateTags",
        "ec2:CreateVpcEndpoint",
        "ec2:DeleteTags",
        "ec2:DeleteVpcEndpoints",
        "ec2:ModifyVpcEndpoint",
        // Private DNS: https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
        "route53:AssociateVPCWithHostedZone",
      ],
    },
    replace: ["serviceName", "vpcEndpointType", "vpcId"],
    update: ["policy", "privateDnsEnabled", "routeTableIds", "securityGroupIds", "subnetIds"],
  },
  "awsx:ec2:Vpc": {
    read: {
      any: [
        "ec2:DescribeAvailabilityZones",
        "ec2:DescribeInternetGateways",
        "ec2:DescribeNetworkAcls",
        "ec2:DescribeRouteTables",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcAttribute",
        "ec2:DescribeVpcs",
      ],
    },
    write: {
      any: [
        "ec2:AssociateRouteTable",
        "ec2:AttachInternetGateway",
        "ec2:CreateInternetGateway",
        "ec2:CreateRouteTable",
        "ec2:CreateSubnet",
        "ec2:CreateTags",
        "ec2:CreateVpc",
        "ec2:DeleteInternetGateway",
        "ec2:DeleteRouteTable",
        "ec2:DeleteSubnet",
        "ec2:DeleteTags",
        "ec2:DeleteVpc",
        "ec2:DetachInternetGateway",
        "ec2:DisassociateRouteTable",
        "ec2:ModifySubnetAttribute",
        "ec2:ModifyVpcAttribute",
      ],
    },
    // Which of its changes replace what it is made of, only its own plugin knows.
    replace: [],
    update: [],
  },
};
