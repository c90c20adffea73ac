"""Cases where an operation has an edge: what PyTorch gives for values, first and second gradients, in float64. For the
scripts that write tests/fixtures/*edges.json. A case is a program (`programs.py`).
"""

import math
import zlib

import torch

from programs import Reference, drawn, encode, run, tensors, values

NAN, INF = math.nan, math.inf
cases = {}
draw = torch.Generator()


def entry(data):
    data = data if isinstance(data, torch.Tensor) else torch.tensor(data, dtype=torch.float64)
    if data.is_floating_point():
        return {"kind": "float", "shape": list(data.shape), "values": [encode(v) for v in data.flatten().tolist()]}
    kind = "bool" if data.dtype == torch.bool else "int"
    return {"kind": kind, "shape": list(data.shape), "values": data.flatten().tolist()}


def edge(name, steps, *inputs):
    steps = steps if isinstance(steps, list) else [steps]
    assert name not in cases, name
    draw.manual_seed(zlib.crc32(name.encode()))
    made = {"inputs": [entry(data) for data in inputs], "steps": steps}
    shape = run(made, tensors(made)).shape
    directions = [drawn(input["shape"], draw) for input in made["inputs"] if input["kind"] == "float"]
    found = Reference(made, drawn(shape, draw), directions)
    gradients = {"first": found.first, "second": found.second}
    cases[name] = {**found.entry(), **{key: [values(tensor) for tensor in found] for key, found in gradients.items()}}
