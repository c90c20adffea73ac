"""Writes tests/fixtures/draws.json: what torchvision's transforms v2 draw, and Beta's lambdas, from 100,000 draws each.

Run `python3 tests/reference/draws.py` after adding a case; it takes a minute. Needs: torch, torchvision.
"""

import json
import math
import pathlib

import torch
from torchvision.transforms import v2 as T

OUT = pathlib.Path(__file__).parent.parent / "fixtures" / "draws.json"
DRAWS, SEED = 100_000, 7
QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95]
ABOUT = (
    f"Of {DRAWS} draws by torchvision.transforms.v2 each: mean, standard deviation and the quantiles at {QUANTILES} of every "
    "parameter, and shares of draws. height and width are the image's. Of quantiles between two draws the lower is taken."
)


def parameter(values, unit):
    values = torch.as_tensor(values, dtype=torch.float64)
    ordered = values.sort().values
    quantiles = [ordered[int(q * (len(ordered) - 1))].item() for q in QUANTILES]
    return {"unit": unit, "mean": number(values.mean()), "std": number(values.std()), "quantiles": list(map(number, quantiles))}


def number(value):
    return round(float(value), 6) + 0.0


def drawn(transform, height, width, channels=1):
    """What make_params gives, as often as is asked for."""
    image = torch.zeros(channels, height, width)
    return [transform.make_params([image]) for _ in range(DRAWS)]


def case(name, height, width, parameters=None, shares=None):
    found = {"name": name, "height": height, "width": width, "parameters": parameters or {}}
    return found | ({"shares": shares} if shares else {})


def columns(found, units):
    return {name: parameter([one[name] for one in found], unit) for name, unit in units.items()}


def crops():
    for size, padding, height, width in [(32, 4, 32, 32), (24, 3, 33, 29)]:
        found = drawn(T.RandomCrop(size, padding=padding), height, width)
        units = {"top": "rows of the padded image", "left": "columns of the padded image"}
        yield case(f"RandomCrop({size}, padding={padding})", height, width, columns(found, units))

    height, width = 32, 48
    found = drawn(T.RandomResizedCrop(24), height, width)
    yield case("RandomResizedCrop(24)", height, width, {
        "area": parameter([one["height"] * one["width"] / (height * width) for one in found], "share of the image"),
        "log_ratio": parameter([math.log(one["width"] / one["height"]) for one in found], "natural logarithm of width / height"),
        **columns(found, {"top": "rows", "left": "columns"})})


def turns():
    for degrees in (15, [10, 50]):
        found = drawn(T.RandomRotation(degrees), 32, 32)
        yield case(f"RandomRotation({degrees})", 32, 32, columns(found, {"angle": "degrees counter-clockwise"}))

    affine = T.RandomAffine(degrees=20, translate=(0.1, 0.2), scale=(0.8, 1.2), shear=[-10, 10, -5, 5])
    found = drawn(affine, 40, 60)
    for one in found:
        (one["translate_x"], one["translate_y"]), (one["shear_x"], one["shear_y"]) = one["translate"], one["shear"]
    yield case("RandomAffine(degrees=20, translate=(0.1, 0.2), scale=(0.8, 1.2), shear=[-10, 10, -5, 5])", 40, 60, columns(found, {
        "angle": "degrees clockwise", "translate_x": "whole pixels to the right", "translate_y": "whole pixels down",
        "scale": "factor", "shear_x": "degrees", "shear_y": "degrees"}))


def perspective():
    height, width = 32, 48
    shown = []
    draw = T.RandomPerspective(0.5)
    for one in drawn(draw, height, width):
        # The coefficients map the end points to the corners; their inverse tells where the corners went.
        matrix = torch.tensor([*one["coefficients"], 1.0], dtype=torch.float64).reshape(3, 3)
        corners = torch.tensor([[0, 0, 1], [width - 1, 0, 1], [width - 1, height - 1, 1], [0, height - 1, 1]]).double()
        ends = torch.linalg.solve(matrix, corners.T)
        shown.append((ends[:2] / ends[2]).T.flatten())
    ends = torch.stack(shown)
    assert (ends - ends.round()).abs().max() < 0.02, "the end points are whole numbers"
    names = [f"{corner}_{axis}" for corner in ("top_left", "top_right", "bottom_right", "bottom_left") for axis in "xy"]
    units = {"x": "pixels from the left, of the end point", "y": "pixels from the top, of the end point"}
    parameters = {name: parameter(values, units[name[-1]]) for name, values in zip(names, ends.round().T)}
    yield case("RandomPerspective(0.5)", height, width, parameters)


def erasing():
    height, width = 32, 48
    erase = T.RandomErasing(scale=(0.02, 0.33), ratio=(0.3, 3.3))
    found = [one for one in drawn(erase, height, width) if one["v"] is not None]
    shapes = [(one["h"], one["w"]) for one in found]
    image = torch.ones(1, height, width)
    half = T.RandomErasing(p=0.5, scale=(0.02, 0.33), ratio=(0.3, 3.3))
    erased = sum(int(half(image).min()) == 0 for _ in range(DRAWS))
    yield case("RandomErasing(scale=(0.02, 0.33), ratio=(0.3, 3.3))", height, width, {
        "area": parameter([h * w / (height * width) for h, w in shapes], "share of the image"),
        "log_ratio": parameter([math.log(h / w) for h, w in shapes], "natural logarithm of height / width"),
        **{name: parameter([one[key] for one in found], unit)
           for name, key, unit in [("top", "i", "rows"), ("left", "j", "columns")]},
    }, {"erased with p=0.5": number(erased / DRAWS), "nothing found in ten tries": number(1 - len(found) / DRAWS)})


UNITS = {"Shear": "tangent", "Translate": "pixels, before they are cut to whole ones", "Rotate": "degrees counter-clockwise",
         "Posterize": "bits", "Solarize": "threshold"}
WITHOUT = ("Identity", "AutoContrast", "Equalize")


def automatic():
    """Which operations, and their signed magnitudes."""
    height, width = 32, 48
    image = torch.zeros(1, height, width)
    for name, transform in [("RandAugment(num_ops=2, magnitude=9)", T.RandAugment(2, 9)),
                            ("TrivialAugmentWide()", T.TrivialAugmentWide())]:
        made = {op: [] for op in transform._AUGMENTATION_SPACE}

        def note(image, op, magnitude, interpolation, fill):
            made[op].append(magnitude)
            return image

        transform._apply_image_or_video_transform = note
        for _ in range(DRAWS):
            transform(image)
        total = sum(map(len, made.values()))
        shares = {op: number(len(values) / total) for op, values in made.items()}
        signed = [op for op, (_, signed) in transform._AUGMENTATION_SPACE.items() if signed]
        # A magnitude of nothing has no sign.
        strong = {op: [value for value in made[op] if value != 0] for op in signed}
        shares |= {f"{op} below zero": number(sum(value < 0 for value in strong[op]) / len(strong[op])) for op in signed}
        unit = {op: next((unit for start, unit in UNITS.items() if op.startswith(start)), "factor minus one") for op in made}
        yield case(name, height, width, {op: parameter(made[op], unit[op]) for op in made if op not in WITHOUT}, shares)


def noise():
    image = torch.full((1, 250, 400), 0.5)
    added = (T.GaussianNoise(mean=0.1, sigma=0.2, clip=False)(image) - image).flatten()
    yield case("GaussianNoise(mean=0.1, sigma=0.2, clip=False)", 250, 400, {"added": parameter(added, "values in 0..1")})


def mixes():
    mixed = drawn(T.MixUp(alpha=0.4, num_classes=2), 32, 48)
    yield case("MixUp(alpha=0.4)", 32, 48, {"lambda": parameter([one["lam"] for one in mixed], "share of the first image")})
    cut = drawn(T.CutMix(alpha=1.0, num_classes=2), 32, 48)
    boxes = [one["box"] for one in cut]
    yield case("CutMix(alpha=1.0)", 32, 48, {
        "lambda": parameter([one["lam_adjusted"] for one in cut], "share of the first image that is left"),
        "top": parameter([box[1] for box in boxes], "rows"), "left": parameter([box[0] for box in boxes], "columns"),
        "height": parameter([max(box[3] - box[1], 0) for box in boxes], "rows"),
        "width": parameter([max(box[2] - box[0], 0) for box in boxes], "columns")})


def main():
    torch.set_num_threads(1)
    found = []
    for several in (crops, turns, perspective, erasing, automatic, noise, mixes):
        # Each begins anew, so that a case that is added leaves the others as they are.
        torch.manual_seed(SEED)
        found.extend(several())
    lines = ",\n".join(f"    {json.dumps(one)}" for one in found)
    OUT.write_text(f'{{\n  "about": {json.dumps(ABOUT)},\n  "draws": {DRAWS},\n  "cases": [\n{lines}\n  ]\n}}\n')


if __name__ == "__main__":
    main()
