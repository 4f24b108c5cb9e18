"""Labels: what every image says of itself, and what Backend.AI reads from its own (`bakegen.labels.backendai`)."""

from bakegen.labels.image import (
    OCI,
    OF_THE_IMAGE,
    REVISION,
    VERSION,
    annotation_problem,
    holds_secret,
    key_problem,
    secret_problem,
    value_problem,
)

__all__ = [
    "OCI",
    "OF_THE_IMAGE",
    "REVISION",
    "VERSION",
    "annotation_problem",
    "holds_secret",
    "key_problem",
    "secret_problem",
    "value_problem",
]
