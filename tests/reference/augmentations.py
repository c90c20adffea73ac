"""Writes what torchvision makes of the image in tests/fixtures/augmentations.json into the same file, in float32.

Every third value of the flattened [3, height, width] result, rounded to six digits.
Run `python3 tests/reference/augmentations.py` after adding a case. Needs: torch, torchvision.
"""

import json
import pathlib

import torch
import torchvision.transforms.v2.functional as F
from torchvision.transforms import InterpolationMode

OUT = pathlib.Path(__file__).parent.parent / "fixtures" / "augmentations.json"
ABOUT = (
    "Computed with torchvision.transforms.v2.functional on image / 255 as float32 (adjust_*, rgb_to_grayscale, "
    "gaussian_blur, solarize; resized_crop and resize clamped to 0..1; antialias off unless named; turns are torch.rot90"
    ", counter-clockwise). Every third value of the flattened [3, height, width] result, rounded to six digits."
)
CROP = {"top": 5, "left": 3, "height": 20, "width": 26}
BILINEAR, BICUBIC = InterpolationMode.BILINEAR, InterpolationMode.BICUBIC

fixture = json.loads(OUT.read_text())
image = torch.tensor(fixture["image_u8_hwc"]).reshape(32, 32, 3).permute(2, 0, 1).float() / 255
corner = image[:, :3, :5]


def crop(interpolation, antialias=False):
    return F.resized_crop(image, **CROP, size=[32, 32], interpolation=interpolation, antialias=antialias).clamp(0, 1)


cropped = "crop " + " ".join(f"{name}={value}" for name, value in CROP.items()) + " to 32x32"
expected = {
    "brightness 1.4": F.adjust_brightness(image, 1.4),
    "contrast 0.6": F.adjust_contrast(image, 0.6),
    "saturation 1.8": F.adjust_saturation(image, 1.8),
    "hue 0.1": F.adjust_hue(image, 0.1),
    "hue -0.2": F.adjust_hue(image, -0.2),
    "grayscale": F.rgb_to_grayscale(image, num_output_channels=3),
    f"{cropped}, bilinear": crop(BILINEAR),
    f"{cropped}, bicubic": crop(BICUBIC),
    "resize to 20x20, bicubic, antialiased": F.resize(image, [20, 20], BICUBIC, antialias=True).clamp(0, 1),
    f"{cropped}, bicubic, antialiased": crop(BICUBIC, antialias=True),
    "blur of 3 taps, sigma 0.1": F.gaussian_blur(image, 3, 0.1),
    "blur of 3 taps, sigma 2": F.gaussian_blur(image, 3, 2.0),
    "blur of 23 taps, sigma 1.3": F.gaussian_blur(image, 23, 1.3),
    "blur of 63 taps, sigma 9": F.gaussian_blur(image, 63, 9.0),
    "blur of 5 taps, sigma 1, of the first 3 rows and 5 columns": F.gaussian_blur(corner, 5, 1.0),
    "solarize 0.5": F.solarize(image, 0.5),
    "solarize 0.2": F.solarize(image, 0.2),
    "solarize 0": F.solarize(image, 0.0),
    **{f"turn {quarters}": torch.rot90(image, quarters, [1, 2]) for quarters in (1, 2, 3)},
    "turn 1 of the first 3 rows and 5 columns": torch.rot90(corner, 1, [1, 2]),
    "turn 3 of the first 3 rows and 5 columns": torch.rot90(corner, 3, [1, 2]),
}

values = {name: [round(x, 6) for x in result.flatten()[::3].tolist()] for name, result in expected.items()}
lines = ",\n".join(f'    "{name}": {json.dumps(row, separators=(",", ":"))}' for name, row in values.items())
OUT.write_text(
    f'{{\n  "about": {json.dumps(ABOUT)},\n'
    f'  "image_u8_hwc": {json.dumps(fixture["image_u8_hwc"], separators=(",", ":"))},\n'
    f'  "expected": {{\n{lines}\n  }}\n}}\n'
)
