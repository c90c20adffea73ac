"""Writes small pictures in many formats to tests/fixtures/images, and what Pillow makes of them to images.json there.

`drop` is `Image.open(file).convert("RGB")`; `white` and `#204080` are the file pasted over that colour with its own
opacity for a mask. Pixels are hexadecimal, row by row. `tolerance` is 0 where both must agree to the bit; formats with
loss have more, as decoders of them may differ, and so have 16 bits, which Pillow cuts to 8 first.
Run `python3 tests/reference/images.py` after adding a case. Needs: pillow.
"""

import io
import json
import pathlib
import random
import struct
import zlib

from PIL import Image

OUT = pathlib.Path(__file__).parent.parent / "fixtures" / "images"
WIDTH, HEIGHT = 9, 6
draw = random.Random(20261128)
cases = {}


def noise(mode, alphas=None):
    """A picture of random bytes; its opacities, where it has some, are random, 0 and 255 alike."""
    bands = []
    for band in Image.new(mode, (1, 1)).getbands():
        if band == "A":
            bands.append(bytes(alphas or [draw.choice([0, 255, draw.randrange(256)]) for _ in range(WIDTH * HEIGHT)]))
        else:
            bands.append(bytes(draw.randrange(256) for _ in range(WIDTH * HEIGHT)))
    return Image.merge(mode, [Image.frombytes("L", (WIDTH, HEIGHT), band) for band in bands])


def smooth(mode="RGB"):
    """A picture that a codec with loss keeps."""
    picture = Image.new("RGB", (48, 32))
    picture.putdata([(x * 5, y * 7, 128 + x - y) for y in range(32) for x in range(48)])
    return picture.convert(mode)


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(depth, color, rows, *chunks):
    """A PNG of a kind that Pillow does not write."""
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, depth, color, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows))
    parts = [chunk(b"IHDR", header), *(chunk(*part) for part in chunks), chunk(b"IDAT", data), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def rows(bytes_per_pixel):
    return [bytes(draw.randrange(256) for _ in range(WIDTH * bytes_per_pixel)) for _ in range(HEIGHT)]


def saved(picture, format, **options):
    out = io.BytesIO()
    picture.save(out, format=format, **options)
    return out.getvalue()


def add(name, data, tolerance=0):
    (OUT / name).write_bytes(data)
    opened = Image.open(io.BytesIO(data))
    whole = opened.convert("RGBA")
    expected = {"drop": opened.convert("RGB").tobytes().hex()}
    for text, color in {"white": (255, 255, 255), "#204080": (0x20, 0x40, 0x80)}.items():
        below = Image.new("RGB", whole.size, color)
        below.paste(whole, mask=whole.getchannel("A"))
        expected[text] = below.tobytes().hex()
    cases[name] = {"size": list(whole.size), "tolerance": tolerance, "expected": expected}


def palette():
    picture = Image.frombytes("P", (WIDTH, HEIGHT), bytes(draw.randrange(8) for _ in range(WIDTH * HEIGHT)))
    picture.putpalette([draw.randrange(256) for _ in range(24)])
    return picture


add("rgb.png", saved(noise("RGB"), "PNG"))
add("rgba.png", saved(noise("RGBA"), "PNG"))
add("gray_alpha.png", saved(noise("LA"), "PNG"))
add("one_bit.png", saved(noise("L").convert("1"), "PNG"))
add("palette.png", saved(palette(), "PNG"))
add("palette_trns.png", saved(palette(), "PNG", transparency=bytes([0, 128, 255, 17, 0, 200, 255, 255])))
gray = rows(1)
add("gray_trns.png", png(8, 0, gray, (b"tRNS", struct.pack(">H", gray[1][2]))))
rgb = rows(3)
add("rgb_trns.png", png(8, 2, rgb, (b"tRNS", struct.pack(">3H", *rgb[1][3:6]))))
add("rgba_16.png", png(16, 6, rows(8)), tolerance=1)
add("rgb_16.png", png(16, 2, rows(6)), tolerance=1)
add("blank.png", saved(noise("RGBA", [0] * WIDTH * HEIGHT), "PNG"))
add("animated.png", saved(noise("RGB"), "PNG", save_all=True, append_images=[noise("RGB")]))

add("rgba.webp", saved(noise("RGBA"), "WEBP", lossless=True, exact=True))
add("lossy.webp", saved(smooth(), "WEBP", quality=90), tolerance=4)
add("animated.webp", saved(noise("RGB"), "WEBP", lossless=True, save_all=True, append_images=[noise("RGB")]))

add("palette.gif", saved(palette(), "GIF"))
add("clear.gif", saved(palette(), "GIF", transparency=3))
add("animated.gif", saved(palette(), "GIF", save_all=True, append_images=[palette()], duration=40))

for name in ["raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"]:
    add(f"rgb_{name.removeprefix('tiff_')}.tif", saved(noise("RGB"), "TIFF", compression=name))
add("rgba.tiff", saved(noise("RGBA"), "TIFF"))
add("gray.tif", saved(noise("L"), "TIFF"))
add("one_bit.tif", saved(noise("L").convert("1"), "TIFF"))
add("pages.tif", saved(noise("RGB"), "TIFF", save_all=True, append_images=[noise("RGB")]))
multiplied = bytearray(saved(noise("RGBA"), "TIFF"))
# The tag 338 of two bytes, whose value 2 (opacity apart) becomes 1 (colours are multiplied by it).
at = multiplied.index(struct.pack("<HHI", 338, 3, 1))
assert multiplied[at + 8] == 2
multiplied[at + 8] = 1
add("multiplied.tif", bytes(multiplied), tolerance=1)

add("rgb.bmp", saved(noise("RGB"), "BMP"))
add("rgba.bmp", saved(noise("RGBA"), "BMP"))
add("palette.bmp", saved(palette(), "BMP"))
add("rgb.tga", saved(noise("RGB"), "TGA"))
add("rgba.tga", saved(noise("RGBA"), "TGA"))
add("gray_rle.TGA", saved(noise("L"), "TGA", compression="tga_rle"))
add("rgba.ico", saved(noise("RGBA").resize((16, 16), Image.Resampling.NEAREST), "ICO", sizes=[(16, 16)]))
add("rgb.qoi", saved(noise("RGB"), "QOI"))
add("rgba.qoi", saved(noise("RGBA"), "QOI"))
add("rgb.ppm", saved(noise("RGB"), "PPM"))
add("gray.pgm", saved(noise("L"), "PPM"))
add("rgb.jfif", saved(smooth(), "JPEG", quality=95), tolerance=4)
add("gray.JPE", saved(smooth("L"), "JPEG", quality=95), tolerance=4)
add("gif_called.png", saved(palette(), "GIF"))

(OUT / "images.json").write_text(json.dumps(cases, indent=1) + "\n")
print(f"{len(cases)} pictures")
