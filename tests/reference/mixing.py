#!/usr/bin/env python3
"""Writes mixing.json: torchvision's MixUp and CutMix of given weights and boxes, with gradients.

    mixing.py [OUT]        (needs torch and torchvision)
"""

import argparse
import json
import pathlib

import torch
from torchvision.transforms import v2

OUT = pathlib.Path(__file__).parent.parent / "fixtures" / "mixing.json"
CLASSES = 5

generator = torch.Generator().manual_seed(11)


def numbers(*shape):
    """Values of 3 decimals, so that the file stays small."""
    return torch.rand(shape, generator=generator).mul(1000).round() / 1000


def tensor(values):
    return {"shape": list(values.shape), "values": [round(x, 7) for x in values.detach().flatten().tolist()]}


def case(shape, soft, weight=None, box=None):
    images, slope = numbers(*shape), numbers(*shape) - 0.5
    if soft:
        labels = numbers(shape[0], CLASSES).softmax(1).mul(1000).round() / 1000
    else:
        labels = torch.randint(CLASSES, (shape[0],), generator=generator)
    if box is None:
        transform, params = v2.MixUp(num_classes=CLASSES), {"lam": weight}
    else:
        left, top, right, bottom = box
        weight = 1 - (right - left) * (bottom - top) / (shape[3] * shape[2])
        transform, params = v2.CutMix(num_classes=CLASSES), {"box": box, "lam_adjusted": weight}
    params |= {"labels": labels, "batch_size": shape[0]}
    leaf = images.clone().requires_grad_()
    # MixUp multiplies in place, which a leaf does not allow.
    mixed = transform.transform(leaf * 1, params)
    (mixed * slope).sum().backward()
    return {
        "images": tensor(images),
        **({"soft": tensor(labels)} if soft else {"labels": labels.tolist()}),
        **({"box": list(box)} if box else {}),
        "weight": weight,
        "slope": tensor(slope),
        "mixed": tensor(mixed),
        "targets": tensor(transform.transform(labels, params)),
        "gradient": tensor(leaf.grad),
    }


def cases():
    for shape, weight in [((2, 3, 4, 4), 0.3), ((5, 1, 3, 7), 0.75), ((3, 4, 5, 2), 0.5), ((4, 2, 1, 1), 0.999)]:
        yield f"mixup {shape}, {weight}", case(shape, False, weight=weight)
    yield "mixup of probabilities", case((3, 2, 3, 5), True, weight=0.2)
    boxes = [((2, 3, 4, 4), (1, 1, 3, 3)), ((5, 1, 3, 7), (0, 1, 4, 3)), ((3, 4, 5, 2), (0, 0, 2, 5))]
    boxes += [((4, 2, 6, 5), (4, 0, 5, 1)), ((3, 3, 4, 5), (2, 2, 2, 2))]
    for shape, box in boxes:
        yield f"cutmix {shape}, {box}", case(shape, False, box=box)
    yield "cutmix of probabilities", case((3, 2, 3, 5), True, box=(1, 0, 4, 2))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("out", nargs="?", type=pathlib.Path, default=OUT)
    out = parser.parse_args().out
    out.write_text(json.dumps(dict(cases()), separators=(",", ":")) + "\n")
    print(f"{out}: {out.stat().st_size} bytes")
