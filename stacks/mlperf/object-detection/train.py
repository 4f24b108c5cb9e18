"""Trains Mask R-CNN for a number of epochs, or until its boxes and masks reach the average precision asked for.

Ends with 1 when the loss has not fallen or a target is not reached. The defaults are for the synthetic data set, from
scratch; the reference starts from a ResNet-50 trained on ImageNet (--backbone FILE), has --picture 800 --regions 512
--detections 100 and, by MLPerf's rules, --box-target 0.377 --mask-target 0.339.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from pathlib import Path

import torch
from coco import Part, load, read
from precision import average_precision, boxes, masks
from torch import nn
from torchvision.models.detection import maskrcnn_resnet50_fpn


def options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run_and_time.sh", description=__doc__)
    parser.add_argument("--dataset", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--picture", type=int, default=64, help="the shorter side of the pictures, in pixels")
    parser.add_argument("--backbone", type=Path, help="weights of a ResNet-50, by torchvision's names")
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--regions", type=int, default=16, help="regions of a picture that are trained on")
    parser.add_argument("--detections", type=int, default=10, help="things that are found on a picture, at most")
    parser.add_argument("--rate", type=float, default=3e-4)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--box-target", type=float)
    parser.add_argument("--mask-target", type=float)
    return parser.parse_args(words)


def model(chosen: argparse.Namespace, categories: int) -> nn.Module:
    """The detector: one class for each category and one for the ground."""
    made = maskrcnn_resnet50_fpn(
        weights=None, weights_backbone=None, num_classes=categories + 1,
        min_size=chosen.picture, max_size=2 * chosen.picture,
        rpn_pre_nms_top_n_train=500, rpn_post_nms_top_n_train=200,
        rpn_pre_nms_top_n_test=200, rpn_post_nms_top_n_test=100,
        box_batch_size_per_image=chosen.regions, box_detections_per_img=chosen.detections,
    )  # fmt: skip
    if chosen.backbone is not None:
        weights = torch.load(chosen.backbone, map_location="cpu", weights_only=True)
        made.backbone.body.load_state_dict(weights, strict=False)
    return made


def epoch(
    detector: nn.Module, optimizer: torch.optim.Optimizer, part: Part, size: int, shuffle: torch.Generator
) -> list[float]:
    """Trains on every picture once; the loss of each step."""
    detector.train()
    order = torch.randperm(len(part.pictures), generator=shuffle).tolist()
    losses = []
    for start in range(0, len(order), size):
        images, targets = load([part.pictures[number] for number in order[start : start + size]])
        loss = sum(detector(images, targets).values())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(detector.parameters(), 5.0)
        optimizer.step()
        losses.append(loss.item())
    return losses


@torch.no_grad()
def quality(detector: nn.Module, part: Part, size: int) -> dict[str, float]:
    """The average precision of boxes and of masks."""
    detector.eval()
    found, wanted = [], []
    for start in range(0, len(part.pictures), size):
        images, targets = load(part.pictures[start : start + size])
        found += [{**one, "masks": one["masks"][:, 0]} for one in detector(images)]
        wanted += targets
    count = len(part.categories)
    return {one.__name__: average_precision(found, wanted, count, one) for one in (boxes, masks)}


def main(words: list[str]) -> int:
    chosen = options(words)
    torch.manual_seed(chosen.seed)
    shuffle = torch.Generator().manual_seed(chosen.seed)
    train, test = read(chosen.dataset, "train2017"), read(chosen.dataset, "val2017")
    detector = model(chosen, len(train.categories))
    optimizer = torch.optim.Adam(detector.parameters(), lr=chosen.rate)
    weights = sum(weight.numel() for weight in detector.parameters())
    print(f"{len(train.pictures)} pictures of {', '.join(train.categories)}; {weights:,} weights", flush=True)
    targets = {"boxes": chosen.box_target, "masks": chosen.mask_target}
    start, first = time.monotonic(), math.nan
    for number in range(1, chosen.epochs + 1):
        losses = epoch(detector, optimizer, train, chosen.batch, shuffle)
        first, last = (losses[0] if number == 1 else first), sum(losses) / len(losses)
        found = quality(detector, test, chosen.batch)
        seconds = time.monotonic() - start
        told = ", ".join(f"{what} {precision:.3f}" for what, precision in found.items())
        print(f"epoch {number}: loss {last:.3f}, average precision of {told}, {seconds:.0f} s", flush=True)
        reached = all(target is None or found[what] >= target for what, target in targets.items())
        if reached and set(targets.values()) != {None}:
            break
    if not reached:
        print(f"the average precision asked for is not reached after {chosen.epochs} epochs", file=sys.stderr)
        return 1
    if last >= first:
        print(f"the loss did not fall: {first:.3f}, {last:.3f}", file=sys.stderr)
        return 1
    print(f"the loss fell from {first:.3f} to {last:.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
