/**
 * Upstream registries of pull through cache rules, and whether a rule for them requires credentials.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html
 */
export const UPSTREAMS = {
  "docker-hub": { url: "registry-1.docker.io", credentials: true },
  "ecr-public": { url: "public.ecr.aws", credentials: false },
  github: { url: "ghcr.io", credentials: true },
  gitlab: { url: "registry.gitlab.com", credentials: true },
  kubernetes: { url: "registry.k8s.io", credentials: false },
  quay: { url: "quay.io", credentials: false },
} as const;
