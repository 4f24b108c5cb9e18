"""Reads pictures, boxes and masks that are laid out like COCO 2017's."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from PIL import Image, ImageDraw
from torch import Tensor
from torchvision.transforms.functional import pil_to_tensor


@dataclass(frozen=True)
class Picture:
    """A picture's file and what is on it: outlines by polygons, and the number of each one's category from 1 on."""

    file: Path
    outlines: tuple[tuple[tuple[float, ...], ...], ...]
    boxes: tuple[tuple[float, float, float, float], ...]
    labels: tuple[int, ...]


@dataclass(frozen=True)
class Part:
    """The pictures of one part of the data set, such as train2017, and the names of the categories."""

    pictures: tuple[Picture, ...]
    categories: tuple[str, ...]


def read(folder: Path, name: str) -> Part:
    """Reads the annotations of one part; crowds and pictures with nothing on them are left out. Raises OSError."""
    told = json.loads((folder / "annotations" / f"instances_{name}.json").read_text(encoding="utf-8"))
    categories = sorted(told["categories"], key=lambda one: one["id"])
    labels = {one["id"]: number for number, one in enumerate(categories, 1)}
    on: dict[int, list[dict[str, Any]]] = {}
    for one in told["annotations"]:
        if not one["iscrowd"] and min(one["bbox"][2:]) >= 1:
            on.setdefault(one["image_id"], []).append(one)
    pictures = tuple(
        Picture(
            folder / name / image["file_name"],
            tuple(tuple(tuple(polygon) for polygon in one["segmentation"]) for one in on[image["id"]]),
            tuple((x, y, x + width, y + height) for x, y, width, height in (one["bbox"] for one in on[image["id"]])),
            tuple(labels[one["category_id"]] for one in on[image["id"]]),
        )
        for image in told["images"]
        if image["id"] in on
    )
    return Part(pictures, tuple(one["name"] for one in categories))


def load(pictures: Sequence[Picture]) -> tuple[list[Tensor], list[dict[str, Tensor]]]:
    """Pictures as tensors from 0 to 1, and what is on each, as torchvision's detectors take it."""
    images, targets = [], []
    for one in pictures:
        with Image.open(one.file) as file:
            image = file.convert("RGB")
        images.append(pil_to_tensor(image).float() / 255)
        targets.append(
            {
                "boxes": torch.tensor(one.boxes),
                "labels": torch.tensor(one.labels),
                "masks": torch.stack([_mask(image.size, polygons) for polygons in one.outlines]),
            }
        )
    return images, targets


def _mask(size: tuple[int, int], polygons: tuple[tuple[float, ...], ...]) -> Tensor:
    drawn = Image.new("L", size)
    for polygon in polygons:
        ImageDraw.Draw(drawn).polygon(list(polygon), fill=1)
    return pil_to_tensor(drawn)[0]
