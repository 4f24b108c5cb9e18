"""Writes a small synthetic data set in the form of COCO's: pictures of coloured shapes, with their outlines and boxes.

The data set is the same on every machine and every version of Python: its numbers come from SHA-256, its pictures are
drawn here and written without compression (PPM).
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SIZE = 64
PICTURES = {"train2017": 32, "val2017": 8}
SHAPES = ("square", "triangle", "diamond")
COLOURS = ((220, 60, 50), (60, 170, 80), (70, 90, 220))


@dataclass(frozen=True)
class Shape:
    """A shape of a kind in a square whose upper left corner is (x, y)."""

    kind: int
    x: int
    y: int
    side: int

    def outline(self) -> list[tuple[int, int]]:
        x, y, side, half = self.x, self.y, self.side, self.side // 2
        if self.kind == 0:
            return [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]
        if self.kind == 1:
            return [(x + half, y), (x + side, y + side), (x, y + side)]
        return [(x + half, y), (x + side, y + half), (x + half, y + side), (x, y + half)]

    def holds(self, x: int, y: int) -> bool:
        """Whether a point lies within the outline, which is convex and goes round clockwise."""
        corners = self.outline()
        return all(
            (bx - ax) * (y - ay) - (by - ay) * (x - ax) >= 0
            for (ax, ay), (bx, by) in zip(corners, [*corners[1:], corners[0]], strict=True)
        )


def numbers(seed: str) -> Iterator[int]:
    """Endless numbers from 0 to 65535 that depend on ``seed`` alone."""
    block = 0
    while True:
        digest = hashlib.sha256(f"{seed} {block}".encode()).digest()
        yield from (int.from_bytes(digest[at : at + 2], "big") for at in range(0, len(digest), 2))
        block += 1


def shapes(draw: Iterator[int]) -> list[Shape]:
    """One or two shapes, side by side where they are two."""
    count = 1 + next(draw) % 2
    room = SIZE // count
    found = []
    for number in range(count):
        side = 18 + next(draw) % (room - 22)
        found.append(
            Shape(
                kind=next(draw) % len(SHAPES),
                x=number * room + 1 + next(draw) % (room - side - 2),
                y=1 + next(draw) % (SIZE - side - 2),
                side=side,
            )
        )
    return found


def picture(draw: Iterator[int], drawn: list[Shape]) -> bytes:
    """The shapes on a grey ground with noise, as PPM."""
    pixels = bytearray()
    for y in range(SIZE):
        for x in range(SIZE):
            noise = next(draw) % 24
            colour = next((COLOURS[shape.kind] for shape in drawn if shape.holds(x, y)), (120, 120, 120))
            pixels += bytes(part + noise for part in colour)
    return b"P6 %d %d 255\n" % (SIZE, SIZE) + bytes(pixels)


def write(folder: Path, name: str, count: int) -> None:
    draw = numbers(name)
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    (folder / name).mkdir()
    for number in range(count):
        drawn = shapes(draw)
        file = f"{number:012}.ppm"
        (folder / name / file).write_bytes(picture(draw, drawn))
        images.append({"id": number, "file_name": file, "width": SIZE, "height": SIZE})
        for shape in drawn:
            annotations.append(
                {
                    "id": len(annotations),
                    "image_id": number,
                    "category_id": shape.kind + 1,
                    "bbox": [shape.x, shape.y, shape.side, shape.side],
                    "segmentation": [[part for point in shape.outline() for part in point]],
                    "iscrowd": 0,
                }
            )
    categories = [{"id": number, "name": shape} for number, shape in enumerate(SHAPES, 1)]
    told = {"images": images, "annotations": annotations, "categories": categories}
    (folder / "annotations" / f"instances_{name}.json").write_text(json.dumps(told, indent=1), encoding="utf-8")


def main(folder: Path) -> None:
    (folder / "annotations").mkdir()
    for name, count in PICTURES.items():
        write(folder, name, count)
    (folder / "SYNTHETIC").write_text("object-detection\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
