# Made by bakegen from the files below. Change those, not this.
#   bakegen.toml
#   stacks/mix/stack.toml
# Its paths start at the project's root: build it there.
# Needs buildx 0.13 or newer; before 0.24 the variables' types are not checked.

variable "BAKEGEN_REGISTRY" {
  type        = string
  default     = ""
  description = "What published names start with: empty, or ending in a slash."
}

variable "BAKEGEN_REVISION" {
  type        = string
  default     = ""
  description = "The revision of the sources, for the label of that name."
}

group "default" {
  description = "What was selected."
  targets     = ["mix-app-v1"]
}

group "mix" {
  description = "Stack mix."
  targets     = ["mix-app-v1"]
}

group "mix-app" {
  description = "Layer mix/app."
  targets     = ["mix-app-v1"]
}

group "image-app" {
  description = "Image app."
  targets     = ["mix-app-v1"]
}

# mix/assets
target "mix-assets" {
  description = "Every kind of link: assets"
  context     = "stacks/mix/assets"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "docker-image://busybox:1.37"
  }
  labels = {
    "org.opencontainers.image.description" = "Every kind of link"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Every kind of link: assets"
    "org.opencontainers.image.version"     = "assets"
  }
  platforms = ["linux/amd64", "linux/arm64", "linux/arm/v7"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# mix/app arch=v1
target "mix-app-v1" {
  description = "Every kind of link: app"
  context     = "stacks/mix/app"
  dockerfile  = "Dockerfile"
  contexts = {
    "base"   = "docker-image://debian:trixie-slim"
    "assets" = "target:mix-assets"
    "config" = "stacks/mix/shared/config"
    "src"    = "https://git.example/project.git#v1.0:src"
    "uv"     = "docker-image://ghcr.io/astral-sh/uv:0.8@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  }
  labels = {
    "org.opencontainers.image.description" = "Every kind of link"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Every kind of link: app"
    "org.opencontainers.image.version"     = "v1"
  }
  tags      = ["${BAKEGEN_REGISTRY}app:v1"]
  platforms = ["linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}
