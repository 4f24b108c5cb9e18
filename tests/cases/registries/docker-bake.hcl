# Made by bakegen from the files below. Change those, not this.
#   bakegen.toml
#   stacks/web/stack.toml
# Its paths start at the project's root: build it there.
# Needs buildx 0.13 or newer; before 0.24 the variables' types are not checked.

variable "BAKEGEN_REGISTRY" {
  type        = string
  default     = "registry.example:5000/team/"
  description = "What published names start with: empty, or ending in a slash."
}

variable "BAKEGEN_REGISTRY_ARCHIVE" {
  type        = string
  default     = "archive.example/"
  description = "What published names start with: empty, or ending in a slash."
}

variable "BAKEGEN_REVISION" {
  type        = string
  default     = ""
  description = "The revision of the sources, for the label of that name."
}

group "default" {
  description = "What was selected."
  targets     = ["web"]
}

group "web" {
  description = "Stack web."
  targets     = ["web-server"]
}

group "web-server" {
  description = "Layer web/server."
  targets     = ["web-server-1_27_5", "web-server-1_29_1", "web-server-1_30_0-rc1"]
}

group "image-web_nginx" {
  description = "Image web/nginx."
  targets     = ["web-server"]
}

# web/server nginx=1.27.5
target "web-server-1_27_5" {
  description = "nginx 1.27.5"
  context     = "stacks/web/server"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "docker-image://nginx:1.27.5"
  }
  labels = {
    "org.opencontainers.image.description" = "Web servers"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "nginx 1.27.5"
    "org.opencontainers.image.vendor"      = "Example"
    "org.opencontainers.image.version"     = "1.27.5"
  }
  annotations = ["org.opencontainers.image.title=nginx 1.27.5"]
  tags = [
    "${BAKEGEN_REGISTRY}web/nginx:1.27.5",
    "${BAKEGEN_REGISTRY_ARCHIVE}web/nginx:1.27.5",
    "${BAKEGEN_REGISTRY}web/nginx:1.27",
  ]
  platforms  = ["linux/amd64"]
  cache-from = ["type=registry,ref=registry.example:5000/team/cache:web-server-1_27_5"]
  cache-to   = ["type=registry,ref=registry.example:5000/team/cache:web-server-1_27_5,mode=max,ignore-error=true"]
  attest     = ["type=provenance,mode=max", "type=sbom"]
}

# web/server nginx=1.29.1
target "web-server-1_29_1" {
  description = "nginx 1.29.1"
  context     = "stacks/web/server"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "docker-image://nginx:1.29.1"
  }
  labels = {
    "org.opencontainers.image.description" = "Web servers"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "nginx 1.29.1"
    "org.opencontainers.image.vendor"      = "Example"
    "org.opencontainers.image.version"     = "1.29.1"
  }
  annotations = ["org.opencontainers.image.title=nginx 1.29.1"]
  tags = [
    "${BAKEGEN_REGISTRY}web/nginx:1.29.1",
    "${BAKEGEN_REGISTRY_ARCHIVE}web/nginx:1.29.1",
    "${BAKEGEN_REGISTRY}web/nginx:1.29",
    "${BAKEGEN_REGISTRY}web/nginx:latest",
  ]
  platforms  = ["linux/amd64"]
  cache-from = ["type=registry,ref=registry.example:5000/team/cache:web-server-1_29_1"]
  cache-to   = ["type=registry,ref=registry.example:5000/team/cache:web-server-1_29_1,mode=max,ignore-error=true"]
  attest     = ["type=provenance,mode=max", "type=sbom"]
}

# web/server nginx=1.30.0-rc1
target "web-server-1_30_0-rc1" {
  description = "nginx 1.30.0-rc1"
  context     = "stacks/web/server"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "docker-image://nginx:1.30.0-rc1"
  }
  labels = {
    "org.opencontainers.image.description" = "Web servers"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "nginx 1.30.0-rc1"
    "org.opencontainers.image.vendor"      = "Example"
    "org.opencontainers.image.version"     = "1.30.0-rc1"
  }
  annotations = ["org.opencontainers.image.title=nginx 1.30.0-rc1"]
  tags = [
    "${BAKEGEN_REGISTRY}web/nginx:1.30.0-rc1",
    "${BAKEGEN_REGISTRY_ARCHIVE}web/nginx:1.30.0-rc1",
    "${BAKEGEN_REGISTRY}web/nginx:1.30",
  ]
  platforms  = ["linux/amd64"]
  cache-from = ["type=registry,ref=registry.example:5000/team/cache:web-server-1_30_0-rc1"]
  cache-to   = ["type=registry,ref=registry.example:5000/team/cache:web-server-1_30_0-rc1,mode=max,ignore-error=true"]
  attest     = ["type=provenance,mode=max", "type=sbom"]
}
