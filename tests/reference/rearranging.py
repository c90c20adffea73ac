"""Operations that move elements or write them at positions, as operations.py has the others. Dims and positions count
from 0."""

import torch
import torch.nn.functional as F


def patches(step):
    names = {"kernel_size": "kernel", "stride": "stride", "padding": "padding", "dilation": "dilation"}
    return {name: tuple(step[own]) for name, own in names.items()}


def block_diag(step, *matrices):
    return torch.block_diag(*matrices)


def pad(step, x):
    if step["mode"] == "constant":
        return F.pad(x, step["widths"], value=step["value"])
    # PyTorch wants one or two dims before those that are padded.
    padded = F.pad(x[None, None], step["widths"], mode=step["mode"]) if x.dim() < 3 else F.pad(x, step["widths"], mode=step["mode"])
    return padded.reshape(padded.shape[-x.dim() :])


def scatter_reduce(step, x, positions, source):
    return x.scatter_reduce(step["dim"], positions, source, step["reduce"], include_self=step["include_self"])


def index_put(step, x, values, *positions):
    return x.index_put(positions, values, step["accumulate"])


def slice_by(step, x):
    chosen = torch.arange(step["from"], step["to"], step["by"])
    return x.index_select(step["dim"], chosen)


OPERATIONS = {
    "movedim": lambda step, x: x.movedim(step["from"], step["to"]),
    "rot90": lambda step, x: torch.rot90(x, step["count"], step["dims"]),
    "slice_by": slice_by,
    "tile": lambda step, x: x.tile(step["counts"]),
    "repeat_interleave": lambda step, x: x.repeat_interleave(step["count"], step["dim"]),
    "repeat_interleave_by": lambda step, x, counts: x.repeat_interleave(counts, step["dim"]),
    "roll": lambda step, x: x.roll(step["shifts"], step["dims"]),
    "pad": pad,
    "unfold": lambda step, x: x.unfold(step["dim"], step["size"], step["step"]),
    "im2col": lambda step, x: F.unfold(x, **patches(step)),
    "col2im": lambda step, x: F.fold(x, tuple(step["size"]), **patches(step)),
    "diagonal": lambda step, x: x.diagonal(step["offset"], *step["dims"]),
    "diag_embed": lambda step, x: x.diag_embed(step["offset"]),
    "tril": lambda step, x: x.tril(step["offset"]),
    "triu": lambda step, x: x.triu(step["offset"]),
    "block_diag": block_diag,
    "index_get": lambda step, x, *positions: x[positions],
    "index_put": index_put,
    "scatter": lambda step, x, positions, source: x.scatter(step["dim"], positions, source),
    "scatter_add": lambda step, x, positions, source: x.scatter_add(step["dim"], positions, source),
    "scatter_reduce": scatter_reduce,
    "index_add": lambda step, x, positions, source: x.index_add(step["dim"], positions, source),
    "index_copy": lambda step, x, positions, source: x.index_copy(step["dim"], positions, source),
    "index_fill": lambda step, x, positions: x.index_fill(step["dim"], positions, step["value"]),
    "masked_select": lambda step, x, mask: x.masked_select(mask),
    "masked_scatter": lambda step, x, mask, source: x.masked_scatter(mask, source),
}
