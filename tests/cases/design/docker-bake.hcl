# Made by bakegen from the files below. Change those, not this.
#   bakegen.toml
#   stacks/ascend/stack.toml
# Its paths start at the project's root: build it there.
# Needs buildx 0.13 or newer; before 0.24 the variables' types are not checked.

variable "BAKEGEN_REGISTRY" {
  type        = string
  default     = "localhost:5000/"
  description = "What published names start with: empty, or ending in a slash."
}

variable "BAKEGEN_REVISION" {
  type        = string
  default     = ""
  description = "The revision of the sources, for the label of that name."
}

group "default" {
  description = "What was selected."
  targets     = ["ascend"]
}

group "ascend" {
  description = "Stack ascend."
  targets     = ["ascend-cann", "ascend-pytorch"]
}

group "ascend-python" {
  description = "Layer ascend/python."
  targets = [
    "ascend-python-ubuntu22_04-3_10",
    "ascend-python-ubuntu22_04-3_11",
    "ascend-python-ubuntu22_04-3_12",
    "ascend-python-openeuler24_03-3_10",
    "ascend-python-openeuler24_03-3_11",
    "ascend-python-openeuler24_03-3_12",
  ]
}

group "ascend-cann" {
  description = "Layer ascend/cann."
  targets = [
    "ascend-cann-ubuntu22_04-3_10-8_5_1-310p",
    "ascend-cann-ubuntu22_04-3_10-8_5_1-910b",
    "ascend-cann-ubuntu22_04-3_10-8_5_1-a3",
    "ascend-cann-ubuntu22_04-3_10-8_1_RC1-310p",
    "ascend-cann-ubuntu22_04-3_10-8_1_RC1-910b",
    "ascend-cann-ubuntu22_04-3_11-8_5_1-310p",
    "ascend-cann-ubuntu22_04-3_11-8_5_1-910b",
    "ascend-cann-ubuntu22_04-3_11-8_5_1-a3",
    "ascend-cann-ubuntu22_04-3_12-8_5_1-310p",
    "ascend-cann-ubuntu22_04-3_12-8_5_1-910b",
    "ascend-cann-ubuntu22_04-3_12-8_5_1-a3",
    "ascend-cann-openeuler24_03-3_10-8_5_1-310p",
    "ascend-cann-openeuler24_03-3_10-8_5_1-910b",
    "ascend-cann-openeuler24_03-3_10-8_5_1-a3",
    "ascend-cann-openeuler24_03-3_10-8_1_RC1-910b",
    "ascend-cann-openeuler24_03-3_11-8_5_1-310p",
    "ascend-cann-openeuler24_03-3_11-8_5_1-910b",
    "ascend-cann-openeuler24_03-3_11-8_5_1-a3",
    "ascend-cann-openeuler24_03-3_12-8_5_1-310p",
    "ascend-cann-openeuler24_03-3_12-8_5_1-910b",
    "ascend-cann-openeuler24_03-3_12-8_5_1-a3",
  ]
}

group "ascend-pytorch" {
  description = "Layer ascend/pytorch."
  targets = [
    "ascend-pytorch-ubuntu22_04-3_10-8_5_1-310p-2_9_0",
    "ascend-pytorch-ubuntu22_04-3_10-8_5_1-910b-2_9_0",
    "ascend-pytorch-ubuntu22_04-3_10-8_5_1-a3-2_9_0",
    "ascend-pytorch-ubuntu22_04-3_11-8_5_1-310p-2_9_0",
    "ascend-pytorch-ubuntu22_04-3_11-8_5_1-910b-2_9_0",
    "ascend-pytorch-ubuntu22_04-3_11-8_5_1-a3-2_9_0",
    "ascend-pytorch-openeuler24_03-3_10-8_5_1-310p-2_9_0",
    "ascend-pytorch-openeuler24_03-3_10-8_5_1-910b-2_9_0",
    "ascend-pytorch-openeuler24_03-3_10-8_5_1-a3-2_9_0",
    "ascend-pytorch-openeuler24_03-3_11-8_5_1-310p-2_9_0",
    "ascend-pytorch-openeuler24_03-3_11-8_5_1-910b-2_9_0",
    "ascend-pytorch-openeuler24_03-3_11-8_5_1-a3-2_9_0",
  ]
}

group "image-ascend_cann" {
  description = "Image ascend/cann."
  targets     = ["ascend-cann"]
}

group "image-ascend_pytorch" {
  description = "Image ascend/pytorch."
  targets     = ["ascend-pytorch"]
}

# ascend/python os=ubuntu22.04 python=3.10
target "ascend-python-ubuntu22_04-3_10" {
  description = "Ascend CANN and PyTorch: python"
  context     = "stacks/ascend/python"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "docker-image://ubuntu:22.04"
  }
  labels = {
    "org.opencontainers.image.description" = "CANN toolkits and PyTorch for Ascend NPUs on openEuler and Ubuntu"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Ascend CANN and PyTorch: python"
    "org.opencontainers.image.version"     = "ubuntu22.04-3.10"
  }
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# ascend/python os=ubuntu22.04 python=3.11
target "ascend-python-ubuntu22_04-3_11" {
  description = "Ascend CANN and PyTorch: python"
  context     = "stacks/ascend/python"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "docker-image://ubuntu:22.04"
  }
  labels = {
    "org.opencontainers.image.description" = "CANN toolkits and PyTorch for Ascend NPUs on openEuler and Ubuntu"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Ascend CANN and PyTorch: python"
    "org.opencontainers.image.version"     = "ubuntu22.04-3.11"
  }
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# ascend/python os=ubuntu22.04 python=3.12
target "ascend-python-ubuntu22_04-3_12" {
  description = "Ascend CANN and PyTorch: python"
  context     = "stacks/ascend/python"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "docker-image://ubuntu:22.04"
  }
  labels = {
    "org.opencontainers.image.description" = "CANN toolkits and PyTorch for Ascend NPUs on openEuler and Ubuntu"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Ascend CANN and PyTorch: python"
    "org.opencontainers.image.version"     = "ubuntu22.04-3.12"
  }
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# ascend/python os=openeuler24.03 python=3.10
target "ascend-python-openeuler24_03-3_10" {
  description = "Ascend CANN and PyTorch: python"
  context     = "stacks/ascend/python"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "docker-image://openeuler/openeuler:24.03-lts-sp3"
  }
  labels = {
    "org.opencontainers.image.description" = "CANN toolkits and PyTorch for Ascend NPUs on openEuler and Ubuntu"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Ascend CANN and PyTorch: python"
    "org.opencontainers.image.version"     = "openeuler24.03-3.10"
  }
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# ascend/python os=openeuler24.03 python=3.11
target "ascend-python-openeuler24_03-3_11" {
  description = "Ascend CANN and PyTorch: python"
  context     = "stacks/ascend/python"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "docker-image://openeuler/openeuler:24.03-lts-sp3"
  }
  labels = {
    "org.opencontainers.image.description" = "CANN toolkits and PyTorch for Ascend NPUs on openEuler and Ubuntu"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Ascend CANN and PyTorch: python"
    "org.opencontainers.image.version"     = "openeuler24.03-3.11"
  }
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# ascend/python os=openeuler24.03 python=3.12
target "ascend-python-openeuler24_03-3_12" {
  description = "Ascend CANN and PyTorch: python"
  context     = "stacks/ascend/python"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "docker-image://openeuler/openeuler:24.03-lts-sp3"
  }
  labels = {
    "org.opencontainers.image.description" = "CANN toolkits and PyTorch for Ascend NPUs on openEuler and Ubuntu"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Ascend CANN and PyTorch: python"
    "org.opencontainers.image.version"     = "openeuler24.03-3.12"
  }
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# ascend/cann os=ubuntu22.04 python=3.10 cann=8.5.1 chip=310p
target "ascend-cann-ubuntu22_04-3_10-8_5_1-310p" {
  description = "Ascend CANN and PyTorch: cann"
  context     = "stacks/ascend/cann"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:ascend-python-ubuntu22_04-3_10"
  }
  args = {
    "CANN_VERSION" = "8.5.1"
    "CHIP"         = "310p"
  }
  labels = {
    "org.opencontainers.image.description" = "CANN toolkits and PyTorch for Ascend NPUs on openEuler and Ubuntu"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Ascend CANN and PyTorch: cann"
    "org.opencontainers.image.version"     = "8.5.1-310p-ubuntu22.04-py3.10"
  }
  tags      = ["${BAKEGEN_REGISTRY}ascend/cann:8.5.1-310p-ubuntu22.04-py3.10"]
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# ascend/cann os=ubuntu22.04 python=3.10 cann=8.5.1 chip=910b
target "ascend-cann-ubuntu22_04-3_10-8_5_1-910b" {
  description = "Ascend CANN and PyTorch: cann"
  context     = "stacks/ascend/cann"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:ascend-python-ubuntu22_04-3_10"
  }
  args = {
    "CANN_VERSION" = "8.5.1"
    "CHIP"         = "910b"
  }
  labels = {
    "org.opencontainers.image.description" = "CANN toolkits and PyTorch for Ascend NPUs on openEuler and Ubuntu"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Ascend CANN and PyTorch: cann"
    "org.opencontainers.image.version"     = "8.5.1-910b-ubuntu22.04-py3.10"
  }
  tags      = ["${BAKEGEN_REGISTRY}ascend/cann:8.5.1-910b-ubuntu22.04-py3.10"]
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# ascend/cann os=ubuntu22.04 python=3.10 cann=8.5.1 chip=a3
target "ascend-cann-ubuntu22_04-3_10-8_5_1-a3" {
  description = "Ascend CANN and PyTorch: cann"
  context     = "stacks/ascend/cann"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:ascend-python-ubuntu22_04-3_10"
  }
  args = {
    "CANN_VERSION" = "8.5.1"
    "CHIP"         = "A3"
  }
  labels = {
    "org.opencontainers.image.description" = "CANN toolkits and PyTorch for Ascend NPUs on openEuler and Ubuntu"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Ascend CANN and PyTorch: cann"
    "org.opencontainers.image.version"     = "8.5.1-a3-ubuntu22.04-py3.10"
  }
  tags      = ["${BAKEGEN_REGISTRY}ascend/cann:8.5.1-a3-ubuntu22.04-py3.10"]
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# ascend/cann os=ubuntu22.04 python=3.10 cann=8.1.RC1 chip=310p
target "ascend-cann-ubuntu22_04-3_10-8_1_RC1-310p" {
  description = "Ascend CANN and PyTorch: cann"
  context     = "stacks/ascend/cann"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:ascend-python-ubuntu22_04-3_10"
  }
  args = {
    "CANN_VERSION" = "8.1.RC1"
    "CHIP"         = "310p"
  }
  labels = {
    "org.opencontainers.image.description" = "CANN toolkits and PyTorch for Ascend NPUs on openEuler and Ubuntu"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Ascend CANN and PyTorch: cann"
    "org.opencontainers.image.version"     = "8.1.rc1-310p-ubuntu22.04-py3.10"
  }
  tags      = ["${BAKEGEN_REGISTRY}ascend/cann:8.1.rc1-310p-ubuntu22.04-py3.10"]
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# ascend/cann os=ubuntu22.04 python=3.10 cann=8.1.RC1 chip=910b
target "ascend-cann-ubuntu22_04-3_10-8_1_RC1-910b" {
  description = "Ascend CANN and PyTorch: cann"
  context     = "stacks/ascend/cann"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:ascend-python-ubuntu22_04-3_10"
  }
  args = {
    "CANN_VERSION" = "8.1.RC1"
    "CHIP"         = "910b"
  }
  labels = {
    "org.opencontainers.image.description" = "CANN toolkits and PyTorch for Ascend NPUs on openEuler and Ubuntu"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Ascend CANN and PyTorch: cann"
    "org.opencontainers.image.version"     = "8.1.rc1-910b-ubuntu22.04-py3.10"
  }
  tags      = ["${BAKEGEN_REGISTRY}ascend/cann:8.1.rc1-910b-ubuntu22.04-py3.10"]
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# ascend/cann os=ubuntu22.04 python=3.11 cann=8.5.1 chip=310p
target "ascend-cann-ubuntu22_04-3_11-8_5_1-310p" {
  description = "Ascend CANN and PyTorch: cann"
  context     = "stacks/ascend/cann"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:ascend-python-ubuntu22_04-3_11"
  }
  args = {
    "CANN_VERSION" = "8.5.1"
    "CHIP"         = "310p"
  }
  labels = {
    "org.opencontainers.image.description" = "CANN toolkits and PyTorch for Ascend NPUs on openEuler and Ubuntu"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Ascend CANN and PyTorch: cann"
    "org.opencontainers.image.version"     = "8.5.1-310p-ubuntu22.04-py3.11"
  }
  tags      = ["${BAKEGEN_REGISTRY}ascend/cann:8.5.1-310p-ubuntu22.04-py3.11"]
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# ascend/cann os=ubuntu22.04 python=3.11 cann=8.5.1 chip=910b
target "ascend-cann-ubuntu22_04-3_11-8_5_1-910b" {
  description = "Ascend CANN and PyTorch: cann"
  context     = "stacks/ascend/cann"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:ascend-python-ubuntu22_04-3_11"
  }
  args = {
    "CANN_VERSION" = "8.5.1"
    "CHIP"         = "910b"
  }
  labels = {
    "org.opencontainers.image.description" = "CANN toolkits and PyTorch for Ascend NPUs on openEuler and Ubuntu"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Ascend CANN and PyTorch: cann"
    "org.opencontainers.image.version"     = "8.5.1-910b-ubuntu22.04-py3.11"
  }
  tags = [
    "${BAKEGEN_REGISTRY}ascend/cann:8.5.1-910b-ubuntu22.04-py3.11",
    "${BAKEGEN_REGISTRY}ascend/cann:8.5.1",
    "${BAKEGEN_REGISTRY}ascend/cann:latest",
  ]
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# ascend/cann os=ubuntu22.04 python=3.11 cann=8.5.1 chip=a3
target "ascend-cann-ubuntu22_04-3_11-8_5_1-a3" {
  description = "Ascend CANN and PyTorch: cann"
  context     = "stacks/ascend/cann"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:ascend-python-ubuntu22_04-3_11"
  }
  args = {
    "CANN_VERSION" = "8.5.1"
    "CHIP"         = "A3"
  }
  labels = {
    "org.opencontainers.image.description" = "CANN toolkits and PyTorch for Ascend NPUs on openEuler and Ubuntu"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Ascend CANN and PyTorch: cann"
    "org.opencontainers.image.version"     = "8.5.1-a3-ubuntu22.04-py3.11"
  }
  tags      = ["${BAKEGEN_REGISTRY}ascend/cann:8.5.1-a3-ubuntu22.04-py3.11"]
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# ascend/cann os=ubuntu22.04 python=3.12 cann=8.5.1 chip=310p
target "ascend-cann-ubuntu22_04-3_12-8_5_1-310p" {
  description = "Ascend CANN and PyTorch: cann"
  context     = "stacks/ascend/cann"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:ascend-python-ubuntu22_04-3_12"
  }
  args = {
    "CANN_VERSION" = "8.5.1"
    "CHIP"         = "310p"
  }
  labels = {
    "org.opencontainers.image.description" = "CANN toolkits and PyTorch for Ascend NPUs on openEuler and Ubuntu"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Ascend CANN and PyTorch: cann"
    "org.opencontainers.image.version"     = "8.5.1-310p-ubuntu22.04-py3.12"
  }
  tags      = ["${BAKEGEN_REGISTRY}ascend/cann:8.5.1-310p-ubuntu22.04-py3.12"]
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# ascend/cann os=ubuntu22.04 python=3.12 cann=8.5.1 chip=910b
target "ascend-cann-ubuntu22_04-3_12-8_5_1-910b" {
  description = "Ascend CANN and PyTorch: cann"
  context     = "stacks/ascend/cann"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:ascend-python-ubuntu22_04-3_12"
  }
  args = {
    "CANN_VERSION" = "8.5.1"
    "CHIP"         = "910b"
  }
  labels = {
    "org.opencontainers.image.description" = "CANN toolkits and PyTorch for Ascend NPUs on openEuler and Ubuntu"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Ascend CANN and PyTorch: cann"
    "org.opencontainers.image.version"     = "8.5.1-910b-ubuntu22.04-py3.12"
  }
  tags      = ["${BAKEGEN_REGISTRY}ascend/cann:8.5.1-910b-ubuntu22.04-py3.12"]
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# ascend/cann os=ubuntu22.04 python=3.12 cann=8.5.1 chip=a3
target "ascend-cann-ubuntu22_04-3_12-8_5_1-a3" {
  description = "Ascend CANN and PyTorch: cann"
  context     = "stacks/ascend/cann"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:ascend-python-ubuntu22_04-3_12"
  }
  args = {
    "CANN_VERSION" = "8.5.1"
    "CHIP"         = "A3"
  }
  labels = {
    "org.opencontainers.image.description" = "CANN toolkits and PyTorch for Ascend NPUs on openEuler and Ubuntu"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Ascend CANN and PyTorch: cann"
    "org.opencontainers.image.version"     = "8.5.1-a3-ubuntu22.04-py3.12"
  }
  tags      = ["${BAKEGEN_REGISTRY}ascend/cann:8.5.1-a3-ubuntu22.04-py3.12"]
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# ascend/cann os=openeuler24.03 python=3.10 cann=8.5.1 chip=310p
target "ascend-cann-openeuler24_03-3_10-8_5_1-310p" {
  description = "Ascend CANN and PyTorch: cann"
  context     = "stacks/ascend/cann"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:ascend-python-openeuler24_03-3_10"
  }
  args = {
    "CANN_VERSION" = "8.5.1"
    "CHIP"         = "310p"
  }
  labels = {
    "org.opencontainers.image.description" = "CANN toolkits and PyTorch for Ascend NPUs on openEuler and Ubuntu"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Ascend CANN and PyTorch: cann"
    "org.opencontainers.image.version"     = "8.5.1-310p-openeuler24.03-py3.10"
  }
  tags      = ["${BAKEGEN_REGISTRY}ascend/cann:8.5.1-310p-openeuler24.03-py3.10"]
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# ascend/cann os=openeuler24.03 python=3.10 cann=8.5.1 chip=910b
target "ascend-cann-openeuler24_03-3_10-8_5_1-910b" {
  description = "Ascend CANN and PyTorch: cann"
  context     = "stacks/ascend/cann"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:ascend-python-openeuler24_03-3_10"
  }
  args = {
    "CANN_VERSION" = "8.5.1"
    "CHIP"         = "910b"
  }
  labels = {
    "org.opencontainers.image.description" = "CANN toolkits and PyTorch for Ascend NPUs on openEuler and Ubuntu"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Ascend CANN and PyTorch: cann"
    "org.opencontainers.image.version"     = "8.5.1-910b-openeuler24.03-py3.10"
  }
  tags      = ["${BAKEGEN_REGISTRY}ascend/cann:8.5.1-910b-openeuler24.03-py3.10"]
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# ascend/cann os=openeuler24.03 python=3.10 cann=8.5.1 chip=a3
target "ascend-cann-openeuler24_03-3_10-8_5_1-a3" {
  description = "Ascend CANN and PyTorch: cann"
  context     = "stacks/ascend/cann"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:ascend-python-openeuler24_03-3_10"
  }
  args = {
    "CANN_VERSION" = "8.5.1"
    "CHIP"         = "A3"
  }
  labels = {
    "org.opencontainers.image.description" = "CANN toolkits and PyTorch for Ascend NPUs on openEuler and Ubuntu"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Ascend CANN and PyTorch: cann"
    "org.opencontainers.image.version"     = "8.5.1-a3-openeuler24.03-py3.10"
  }
  tags      = ["${BAKEGEN_REGISTRY}ascend/cann:8.5.1-a3-openeuler24.03-py3.10"]
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# ascend/cann os=openeuler24.03 python=3.10 cann=8.1.RC1 chip=910b
target "ascend-cann-openeuler24_03-3_10-8_1_RC1-910b" {
  description = "Ascend CANN and PyTorch: cann"
  context     = "stacks/ascend/cann"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:ascend-python-openeuler24_03-3_10"
  }
  args = {
    "CANN_VERSION" = "8.1.RC1"
    "CHIP"         = "910b"
  }
  labels = {
    "org.opencontainers.image.description" = "CANN toolkits and PyTorch for Ascend NPUs on openEuler and Ubuntu"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Ascend CANN and PyTorch: cann"
    "org.opencontainers.image.version"     = "8.1.rc1-910b-openeuler24.03-py3.10"
  }
  tags      = ["${BAKEGEN_REGISTRY}ascend/cann:8.1.rc1-910b-openeuler24.03-py3.10"]
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# ascend/cann os=openeuler24.03 python=3.11 cann=8.5.1 chip=310p
target "ascend-cann-openeuler24_03-3_11-8_5_1-310p" {
  description = "Ascend CANN and PyTorch: cann"
  context     = "stacks/ascend/cann"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:ascend-python-openeuler24_03-3_11"
  }
  args = {
    "CANN_VERSION" = "8.5.1"
    "CHIP"         = "310p"
  }
  labels = {
    "org.opencontainers.image.description" = "CANN toolkits and PyTorch for Ascend NPUs on openEuler and Ubuntu"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Ascend CANN and PyTorch: cann"
    "org.opencontainers.image.version"     = "8.5.1-310p-openeuler24.03-py3.11"
  }
  tags      = ["${BAKEGEN_REGISTRY}ascend/cann:8.5.1-310p-openeuler24.03-py3.11"]
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# ascend/cann os=openeuler24.03 python=3.11 cann=8.5.1 chip=910b
target "ascend-cann-openeuler24_03-3_11-8_5_1-910b" {
  description = "Ascend CANN and PyTorch: cann"
  context     = "stacks/ascend/cann"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:ascend-python-openeuler24_03-3_11"
  }
  args = {
    "CANN_VERSION" = "8.5.1"
    "CHIP"         = "910b"
  }
  labels = {
    "org.opencontainers.image.description" = "CANN toolkits and PyTorch for Ascend NPUs on openEuler and Ubuntu"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Ascend CANN and PyTorch: cann"
    "org.opencontainers.image.version"     = "8.5.1-910b-openeuler24.03-py3.11"
  }
  tags      = ["${BAKEGEN_REGISTRY}ascend/cann:8.5.1-910b-openeuler24.03-py3.11"]
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# ascend/cann os=openeuler24.03 python=3.11 cann=8.5.1 chip=a3
target "ascend-cann-openeuler24_03-3_11-8_5_1-a3" {
  description = "Ascend CANN and PyTorch: cann"
  context     = "stacks/ascend/cann"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:ascend-python-openeuler24_03-3_11"
  }
  args = {
    "CANN_VERSION" = "8.5.1"
    "CHIP"         = "A3"
  }
  labels = {
    "org.opencontainers.image.description" = "CANN toolkits and PyTorch for Ascend NPUs on openEuler and Ubuntu"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Ascend CANN and PyTorch: cann"
    "org.opencontainers.image.version"     = "8.5.1-a3-openeuler24.03-py3.11"
  }
  tags      = ["${BAKEGEN_REGISTRY}ascend/cann:8.5.1-a3-openeuler24.03-py3.11"]
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# ascend/cann os=openeuler24.03 python=3.12 cann=8.5.1 chip=310p
target "ascend-cann-openeuler24_03-3_12-8_5_1-310p" {
  description = "Ascend CANN and PyTorch: cann"
  context     = "stacks/ascend/cann"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:ascend-python-openeuler24_03-3_12"
  }
  args = {
    "CANN_VERSION" = "8.5.1"
    "CHIP"         = "310p"
  }
  labels = {
    "org.opencontainers.image.description" = "CANN toolkits and PyTorch for Ascend NPUs on openEuler and Ubuntu"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Ascend CANN and PyTorch: cann"
    "org.opencontainers.image.version"     = "8.5.1-310p-openeuler24.03-py3.12"
  }
  tags      = ["${BAKEGEN_REGISTRY}ascend/cann:8.5.1-310p-openeuler24.03-py3.12"]
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# ascend/cann os=openeuler24.03 python=3.12 cann=8.5.1 chip=910b
target "ascend-cann-openeuler24_03-3_12-8_5_1-910b" {
  description = "Ascend CANN and PyTorch: cann"
  context     = "stacks/ascend/cann"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:ascend-python-openeuler24_03-3_12"
  }
  args = {
    "CANN_VERSION" = "8.5.1"
    "CHIP"         = "910b"
  }
  labels = {
    "org.opencontainers.image.description" = "CANN toolkits and PyTorch for Ascend NPUs on openEuler and Ubuntu"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Ascend CANN and PyTorch: cann"
    "org.opencontainers.image.version"     = "8.5.1-910b-openeuler24.03-py3.12"
  }
  tags      = ["${BAKEGEN_REGISTRY}ascend/cann:8.5.1-910b-openeuler24.03-py3.12"]
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# ascend/cann os=openeuler24.03 python=3.12 cann=8.5.1 chip=a3
target "ascend-cann-openeuler24_03-3_12-8_5_1-a3" {
  description = "Ascend CANN and PyTorch: cann"
  context     = "stacks/ascend/cann"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:ascend-python-openeuler24_03-3_12"
  }
  args = {
    "CANN_VERSION" = "8.5.1"
    "CHIP"         = "A3"
  }
  labels = {
    "org.opencontainers.image.description" = "CANN toolkits and PyTorch for Ascend NPUs on openEuler and Ubuntu"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Ascend CANN and PyTorch: cann"
    "org.opencontainers.image.version"     = "8.5.1-a3-openeuler24.03-py3.12"
  }
  tags      = ["${BAKEGEN_REGISTRY}ascend/cann:8.5.1-a3-openeuler24.03-py3.12"]
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# ascend/pytorch os=ubuntu22.04 python=3.10 cann=8.5.1 chip=310p torch=2.9.0
target "ascend-pytorch-ubuntu22_04-3_10-8_5_1-310p-2_9_0" {
  description = "Ascend CANN and PyTorch: pytorch"
  context     = "stacks/ascend/pytorch"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:ascend-cann-ubuntu22_04-3_10-8_5_1-310p"
  }
  labels = {
    "org.opencontainers.image.description" = "CANN toolkits and PyTorch for Ascend NPUs on openEuler and Ubuntu"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Ascend CANN and PyTorch: pytorch"
    "org.opencontainers.image.version"     = "2.9.0-cann8.5.1-310p-ubuntu22.04-py3.10"
  }
  tags      = ["${BAKEGEN_REGISTRY}ascend/pytorch:2.9.0-cann8.5.1-310p-ubuntu22.04-py3.10"]
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# ascend/pytorch os=ubuntu22.04 python=3.10 cann=8.5.1 chip=910b torch=2.9.0
target "ascend-pytorch-ubuntu22_04-3_10-8_5_1-910b-2_9_0" {
  description = "Ascend CANN and PyTorch: pytorch"
  context     = "stacks/ascend/pytorch"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:ascend-cann-ubuntu22_04-3_10-8_5_1-910b"
  }
  labels = {
    "org.opencontainers.image.description" = "CANN toolkits and PyTorch for Ascend NPUs on openEuler and Ubuntu"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Ascend CANN and PyTorch: pytorch"
    "org.opencontainers.image.version"     = "2.9.0-cann8.5.1-910b-ubuntu22.04-py3.10"
  }
  tags      = ["${BAKEGEN_REGISTRY}ascend/pytorch:2.9.0-cann8.5.1-910b-ubuntu22.04-py3.10"]
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# ascend/pytorch os=ubuntu22.04 python=3.10 cann=8.5.1 chip=a3 torch=2.9.0
target "ascend-pytorch-ubuntu22_04-3_10-8_5_1-a3-2_9_0" {
  description = "Ascend CANN and PyTorch: pytorch"
  context     = "stacks/ascend/pytorch"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:ascend-cann-ubuntu22_04-3_10-8_5_1-a3"
  }
  labels = {
    "org.opencontainers.image.description" = "CANN toolkits and PyTorch for Ascend NPUs on openEuler and Ubuntu"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Ascend CANN and PyTorch: pytorch"
    "org.opencontainers.image.version"     = "2.9.0-cann8.5.1-a3-ubuntu22.04-py3.10"
  }
  tags      = ["${BAKEGEN_REGISTRY}ascend/pytorch:2.9.0-cann8.5.1-a3-ubuntu22.04-py3.10"]
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# ascend/pytorch os=ubuntu22.04 python=3.11 cann=8.5.1 chip=310p torch=2.9.0
target "ascend-pytorch-ubuntu22_04-3_11-8_5_1-310p-2_9_0" {
  description = "Ascend CANN and PyTorch: pytorch"
  context     = "stacks/ascend/pytorch"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:ascend-cann-ubuntu22_04-3_11-8_5_1-310p"
  }
  labels = {
    "org.opencontainers.image.description" = "CANN toolkits and PyTorch for Ascend NPUs on openEuler and Ubuntu"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Ascend CANN and PyTorch: pytorch"
    "org.opencontainers.image.version"     = "2.9.0-cann8.5.1-310p-ubuntu22.04-py3.11"
  }
  tags      = ["${BAKEGEN_REGISTRY}ascend/pytorch:2.9.0-cann8.5.1-310p-ubuntu22.04-py3.11"]
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# ascend/pytorch os=ubuntu22.04 python=3.11 cann=8.5.1 chip=910b torch=2.9.0
target "ascend-pytorch-ubuntu22_04-3_11-8_5_1-910b-2_9_0" {
  description = "Ascend CANN and PyTorch: pytorch"
  context     = "stacks/ascend/pytorch"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:ascend-cann-ubuntu22_04-3_11-8_5_1-910b"
  }
  labels = {
    "org.opencontainers.image.description" = "CANN toolkits and PyTorch for Ascend NPUs on openEuler and Ubuntu"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Ascend CANN and PyTorch: pytorch"
    "org.opencontainers.image.version"     = "2.9.0-cann8.5.1-910b-ubuntu22.04-py3.11"
  }
  tags      = ["${BAKEGEN_REGISTRY}ascend/pytorch:2.9.0-cann8.5.1-910b-ubuntu22.04-py3.11"]
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# ascend/pytorch os=ubuntu22.04 python=3.11 cann=8.5.1 chip=a3 torch=2.9.0
target "ascend-pytorch-ubuntu22_04-3_11-8_5_1-a3-2_9_0" {
  description = "Ascend CANN and PyTorch: pytorch"
  context     = "stacks/ascend/pytorch"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:ascend-cann-ubuntu22_04-3_11-8_5_1-a3"
  }
  labels = {
    "org.opencontainers.image.description" = "CANN toolkits and PyTorch for Ascend NPUs on openEuler and Ubuntu"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Ascend CANN and PyTorch: pytorch"
    "org.opencontainers.image.version"     = "2.9.0-cann8.5.1-a3-ubuntu22.04-py3.11"
  }
  tags      = ["${BAKEGEN_REGISTRY}ascend/pytorch:2.9.0-cann8.5.1-a3-ubuntu22.04-py3.11"]
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# ascend/pytorch os=openeuler24.03 python=3.10 cann=8.5.1 chip=310p torch=2.9.0
target "ascend-pytorch-openeuler24_03-3_10-8_5_1-310p-2_9_0" {
  description = "Ascend CANN and PyTorch: pytorch"
  context     = "stacks/ascend/pytorch"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:ascend-cann-openeuler24_03-3_10-8_5_1-310p"
  }
  labels = {
    "org.opencontainers.image.description" = "CANN toolkits and PyTorch for Ascend NPUs on openEuler and Ubuntu"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Ascend CANN and PyTorch: pytorch"
    "org.opencontainers.image.version"     = "2.9.0-cann8.5.1-310p-openeuler24.03-py3.10"
  }
  tags      = ["${BAKEGEN_REGISTRY}ascend/pytorch:2.9.0-cann8.5.1-310p-openeuler24.03-py3.10"]
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# ascend/pytorch os=openeuler24.03 python=3.10 cann=8.5.1 chip=910b torch=2.9.0
target "ascend-pytorch-openeuler24_03-3_10-8_5_1-910b-2_9_0" {
  description = "Ascend CANN and PyTorch: pytorch"
  context     = "stacks/ascend/pytorch"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:ascend-cann-openeuler24_03-3_10-8_5_1-910b"
  }
  labels = {
    "org.opencontainers.image.description" = "CANN toolkits and PyTorch for Ascend NPUs on openEuler and Ubuntu"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Ascend CANN and PyTorch: pytorch"
    "org.opencontainers.image.version"     = "2.9.0-cann8.5.1-910b-openeuler24.03-py3.10"
  }
  tags      = ["${BAKEGEN_REGISTRY}ascend/pytorch:2.9.0-cann8.5.1-910b-openeuler24.03-py3.10"]
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# ascend/pytorch os=openeuler24.03 python=3.10 cann=8.5.1 chip=a3 torch=2.9.0
target "ascend-pytorch-openeuler24_03-3_10-8_5_1-a3-2_9_0" {
  description = "Ascend CANN and PyTorch: pytorch"
  context     = "stacks/ascend/pytorch"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:ascend-cann-openeuler24_03-3_10-8_5_1-a3"
  }
  labels = {
    "org.opencontainers.image.description" = "CANN toolkits and PyTorch for Ascend NPUs on openEuler and Ubuntu"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Ascend CANN and PyTorch: pytorch"
    "org.opencontainers.image.version"     = "2.9.0-cann8.5.1-a3-openeuler24.03-py3.10"
  }
  tags      = ["${BAKEGEN_REGISTRY}ascend/pytorch:2.9.0-cann8.5.1-a3-openeuler24.03-py3.10"]
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# ascend/pytorch os=openeuler24.03 python=3.11 cann=8.5.1 chip=310p torch=2.9.0
target "ascend-pytorch-openeuler24_03-3_11-8_5_1-310p-2_9_0" {
  description = "Ascend CANN and PyTorch: pytorch"
  context     = "stacks/ascend/pytorch"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:ascend-cann-openeuler24_03-3_11-8_5_1-310p"
  }
  labels = {
    "org.opencontainers.image.description" = "CANN toolkits and PyTorch for Ascend NPUs on openEuler and Ubuntu"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Ascend CANN and PyTorch: pytorch"
    "org.opencontainers.image.version"     = "2.9.0-cann8.5.1-310p-openeuler24.03-py3.11"
  }
  tags      = ["${BAKEGEN_REGISTRY}ascend/pytorch:2.9.0-cann8.5.1-310p-openeuler24.03-py3.11"]
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# ascend/pytorch os=openeuler24.03 python=3.11 cann=8.5.1 chip=910b torch=2.9.0
target "ascend-pytorch-openeuler24_03-3_11-8_5_1-910b-2_9_0" {
  description = "Ascend CANN and PyTorch: pytorch"
  context     = "stacks/ascend/pytorch"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:ascend-cann-openeuler24_03-3_11-8_5_1-910b"
  }
  labels = {
    "org.opencontainers.image.description" = "CANN toolkits and PyTorch for Ascend NPUs on openEuler and Ubuntu"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Ascend CANN and PyTorch: pytorch"
    "org.opencontainers.image.version"     = "pytorch2.9.0-cann8.5.1-oe2403sp3"
  }
  tags = [
    "${BAKEGEN_REGISTRY}ascend/pytorch:pytorch2.9.0-cann8.5.1-oe2403sp3",
    "${BAKEGEN_REGISTRY}ascend/pytorch:2.9.0-cann8.5.1-910b-openeuler24.03-py3.11",
  ]
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}

# ascend/pytorch os=openeuler24.03 python=3.11 cann=8.5.1 chip=a3 torch=2.9.0
target "ascend-pytorch-openeuler24_03-3_11-8_5_1-a3-2_9_0" {
  description = "Ascend CANN and PyTorch: pytorch"
  context     = "stacks/ascend/pytorch"
  dockerfile  = "Dockerfile"
  contexts = {
    "base" = "target:ascend-cann-openeuler24_03-3_11-8_5_1-a3"
  }
  labels = {
    "org.opencontainers.image.description" = "CANN toolkits and PyTorch for Ascend NPUs on openEuler and Ubuntu"
    "org.opencontainers.image.revision"    = BAKEGEN_REVISION
    "org.opencontainers.image.title"       = "Ascend CANN and PyTorch: pytorch"
    "org.opencontainers.image.version"     = "2.9.0-cann8.5.1-a3-openeuler24.03-py3.11"
  }
  tags      = ["${BAKEGEN_REGISTRY}ascend/pytorch:2.9.0-cann8.5.1-a3-openeuler24.03-py3.11"]
  platforms = ["linux/amd64", "linux/arm64"]
  attest    = ["type=provenance,disabled=true", "type=sbom,disabled=true"]
}
