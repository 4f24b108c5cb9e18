"""What bakegen.toml and stack.toml may say. Data only: no model reads a file or knows another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from bakegen.names import IDENTIFIER

Status = Literal["supported", "experimental", "deprecated", "wip", "planned", "unsupported"]
Role = Literal["os", "sdk", "framework", "application", "language", "accelerator"]
SchemeName = Literal["semver", "pep440", "cann", "calendar", "text"]
Text = Annotated[str, Field(min_length=1)]
TEMPLATE = "template"
"""Marks text that may hold ``{axis}`` and the like, for the language reference."""
Template = Annotated[str, TEMPLATE]
Pattern = Annotated[str, Field(min_length=1), TEMPLATE]
Identifier = Annotated[str, Field(pattern=r"^[a-z0-9]+(?:[_-]+[a-z0-9]+)*$")]


def _kebab(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


class Words(BaseModel):
    """A table of the user's: kebab-case keys, unknown keys refused, nothing coerced, never changed after."""

    may_be_text: ClassVar[bool] = False
    """Whether a string may stand in the table's place."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        alias_generator=_kebab,
        populate_by_name=False,
        use_attribute_docstrings=False,
        hide_input_in_errors=True,
    )


class _Short:
    """A string stands for the table ``{ key = string }``, in TOML and in the JSON Schema."""

    def __init__(self, key: str) -> None:
        self.key = key

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        key = self.key
        return core_schema.no_info_before_validator_function(
            lambda value: {key: value} if isinstance(value, str) else value, handler(source)
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"type": "string"}, handler(schema)]}


class _LayerOrImage:
    """A string stands for a layer when it is a bare name, else for an image: an image carries a tag or a digest."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(
            lambda value: {"layer" if IDENTIFIER.match(value) else "image": value} if isinstance(value, str) else value,
            handler(source),
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"type": "string"}, handler(schema)]}


class _OneOrMany:
    """One item stands for a list that ends in it, in TOML and in the JSON Schema."""

    def __init__(self, *before: str) -> None:
        self.before = before

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        before = self.before
        return core_schema.no_info_before_validator_function(
            lambda value: value if isinstance(value, list) else [*before, value], handler(source)
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        many = handler(schema)
        return {"anyOf": [many["items"], many]}


Matcher = Annotated[list[Text], Field(min_length=1), _OneOrMany()]
Matchers = dict[str, Matcher]


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
    values: list[Annotated[Value, _Short("name")]] = Field(
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
    run: Annotated[list[Text], Field(min_length=1), _OneOrMany("/bin/sh", "-c")] | None = Field(
        None, description="A shell command (a string), or a command and its arguments (a list)."
    )
    script: Pattern | None = Field(None, description="A file to run in the container, relative to the stack's folder.")
    user: Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?$")] | None = Field(
        None, description="Who runs it: a user or an id, with `:group` or without; the image's own user, if not given."
    )
    stdin: str | None = Field(None, description="What the command reads.")
    exit_code: int = Field(0, ge=0, le=255, description="The exit code it must end with.")
    stdout_contains: Annotated[list[Pattern], _OneOrMany()] = Field([], description="Text that it must print.")
    stdout_matches: Annotated[list[Text], _OneOrMany()] = Field([], description="Regular expressions (Python's).")
    stderr_contains: Annotated[list[Pattern], _OneOrMany()] = Field([], description="The same for standard error.")
    stderr_matches: Annotated[list[Text], _OneOrMany()] = Field([], description="The same for standard error.")
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
    parent: Annotated[list[Annotated[Parent, _LayerOrImage()]], _OneOrMany()] = Field(
        [],
        description="What it is built on, as the context `base`: a layer's name, an image with a tag or a digest, "
        "or a list of choices of which exactly one must hold.",
    )
    axes: list[Text] = Field([], description="The axes that this layer adds to its parents'.")
    only: Matchers = Field({}, description="The combinations that the layer exists for.")
    links: dict[str, Annotated[Link, _LayerOrImage()]] = Field(
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
    secrets: list[Annotated[Secret, _Short("id")]] = Field(
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
    tags: list[Annotated[TagRule, _Short("pattern")]] = Field([], description="Tag rules of the published image.")
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


MODELS: Mapping[str, type[Words]] = {"bakegen.toml": Project, "stack.toml": Stack, "policy.toml": Policy}
