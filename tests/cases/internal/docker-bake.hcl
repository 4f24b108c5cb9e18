# Made by bakegen from the files below. Change those, not this.
#   bakegen.toml
#   stacks/check/stack.toml
# Its paths start at the project's root: build it there.
# Needs buildx 0.13 or newer; before 0.24 the variables' types are not checked.

variable "BAKEGEN_REVISION" {
  type        = string
  default     = ""
  description = "The revision of the sources, for the label of that name."
}

group "default" {
  description = "What was selected."
  targets     = ["check-lint"]
}

group "check" {
  description = "Stack check."
  targets     = ["check-base", "check-lint"]
}

group "check-base" {
  description = "Layer check/base."
  targets     = ["check-base-bookworm", "check-base-trixie"]
}

group "check-lint" {
  description = "Layer check/lint."
  targets     = ["check-lint-bookworm", "check-lint-trixie"]
}

# check/base os=bookworm
target "check-base-bookworm" {
  description = "Nothing is published: base"
  context     = "stacks/check/base"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "docker-image://debian:bookworm-slim"
  }
  labels = {
    "org.opencontainers.image.description" = "Nothing is published"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Nothing is published: base"
    "org.opencontainers.image.version"     = "bookworm"
  }
  platforms = ["linux/amd64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# check/base os=trixie
target "check-base-trixie" {
  description = "Nothing is published: base"
  context     = "stacks/check/base"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "docker-image://debian:trixie-slim"
  }
  labels = {
    "org.opencontainers.image.description" = "Nothing is published"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Nothing is published: base"
    "org.opencontainers.image.version"     = "trixie"
  }
  platforms = ["linux/amd64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# check/lint os=bookworm
target "check-lint-bookworm" {
  description = "Nothing is published: lint"
  context     = "stacks/check/lint"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:check-base-bookworm"
  }
  labels = {
    "org.opencontainers.image.description" = "Nothing is published"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Nothing is published: lint"
    "org.opencontainers.image.version"     = "bookworm"
  }
  platforms = ["linux/amd64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# check/lint os=trixie
target "check-lint-trixie" {
  description = "Nothing is published: lint"
  context     = "stacks/check/lint"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:check-base-trixie"
  }
  labels = {
    "org.opencontainers.image.description" = "Nothing is published"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Nothing is published: lint"
    "org.opencontainers.image.version"     = "trixie"
  }
  platforms = ["linux/amd64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}
