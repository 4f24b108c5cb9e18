"""meta.yml -> stack.toml: the same tags, for the same platforms, from the same Dockerfiles."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from bakegen import meta
from bakegen.meta import Image, Tree
from bakegen.plan import Plan
from tests.openeuler import ai_tree, by_image
from tests.projects import opened, write

TREE = ai_tree()
WHOLE = [image for image in TREE.images if not meta.problems(TREE, image)]
Said = dict[str, tuple[tuple[str, ...], str]]


def planned(root: Path, tree: Tree, image: Image) -> Plan:
    """The plan of the stack that an image is imported as."""
    folder = f"stacks/{image.name}"
    files = {
        f"{folder}{path.removeprefix(image.folder)}": text
        for path, text in tree.texts.items()
        if path.startswith(f"{image.folder}/") and path.endswith("/Dockerfile")
    }
    registry = '[[registries]]\nprefix = "openeuler/"\n'
    return opened(write(root, {**files, "bakegen.toml": registry, f"{folder}/stack.toml": meta.stack(image)}))[1]


def said(plan: Plan, image: Image) -> Said:
    """What the plan publishes: platforms and Dockerfile by reference."""
    return {
        plan.reference(tag): (target.platforms, target.dockerfile.removeprefix(f"stacks/{image.name}/"))
        for target in plan.targets
        for tag in target.tags
    }


def declared(image: Image) -> Said:
    return {
        f"openeuler/{image.name}:{entry.tag}": (tuple(sorted(meta.ARCHES[arch] for arch in entry.arches)), entry.path)
        for entry in image.entries
    }


@pytest.mark.parametrize("image", WHOLE, ids=lambda image: image.name)
def test_an_image_of_openeuler_comes_out_as_it_is(image: Image, tmp_path: Path) -> None:
    plan = planned(tmp_path, TREE, image)
    assert said(plan, image) == declared(image)


def test_most_images_can_be_imported() -> None:
    assert len(WHOLE) == len(by_image()) - 6
    refused = {
        image.folder: [str(problem) for problem in meta.problems(TREE, image)]
        for image in TREE.images
        if image not in WHOLE
    }
    folder = "1.0.0-torch2.9.0-python3.11"
    assert refused["AI/executorch"] == [
        f'AI/executorch/meta.yml:2: "{folder}-oe2403sp2" leads to no file: {folder}/24.03-lts-sp2/Dockerfile',
        f'AI/executorch/meta.yml:5: "{folder}-oe2403sp4" leads to no file: {folder}/24.03-lts-sp4/Dockerfile',
    ]


def one(text: str, *paths: str) -> tuple[Tree, Image]:
    files: Mapping[str, str] = {"x/meta.yml": text, **{f"x/{path}/Dockerfile": "FROM scratch\n" for path in paths}}
    tree = Tree(frozenset(files), files)
    return tree, tree.images[0]


IRREGULAR = {
    "platforms that follow from neither the version nor the system": (
        "1-oe2403lts: {path: 1/24.03-lts/Dockerfile, arch: aarch64}\n"
        "1-oe2403sp1: {path: 1/24.03-lts-sp1/Dockerfile}\n"
        "2-oe2403lts: {path: 2/24.03-lts/Dockerfile}\n"
    ),
    "platforms that follow from the system": (
        "1-oe2403lts: {path: 1/24.03-lts/Dockerfile, arch: x86_64}\n"
        "1-oe2403sp1: {path: 1/24.03-lts-sp1/Dockerfile, arch: 'x86_64, loongarch64'}\n"
    ),
    "several tags on one Dockerfile": (
        "1-oe2403lts: {path: 1/24.03-lts/Dockerfile}\nx-oe2403lts: {path: 1/24.03-lts/Dockerfile}\n"
    ),
    "a tag that its folder does not say": "1-oe2403lts-dev: {path: 2/24.03-lts/Dockerfile}\n",
    "a folder with a blank": "odd: {path: a b/c/Dockerfile}\n",
}
FOLDERS = ("1/24.03-lts", "1/24.03-lts-sp1", "2/24.03-lts", "a b/c")


@pytest.mark.parametrize("text", IRREGULAR.values(), ids=IRREGULAR)
def test_what_is_irregular_is_kept(text: str, tmp_path: Path) -> None:
    tree, image = one(text, *FOLDERS)
    assert meta.problems(tree, image) == ()
    assert said(planned(tmp_path, tree, image), image) == declared(image)


def test_the_stack_is_short_where_the_image_is_regular() -> None:
    systems = ("22.03-lts-sp4", "24.03-lts")
    text = "".join(
        f"{version}-oe{meta.short(system)}: {{path: {version}/{system}/Dockerfile}}\n"
        for version in ("1.0", "1.1")
        for system in systems
    )
    _, image = one(text, *(f"{version}/{system}" for version in ("1.0", "1.1") for system in systems))
    assert meta.stack(image) == (
        '# Made by bakegen from x/meta.yml.\ntitle = "x"\nplatforms = ["linux/amd64", "linux/arm64"]\n\n'
        '[axes.os]\nrole = "os"\nvalues = [\n  { name = "22.03-lts-sp4" },\n  { name = "24.03-lts" },\n]\n\n'
        '[axes.version]\nvalues = [\n  { name = "1.0" },\n  { name = "1.1" },\n]\n\n'
        '[[layers]]\nname = "image"\naxes = ["os", "version"]\ncontext = "{version}/{os}"\nimage = "x"\n'
        'tags = ["{version}-{os|oe}"]\n'
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}\n", "x/meta.yml: declares no tags"),
        ("1-oe2403lts: {path: 1/24.03-lts/Dockerfile, arch: arm}\n", "x/meta.yml:1: the arch"),
        ("1-oe2403lts: {path: a/Dockerfile}\n", "x/meta.yml:1: the path of"),
        ('1-oe2403lts: {path: "\\ud800/b/Dockerfile"}\n', 'x/meta.yml:1: the path of "1-oe2403lts" cannot be written'),
    ],
)
def test_what_is_wrong_is_not_imported(text: str, message: str) -> None:
    tree, image = one(text, "1/24.03-lts", "a", "\ud800/b")
    assert [str(problem)[: len(message)] for problem in meta.problems(tree, image)] == [message]
