# Made by bakegen from the files below. Change those, not this.
#   bakegen.toml
#   stacks/hello/stack.toml
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
  targets     = ["hello-hello"]
}

group "hello" {
  description = "Stack hello."
  targets     = ["hello-hello"]
}

group "image-hello" {
  description = "Image hello."
  targets     = ["hello-hello"]
}

# hello/hello
target "hello-hello" {
  description = "Hello, \"world\": hello"
  context     = "stacks/hello/hello"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "docker-image://alpine:3.22"
  }
  args = {
    "GREETING" = "$${name}\n\t%%{x}"
  }
  labels = {
    "org.opencontainers.image.description" = "Says $${hello} to %%{all}, äöü 🐳"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Hello, \"world\": hello"
    "org.opencontainers.image.version"     = "latest"
  }
  tags      = ["${BAKEGEN_REGISTRY}hello:latest"]
  platforms = ["linux/amd64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}
