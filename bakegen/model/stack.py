"""What stack.toml may say. Data only: no model reads a file or knows another."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from bakegen.model.words import (
    Identifier,
    LayerOrImage,
    Matchers,
    OneOrMany,
    Pattern,
    Role,
    SchemeName,
    Short,
    Status,
    Template,
    Text,
    Words,
)


class Value(Words):
    """One value of an axis: a name, and fields that move together with it."""

    model_config = ConfigDict(extra="allow")
    may_be_text = True
    __pydantic_extra__: dict[str, str]

    name: Text = Field(description="What the value is called in tags and target names.")
    version: Text | None = Field(None, description="What the value is compared by; the name, if not given.")
    only: Matchers = Field({}, description="The values of other axes that this one combines with.")
    platforms: list[Text] | None = Field(None, description="The platforms that this value exists for.")
    status: Status = Field("supported", description="Where the value is in its life.")
    reason: Text | None = Field(None, description="Why the value has this status.")
    source: Text | None = Field(None, description="Where that is written.")


class Axis(Words):
    """A named list of choices."""

    role: Role | None = Field(None, description="What the axis is in the image, for named tag schemes.")
    scheme: SchemeName | None = Field(
        None, description="How versions compare; `pep440` where every value reads as such a version, else `text`."
    )
    description: Text | None = Field(None, description="For readers.")
    values: list[Annotated[Value, Short("name")]] = Field(
        min_length=1, description="The choices, in the order in which targets are listed."
    )


class _Reasoned(Words):
    reason: Text = Field(description="Why; shown wherever this removes, adds or changes something.")
    source: Text | None = Field(None, description="Where that is written.")


class Rule(_Reasoned):
    """Where `when` holds, `require` must hold too."""

    when: Matchers = Field(min_length=1, description="The combinations that the rule is about.")
    require: Matchers = Field(min_length=1, description="What must hold for them.")


class Exclude(_Reasoned):
    """Combinations that do not exist."""

    match: Matchers = Field(min_length=1, description="The combinations to remove.")


class Include(_Reasoned):
    """Combinations that exist in spite of rules, excludes and `only`."""

    layer: Identifier = Field(
        description="The layer that the combinations are added to; what they stand on comes along."
    )
    match: Matchers = Field(min_length=1, description="The combinations to add: every axis of the layer is named.")


class Lifecycle(_Reasoned):
    """The status of combinations, in place of the one that their values give."""

    match: Matchers = Field(min_length=1, description="The combinations it is about.")
    status: Status = Field(description="Their status; of several entries the last one holds.")


class Parent(Words):
    """What a layer is built on: a layer of the stack or an image."""

    may_be_text = True

    layer: Text | None = Field(None, description="A layer of this stack.")
    image: Pattern | None = Field(None, description="An image, with a tag or a digest.")
    when: Matchers = Field({}, description="When this choice holds; of several exactly one must.")


class Link(Words):
    """A further named build context."""

    may_be_text = True

    layer: Text | None = Field(None, description="A layer of this stack, by coordinates.")
    image: Pattern | None = Field(None, description="An image, with a tag or a digest.")
    directory: Pattern | None = Field(None, description="A directory, relative to the stack's folder.")
    git: Pattern | None = Field(None, description="A git repository's URL, with `#ref` or `#ref:subfolder`.")


class Secret(Words):
    """A BuildKit secret. Its value is in no layer and no cache key, and in no file or log unless a step prints it."""

    may_be_text = True

    id: Text = Field(description="The id that the Dockerfile mounts.")
    env: Text | None = Field(None, description="The environment variable that holds the secret.")
    file: Text | None = Field(None, description="The file that holds it, relative to the stack's folder.")
    file_env: Text | None = Field(
        None, description="The environment variable that holds the file's path; left out where it is empty."
    )


class TagRule(Words):
    """A pattern and a condition that give tags."""

    may_be_text = True

    pattern: Pattern | None = Field(None, description="The tag.")
    scheme: Text | None = Field(
        None,
        description="In place of a pattern: a named tag scheme, which writes the tag from the axes' roles. `oeep-0014` "
        "takes sdk, os, framework and application, and calls SDK and framework like the layers or axes that add them "
        "(cann, pytorch); `nvidia` takes sdk and os, in layers called base, runtime or devel (or `…-devel`); `rocm` "
        "takes sdk, os, framework (PyTorch or TensorFlow) and, for PyTorch, language; `backendai` takes its version "
        "from the first of application, framework, language and sdk, and platform tags from the other roles.",
    )
    segments: list[Pattern] = Field(
        [],
        description="Segments that the scheme puts just before the operating system's, to tell images apart that "
        "would have one tag; one that renders empty is left out. With them, a tag is none of oEEP-0014's any more. "
        "`nvidia` has one, cudnn with a version or without, before the layer; `rocm` has none.",
    )
    dev: bool = Field(
        default=False, description="Whether the image is for development: `oeep-0014` ends its tag in `-dev`."
    )
    only: Matchers = Field({}, description="The combinations that get the tag.")
    newest: Text | None = Field(
        None,
        description="An axis: of the targets that would render the same tag, the one with the highest released "
        "version of it owns the tag, a prerelease only where there is nothing else. The tag floats.",
    )


class Test(Words):
    """A smoke test of the image: a command in a container, and what it must do."""

    name: Text = Field(description="What is tested.")
    run: Annotated[list[Text], Field(min_length=1), OneOrMany("/bin/sh", "-c")] | None = Field(
        None, description="A shell command (a string), or a command and its arguments (a list)."
    )
    script: Pattern | None = Field(None, description="A file to run in the container, relative to the stack's folder.")
    user: Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?$")] | None = Field(
        None, description="Who runs it: a user or an id, with `:group` or without; the image's own user, if not given."
    )
    stdin: str | None = Field(None, description="What the command reads.")
    exit_code: int = Field(0, ge=0, le=255, description="The exit code it must end with.")
    stdout_contains: Annotated[list[Pattern], OneOrMany()] = Field([], description="Text that it must print.")
    stdout_matches: Annotated[list[Text], OneOrMany()] = Field([], description="Regular expressions (Python's).")
    stderr_contains: Annotated[list[Pattern], OneOrMany()] = Field([], description="The same for standard error.")
    stderr_matches: Annotated[list[Text], OneOrMany()] = Field([], description="The same for standard error.")
    stderr_empty: bool = Field(default=False, description="Whether standard error must stay empty.")
    timeout: int = Field(60, ge=1, le=86400, description="Seconds after which the test has failed.")
    needs: Text | None = Field(
        None,
        description="An accelerator that it needs: `cuda`, `rocm` or `npu`; unavailable where its device is missing.",
    )
    platforms: list[Text] | None = Field(None, description="The platforms it runs on; all, if not given.")


class Service(Words):
    """A port that the image's program listens on, for readers of the plan."""

    name: Text = Field(description="What answers there.")
    port: int = Field(ge=1, le=65535, description="The port.")
    protocol: Literal["http", "tcp", "udp"] = Field("http", description="How it answers.")


class Layer(Words):
    """A named image-producing level of the stack."""

    name: Identifier = Field(description="What the layer is called, here and in target names.")
    title: Pattern | None = Field(None, description="The image's title; the stack's title and the layer, if not given.")
    description: Pattern | None = Field(None, description="The image's description; the stack's, if not given.")
    parent: Annotated[list[Annotated[Parent, LayerOrImage()]], OneOrMany()] = Field(
        [],
        description="What it is built on, as the context `base`: a layer's name, an image with a tag or a digest, "
        "or a list of choices of which exactly one must hold.",
    )
    axes: list[Text] = Field([], description="The axes that this layer adds to its parents'.")
    only: Matchers = Field({}, description="The combinations that the layer exists for.")
    links: dict[str, Annotated[Link, LayerOrImage()]] = Field(
        {}, description="Further named contexts: layers, images, directories, git repositories."
    )
    context: Pattern | None = Field(
        None, description="The build context, relative to the stack's folder; the layer's name, if not given."
    )
    dockerfile: Pattern | None = Field(
        None, description="The Dockerfile, relative to the stack's folder; `Dockerfile` in the context, if not given."
    )
    target: Pattern | None = Field(None, description="The stage of the Dockerfile to build; the last, if not given.")
    args: dict[str, Template] = Field({}, description="Build arguments that the Dockerfile declares.")
    labels: dict[str, Template] = Field({}, description="Labels of the image; its children have them too.")
    annotations: dict[str, Template] = Field({}, description="OCI annotations of the image.")
    secrets: list[Annotated[Secret, Short("id")]] = Field(
        [],
        description="Secrets that the Dockerfile mounts; a string is an id whose value the variable of that name "
        "holds.",
    )
    platforms: list[Text] | None = Field(None, description="The platforms; the parents' ones, if not given.")
    image: Pattern | None = Field(
        None,
        description="The published name below the registry's prefix and `image-prefix`; without it the layer is "
        "internal.",
    )
    tags: list[Annotated[TagRule, Short("pattern")]] = Field([], description="Tag rules of the published image.")
    tests: list[Test] = Field([], description="Smoke tests; a child's image runs its parents' too.")
    services: list[Service] = Field([], description="Ports that the image's programs listen on.")
    status: Status = Field("supported", description="Where the layer is in its life.")
    reason: Text | None = Field(None, description="Why the layer has this status.")


class Stack(Words):
    """`stack.toml`: a family of images."""

    title: Text = Field(description="What the family is called.")
    description: Text | None = Field(None, description="What it is for.")
    image_prefix: str = Field("", description="Stands between the registry's prefix and every image's name.")
    labels: dict[str, Template] = Field({}, description="Labels of every image, written for each layer anew.")
    annotations: dict[str, Template] = Field({}, description="OCI annotations of every image.")
    platforms: list[Text] | None = Field(None, description="The stack's platforms; the project's, if not given.")
    axes: dict[Identifier, Axis] = Field({}, description="The axes, by name.")
    rules: list[Rule] = Field([], description="What must hold together.")
    exclude: list[Exclude] = Field([], description="What does not exist.")
    include: list[Include] = Field([], description="What exists all the same.")
    lifecycle: list[Lifecycle] = Field([], description="The status of combinations.")
    layers: list[Layer] = Field(min_length=1, description="The layers; parents before children.")
