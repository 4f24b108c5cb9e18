# Made by bakegen from the files below. Change those, not this.
#   bakegen.toml
#   stacks/tools/stack.toml
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
  targets     = ["tools"]
}

group "tools" {
  description = "Stack tools."
  targets     = ["tools-tools"]
}

group "tools-base" {
  description = "Layer tools/base."
  targets     = ["tools-base-trixie", "tools-base-bookworm"]
}

group "tools-sdk" {
  description = "Layer tools/sdk."
  targets = [
    "tools-sdk-trixie-1_24_6",
    "tools-sdk-trixie-1_25_0",
    "tools-sdk-bookworm-1_24_6",
    "tools-sdk-bookworm-1_25_0",
  ]
}

group "tools-docs" {
  description = "Layer tools/docs."
  targets     = ["tools-docs-trixie", "tools-docs-bookworm"]
}

group "tools-tools" {
  description = "Layer tools/tools."
  targets = [
    "tools-tools-trixie-1_24_6",
    "tools-tools-trixie-1_25_0",
    "tools-tools-bookworm-1_24_6",
    "tools-tools-bookworm-1_25_0",
  ]
}

group "image-tools" {
  description = "Image tools."
  targets     = ["tools-tools"]
}

# tools/base os=trixie
target "tools-base-trixie" {
  description = "Tools: base"
  context     = "stacks/tools/base"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "docker-image://debian:trixie-slim"
  }
  labels = {
    "org.opencontainers.image.description" = "Tools"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Tools: base"
    "org.opencontainers.image.version"     = "trixie"
  }
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# tools/base os=bookworm
target "tools-base-bookworm" {
  description = "Tools: base"
  context     = "stacks/tools/base"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "docker-image://debian:bookworm-slim"
  }
  labels = {
    "org.opencontainers.image.description" = "Tools"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Tools: base"
    "org.opencontainers.image.version"     = "bookworm"
  }
  platforms = ["linux/amd64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# tools/sdk os=trixie go=1.24.6
target "tools-sdk-trixie-1_24_6" {
  description = "Tools: sdk"
  context     = "stacks/tools/sdk"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:tools-base-trixie"
  }
  args = {
    "GO" = "1.24.6"
  }
  labels = {
    "org.opencontainers.image.description" = "Tools"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Tools: sdk"
    "org.opencontainers.image.version"     = "trixie-1.24.6"
  }
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# tools/sdk os=trixie go=1.25.0
target "tools-sdk-trixie-1_25_0" {
  description = "Tools: sdk"
  context     = "stacks/tools/sdk"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:tools-base-trixie"
  }
  args = {
    "GO" = "1.25.0"
  }
  labels = {
    "org.opencontainers.image.description" = "Tools"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Tools: sdk"
    "org.opencontainers.image.version"     = "trixie-1.25.0"
  }
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# tools/sdk os=bookworm go=1.24.6
target "tools-sdk-bookworm-1_24_6" {
  description = "Tools: sdk"
  context     = "stacks/tools/sdk"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:tools-base-bookworm"
  }
  args = {
    "GO" = "1.24.6"
  }
  labels = {
    "org.opencontainers.image.description" = "Tools"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Tools: sdk"
    "org.opencontainers.image.version"     = "bookworm-1.24.6"
  }
  platforms = ["linux/amd64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# tools/sdk os=bookworm go=1.25.0
target "tools-sdk-bookworm-1_25_0" {
  description = "Tools: sdk"
  context     = "stacks/tools/sdk"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:tools-base-bookworm"
  }
  args = {
    "GO" = "1.25.0"
  }
  labels = {
    "org.opencontainers.image.description" = "Tools"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Tools: sdk"
    "org.opencontainers.image.version"     = "bookworm-1.25.0"
  }
  platforms = ["linux/amd64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# tools/docs os=trixie
target "tools-docs-trixie" {
  description = "Tools: docs"
  context     = "stacks/tools/docs"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:tools-base-trixie"
  }
  labels = {
    "org.opencontainers.image.description" = "Tools"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Tools: docs"
    "org.opencontainers.image.version"     = "trixie"
  }
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# tools/docs os=bookworm
target "tools-docs-bookworm" {
  description = "Tools: docs"
  context     = "stacks/tools/docs"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:tools-base-bookworm"
  }
  labels = {
    "org.opencontainers.image.description" = "Tools"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Tools: docs"
    "org.opencontainers.image.version"     = "bookworm"
  }
  platforms = ["linux/amd64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# tools/tools os=trixie go=1.24.6
target "tools-tools-trixie-1_24_6" {
  description = "Tools: tools"
  context     = "stacks/tools/tools"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:tools-base-trixie"
    "docs" = "target:tools-docs-trixie"
    "sdk"  = "target:tools-sdk-trixie-1_24_6"
  }
  labels = {
    "org.opencontainers.image.description" = "Tools"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Tools: tools"
    "org.opencontainers.image.version"     = "1.24.6-trixie"
  }
  tags      = ["${BAKEGEN_REGISTRY}tools:1.24.6-trixie", "${BAKEGEN_REGISTRY}tools:1.24-trixie"]
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# tools/tools os=trixie go=1.25.0
target "tools-tools-trixie-1_25_0" {
  description = "Tools: tools"
  context     = "stacks/tools/tools"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:tools-base-trixie"
    "docs" = "target:tools-docs-trixie"
    "sdk"  = "target:tools-sdk-trixie-1_25_0"
  }
  labels = {
    "org.opencontainers.image.description" = "Tools"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Tools: tools"
    "org.opencontainers.image.version"     = "1.25.0-trixie"
  }
  tags = [
    "${BAKEGEN_REGISTRY}tools:1.25.0-trixie",
    "${BAKEGEN_REGISTRY}tools:1.25-trixie",
    "${BAKEGEN_REGISTRY}tools:latest",
  ]
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# tools/tools os=bookworm go=1.24.6
target "tools-tools-bookworm-1_24_6" {
  description = "Tools: tools"
  context     = "stacks/tools/tools"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:tools-base-bookworm"
    "docs" = "target:tools-docs-bookworm"
    "sdk"  = "target:tools-sdk-bookworm-1_24_6"
  }
  labels = {
    "org.opencontainers.image.description" = "Tools"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Tools: tools"
    "org.opencontainers.image.version"     = "1.24.6-bookworm"
  }
  tags      = ["${BAKEGEN_REGISTRY}tools:1.24.6-bookworm", "${BAKEGEN_REGISTRY}tools:1.24-bookworm"]
  platforms = ["linux/amd64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# tools/tools os=bookworm go=1.25.0
target "tools-tools-bookworm-1_25_0" {
  description = "Tools: tools"
  context     = "stacks/tools/tools"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:tools-base-bookworm"
    "docs" = "target:tools-docs-bookworm"
    "sdk"  = "target:tools-sdk-bookworm-1_25_0"
  }
  labels = {
    "org.opencontainers.image.description" = "Tools"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Tools: tools"
    "org.opencontainers.image.version"     = "1.25.0-bookworm"
  }
  tags      = ["${BAKEGEN_REGISTRY}tools:1.25.0-bookworm", "${BAKEGEN_REGISTRY}tools:1.25-bookworm"]
  platforms = ["linux/amd64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}
