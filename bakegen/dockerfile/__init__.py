"""What a Dockerfile declares, and what building one of its stages reaches, as BuildKit's own frontend reads it.

The Python packages that split a Dockerfile into instructions are wrong about here-documents, or stop before the scope
of ARG, ``--mount`` and what a target reaches, so this room reads the text itself. Where the Dockerfile reference is
silent, BuildKit's behaviour is the rule: the engine tests hold this room against a real one.
"""

from bakegen.dockerfile.declared import Arg, Dockerfile, Stage, Step, Use, context_key, parse
from bakegen.dockerfile.reach import PLATFORM_ARGS, PREDEFINED_ARGS, Needs, needs
from bakegen.dockerfile.words import DockerfileError, expand

__all__ = [
    "PLATFORM_ARGS",
    "PREDEFINED_ARGS",
    "Arg",
    "Dockerfile",
    "DockerfileError",
    "Needs",
    "Stage",
    "Step",
    "Use",
    "context_key",
    "expand",
    "needs",
    "parse",
]
