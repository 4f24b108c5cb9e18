# Made by bakegen from the files below. Change those, not this.
#   bakegen.toml
#   stacks/torch/stack.toml
# Its paths start at the project's root: build it there.
# Needs buildx 0.13 or newer; before 0.24 the variables' types are not checked.

variable "BAKEGEN_REGISTRY" {
  type        = string
  default     = "registry.example/ai/"
  description = "What published names start with: empty, or ending in a slash."
}

variable "BAKEGEN_REVISION" {
  type        = string
  default     = ""
  description = "The revision of the sources, for the label of that name."
}

group "default" {
  description = "What was selected."
  targets     = ["torch"]
}

group "torch" {
  description = "Stack torch."
  targets     = ["torch-runtime"]
}

group "torch-vendor" {
  description = "Layer torch/vendor."
  targets     = ["torch-vendor-rocm"]
}

group "torch-runtime" {
  description = "Layer torch/runtime."
  targets = [
    "torch-runtime-cpu-2_8_0",
    "torch-runtime-cpu-2_9_0",
    "torch-runtime-cuda12_8-2_8_0",
    "torch-runtime-cuda12_8-2_9_0",
    "torch-runtime-rocm-2_9_0",
  ]
}

group "image-torch-runtime" {
  description = "Image torch-runtime."
  targets     = ["torch-runtime"]
}

# torch/vendor accelerator=rocm
target "torch-vendor-rocm" {
  description = "PyTorch: vendor"
  context     = "stacks/torch/vendor"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "docker-image://rocm/dev-ubuntu-24.04:6.4"
  }
  labels = {
    "org.opencontainers.image.description" = "PyTorch"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "PyTorch: vendor"
    "org.opencontainers.image.version"     = "rocm"
  }
  platforms = ["linux/amd64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# torch/runtime accelerator=cpu torch=2.8.0
target "torch-runtime-cpu-2_8_0" {
  description = "PyTorch: runtime"
  context     = "stacks/torch/runtime"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "docker-image://ubuntu:24.04"
  }
  args = {
    "TORCH" = "2.8.0"
  }
  labels = {
    "org.opencontainers.image.description" = "PyTorch"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "PyTorch: runtime"
    "org.opencontainers.image.version"     = "2.8.0-cpu"
  }
  tags      = ["${BAKEGEN_REGISTRY}torch-runtime:2.8.0-cpu"]
  platforms = ["linux/amd64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# torch/runtime accelerator=cpu torch=2.9.0
target "torch-runtime-cpu-2_9_0" {
  description = "PyTorch: runtime"
  context     = "stacks/torch/runtime"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "docker-image://ubuntu:24.04"
  }
  args = {
    "TORCH" = "2.9.0"
  }
  labels = {
    "org.opencontainers.image.description" = "PyTorch"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "PyTorch: runtime"
    "org.opencontainers.image.version"     = "2.9.0-cpu"
  }
  tags      = ["${BAKEGEN_REGISTRY}torch-runtime:2.9.0-cpu"]
  platforms = ["linux/amd64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# torch/runtime accelerator=cuda12.8 torch=2.8.0
target "torch-runtime-cuda12_8-2_8_0" {
  description = "PyTorch: runtime"
  context     = "stacks/torch/runtime"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "docker-image://nvidia/cuda:12.8.1-base-ubuntu24.04"
  }
  args = {
    "TORCH" = "2.8.0"
  }
  labels = {
    "org.opencontainers.image.description" = "PyTorch"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "PyTorch: runtime"
    "org.opencontainers.image.version"     = "2.8.0-cuda12.8"
  }
  tags      = ["${BAKEGEN_REGISTRY}torch-runtime:2.8.0-cuda12.8"]
  platforms = ["linux/amd64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# torch/runtime accelerator=cuda12.8 torch=2.9.0
target "torch-runtime-cuda12_8-2_9_0" {
  description = "PyTorch: runtime"
  context     = "stacks/torch/runtime"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "docker-image://nvidia/cuda:12.8.1-base-ubuntu24.04"
  }
  args = {
    "TORCH" = "2.9.0"
  }
  labels = {
    "org.opencontainers.image.description" = "PyTorch"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "PyTorch: runtime"
    "org.opencontainers.image.version"     = "2.9.0-cuda12.8"
  }
  tags      = ["${BAKEGEN_REGISTRY}torch-runtime:2.9.0-cuda12.8"]
  platforms = ["linux/amd64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# torch/runtime accelerator=rocm torch=2.9.0
target "torch-runtime-rocm-2_9_0" {
  description = "PyTorch: runtime"
  context     = "stacks/torch/runtime"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:torch-vendor-rocm"
  }
  args = {
    "TORCH" = "2.9.0"
  }
  labels = {
    "org.opencontainers.image.description" = "PyTorch"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "PyTorch: runtime"
    "org.opencontainers.image.version"     = "2.9.0-rocm"
  }
  tags      = ["${BAKEGEN_REGISTRY}torch-runtime:2.9.0-rocm"]
  platforms = ["linux/amd64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}
