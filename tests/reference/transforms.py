"""Writes tests/fixtures/transforms.json: images, changes of them, and what torchvision.transforms.v2 makes of each.

The images come from a seeded generator. A change that takes the nearest pixel may not fall within SHIFT pixels of a tie, where
the result would be a matter of rounding: such a case is an error here.
Run `python3 tests/reference/transforms.py` after adding a case. Needs: torch, torchvision.
"""

import itertools
import json
import math
import pathlib
import random

import torch
import torchvision.transforms.v2.functional as F
from torchvision.transforms.v2 import RandAugment

OUT = pathlib.Path(__file__).parent.parent / "fixtures" / "transforms.json"
ABOUT = (
    "Computed with torchvision.transforms.v2.functional on bytes / 255 as float32; bicubic results are clamped to 0..1. "
    "A pad is F.pad on all sides, then F.crop at top, left in the padded image. An automatic change is one operation of "
    "torchvision's RandAugment and TrivialAugmentWide. expected has every k-th value of the flattened [channels, height, width] "
    "result, k being every, rounded to six digits; uint8 has the same values of the result on bytes (thresholds, fills and "
    "values times 255), null where there is none."
)
# Fewer values than this are written of each result, about.
VALUES = 115
# Places computed in float32 are off by less.
SHIFT = 2e-5


def smooth(rng, height, width, low, high):
    """Waves and noise between two bytes, with a dark, a bright and a middling rectangle, as far as there is room."""
    phases = [rng.uniform(0, 6) for _ in range(3)]

    def wave(y, x):
        return math.sin(0.31 * x + phases[0]) + math.sin(0.23 * y + phases[1]) + math.sin(0.17 * (x + y) + phases[2])

    plane = [[0.5 + wave(y, x) / 7 + rng.uniform(-0.08, 0.08) for x in range(width)] for y in range(height)]
    if height > 12 and width > 12:
        for value in (0.0, 1.0, 0.5):
            top, left = rng.randrange(height - 8), rng.randrange(width - 8)
            for y, x in itertools.product(range(top, top + 7), range(left, left + 6)):
                plane[y][x] = value
    return [round(low + (high - low) * min(max(value, 0.0), 1.0)) for row in plane for value in row]


def images():
    rng = random.Random(20260)
    ranges = [(12, 231), (0, 255), (70, 160), (0, 200), (31, 255)]
    sizes = {"rgb 33x29": (3, 33, 29), "gray 7x12": (1, 7, 12), "gray 20x30": (1, 20, 30), "four 9x6": (4, 9, 6),
             "five 4x5": (5, 4, 5), "pixel": (3, 1, 1), "two rows 2x9": (3, 2, 9), "column 9x1": (3, 9, 1)}
    found = {name: (size, [smooth(rng, *size[1:], *ranges[channel]) for channel in range(size[0])])
             for name, size in sizes.items()}
    found["flat 6x5"] = ((3, 6, 5), [[value] * 30 for value in (64, 255, 130)])
    # Equalizing leaves the second and the third channel as they are: one value, and too few below the greatest.
    found["channels apart 20x18"] = ((3, 20, 18), [
        smooth(rng, 20, 18, 40, 190), [77] * 360, [rng.choice([9, 80, 120]) if i % 3 == 0 else 200 for i in range(360)]])
    return {name: (size, [value for plane in planes for value in plane]) for name, (size, planes) in found.items()}


def of_bytes(value):
    """A number or a list in 0..1, or nothing, for an image of bytes."""
    if isinstance(value, list):
        return [of_bytes(each) for each in value]
    return value if value is None else round(value * 255)


def change(image, op, shift=(0.0, 0.0), **p):
    """The image after a change; a shift moves what lies at the nearest pixel."""
    unit = of_bytes if image.dtype == torch.uint8 else lambda value: value
    match op:
        case "normalize":
            return F.normalize(image, p["mean"], p["std"])
        case "pad":
            return F.crop(F.pad(image, [p["padding"]] * 4, fill=unit(p["fill"]), padding_mode=p["mode"]),
                          p["top"], p["left"], p["height"], p["width"])
        case "resize":
            resized = F.resize(image, [p["height"], p["width"]], p["interpolation"], antialias=p["antialias"])
            return resized.clamp(0, unit(1.0)) if p["interpolation"] == "bicubic" else resized
        case "center_crop":
            return F.center_crop(image, [p["height"], p["width"]])
        case "vertical_flip":
            return F.vertical_flip(image)
        case "rotate" if any(shift):
            return F.affine(image, -p["angle"], list(shift), 1.0, [0.0, 0.0], p["interpolation"], unit(p["fill"]), p["center"])
        case "rotate":
            return F.rotate(image, p["angle"], p["interpolation"], center=p["center"], fill=unit(p["fill"]))
        case "affine":
            translate = [t + s for t, s in zip(p["translate"], shift)]
            return F.affine(image, p["angle"], translate, p["scale"], p["shear"], p["interpolation"], unit(p["fill"]), p["center"])
        case "perspective":
            ends = [[x + shift[0], y + shift[1]] for x, y in p["endpoints"]] if any(shift) else p["endpoints"]
            return F.perspective(image, p["startpoints"], ends, p["interpolation"], unit(p["fill"]))
        case "erase":
            return F.erase(image, p["top"], p["left"], p["height"], p["width"], torch.tensor(unit(p["value"]))[:, None, None])
        case "posterize":
            return F.posterize(image, p["bits"])
        case "equalize":
            return F.equalize(image)
        case "autocontrast":
            return F.autocontrast(image)
        case "sharpness":
            return F.adjust_sharpness(image, p["factor"])
        case "invert":
            return F.invert(image)
        case "brightness":
            return F.adjust_brightness(image, p["factor"])
        case "contrast":
            return F.adjust_contrast(image, p["factor"])
        case "saturation":
            return F.adjust_saturation(image, p["factor"])
        case "hue":
            return F.adjust_hue(image, p["turns"])
        case "grayscale":
            return F.rgb_to_grayscale(image, num_output_channels=image.shape[0])
        case "solarize":
            # Bytes are compared with a threshold that need not be whole.
            return F.solarize(image, p["threshold"] * (255 if image.dtype == torch.uint8 else 1))
        case "blur":
            return F.gaussian_blur(image, p["taps"], p["sigma"])
        case "automatic":
            apply = RandAugment()._apply_image_or_video_transform
            return apply(image, p["name"], p["magnitude"], p["interpolation"], {"others": unit(p["fill"])})
    raise ValueError(op)


RGB, GRAY, FOUR, FIVE, PIXEL, FLAT = "rgb 33x29", "gray 7x12", "four 9x6", "five 4x5", "pixel", "flat 6x5"
ROWS, COLUMN, WIDE_GRAY, APART = "two rows 2x9", "column 9x1", "gray 20x30", "channels apart 20x18"
HUES = [0.2, 0.6, 1.0]


def cases():
    """Image, operation and parameters of each case."""
    yield RGB, "normalize", dict(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
    yield RGB, "normalize", dict(mean=[0.5], std=[0.25])
    yield GRAY, "normalize", dict(mean=[0.1307], std=[0.3081])
    yield FOUR, "normalize", dict(mean=[0.1, 0.2, 0.3, 0.4], std=[1.0, 0.5, 2.0, 0.1])
    yield FIVE, "normalize", dict(mean=[0.0, 0.2, 0.4, 0.6, 0.8], std=[0.3, 0.3, 0.1, 0.2, 0.5])
    yield PIXEL, "normalize", dict(mean=[0.5, 0.0, -0.5], std=[0.5, 1.0, 2.0])
    yield from pads()
    yield from sizes()
    yield from turns()
    yield from perspectives()
    yield from erasures()
    yield from colours()
    yield from automatic()


def pads():
    def pad(padding, mode, fill, top, left, height, width):
        return dict(padding=padding, mode=mode, fill=fill, top=top, left=left, height=height, width=width)

    modes = ["constant", "edge", "reflect", "symmetric"]
    for mode in modes:
        yield RGB, "pad", pad(4, mode, 0.0, 0, 8, 33, 29)
        yield FOUR, "pad", pad(3, mode, 0.0, 5, 1, 10, 11)
    for mode, (top, left) in zip(modes, [(8, 0), (3, 5), (8, 8), (0, 0)]):
        yield RGB, "pad", pad(4, mode, 0.0, top, left, 33, 29)
        yield GRAY, "pad", pad(6, mode, 0.0, top, left, 11, 16)
    yield RGB, "pad", pad(4, "constant", 0.4, 1, 2, 33, 29)
    yield RGB, "pad", pad(4, "constant", HUES, 2, 7, 33, 29)
    yield RGB, "pad", pad(2, "constant", None, 4, 4, 20, 24)
    yield RGB, "pad", pad(0, "constant", 0.0, 9, 3, 24, 26)
    yield RGB, "pad", pad(30, "constant", 0.4, 0, 59, 30, 30)
    yield RGB, "pad", pad(28, "reflect", 0.0, 0, 0, 89, 85)
    yield RGB, "pad", pad(29, "symmetric", 0.0, 0, 0, 91, 87)
    yield FIVE, "pad", pad(2, "constant", [0.0, 0.2, 0.4, 0.6, 0.8], 1, 0, 7, 8)
    yield FIVE, "pad", pad(4, "symmetric", 0.0, 0, 1, 12, 12)
    yield GRAY, "pad", pad(20, "edge", 0.0, 0, 0, 47, 52)
    yield ROWS, "pad", pad(1, "reflect", 0.0, 0, 0, 4, 11)
    yield ROWS, "pad", pad(2, "symmetric", 0.0, 0, 0, 6, 13)
    yield COLUMN, "pad", pad(1, "symmetric", 0.0, 0, 0, 11, 3)
    yield COLUMN, "pad", pad(5, "edge", 0.0, 3, 2, 12, 9)
    yield PIXEL, "pad", pad(3, "edge", 0.0, 2, 2, 4, 4)
    yield PIXEL, "pad", pad(1, "symmetric", 0.0, 0, 0, 3, 3)
    yield PIXEL, "pad", pad(2, "constant", HUES, 0, 2, 5, 3)


def sizes():
    def resize(height, width, interpolation, antialias):
        return dict(height=height, width=width, interpolation=interpolation, antialias=antialias)

    kinds = [("nearest", False), *itertools.product(["bilinear", "bicubic"], [False, True])]
    for kind in kinds:
        yield RGB, "resize", resize(20, 20, *kind)
        yield RGB, "resize", resize(47, 64, *kind)
        yield RGB, "resize", resize(5, 3, *kind)
        yield RGB, "resize", resize(60, 7, *kind)
        yield RGB, "resize", resize(1, 1, *kind)
        yield GRAY, "resize", resize(10, 5, *kind)
        yield FOUR, "resize", resize(4, 13, *kind)
        yield PIXEL, "resize", resize(3, 4, *kind)
        yield ROWS, "resize", resize(5, 4, *kind)
        yield COLUMN, "resize", resize(4, 3, *kind)
    for kind in kinds[1:]:
        yield FIVE, "resize", resize(9, 2, *kind)
    yield RGB, "resize", resize(33, 29, "bicubic", True)
    yield RGB, "resize", resize(33, 14, "bilinear", True)
    yield RGB, "resize", resize(11, 29, "bicubic", True)
    yield RGB, "resize", resize(66, 58, "bilinear", False)
    yield FLAT, "resize", resize(13, 2, "bicubic", True)
    yield RGB, "resize", resize(12, 12, "nearest", True)

    centred = [(RGB, 24, 24), (RGB, 20, 20), (RGB, 32, 28), (RGB, 33, 29), (RGB, 1, 1), (RGB, 40, 40), (RGB, 38, 20),
               (RGB, 17, 31), (RGB, 30, 34), (GRAY, 4, 9), (GRAY, 8, 9), (GRAY, 3, 15), (FOUR, 6, 9), (FOUR, 10, 3),
               (FIVE, 7, 4), (FIVE, 1, 2), (PIXEL, 4, 3), (ROWS, 3, 4), (COLUMN, 4, 2)]
    for image, height, width in centred:
        yield image, "center_crop", dict(height=height, width=width)
    for image in (RGB, GRAY, FOUR, FIVE, PIXEL, ROWS, COLUMN):
        yield image, "vertical_flip", {}


def turns():
    def rotate(angle, interpolation, fill, center=None):
        return dict(angle=angle, interpolation=interpolation, fill=fill, center=center)

    for angle, interpolation in [(31.0, "nearest"), (30.0, "bilinear"), (-45.5, "nearest"), (-45.5, "bilinear")]:
        for fill in (None, 0.0, 0.4, HUES):
            yield RGB, "rotate", rotate(angle, interpolation, fill)
    for angle in (0.0, 90.0, 180.0, 270.0, 360.0, -90.0):
        yield RGB, "rotate", rotate(angle, "nearest", 0.0)
    for angle in (90.0, 180.0, 270.0, 12.5):
        yield FOUR, "rotate", rotate(angle, "bilinear", 0.0)
        yield GRAY, "rotate", rotate(angle, "bilinear", 0.4)
    yield RGB, "rotate", rotate(90.0, "bilinear", None)
    yield RGB, "rotate", rotate(-135.0, "bilinear", 1.0)
    yield RGB, "rotate", rotate(400.0, "nearest", [0.4])
    yield RGB, "rotate", rotate(1.0, "bilinear", 0.0)
    yield RGB, "rotate", rotate(25.0, "bilinear", 0.4, [3.0, 20.5])
    yield RGB, "rotate", rotate(-70.0, "nearest", None, [0.0, 0.0])
    yield RGB, "rotate", rotate(90.0, "nearest", 0.0, [8.0, 11.0])
    yield RGB, "rotate", rotate(0.0, "bilinear", 0.0, [8.0, 11.0])
    yield GRAY, "rotate", rotate(33.0, "nearest", 0.0)
    yield FOUR, "rotate", rotate(-20.0, "nearest", [0.0, 0.2, 0.4, 1.0])
    yield FIVE, "rotate", rotate(41.0, "bilinear", [0.0, 0.2, 0.4, 0.6, 0.8])
    yield FIVE, "rotate", rotate(41.0, "nearest", None)
    yield FLAT, "rotate", rotate(17.0, "bilinear", 0.0)
    yield FLAT, "rotate", rotate(17.0, "bilinear", None)
    yield PIXEL, "rotate", rotate(30.0, "nearest", 0.2)
    yield PIXEL, "rotate", rotate(30.0, "bilinear", 0.2)
    yield ROWS, "rotate", rotate(63.0, "bilinear", 0.0)
    yield COLUMN, "rotate", rotate(90.0, "nearest", 0.4)
    yield COLUMN, "rotate", rotate(-5.0, "bilinear", 0.4)

    def affine(angle, translate, scale, shear, interpolation, fill=0.0, center=None):
        return dict(angle=angle, translate=translate, scale=scale, shear=shear, interpolation=interpolation, fill=fill,
                    center=center)

    for interpolation in ("nearest", "bilinear"):
        yield RGB, "affine", affine(0.0, [0, 0], 1.0, [0.0, 0.0], interpolation)
        yield RGB, "affine", affine(0.0, [5, -3], 1.0, [0.0, 0.0], interpolation, 0.4)
        yield RGB, "affine", affine(20.0, [0, 0], 1.0, [0.0, 0.0], interpolation)
        yield RGB, "affine", affine(0.0, [0, 0], 1.23, [0.0, 0.0], interpolation)
        yield RGB, "affine", affine(0.0, [0, 0], 0.57, [0.0, 0.0], interpolation, None)
        yield RGB, "affine", affine(0.0, [0, 0], 1.0, [11.0, 0.0], interpolation)
        yield RGB, "affine", affine(0.0, [0, 0], 1.0, [0.0, -9.0], interpolation, HUES)
        yield RGB, "affine", affine(-17.0, [4, 2], 0.83, [8.0, -5.0], interpolation, 0.4)
        yield RGB, "affine", affine(171.0, [-6, 1], 1.6, [-30.0, 20.0], interpolation, None)
        yield RGB, "affine", affine(33.0, [2, -2], 1.1, [5.0, 5.0], interpolation, 0.6, [5.5, 30.0])
        yield GRAY, "affine", affine(15.0, [1, -1], 0.9, [4.0, 2.0], interpolation, 0.2)
        yield FOUR, "affine", affine(-65.0, [-1, 2], 1.3, [0.0, 12.0], interpolation, [0.2, 0.4, 0.6, 0.8])
        yield FIVE, "affine", affine(75.0, [0, 1], 0.71, [10.0, 3.0], interpolation)
        yield ROWS, "affine", affine(3.0, [2, 0], 1.07, [6.0, 0.0], interpolation, 1.0)
    yield RGB, "affine", affine(0.0, [40, 0], 1.0, [0.0, 0.0], "bilinear", 0.4)
    yield RGB, "affine", affine(0.0, [0, 0], 12.0, [0.0, 0.0], "bilinear")
    yield PIXEL, "affine", affine(10.0, [0, 0], 0.5, [0.0, 0.0], "bilinear", 0.4)


def perspectives():
    def perspective(height, width, endpoints, interpolation, fill):
        right, bottom = width - 1, height - 1
        return dict(startpoints=[[0, 0], [right, 0], [right, bottom], [0, bottom]], endpoints=endpoints,
                    interpolation=interpolation, fill=fill)

    mild, strong = [[3, 2], [25, 1], [27, 30], [1, 31]], [[7, 8], [21, 0], [28, 24], [0, 30]]
    for endpoints, interpolation in itertools.product([mild, strong], ["nearest", "bilinear"]):
        for fill in (None, 0.0, 0.4, HUES):
            yield RGB, "perspective", perspective(33, 29, endpoints, interpolation, fill)
    yield RGB, "perspective", perspective(33, 29, [[0, 0], [28, 0], [28, 32], [0, 32]], "bilinear", 0.0)
    yield RGB, "perspective", perspective(33, 29, [[0, 0], [28, 0], [28, 32], [0, 32]], "nearest", 0.4)
    yield RGB, "perspective", perspective(33, 29, [[13, 1], [16, 9], [26, 31], [0, 20]], "bilinear", 0.0)
    yield GRAY, "perspective", perspective(7, 12, [[2, 1], [10, 0], [9, 5], [1, 6]], "bilinear", 0.2)
    yield GRAY, "perspective", perspective(7, 12, [[2, 1], [11, 1], [9, 4], [0, 6]], "nearest", None)
    yield FOUR, "perspective", perspective(9, 6, [[1, 2], [5, 0], [4, 8], [0, 6]], "bilinear", [0.2, 0.4, 0.6, 0.8])
    yield FIVE, "perspective", perspective(4, 5, [[1, 0], [3, 1], [4, 3], [0, 2]], "bilinear", 0.0)
    yield ROWS, "perspective", perspective(2, 9, [[1, 0], [8, 0], [6, 1], [2, 1]], "bilinear", 0.0)


def erasures():
    def erase(top, left, height, width, value):
        return dict(top=top, left=left, height=height, width=width, value=value)

    yield RGB, "erase", erase(5, 3, 12, 20, [0.0])
    yield RGB, "erase", erase(0, 0, 32, 28, HUES)
    yield RGB, "erase", erase(32, 28, 1, 1, [1.0])
    yield RGB, "erase", erase(11, 4, 9, 2, [-1.5, 0.25, 2.75])
    yield GRAY, "erase", erase(2, 5, 3, 7, [0.4])
    yield FOUR, "erase", erase(1, 1, 6, 2, [0.2, 0.4, 0.6, 0.8])
    yield FIVE, "erase", erase(3, 0, 1, 4, [0.8])
    yield ROWS, "erase", erase(0, 2, 1, 3, HUES)
    yield RGB, "erase", erase(4, 4, 0, 5, [1.0])


def colours():
    for bits in range(9):
        yield RGB, "posterize", dict(bits=bits)
    for image, bits in [(GRAY, 3), (FOUR, 2), (FIVE, 5), (PIXEL, 4), (FLAT, 1), (FLAT, 8)]:
        yield image, "posterize", dict(bits=bits)
    for image in (RGB, GRAY, WIDE_GRAY, FOUR, FIVE, PIXEL, FLAT, APART):
        yield image, "equalize", {}
    for image in (RGB, GRAY, WIDE_GRAY, PIXEL, FLAT, APART, ROWS):
        yield image, "autocontrast", {}
    for factor in (0.0, 0.5, 1.0, 1.9, 5.0):
        yield RGB, "sharpness", dict(factor=factor)
    for image, factor in [(GRAY, 0.0), (GRAY, 1.9), (FLAT, 0.5), (PIXEL, 0.0), (ROWS, 0.0), (COLUMN, 1.9), (APART, 0.1)]:
        yield image, "sharpness", dict(factor=factor)
    for image in (RGB, GRAY, FOUR, FIVE, PIXEL):
        yield image, "invert", {}
    for image in (RGB, GRAY):
        for factor in (0.0, 0.6, 1.0, 1.4):
            yield image, "brightness", dict(factor=factor)
            yield image, "contrast", dict(factor=factor)
            yield image, "saturation", dict(factor=factor)
        for shift in (-0.5, 0.1, 0.0):
            yield image, "hue", dict(turns=shift)
        yield image, "grayscale", {}
        for threshold in (0.0, 0.2, 0.5, 1.0):
            yield image, "solarize", dict(threshold=threshold)
        for taps, sigma in [(1, 1.0), (3, 0.1), (5, 1.3), (13, 4.0)]:
            yield image, "blur", dict(taps=taps, sigma=sigma)
    for image in (FOUR, FIVE):
        yield image, "solarize", dict(threshold=0.5)
        yield image, "blur", dict(taps=3, sigma=0.7)
        yield image, "blur", dict(taps=7, sigma=2.0)


def automatic():
    magnitudes = {"ShearX": [0.09, -0.27, 0.99], "ShearY": [0.09, -0.09, -0.99], "TranslateX": [3.9, -13.14, 32.0],
                  "TranslateY": [4.5, -0.9, -32.0], "Rotate": [9.0, -27.0, 135.0], "Brightness": [0.27, -0.9, 0.99, -0.99],
                  "Color": [0.27, -0.9, 0.99], "Contrast": [0.27, -0.9, 0.99], "Sharpness": [0.27, -0.9, 0.99],
                  "Posterize": [7.0, 4.0, 2.0, 8.0], "Solarize": [0.7, 0.0, 1.0], "AutoContrast": [0.0], "Equalize": [0.0],
                  "Identity": [0.0]}
    moving = ["ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate"]

    def one(name, magnitude, interpolation="nearest", fill=None):
        return dict(name=name, magnitude=magnitude, interpolation=interpolation, fill=fill)

    for name, several in magnitudes.items():
        for magnitude in several:
            yield RGB, "automatic", one(name, magnitude)
    for name in moving:
        yield RGB, "automatic", one(name, magnitudes[name][1], "bilinear", 0.0)
        yield RGB, "automatic", one(name, magnitudes[name][0], "bilinear", HUES)
        yield RGB, "automatic", one(name, magnitudes[name][1], "nearest", 0.4)
        yield GRAY, "automatic", one(name, magnitudes[name][0], "bilinear", None)
    for name in ("Color", "Contrast", "Sharpness", "AutoContrast", "Equalize"):
        yield GRAY, "automatic", one(name, magnitudes[name][0])


def same(name, image, op, p):
    """The same change by an operation that takes a shift, for the automatic ones."""
    if op != "automatic":
        return op, p
    shear, translate, angle, center = [0.0, 0.0], [0, 0], 0.0, None
    match p["name"]:
        case "ShearX" | "ShearY":
            shear[p["name"] == "ShearY"], center = math.degrees(math.atan(p["magnitude"])), [0, 0]
        case "TranslateX" | "TranslateY":
            translate[p["name"] == "TranslateY"] = int(p["magnitude"])
        case "Rotate":
            angle = -p["magnitude"]
        case _:
            return op, p
    return "affine", dict(angle=angle, translate=translate, scale=1.0, shear=shear, interpolation=p["interpolation"],
                          fill=p["fill"], center=center)


def want_no_ties(name, image, op, p):
    op, p = same(name, image, op, p)
    if op not in ("rotate", "affine", "perspective") or p["interpolation"] != "nearest":
        return
    found = change(image, op, **p)
    for shift in itertools.product([-SHIFT, SHIFT], repeat=2):
        assert change(image, op, shift, **p).equal(found), f"{name}: a pixel lies on a tie"


def takes_bytes(op, p):
    """Whether torchvision makes the change of an image of bytes; PyTorch fails to bring three channels of them to one pixel."""
    match op:
        case "resize":
            return p["interpolation"] == "nearest" or (p["height"], p["width"]) != (1, 1)
        case "erase":
            return all(0 <= value <= 1 for value in p["value"])
    return op != "normalize"


def stride(count, size):
    """Every how manieth value is written: no divisor of a side, so that all columns and rows are met."""
    every = max(count // VALUES, 1)
    while every > 1 and any(math.gcd(every, side) > 1 for side in size):
        every += 1
    return every


def main():
    given = images()
    floats = {name: torch.tensor(values).reshape(size).float() / 255 for name, (size, values) in given.items()}
    bytes_ = {name: torch.tensor(values, dtype=torch.uint8).reshape(size) for name, (size, values) in given.items()}
    rows = []
    for image, op, p in cases():
        said = ", ".join(f"{key} {json.dumps(value)}" for key, value in p.items() if key != "startpoints").replace('"', "")
        name = f"{op} of {image}" + (f": {said}" if said else "")
        want_no_ties(name, floats[image], op, p)
        result = change(floats[image], op, **p)
        every = stride(result.numel(), result.shape)
        on_bytes = change(bytes_[image], op, **p) if takes_bytes(op, p) else None
        assert on_bytes is None or on_bytes.shape == result.shape and on_bytes.dtype == torch.uint8, name
        rows.append({
            "name": name, "image": image, "change": {"op": op, **p}, "height": result.shape[1], "width": result.shape[2],
            "expected": [round(x, 6) + 0.0 for x in result.flatten()[::every].tolist()], "every": every,
            "uint8": None if on_bytes is None else on_bytes.flatten()[::every].tolist()})
    assert len({row["name"] for row in rows}) == len(rows), "two cases are the same"

    def listed(entries):
        return ",\n".join(f"    {entry}" for entry in entries)

    def compact(value):
        return json.dumps(value, separators=(",", ":"))

    pictures = [f'"{name}": {compact(dict(zip(("channels", "height", "width"), size), bytes=values))}'
                for name, (size, values) in given.items()]
    OUT.write_text(f'{{\n  "about": {json.dumps(ABOUT)},\n  "images": {{\n{listed(pictures)}\n  }},\n'
                   f'  "cases": [\n{listed(map(compact, rows))}\n  ]\n}}\n')
    print(f"{len(rows)} cases, {OUT.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
