"""bakegen: one TOML file per family of container images, proven, and emitted as a docker-bake file."""

__version__ = "0.1.0"
