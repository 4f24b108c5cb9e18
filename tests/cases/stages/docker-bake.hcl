# Made by bakegen from the files below. Change those, not this.
#   bakegen.toml
#   stacks/build/stack.toml
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
  targets     = ["build"]
}

group "build" {
  description = "Stack build."
  targets     = ["build-devel", "build-runtime"]
}

group "image-devel" {
  description = "Image devel."
  targets     = ["build-devel"]
}

group "image-runtime" {
  description = "Image runtime."
  targets     = ["build-runtime"]
}

# build/devel
target "build-devel" {
  description = "Stages of one Dockerfile: devel"
  context     = "stacks/build/src"
  dockerfile  = "../docker/Dockerfile"
  target      = "devel"
  contexts = {
    "base" = "docker-image://gcc:14"
  }
  labels = {
    "org.opencontainers.image.description" = "Stages of one Dockerfile"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Stages of one Dockerfile: devel"
    "org.opencontainers.image.version"     = "14"
  }
  tags      = ["${BAKEGEN_REGISTRY}devel:14"]
  platforms = ["linux/amd64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# build/runtime
target "build-runtime" {
  description = "Stages of one Dockerfile: runtime"
  context     = "stacks/build/src"
  dockerfile  = "../docker/Dockerfile"
  target      = "runtime"
  contexts = {
    "base" = "target:build-devel"
  }
  labels = {
    "org.opencontainers.image.description" = "Stages of one Dockerfile"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Stages of one Dockerfile: runtime"
    "org.opencontainers.image.version"     = "14"
  }
  tags      = ["${BAKEGEN_REGISTRY}runtime:14"]
  platforms = ["linux/amd64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}
