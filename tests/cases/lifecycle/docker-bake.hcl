# Made by bakegen from the files below. Change those, not this.
#   bakegen.toml
#   stacks/sdk/stack.toml
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
  targets     = ["sdk"]
}

group "sdk" {
  description = "Stack sdk."
  targets     = ["sdk-image"]
}

group "sdk-base" {
  description = "Layer sdk/base."
  targets     = ["sdk-base-22_04", "sdk-base-24_04"]
}

group "sdk-image" {
  description = "Layer sdk/image."
  targets     = ["sdk-image-22_04-1_0_0", "sdk-image-24_04-1_0_0", "sdk-image-24_04-2_0_0"]
}

group "image-sdk" {
  description = "Image sdk."
  targets     = ["sdk-image"]
}

# sdk/base os=22.04
target "sdk-base-22_04" {
  description = "The life of an SDK: base"
  context     = "stacks/sdk/base"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "docker-image://ubuntu:22.04"
  }
  labels = {
    "org.opencontainers.image.description" = "The life of an SDK"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "The life of an SDK: base"
    "org.opencontainers.image.version"     = "22.04"
  }
  platforms = ["linux/amd64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# sdk/base os=24.04
target "sdk-base-24_04" {
  description = "The life of an SDK: base"
  context     = "stacks/sdk/base"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "docker-image://ubuntu:24.04"
  }
  labels = {
    "org.opencontainers.image.description" = "The life of an SDK"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "The life of an SDK: base"
    "org.opencontainers.image.version"     = "24.04"
  }
  platforms = ["linux/amd64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# sdk/image os=22.04 sdk=1.0.0
target "sdk-image-22_04-1_0_0" {
  description = "The life of an SDK: image"
  context     = "stacks/sdk/image"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:sdk-base-22_04"
  }
  args = {
    "SDK" = "1.0.0"
  }
  labels = {
    "org.opencontainers.image.description" = "The life of an SDK"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "The life of an SDK: image"
    "org.opencontainers.image.version"     = "1.0.0-22.04"
  }
  tags      = ["${BAKEGEN_REGISTRY}sdk:1.0.0-22.04", "${BAKEGEN_REGISTRY}sdk:latest-22.04"]
  platforms = ["linux/amd64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# sdk/image os=24.04 sdk=1.0.0
target "sdk-image-24_04-1_0_0" {
  description = "The life of an SDK: image"
  context     = "stacks/sdk/image"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:sdk-base-24_04"
  }
  args = {
    "SDK" = "1.0.0"
  }
  labels = {
    "org.opencontainers.image.description" = "The life of an SDK"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "The life of an SDK: image"
    "org.opencontainers.image.version"     = "1.0.0-24.04"
  }
  tags      = ["${BAKEGEN_REGISTRY}sdk:1.0.0-24.04"]
  platforms = ["linux/amd64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# sdk/image os=24.04 sdk=2.0.0
target "sdk-image-24_04-2_0_0" {
  description = "The life of an SDK: image"
  context     = "stacks/sdk/image"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:sdk-base-24_04"
  }
  args = {
    "SDK" = "2.0.0"
  }
  labels = {
    "org.opencontainers.image.description" = "The life of an SDK"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "The life of an SDK: image"
    "org.opencontainers.image.version"     = "2.0.0-24.04"
  }
  tags      = ["${BAKEGEN_REGISTRY}sdk:2.0.0-24.04", "${BAKEGEN_REGISTRY}sdk:latest-24.04"]
  platforms = ["linux/amd64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}
