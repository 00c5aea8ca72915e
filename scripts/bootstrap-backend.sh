#!/usr/bin/env bash
# Makes what a Pulumi backend in S3 needs, once an account: a bucket for the state and a KMS key for secrets. Run again
# it only puts right what differs. Needs the AWS CLI with administrator's credentials.
# Usage: bootstrap-backend.sh <bucket> <region>
set -euo pipefail
if [ $# -ne 2 ]; then
  echo "usage: $0 <bucket> <region>" >&2
  exit 2
fi
bucket=$1
region=$2
alias=alias/pulumi-secrets
# Version 1 of the AWS CLI knows only AWS_DEFAULT_REGION.
export AWS_PAGER="" AWS_REGION=$region AWS_DEFAULT_REGION=$region

account=$(aws sts get-caller-identity --query Account --output text)
partition=$(aws sts get-caller-identity --query Arn --output text | cut -d: -f2)
echo "account $account, $region"

if aws s3api head-bucket --bucket "$bucket" --expected-bucket-owner "$account" >/dev/null 2>&1; then
  echo "bucket $bucket is there"
else
  # us-east-1 takes no constraint.
  if [ "$region" = us-east-1 ]; then
    aws s3api create-bucket --bucket "$bucket" >/dev/null
  else
    aws s3api create-bucket --bucket "$bucket" \
      --create-bucket-configuration "LocationConstraint=$region" >/dev/null
  fi
  echo "made bucket $bucket"
fi
aws s3api put-public-access-block --bucket "$bucket" --public-access-block-configuration \
  BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true
# An old version is the only copy of a state that was overwritten.
aws s3api put-bucket-versioning --bucket "$bucket" --versioning-configuration Status=Enabled
aws s3api put-bucket-encryption --bucket "$bucket" --server-side-encryption-configuration \
  '{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"},"BucketKeyEnabled":true}]}'
aws s3api put-bucket-policy --bucket "$bucket" --policy "{
  \"Version\": \"2012-10-17\",
  \"Statement\": [{
    \"Sid\": \"DenyPlainHttp\", \"Effect\": \"Deny\", \"Principal\": \"*\", \"Action\": \"s3:*\",
    \"Resource\": [\"arn:$partition:s3:::$bucket\", \"arn:$partition:s3:::$bucket/*\"],
    \"Condition\": {\"Bool\": {\"aws:SecureTransport\": \"false\"}}
  }]
}"

key=$(aws kms describe-key --key-id "$alias" --query KeyMetadata.Arn --output text 2>/dev/null || true)
if [ -n "$key" ]; then
  echo "key $alias is there"
else
  key=$(aws kms create-key --description "Secrets of Pulumi stacks" \
    --query KeyMetadata.Arn --output text)
  aws kms create-alias --alias-name "$alias" --target-key-id "$key"
  echo "made key $alias"
fi
aws kms enable-key-rotation --key-id "$key"

cat <<END
key ARN (for npm run permissions -- --state-key): $key
next:
  pulumi login 's3://$bucket?region=$region'
  pulumi stack init <stack> --secrets-provider 'awskms://$alias?region=$region'
END
