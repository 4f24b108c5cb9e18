"""What bakegen.toml may say."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bakegen.model.words import Identifier, Template, Text, Words


class Registry(Words):
    """A registry to publish to."""

    name: Identifier | None = Field(
        None, description="Tells registries apart: the variable is BAKEGEN_REGISTRY_<NAME>."
    )
    prefix: str = Field(description="What every published name starts with: a host and a path, ending in `/`.")
    floating: bool = Field(default=True, description="Whether floating tags (`newest`) are published there.")


class Cache(Words):
    """Where build cache is read and written."""

    type: Literal["none", "inline", "local", "registry", "gha"] = Field("none", description="The cache's backend.")
    ref: Text | None = Field(
        None, description="For `registry`: the repository; each target has a tag of its own in it."
    )
    folder: Text = Field(
        ".bakegen/cache", description="For `local`: the folder; each target has a folder of its own in it."
    )
    mode: Literal["min", "max"] = Field("min", description="What is cached: the image's own layers, or every step.")


class Attest(Words):
    """What BuildKit attests about the images."""

    provenance: Literal["none", "min", "max"] = Field("none", description="How much is told of how it was built.")
    sbom: bool = Field(default=False, description="Whether the packages inside are listed.")


class Network(Words):
    """What builds need on a corporate network. Each value names an environment variable of the building machine."""

    proxies: bool = Field(
        default=False,
        description="Whether HTTP_PROXY, HTTPS_PROXY, FTP_PROXY, ALL_PROXY and NO_PROXY are handed to builds.",
    )
    files: dict[str, str] = Field(
        {},
        description="Secret ids and the variables that hold their files' paths: a CA bundle, a pip.conf, an apt "
        "source.",
    )
    args: dict[str, str] = Field(
        {}, description="Build arguments and the variables that hold them: a package index, an apt mirror."
    )


class Project(Words):
    """`bakegen.toml`: what all stacks of a project share."""

    stacks: Text = Field("stacks", description="The folder whose sub-folders hold a `stack.toml` each.")
    default: list[Text] = Field(
        ["*"], description="What is built where nothing is selected: globs over `stack/layer` or target names."
    )
    platforms: list[Text] = Field(
        ["linux/amd64"], min_length=1, description="The platforms of every stack that names none."
    )
    registries: list[Registry] = Field(
        [], description="Where images are published; the first one's names stand in reports."
    )
    template: Text | None = Field(None, description="A template of the bake file in place of bakegen's.")
    labels: dict[str, Template] = Field({}, description="Labels of every image.")
    annotations: dict[str, Template] = Field({}, description="OCI annotations of every image.")
    cache: Cache = Field(Cache(), description="Where build cache is read and written.")
    attest: Attest = Field(Attest(), description="What is attested.")
    network: Network = Field(Network(), description="What builds need on a corporate network.")
