// The AWS SDK runs on Node 20 today. That a later one will not needs no line in every run.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

module.exports = { require: ["ts-node/register/transpile-only"], timeout: 120_000 };
