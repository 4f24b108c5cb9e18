"""What `make images` builds: declared as data, whole, and of targets that there are."""

from __future__ import annotations

from bakegen.load import load
from bakegen.plan import BUILT_BY_DEFAULT
from bakegen.resolve import resolve
from scripts import images


def test_every_image_that_any_machine_can_build_is_in_a_batch() -> None:
    plan = resolve(load(images.ROOT))
    declared = images.batches(images.ROOT)
    built = {(target.name, one) for batch in declared for target in batch.targets(plan) for one in batch.platforms}
    bases = set(images.bases(images.ROOT))
    able = [
        target.name
        for target in plan.targets
        if target.tags
        and target.status in BUILT_BY_DEFAULT
        and "linux/amd64" in target.platforms
        and {link.ref for below in plan.closure([target.name]) for link in below.links if link.kind == "image"} <= bases
    ]
    assert able
    assert [name for name in able if (name, "linux/amd64") not in built] == []


def test_batches_stand_on_their_bases_alone_and_once() -> None:
    plan = resolve(load(images.ROOT))
    bases = set(images.bases(images.ROOT))
    seen: set[str] = set()
    for batch in images.batches(images.ROOT):
        for target in batch.targets(plan):
            below = {link.ref for one in plan.closure([target.name]) for link in one.links if link.kind == "image"}
            assert below <= bases, target.name
            assert target.name not in seen, target.name
            seen.add(target.name)


def test_a_batch_leaves_out_what_the_builder_cannot() -> None:
    batch = images.Batch("n", ("s/a",), ("os=x",), ("linux/amd64", "linux/arm64"))
    assert batch.on({"linux/arm64", "linux/386"}).platforms == ("linux/arm64",)
    assert batch.words() == ["s/a", "--where", "os=x", "--platform", "linux/amd64", "--platform", "linux/arm64"]
