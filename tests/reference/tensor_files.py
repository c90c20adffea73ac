"""Writes arrays as numpy, safetensors and torchvision do to tests/tensor_files, and what is in them to
tests/scripts/fixtures/tensor_files.lua.

Run `python3 tests/reference/tensor_files.py` after adding a case. With the folder that tests/reference/tensor_files.lua
wrote it reads that back in numpy, safetensors and Pillow instead, and prints what it found:

    moonburn run tests/reference/tensor_files.lua --out written && python3 tests/reference/tensor_files.py .

Needs: numpy, torch, torchvision, safetensors, pillow.
"""

import datetime
import pathlib
import sys
import zipfile

import numpy as np
import torch
from PIL import Image
from safetensors import safe_open
from safetensors.torch import save_file
from torchvision.utils import make_grid, save_image

HERE = pathlib.Path(__file__).parent
OUT = HERE.parent / "tensor_files"
VALUES = HERE.parent / "scripts" / "fixtures" / "tensor_files.lua"


def lua(value):
    if isinstance(value, list):
        return "{" + ",".join(map(lua, value)) + "}"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if value != value:
        return "0/0"
    if value in (float("inf"), float("-inf")):
        return "1/0" if value > 0 else "-1/0"
    return repr(value)


def described(array):
    return f"dtype = {array.dtype.name!r}, shape = {lua(list(array.shape))}, values = {lua(array.tolist())}"


def arrays():
    """Each by the name of its file."""
    base = np.arange(24).reshape(2, 3, 4)
    draw = np.random.default_rng(0)
    for dtype in ("float64", "float32", "float16"):
        yield dtype, (draw.standard_normal((2, 3)) * 10).astype(dtype)
    for dtype in ("int8", "int16", "int32", "int64"):
        info = np.iinfo(dtype) if dtype != "int64" else np.iinfo("int32")
        yield dtype, np.array([[info.min, -1, 0], [1, 7, info.max]], dtype)
    for dtype in ("uint8", "uint16", "uint32", "uint64"):
        most = np.iinfo(dtype).max if dtype in ("uint8", "uint16") else 2**31 - 1
        yield dtype, np.array([[0, 1], [7, most]], dtype)
    yield "bool", draw.random((3, 5)) < 0.5
    yield "big_float64", (base / 7).astype(">f8")
    yield "big_float32", (base / 7).astype(">f4")
    yield "big_int16", base.astype(">i2")
    yield "big_int64", base.astype(">i8")
    yield "fortran", np.asfortranarray(base.astype("float32"))
    yield "fortran_4", np.asfortranarray(np.arange(120).reshape(2, 3, 4, 5).astype("int64"))
    yield "fortran_big", np.asfortranarray((base[0] / 3).astype(">f8"))
    yield "fortran_bool", np.asfortranarray(base % 3 == 0)
    yield "transposed", base.astype("float32").transpose(2, 0, 1)
    yield "rank_0", np.array(2.5)
    yield "rank_0_int", np.array(-7)
    yield "rank_1", np.array([0.0, -0.0, np.inf, -np.inf, np.nan], "float32")
    yield "rank_6", np.arange(6.0).reshape(1, 2, 1, 3, 1, 1)
    yield "ones", np.ones((1, 1), "float32")


def write():
    OUT.mkdir(exist_ok=True)
    lines = ["-- Written by tests/reference/tensor_files.py; do not edit.", "return {"]
    for name, array in arrays():
        np.save(OUT / f"{name}.npy", array)
        lines.append(f"  {{ file = '{name}.npy', {described(array)} }},")
    # Later versions of the format, which numpy writes where it must.
    for version in ((2, 0), (3, 0)):
        with open(OUT / f"version_{version[0]}.npy", "wb") as file:
            np.lib.format.write_array(file, np.arange(3, dtype="float32"), version=version)
        lines.append(f"  {{ file = 'version_{version[0]}.npy', {described(np.arange(3, dtype='float32'))} }},")
    np.save(OUT / "empty.npy", np.ones((0, 3), "float32"))
    lines.append("  arrays = {")
    named = {"weight": np.arange(6, dtype="float32").reshape(2, 3), "a/b": np.array([1, 2]), "step": np.array(3.5),
             "mask": np.asfortranarray(np.eye(3, dtype=bool)), "é": np.arange(40_000, dtype="float32") % 7}  # fmt: skip
    small = {name: array for name, array in named.items() if array.size < 100}
    np.savez(OUT / "plain.npz", **small)
    np.savez_compressed(OUT / "compressed.npz", **named)
    for name, array in small.items():
        lines.append(f"    ['{name}'] = {{ {described(array)} }},")
    lines.append("  },")
    tensors = {"layer.weight": torch.arange(6).reshape(2, 3).float() / 7, "half": torch.tensor([0.5, -2.0]).half(),
               "brain": torch.tensor([0.25, 3.0]).bfloat16(), "double": torch.tensor([0.1], dtype=torch.float64),
               "long": torch.tensor([5, -6]), "short": torch.tensor([5, -6], dtype=torch.int16),
               "signed": torch.tensor([-128], dtype=torch.int8), "byte": torch.tensor([[0, 255]], dtype=torch.uint8),
               "mask": torch.tensor([True, False]), "step": torch.tensor(7, dtype=torch.int32)}  # fmt: skip
    save_file(tensors, OUT / "torch.safetensors", metadata={"format": "pt", "step": "7"})
    lines.append("  tensors = {")
    for name, tensor in tensors.items():
        dtype = str(tensor.dtype).removeprefix("torch.")
        values = lua(tensor.float().tolist() if dtype == "bfloat16" else tensor.tolist())
        lines.append(f"    ['{name}'] = {{ dtype = '{dtype}', shape = {lua(list(tensor.shape))}, values = {values} }},")
    lines.append("  },")
    refused()
    lines += grids()
    VALUES.write_text("\n".join(lines + ["}"]) + "\n")


def refused():
    """Files that no tensor comes of."""
    for name, array in {
        "complex": np.array([1j], "complex64"),
        "text": np.array(["abc"]),
        "bytes": np.array([b"abc"]),
        "objects": np.array([{"a": 1}], dtype=object),
        "records": np.array([(1, 2.0)], dtype=[("a", "<i4"), ("b", "<f4")]),
        "dates": np.array(["2026-11-30"], "datetime64[D]"),
        "long": np.array([1, 2**31]),
        "unsigned": np.array([2**63], "uint64"),
        "rank_7": np.ones((1,) * 7, "float32"),
    }.items():
        np.save(OUT / f"refused_{name}.npy", array)
    claim = "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000, 1000000000), }"
    header = claim.ljust(117) + "\n"
    huge = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + b"\0" * 64
    (OUT / "refused_huge.npy").write_bytes(huge)
    moment = datetime.datetime(1980, 1, 1).timetuple()[:6]
    for name, method in (("refused_huge.npz", zipfile.ZIP_STORED), ("refused_huge_compressed.npz", zipfile.ZIP_DEFLATED)):
        with zipfile.ZipFile(OUT / name, "w", method) as archive:
            archive.writestr(zipfile.ZipInfo("x.npy", moment), huge, method)
    with zipfile.ZipFile(OUT / "refused_part.npz", "w") as archive:
        archive.writestr(zipfile.ZipInfo("readme.txt", moment), b"text")
    claim = b'{"x":{"dtype":"F32","shape":[1000000000,1000000000],"data_offsets":[0,4000000000000000000]}}'
    (OUT / "refused_huge.safetensors").write_bytes(len(claim).to_bytes(8, "little") + claim + b"\0" * 64)
    (OUT / "refused_header.safetensors").write_bytes((2**62).to_bytes(8, "little") + b"{}")


def grids():
    torch.manual_seed(0)
    lines = ["  grids = {"]
    for shape, options in [
        ((5, 3, 2, 3), dict(nrow=2)),
        ((3, 1, 2, 2), dict(padding=1, pad_value=0.5)),
        ((4, 2, 1, 2), dict(nrow=4, padding=0)),
        ((1, 3, 2, 2), {}),
        ((2, 3), {}),
        ((3, 2, 2), {}),
        ((1, 2, 2), {}),
        ((3, 3, 2, 2), dict(nrow=2, normalize=True)),
        ((3, 3, 2, 2), dict(nrow=2, normalize=True, scale_each=True, padding=1)),
        ((2, 1, 2, 2), dict(normalize=True, value_range=(-0.5, 1.0), padding=1, pad_value=1.0)),
    ]:
        images = torch.randn(shape)
        grid = make_grid(images, **options)
        given = {"nrow": "columns"}
        texts = [f"{given.get(name, name)} = {lua(list(value) if isinstance(value, tuple) else value)}"
                 for name, value in options.items()]  # fmt: skip
        lines.append(f"    {{ images = {lua(images.tolist())}, options = {{ {', '.join(texts)} }},\n"
                     f"      grid = {lua(grid.tolist())} }},")  # fmt: skip
    lines.append("  },")
    image = torch.cat([torch.linspace(-0.2, 1.2, 24), torch.arange(24) / 255 + 0.5 / 255, torch.rand(24)]).reshape(3, 4, 6)
    save_image(image, OUT / "torchvision.png", padding=0)
    lines.append(f"  image = {lua(image.tolist())},")
    return lines


def read_back(folder):
    for path in sorted(folder.iterdir()):
        if path.suffix == ".npy":
            array = np.load(path)
            print(path.name, array.dtype.str, array.shape, array.tolist())
        elif path.suffix == ".npz":
            with np.load(path) as archive:
                for name in archive.files:
                    print(path.name, name, archive[name].dtype.str, archive[name].shape, archive[name].tolist())
        elif path.suffix == ".safetensors":
            with safe_open(path, "pt") as file:
                print(path.name, file.metadata())
                for name in file.keys():
                    print(path.name, name, file.get_tensor(name).dtype, file.get_tensor(name).tolist())
        elif path.suffix in (".png", ".jpg"):
            with Image.open(path) as picture:
                print(path.name, picture.format, picture.mode, picture.size, picture.getextrema())


if __name__ == "__main__":
    read_back(pathlib.Path(sys.argv[1])) if len(sys.argv) > 1 else write()
