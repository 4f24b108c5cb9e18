"""What policy.toml may say."""

from __future__ import annotations

from pydantic import Field

from bakegen.model.words import Text, Words


class PolicyPaths(Words):
    """Globs of the paths that each operation may touch."""

    open: list[Text] = Field(["*"], description="What may be opened.")
    access: list[Text] = Field(["*"], description="What may be looked for.")
    exec: list[Text] = Field(["*"], description="What may be executed.")
    stat: list[Text] = Field(["*"], description="What may be looked at.")
    chmod: list[Text] = Field(["/home/work/*", "/tmp/*"], description="Whose mode may be changed.")  # noqa: S108


class Policy(Words):
    """`policy.toml`: what Backend.AI's jail allows the programs of a session, for any generation of it."""

    paths: PolicyPaths = Field(PolicyPaths(), description="Globs of the paths that each operation may touch.")
    exec_allowance: int = Field(0, ge=-1, le=2**31 - 1, description="How many programs may be executed.")
    fork_allowance: int = Field(-1, ge=-1, le=2**31 - 1, description="How often a process may fork; -1: always.")
    max_child_procs: int | None = Field(
        None, ge=-1, le=2**31 - 1, description="How many processes there may be at a time; each jail has a default."
    )
    extra_envs: dict[str, str] = Field({}, description="Variables that are set.")
    preserved_env_keys: list[Text] = Field([], description="Variables that are kept.")
    diff_to_default: bool = Field(
        default=True, description="Whether variables and system calls are added to the jail's own, or stand alone."
    )
    allowed_syscalls: list[Text] = Field([], description="System calls that are allowed.")
