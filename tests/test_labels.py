"""Labels and annotations: what an image says of itself, what it inherits, and what nobody may set."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakegen.labels import annotation_problem, holds_secret, key_problem, secret_problem
from tests.families import axis, layer, plan_of, problems_of, target

OCI = "org.opencontainers.image."


def own(labels: tuple[tuple[str, str], ...]) -> dict[str, str]:
    return {key: value for key, value in labels if not key.startswith(OCI)}


def test_what_every_image_says(tmp_path: Path) -> None:
    stack = 'description = "About F"\n' + axis("os", "a") + layer("l", more='axes = ["os"]') + layer("m")
    stack += layer("p", more='image = "p"\naxes = ["os"]\ntags = ["1.2-{os}", "1"]')
    stack += layer("own", "p", more=f'labels = {{ "{OCI}version" = "7" }}') + layer("under", "own")
    plan = plan_of(tmp_path, stack)
    assert dict(target(plan, "p-a").labels)[f"{OCI}version"] == "1.2-a"
    assert dict(target(plan, "own-a").labels)[f"{OCI}version"] == "7"
    assert dict(target(plan, "under-a").labels)[f"{OCI}version"] == "a"
    assert dict(target(plan, "l-a").labels) == {
        f"{OCI}title": "F: l",
        f"{OCI}description": "About F",
        f"{OCI}version": "a",
        f"{OCI}revision": "",
    }
    assert dict(target(plan, "m").labels)[f"{OCI}version"] == "m"
    assert target(plan, "m").title == "F: m"


def test_children_inherit_and_override_labels(tmp_path: Path) -> None:
    stack = axis("os", "a", "b") + layer("base", more='axes = ["os"]\nlabels = { "x.os" = "{os}", "x.l" = "{layer}" }')
    stack += layer("top", "base", 'labels = { "x.l" = "{layer}", "x.top" = "1" }') + layer("leaf", "top")
    plan = plan_of(tmp_path, stack)
    assert own(target(plan, "top-b").labels) == {"x.os": "b", "x.l": "top", "x.top": "1"}
    assert own(target(plan, "leaf-a").labels) == {"x.os": "a", "x.l": "top", "x.top": "1"}
    assert own(target(plan, "base-a").labels) == {"x.os": "a", "x.l": "base"}


def test_every_layer_overrides_its_parents_title_unless_it_says_its_own(tmp_path: Path) -> None:
    stack = layer("base", more=f'labels = {{ "{OCI}title" = "Mine", "{OCI}vendor" = "V" }}') + layer("top", "base")
    plan = plan_of(tmp_path, stack)
    assert dict(target(plan, "base").labels)[f"{OCI}title"] == "Mine"
    assert dict(target(plan, "top").labels)[f"{OCI}title"] == "F: top"
    assert dict(target(plan, "top").labels)[f"{OCI}vendor"] == "V"


def test_labels_of_project_and_stack_are_written_for_each_layer(tmp_path: Path) -> None:
    stack = '[labels]\n"x.where" = "{stack}/{layer}"\n"x.both" = "stack"\n' + layer("base") + layer("top", "base")
    project = '[labels]\n"x.both" = "project"\n"x.all" = "{layer}"\n'
    plan = plan_of(tmp_path, stack, project=project)
    assert own(target(plan, "base").labels) == {"x.where": "f/base", "x.both": "stack", "x.all": "base"}
    assert own(target(plan, "top").labels) == {"x.where": "f/top", "x.both": "stack", "x.all": "top"}


def test_a_layer_overrides_the_stacks_labels(tmp_path: Path) -> None:
    stack = '[labels]\n"x.a" = "stack"\n' + layer("l", more='labels = { "x.a" = "layer" }')
    assert own(target(plan_of(tmp_path, stack), "l").labels) == {"x.a": "layer"}


def test_annotations_are_not_inherited(tmp_path: Path) -> None:
    stack = '[annotations]\n"x.a" = "{layer}"\n"x.b" = "stack"\n'
    stack += layer("base", more='annotations = { "x.c" = "1", "x.b" = "base" }') + layer("top", "base")
    plan = plan_of(tmp_path, stack, project='[annotations]\n"x.p" = "project"\n')
    assert dict(target(plan, "base").annotations) == {"x.a": "base", "x.b": "base", "x.c": "1", "x.p": "project"}
    assert dict(target(plan, "top").annotations) == {"x.a": "top", "x.b": "stack", "x.p": "project"}


def test_labels_come_sorted(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, layer("l", more='labels = { z = "1", a = "2", M = "3" }'))
    keys = [key for key, _ in target(plan, "l").labels]
    assert keys == sorted(keys)


@pytest.mark.parametrize(
    "key",
    [
        "com.docker.x",
        "io.docker.x",
        "org.dockerproject.x",
        "moby.buildkit.x",
        "dev.bakegen.x",
        f"{OCI}revision",
        f"{OCI}created",
        "ai.backend.owner",
        "ai.backend.customized-image.id",
        "ai.backend.kernel-id",
    ],
)
def test_reserved_keys(key: str) -> None:
    assert f'"{key}" is reserved: ' in key_problem(key)
    assert f'"{key}" is reserved: ' in annotation_problem(key)


@pytest.mark.parametrize("key", ["", "a b", "a=b", "a\nb", "a\x7f", "\u3000"])
def test_keys_that_are_none(key: str) -> None:
    assert key_problem(key).endswith("a key holds no white space, no control characters and no =")


@pytest.mark.parametrize(
    "key", ["x", "org.example.key", f"{OCI}title", "ai.backend.base-distro", "com.dockers", "café"]
)
def test_keys_that_may_be_set(key: str) -> None:
    assert key_problem(key) == annotation_problem(key) == ""


@pytest.mark.parametrize("key", ["index:org.example", "manifest[linux/amd64]:x", "a.b:c"])
def test_annotations_that_bake_would_read_otherwise(key: str) -> None:
    assert "is no annotation" in annotation_problem(key)


@pytest.mark.parametrize(
    "name",
    [
        "PASSWORD",
        "db_password",
        "dbPassword",
        "org.example.api-key",
        "NPM_TOKEN",
        "SSH_KEY",
        "x.private.key",
        "Secrets",
    ],
)
def test_names_of_secrets(name: str) -> None:
    assert secret_problem(name, "x").startswith(f'"{name}" looks like a secret')


@pytest.mark.parametrize(
    "name", ["TOKENIZERS_PARALLELISM", "MONKEY", "KEYRING", "PUBLIC_KEY_URL", "MAX_TOKENS", "AUTHOR"]
)
def test_names_of_no_secrets(name: str) -> None:
    assert secret_problem(name, "x") == ""


@pytest.mark.parametrize(
    "value",
    [
        "-----BEGIN RSA PRIVATE KEY-----",
        "ghp_" + "a" * 36,
        "github_pat_" + "a" * 30,
        "AKIA" + "A" * 16,
        "ASIA" + "A" * 16,
        "glpat-" + "a" * 20,
        "hf_" + "a" * 34,
        "xoxb-" + "1" * 12,
        "https://user:pass@example.com/simple",
    ],
)
def test_values_of_secrets(value: str) -> None:
    assert holds_secret(f"x {value} y")
    assert secret_problem("NAME", value).startswith('the value of "NAME" looks like a secret')


@pytest.mark.parametrize("value", ["https://example.com:8080/a@b", "git@example.com:a/b", "AKIA", "hf_x", "user:pass"])
def test_values_of_no_secrets(value: str) -> None:
    assert not holds_secret(value)


@given(st.text(), st.text())
def test_any_text_is_judged(name: str, value: str) -> None:
    assert key_problem(name) == "" or name in key_problem(name)
    assert secret_problem(name, value) == "" or name in secret_problem(name, value)


def test_a_secret_is_found_in_every_place(tmp_path: Path) -> None:
    more = 'args = { API_KEY = "x" }\nlabels = { "x.token" = "1" }\nannotations = { "x.password" = "1" }'
    stack = axis("os", '{ name = "a", url = "https://u:p@example.com" }')
    stack += '[labels]\n"x.secret" = "1"\n[annotations]\n"x.a" = "AKIAAAAAAAAAAAAAAAAA"\n'
    docker = {"l": "FROM base\nARG API_KEY\n"}
    project = '[labels]\n"x.token" = "1"\n[network]\nargs = { GH_TOKEN = "X" }\n'
    found = problems_of(tmp_path, stack + layer("l", more=f'axes = ["os"]\n{more}'), docker=docker, project=project)
    assert len(found) == 8
    assert all("looks like a secret" in line for line in found)
