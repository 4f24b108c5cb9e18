"""The real BuildKit reads the same Dockerfiles: it must see what bakegen sees, and refuse what bakegen refuses."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from bakegen.dockerfile import PLATFORM_ARGS, DockerfileError, Needs, context_key, expand, needs, parse
from tests.test_dockerfile import (
    CONTEXTS,
    DIRECTIVES,
    EXPANDED,
    FROM,
    REACHED,
    REFUSED,
    SECRETS,
    SEEN,
    UNEXPANDABLE,
    VARIABLES,
    WRONG_MOUNTS,
)

pytestmark = pytest.mark.engine

Ask = Callable[..., tuple[dict[str, Any], str]]

BEHIND_A_FROM = {name: "FROM scratch\n" + text for name, text in SEEN.items()}
TOP = {name: text for name, (text, _, syntax) in DIRECTIVES.items() if syntax is None}  # others need another frontend
MOUNTS = {
    name: f"FROM scratch\nARG ID=tok\nENV KIND=secret\nWORKDIR /w\nRUN --mount={mount} true\n"
    for name, (mount, _, _) in SECRETS.items()
}
MORE = {
    "several arguments on a line": "FROM scratch\nARG A B=x C=\"a b\" D='q'\nARG E=$B-$C\n",
    "instructions in any case": "from scratch As Build\nrun true\nArg A\nfrom build\ncopy --from=BUILD / /\n",
    "every instruction": (
        'FROM scratch\nADD a /a\nCMD -- --x\nCOPY --link --chown=1 --chmod=755 --exclude=b a /a\nENTRYPOINT ["a"]\n'
        "ENV a b c=d\nEXPOSE 80\nHEALTHCHECK --interval=5s --retries=2 CMD true\nLABEL a=b\nMAINTAINER me\n"
        'ONBUILD RUN x\nRUN --network=none true\nSHELL ["sh"]\nSTOPSIGNAL 9\nUSER u\nVOLUME /v\nWORKDIR /x\nRUN\nCMD\n'
    ),
    "a platform of its own": "FROM --platform=$BUILDPLATFORM scratch AS a\nFROM --platform=linux/arm64 scratch\n",
    "arguments along a chain": "ARG G=1\nFROM scratch AS a\nARG G\nARG A\nFROM a AS b\nARG B=$G\nFROM b\nARG C=$B\n",
    "arguments of a stage that is copied from": "FROM scratch AS a\nARG A\nFROM scratch\nARG B\nCOPY --from=a / /\n",
    "a trigger with a secret": "FROM scratch AS a\nONBUILD RUN --mount=type=secret,id=z true\nONBUILD ARG T\nFROM a\n",
    "a trigger is not its own": "FROM scratch AS a\nONBUILD RUN --mount=type=secret,id=z true\nONBUILD ARG T\n",
    "secrets of unreached stages": "FROM scratch\nRUN --mount=type=secret,id=a true\nFROM scratch\n",
    "an escape in a mount": "# escape=`\nFROM scratch\nRUN --mount=type=secret,id=a `\n --mount=type=ssh x\nARG A\n",
    "quotes in a trigger's here-document": "FROM scratch AS a\nONBUILD RUN <<EOF\nit's\nEOF\nFROM a\nARG A\n",
    "wrong quotes where nobody builds": 'FROM scratch\nENV A="b\nFROM scratch\nARG A\n',
    "the file ends in a here-document": "FROM scratch\nARG A\nRUN <<EOF\ntrue\nEOF",
}
BUILDS = {**BEHIND_A_FROM, **TOP, **MOUNTS, **MORE}

REFUSED_BUILDS = {
    "a base that is empty": ("FROM $V\n", None),
    "a base that is empty where nobody builds": ("FROM $V\nFROM scratch\n", None),
    "a platform that is empty": ("FROM --platform=$V scratch\n", None),
    "a required argument": ("ARG V\nFROM ${V:?}\n", None),
    "a required argument of a stage": ("FROM scratch\nARG V\nENV W=${V:?}\n", None),
    "an unknown target": ("FROM scratch AS a\n", "b"),
    "a target by number": ("FROM scratch AS a\n", "0"),
    "FROM minds the case": ("FROM scratch AS Build\nFROM Build\n", None),
    "no reference where nobody builds": ("FROM a:b:c\nFROM scratch\n", None),
    "no reference in COPY where nobody builds": ("FROM scratch\nCOPY --from=A_B / /\nFROM scratch\n", None),
    "COPY from a later stage": ("FROM scratch AS a\nCOPY --from=b / /\nFROM scratch AS b\nFROM a\n", None),
    "a mount from a later stage": (
        "FROM scratch AS a\nRUN --mount=from=b,target=/t x\nFROM scratch AS b\nFROM a\n",
        None,
    ),
    "a trigger that is no instruction": ("FROM scratch AS a\nONBUILD NONSENSE\nFROM a\n", None),
    "wrong quotes in ENV": ('FROM scratch\nENV A="b\n', None),
    "wrong quotes in LABEL": ('FROM scratch\nLABEL A="b\n', None),
    "wrong quotes in ARG": ('FROM scratch\nARG A="b\n', None),
    **{f"mount {mount}": (f"FROM scratch\nRUN --mount={mount} true\n", None) for mount in WRONG_MOUNTS},
    **{
        f"expansion {word}": (f"ARG A=foo\nARG E=\nFROM scratch\nARG A\nARG E\nARG X={word}\n", None)
        for word in UNEXPANDABLE
    },
}


@pytest.fixture
def ask(engine_env: Mapping[str, str], tmp_path: Path) -> Ask:
    """Asks BuildKit about a Dockerfile: its answer, and why it refused, one of them empty."""

    def call(kind: str, text: str, *arguments: str) -> tuple[dict[str, Any], str]:
        file = tmp_path / "Dockerfile"
        file.write_bytes(text.encode())
        folder = tmp_path / "context"
        folder.mkdir(exist_ok=True)
        command = ["docker", "buildx", "build", f"--call={kind},format=json", "--file", str(file)]
        done = subprocess.run(
            [*command, *arguments, str(folder)],
            env=dict(engine_env), capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        error = "".join(line for line in done.stderr.splitlines() if line.startswith("ERROR: "))
        assert bool(done.returncode) == bool(error), done.stderr
        answer: dict[str, Any] = json.loads(done.stdout) if done.stdout.startswith("{") else {}
        assert answer or error
        return answer, error

    return call


@pytest.fixture
def native(ask: Ask) -> dict[str, str]:
    """The platforms that needs() is to assume: --call asks for the builder's own, whatever --platform says."""
    outline, refused = ask("outline", "FROM scratch\nARG BUILDPLATFORM\nARG X=$BUILDPLATFORM\n")
    assert refused == ""
    value = outline["args"][0]["value"]
    return {"platform": value, "build_platform": value}


def contexts(keys: Iterable[str]) -> list[str]:
    return [f"--build-context={key}=docker-image://scratch" for key in keys]


def options(args: Mapping[str, str], target: str | None) -> list[str]:
    given = [f"--build-arg={name}={value}" for name, value in args.items()]
    return [*given, *([f"--target={target}"] if target is not None else [])]


def line_of(thing: Mapping[str, Any]) -> int:
    line: int = thing["location"]["ranges"][0]["start"]["line"]
    return line


def keys_of(found: Needs) -> list[str]:
    return sorted({context_key(use.name) for use in found.names})


@pytest.mark.parametrize("text", BUILDS.values(), ids=BUILDS.keys())
def test_stages_arguments_secrets_and_ssh(ask: Ask, text: str) -> None:
    dockerfile = parse(text)
    found = needs(dockerfile, {}, None, ())
    targets, refused = ask("targets", text)
    assert refused == ""
    assert [(t.get("name"), t["base"], t.get("platform"), line_of(t)) for t in targets["targets"]] == [
        (stage.name, stage.base.name, stage.platform, stage.line) for stage in dockerfile.stages
    ]
    outline, refused = ask("outline", text, *contexts(keys_of(found)))
    assert refused == ""
    args = {arg["name"]: line_of(arg) for arg in outline.get("args") or []}
    of_stages = {arg.name for stage in found.stages for arg in dockerfile.stages[stage].args}
    # BuildKit lists a global argument only where it is used, and an automatic one never
    assert of_stages - PLATFORM_ARGS <= args.keys() <= found.args
    declared = [*dockerfile.global_args, *(arg for stage in dockerfile.stages for arg in stage.args)]
    triggered = {arg for arg in args if arg not in {known.name for known in declared}}
    assert {(name, line) for name, line in args.items() if name not in triggered} <= {
        (a.name, a.line) for a in declared
    }
    assert {secret["name"] for secret in outline.get("secrets") or []} == set(found.secrets)
    assert {ssh["name"] for ssh in outline.get("ssh") or []} == set(found.ssh)


TARGETS = {
    **{f"FROM: {name}": (text, args, None) for name, (text, args, _) in FROM.items()},
    **{f"reach: {name}": (text, {}, target) for name, (text, target, _, _) in REACHED.items()},
}


@pytest.mark.parametrize(("text", "args", "target"), TARGETS.values(), ids=TARGETS.keys())
def test_names_are_those_that_buildkit_looks_for(
    ask: Ask, native: Mapping[str, str], text: str, args: dict[str, str], target: str | None
) -> None:
    dockerfile = parse(text)
    keys = keys_of(needs(dockerfile, args, target, (), **native))
    all_given, refused = ask("outline", text, *options(args, target), *contexts(keys))
    assert refused == "", all_given
    assert needs(dockerfile, args, target, keys, **native).used_contexts == set(keys)
    for key in keys:
        rest = [other for other in keys if other != key]
        names = needs(dockerfile, args, target, rest, **native).names
        _, refused = ask("outline", text, *options(args, target), *contexts(rest))
        unresolved = re.search(r"failed to resolve source metadata for ([^ ]+): ", refused)
        assert unresolved is not None, refused
        assert context_key(unresolved[1]) in {context_key(use.name) for use in names}.difference(rest)


@pytest.mark.parametrize(("text", "line"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_refused(ask: Ask, text: str, line: int) -> None:
    _, outline = ask("outline", text)
    assert outline
    assert "failed to resolve" not in outline
    check, refused = ask("check", text)
    assert refused
    theirs = re.search(r"parse error on line (\d+)", outline)
    assert theirs is None or int(theirs[1]) == line
    assert not check or "buildError" in check


@pytest.mark.parametrize(("text", "target"), REFUSED_BUILDS.values(), ids=REFUSED_BUILDS.keys())
def test_what_is_refused_with_its_arguments(ask: Ask, text: str, target: str | None) -> None:
    _, refused = ask("outline", text, *options({}, target))
    assert refused
    if "type=secret,id=a,from=b" not in text:  # whose image is looked for before the mount is understood
        assert "failed to resolve source" not in refused
    with pytest.raises(DockerfileError):
        needs(parse(text), {}, target, ())


def test_expansion(ask: Ask) -> None:
    known = "".join(f"ARG {name}={value}\n" for name, value in VARIABLES.items())
    words = [word for word in EXPANDED if word != "a\\"]  # a backslash at the end would continue the line
    text = f"FROM scratch\n{known}" + "".join(f"ARG X{n}={word}\n" for n, word in enumerate(words))
    outline, refused = ask("outline", text)
    assert refused == ""
    values = {arg["name"]: arg.get("value", "") for arg in outline["args"]}
    assert {word: values[f"X{n}"] for n, word in enumerate(words)} == {word: expand(word, VARIABLES) for word in words}


def test_automatic_arguments(ask: Ask) -> None:
    names = sorted(PLATFORM_ARGS)
    text = "FROM scratch\n" + "".join(
        f"ARG {name}\nARG X_{name}=${{{name}-unset}}\n" for name in [*names, "NOT_AUTOMATIC"]
    )
    outline, refused = ask("outline", text)
    assert refused == ""
    unset = {arg["name"] for arg in outline["args"] if arg.get("value") == "unset"}
    assert unset == {"X_NOT_AUTOMATIC"}


def test_a_context_in_the_place_of_a_stage(ask: Ask) -> None:
    text = "FROM a AS x\nARG X\nRUN --mount=type=secret,id=s y\nCOPY --from=b / /\nFROM x\nARG L\n"
    found = needs(parse(text), {}, None, {"x", "b"})
    outline, refused = ask("outline", text, *contexts(["x", "b"]))
    assert refused == ""
    assert {arg["name"] for arg in outline["args"]} == set(found.args)
    assert (outline.get("secrets"), found.secrets) == (None, ())
    _, refused = ask("outline", text, *contexts(["x"]))
    assert "docker.io/library/b:latest" in refused


def takes_effect(environment: Mapping[str, str], text: str, key: str, platform: str) -> bool:
    """Whether a real bake of a Dockerfile looks for what stands behind this named context."""
    words = {"dockerfile-inline": text.replace("${", "$${"), "contexts": {key: "docker-image://bakegen-marker:1"}}
    bake = json.dumps({"target": {"default": {**words, "output": ["type=cacheonly"], "platforms": [platform]}}})
    done = subprocess.run(
        ["docker", "buildx", "bake", "--progress=plain", "--file", "-"],
        env=dict(environment), input=bake, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "load build definition" in done.stderr, done.stderr
    return "failed to resolve source metadata for docker.io/library/bakegen-marker:1" in done.stderr


@pytest.mark.parametrize(("text", "key", "used"), CONTEXTS.values(), ids=CONTEXTS.keys())
def test_named_contexts_of_a_bake_file(engine_env: Mapping[str, str], text: str, key: str, *, used: bool) -> None:
    assert takes_effect(engine_env, text, key, "linux/amd64") is used


@pytest.mark.parametrize("platform", ["linux/arm/v7", "linux/arm64/v8", "linux/amd64"])
def test_platforms(engine_env: Mapping[str, str], platform: str) -> None:
    text = "FROM a-$TARGETPLATFORM-$TARGETOS-$TARGETARCH${TARGETVARIANT:+-$TARGETVARIANT}\n"
    (name,) = (use.name for use in needs(parse(text), {}, None, (), platform=platform).names)
    assert takes_effect(engine_env, text, context_key(name), platform)
