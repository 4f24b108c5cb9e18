# Made by bakegen from the files below. Change those, not this.
#   bakegen.toml
#   stacks/app/stack.toml
# Its paths start at the project's root: build it there.
# Needs buildx 0.20 or newer; before 0.24 the variables' types are not checked.

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

variable "BAKEGEN_CA_BUNDLE" {
  type        = string
  default     = ""
  description = "Path of a file that builds get as a secret; none if empty."
}

variable "BAKEGEN_PIP_CONF" {
  type        = string
  default     = ""
  description = "Path of a file that builds get as a secret; none if empty."
}

variable "SIGNING_FILE" {
  type        = string
  default     = ""
  description = "Path of a file that builds get as a secret; none if empty."
}

variable "ALL_PROXY" {
  type        = string
  default     = ""
  description = "Handed to builds as an argument; not at all if empty."
}

variable "BAKEGEN_APT_MIRROR" {
  type        = string
  default     = ""
  description = "Handed to builds as an argument; not at all if empty."
}

variable "FTP_PROXY" {
  type        = string
  default     = ""
  description = "Handed to builds as an argument; not at all if empty."
}

variable "HTTPS_PROXY" {
  type        = string
  default     = ""
  description = "Handed to builds as an argument; not at all if empty."
}

variable "HTTP_PROXY" {
  type        = string
  default     = ""
  description = "Handed to builds as an argument; not at all if empty."
}

variable "NO_PROXY" {
  type        = string
  default     = ""
  description = "Handed to builds as an argument; not at all if empty."
}

group "default" {
  description = "What was selected."
  targets     = ["app-app"]
}

group "app" {
  description = "Stack app."
  targets     = ["app-app"]
}

group "image-app" {
  description = "Image app."
  targets     = ["app-app"]
}

# app/base
target "app-base" {
  description = "Behind a proxy: base"
  context     = "stacks/app/base"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "docker-image://debian:trixie-slim"
  }
  args = {
    "ALL_PROXY"   = ALL_PROXY == "" ? null : ALL_PROXY
    "APT_MIRROR"  = BAKEGEN_APT_MIRROR == "" ? null : BAKEGEN_APT_MIRROR
    "FTP_PROXY"   = FTP_PROXY == "" ? null : FTP_PROXY
    "HTTPS_PROXY" = HTTPS_PROXY == "" ? null : HTTPS_PROXY
    "HTTP_PROXY"  = HTTP_PROXY == "" ? null : HTTP_PROXY
    "NO_PROXY"    = NO_PROXY == "" ? null : NO_PROXY
  }
  labels = {
    "org.opencontainers.image.description" = "Behind a proxy"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Behind a proxy: base"
    "org.opencontainers.image.version"     = "base"
  }
  platforms  = ["linux/amd64"]
  secret     = BAKEGEN_CA_BUNDLE == "" ? [] : [{ id = "ca-bundle", src = BAKEGEN_CA_BUNDLE }]
  cache-from = ["type=local,\"src=cache, shared/app-base\""]
  cache-to   = ["type=local,\"dest=cache, shared/app-base\",mode=min"]
  attest     = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# app/app
target "app-app" {
  description = "Behind a proxy: app"
  context     = "stacks/app/app"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:app-base"
  }
  args = {
    "ALL_PROXY"   = ALL_PROXY == "" ? null : ALL_PROXY
    "FTP_PROXY"   = FTP_PROXY == "" ? null : FTP_PROXY
    "HTTPS_PROXY" = HTTPS_PROXY == "" ? null : HTTPS_PROXY
    "HTTP_PROXY"  = HTTP_PROXY == "" ? null : HTTP_PROXY
    "NO_PROXY"    = NO_PROXY == "" ? null : NO_PROXY
  }
  labels = {
    "org.opencontainers.image.description" = "Behind a proxy"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Behind a proxy: app"
    "org.opencontainers.image.version"     = "1"
  }
  tags      = ["${BAKEGEN_REGISTRY}app:1"]
  platforms = ["linux/amd64"]
  secret = concat(
    ["id=GITLAB_LOGIN,env=GITLAB_LOGIN", "id=netrc,\"src=stacks/app/app/netrc, mine\""],
    SIGNING_FILE == "" ? [] : [{ id = "key", src = SIGNING_FILE }],
    BAKEGEN_CA_BUNDLE == "" ? [] : [{ id = "ca-bundle", src = BAKEGEN_CA_BUNDLE }],
    BAKEGEN_PIP_CONF == "" ? [] : [{ id = "pip-conf", src = BAKEGEN_PIP_CONF }],
  )
  cache-from = ["type=local,\"src=cache, shared/app-app\""]
  cache-to   = ["type=local,\"dest=cache, shared/app-app\",mode=min"]
  attest     = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}
