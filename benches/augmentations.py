#!/usr/bin/env python3
"""Views per second of every augmentation beside torchvision's and kornia's, on two threads: medians of rounds in turn.

Ours: `augmentations.lua`, views of a batch of bytes in memory. torchvision: a DataLoader with two workers, transforms v2 of one
image of bytes at a time, made floats at the end or before they are normalized; batches that were made ahead are used up before
the clock starts. kornia: a batch of floats at once in PyTorch, which has two threads; its crops do not take antialiasing, and
what it erases becomes black. Batches have 128 images, 32 at 224 pixels. A ratio over 1 means that Moonburn is faster.

The last five are chains: SimCLR's; BYOL's two views; DINO's two large and six small crops; RandAugment and erasing after crop and
flip; and CIFAR's crop of the padded image and flip. Blur is that of the odd kernel nearest to a tenth of the view.

On a machine that does other work as well, OMP_WAIT_POLICY=passive keeps PyTorch's threads from waiting for each other in vain.

    python3 benches/augmentations.py [--binary target/release/moonburn] [--only NAME,…] [--sizes 32,96,224] [--rounds 3]
                                     [--seconds 1] [--sides ours,torchvision,kornia]
Needs torch, torchvision and kornia.
"""

import argparse
import datetime
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

import kornia
import kornia.augmentation as K
import torch
import torchvision
from kornia.augmentation.auto import RandAugment, TrivialAugment
from torch import nn
from torchvision.transforms import v2 as T

HERE = pathlib.Path(__file__).parent
THREADS, PREFETCH = 2, 2
# Batches between two looks at the clock: as many of each worker.
GROUP = 2 * THREADS
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
MILD = (0.4, 0.4, 0.2, 0.1)
AFFINE = {"degrees": 15, "translate": (0.1, 0.1), "scale": (0.8, 1.2), "shear": 10}


def batch_of(size):
    return 128 if size < 224 else 32


def taps(size):
    """The odd number nearest to a tenth, at least 3."""
    return max(2 * round((size / 10 - 1) / 2) + 1, 3)


class Torchvision:
    """torchvision's transforms of one image of bytes."""

    @staticmethod
    def chain(transforms):
        return T.Compose([*transforms, T.ToDtype(torch.float32, scale=True)])

    crop = staticmethod(lambda size, scale=(0.08, 1.0): T.RandomResizedCrop(size, scale, interpolation="bicubic", antialias=True))
    pad_crop = staticmethod(lambda size: T.RandomCrop(size, padding=4))
    resize = staticmethod(lambda size: T.Resize([size, size], antialias=True))
    center_crop = staticmethod(lambda size: T.CenterCrop(size))
    flip = staticmethod(lambda p=0.5: T.RandomHorizontalFlip(p))
    vertical_flip = staticmethod(lambda: T.RandomVerticalFlip(1.0))
    rotate = staticmethod(lambda: T.RandomRotation(15, "bilinear"))
    affine = staticmethod(lambda: T.RandomAffine(**AFFINE, interpolation="bilinear"))
    perspective = staticmethod(lambda: T.RandomPerspective(p=1.0))
    erasing = staticmethod(lambda p, value: T.RandomErasing(p, value=value))
    normalize = staticmethod(lambda: T.Compose([T.ToDtype(torch.float32, scale=True), T.Normalize(MEAN, STD)]))
    jitter = staticmethod(lambda strengths, p=1.0: T.RandomApply([T.ColorJitter(*strengths)], p))
    gray = staticmethod(lambda p: T.RandomGrayscale(p))
    blur = staticmethod(lambda size, p: T.RandomApply([T.GaussianBlur(taps(size), (0.1, 2.0))], p))
    solarize = staticmethod(lambda p: T.RandomSolarize(128, p))
    posterize = staticmethod(lambda: T.RandomPosterize(4, 1.0))
    equalize = staticmethod(lambda: T.RandomEqualize(1.0))
    autocontrast = staticmethod(lambda: T.RandomAutocontrast(1.0))
    sharpness = staticmethod(lambda: T.RandomAdjustSharpness(1.9, 1.0))
    invert = staticmethod(lambda: T.RandomInvert(1.0))
    noise = staticmethod(lambda: T.GaussianNoise())
    rand_augment = staticmethod(lambda: T.RandAugment(2, 9))
    trivial_augment = staticmethod(lambda: T.TrivialAugmentWide())


class Kornia:
    """kornia's transforms of a batch of floats."""

    @staticmethod
    def chain(transforms):
        return nn.Sequential(*transforms)

    crop = staticmethod(lambda size, scale=(0.08, 1.0): K.RandomResizedCrop((size, size), scale, resample="BICUBIC"))
    pad_crop = staticmethod(lambda size: K.RandomCrop((size, size), padding=4))
    resize = staticmethod(lambda size: K.Resize((size, size), align_corners=False, antialias=True))
    center_crop = staticmethod(lambda size: K.CenterCrop(size))
    flip = staticmethod(lambda p=0.5: K.RandomHorizontalFlip(p))
    vertical_flip = staticmethod(lambda: K.RandomVerticalFlip(1.0))
    rotate = staticmethod(lambda: K.RandomRotation(15.0, p=1.0))
    affine = staticmethod(lambda: K.RandomAffine(**AFFINE, p=1.0))
    perspective = staticmethod(lambda: K.RandomPerspective(p=1.0))
    erasing = staticmethod(lambda p, value: K.RandomErasing(p=p))
    normalize = staticmethod(lambda: K.Normalize(MEAN, STD))
    jitter = staticmethod(lambda strengths, p=1.0: K.ColorJitter(*strengths, p=p))
    gray = staticmethod(lambda p: K.RandomGrayscale(p=p))
    blur = staticmethod(lambda size, p: K.RandomGaussianBlur(taps(size), (0.1, 2.0), p=p))
    solarize = staticmethod(lambda p: K.RandomSolarize((0.5, 0.5), (0.0, 0.0), p=p))
    posterize = staticmethod(lambda: K.RandomPosterize((4, 4), p=1.0))
    equalize = staticmethod(lambda: K.RandomEqualize(p=1.0))
    autocontrast = staticmethod(lambda: K.RandomAutoContrast(p=1.0))
    sharpness = staticmethod(lambda: K.RandomSharpness((1.9, 1.9), p=1.0))
    invert = staticmethod(lambda: K.RandomInvert(p=1.0))
    noise = staticmethod(lambda: K.RandomGaussianNoise(std=0.1, p=1.0))
    rand_augment = staticmethod(lambda: RandAugment(2, 9))
    trivial_augment = staticmethod(lambda: TrivialAugment())


def colours(make, size, strengths, blur=None, solarize=None):
    """What SimCLR, BYOL and DINO do after their crop."""
    chain = [make.flip(), make.jitter(strengths, 0.8), make.gray(0.2)]
    chain += [make.blur(size, blur)] if blur else []
    return chain + ([make.solarize(solarize)] if solarize else [])


def byol(make, size, scale=(0.08, 1.0)):
    return [(1, [make.crop(size, scale), *colours(make, size, MILD, 1.0)]),
            (1, [make.crop(size, scale), *colours(make, size, MILD, 0.1, 0.2)])]


def dino(make, size):
    small = {32: 16, 96: 48, 224: 96}.get(size, size // 2)
    return [*byol(make, size, (0.4, 1.0)), (6, [make.crop(small, (0.05, 0.4)), *colours(make, small, MILD, 0.5)])]


def one(*names):
    """What each of these transforms does, given by name or as a function of the makers and the size."""
    return lambda make, size: [(1, [getattr(make, name)() if isinstance(name, str) else name(make, size) for name in names])]


def crop(make, size):
    return make.crop(size)


def pad_crop(make, size):
    return make.pad_crop(size)


# The names that `augmentations.lua` knows. Each gives lists of transforms, and how many views each makes of an image.
PARTS = {
    "random_resized_crop": one(crop),
    "pad_crop": one(pad_crop),
    "resize": one(lambda make, size: make.resize(size // 2)),
    "center_crop": one(lambda make, size: make.center_crop(size * 7 // 8)),
    "horizontal_flip": one(lambda make, size: make.flip(1.0)),
    "vertical_flip": one("vertical_flip"),
    "rotate": one("rotate"),
    "affine": one("affine"),
    "perspective": one("perspective"),
    "erasing": one(lambda make, size: make.erasing(1.0, 0)),
    "normalize": one("normalize"),
    "color_jitter": one(lambda make, size: make.jitter((0.4, 0.4, 0.4, 0.1))),
    "grayscale": one(lambda make, size: make.gray(1.0)),
    "gaussian_blur": one(lambda make, size: make.blur(size, 1.0)),
    "solarize": one(lambda make, size: make.solarize(1.0)),
    "posterize": one("posterize"),
    "equalize": one("equalize"),
    "autocontrast": one("autocontrast"),
    "sharpness": one("sharpness"),
    "invert": one("invert"),
    "noise": one("noise"),
    "rand_augment": one("rand_augment"),
    "trivial_augment": one("trivial_augment"),
    "simclr": lambda make, size: [
        (1, [make.crop(size), *colours(make, size, (0.8, 0.8, 0.8, 0.2), 0.5 if size > 32 else None)])],
    "byol": byol,
    "dino": dino,
    "rand_augment_chain": one(crop, "flip", "rand_augment", "normalize", lambda make, size: make.erasing(0.25, "random")),
    "cifar": one(pad_crop, "flip", "normalize"),
}


class Views(torch.utils.data.Dataset):
    def __init__(self, part, size):
        self.images = torch.randint(0, 256, (4 * batch_of(size), 3, size, size), dtype=torch.uint8)
        self.chains = [(views, Torchvision.chain(transforms)) for views, transforms in PARTS[part](Torchvision, size)]
        self.views = sum(views for views, _ in self.chains)

    def __len__(self):
        return 10**9

    def __getitem__(self, position):
        image = self.images[position % len(self.images)]
        return [chain(image) for views, chain in self.chains for _ in range(views)]


def torchvisions(part, size, seconds):
    views = Views(part, size)
    loader = iter(torch.utils.data.DataLoader(views, batch_size=batch_of(size), num_workers=THREADS, prefetch_factor=PREFETCH,
                                              worker_init_fn=lambda _: torch.set_num_threads(1)))
    for _ in range(GROUP + PREFETCH * THREADS):
        next(loader)
    rates, begun = [], time.perf_counter()
    while len(rates) < 2 or time.perf_counter() - begun < seconds:
        start = time.perf_counter()
        for _ in range(GROUP):
            next(loader)
        rates.append(GROUP * batch_of(size) * views.views / (time.perf_counter() - start))
    return statistics.median(rates)


def kornias(part, size, seconds):
    images = torch.rand(batch_of(size), 3, size, size)
    chains = [(views, Kornia.chain(transforms)) for views, transforms in PARTS[part](Kornia, size)]
    views = sum(views for views, _ in chains)

    def call():
        for several, chain in chains:
            for _ in range(several):
                chain(images)

    with torch.no_grad():
        call()
        rates, begun = [], time.perf_counter()
        while len(rates) < 3 or time.perf_counter() - begun < seconds:
            start = time.perf_counter()
            call()
            rates.append(len(images) * views / (time.perf_counter() - start))
    return statistics.median(rates)


def ours(binary, part, size, seconds):
    options = {"part": part, "size": size, "images": batch_of(size), "seconds": seconds}
    given = [word for key, value in options.items() for word in ("--set", f"{key}={value}")]
    with tempfile.TemporaryDirectory() as folder:
        command = [binary, "run", str(HERE / "augmentations.lua"), *given, "--device", "cpu", "--no-watch",
                   "--checkpoint", "never", "--out", f"{folder}/run"]
        environment = os.environ | {"RAYON_NUM_THREADS": str(THREADS)}
        process = subprocess.Popen(command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        lines, rates, start = [], [], None
        for line in process.stdout:
            now, (word, *count) = time.perf_counter(), line.strip().split("|")
            if word == "views" and start is not None:
                rates.append(int(count[0]) / (now - start))
            start, lines = now if word in ("start", "views") else None, [*lines, line][-8:]
        if process.wait() != 0:
            print(f"{part} at {size}: {''.join(lines)}", file=sys.stderr, flush=True)
            return None
    return statistics.median(rates)


def number(rate):
    return f"{rate:,.0f}" if rate else "–"


def ratio(own, other):
    return f"{own / other:.2f}" if own and other else "–"


def processor():
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.split(":", 1)[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default="target/release/moonburn")
    parser.add_argument("--only", default=",".join(PARTS), help="the parts to time")
    parser.add_argument("--sizes", default="32,96,224")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.0, help="of each measurement, about")
    parser.add_argument("--sides", default="ours,torchvision,kornia")
    args = parser.parse_args()
    if unknown := set(args.only.split(",")) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    return args


def main():
    a = arguments()
    torch.set_num_threads(THREADS)
    sides = {"ours": lambda *of: ours(a.binary, *of), "torchvision": torchvisions, "kornia": kornias}
    rows = [(part, int(size)) for part in a.only.split(",") for size in a.sizes.split(",")]
    found = {}
    for _ in range(a.rounds):
        for part, size in rows:
            for side in a.sides.split(","):
                rate = sides[side](part, size, a.seconds)
                if rate is not None:
                    found.setdefault((part, size, side), []).append(rate)
    print(f"torchvision {torchvision.__version__}, kornia {kornia.__version__}, PyTorch {torch.__version__}; {processor()}, "
          f"{THREADS} threads; {datetime.date.today()}; medians of {a.rounds} rounds\n")
    print("| transform | size | ours, views/s | torchvision, views/s | ratio | kornia, views/s | ratio |\n|---|---|---|---|---|---|---|")
    for part, size in rows:
        own, theirs, kornias_ = (statistics.median(found.get((part, size, side), [0])) for side in sides)
        print(f"| {part} | {size} | {number(own)} | {number(theirs)} | {ratio(own, theirs)} | {number(kornias_)} "
              f"| {ratio(own, kornias_)} |")


if __name__ == "__main__":
    main()
