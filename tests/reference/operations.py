"""Moonburn's tensor operations, layers and losses in PyTorch, by the names that the core has for them: each a function
of a step, whose parameters it reads, and of tensors. Int and bool tensors promote as Moonburn's do."""

import torch
import torch.nn.functional as F

import rearranging
from elementwise_operations import ELEMENTWISE
from linear_operations import LINEAR
from loss_operations import LOSSES
from svm import svm_dual


def real(x):
    return x if x.is_floating_point() else x.to(torch.get_default_dtype())


def whole(x):
    """Truth values count as 0 and 1 in arithmetic."""
    return x.to(torch.int64) if x.dtype == torch.bool else x


def scalar(step, x):
    value = step["value"]
    return int(value) if not x.is_floating_point() and float(value).is_integer() else float(value)


def reduced(x, step, along, overall):
    """A reduction along a dim, or of everything."""
    dim, keep = step.get("dim"), step.get("keep", False)
    if dim is not None:
        return along(x, dim, keep)
    found = overall(x)
    return found.reshape([1] * x.dim()) if keep else found


def extreme(name):
    function = getattr(torch, name)

    def along(x, dim, keep):
        if isinstance(dim, list):
            return getattr(torch, f"a{name}")(x, dim, keep)
        return function(x, dim=dim, keepdim=keep).values

    def apply(step, x):
        return reduced(whole(x), step, along, function)

    return apply


def spread(function):
    def apply(step, x):
        correction = 0 if step.get("biased") else 1
        dim, keep = step.get("dim"), step.get("keep", False)
        return function(real(x), dim=dim, correction=correction, keepdim=keep)

    return apply


def product(x, dim, keep):
    for one in sorted(dim, reverse=True) if isinstance(dim, list) else [dim]:
        x = x.prod(one, keep)
    return x


def median(x, dim, keep):
    return x.median(dim, keep).values


def quantile(step, x):
    shares, dim, keep = torch.tensor(step["shares"], dtype=x.dtype), step["dim"], step["keep"]
    if dim is not None:
        return x.quantile(shares, dim, keep)
    found = x.flatten().quantile(shares)
    return found.reshape([-1] + [1] * x.dim()) if keep else found


def unary(function):
    return lambda step, x: function(real(x))


def compare(function):
    return lambda step, x, y: function(whole(x), whole(y))


def with_number(function):
    return lambda step, x: function(whole(x), float(step["value"]))


def cast(step, x):
    if step["kind"] == "float":
        return real(x)
    return x.to({"int": torch.int64, "bool": torch.bool}[step["kind"]])


def clamp(step, x):
    low, high = (None if step[bound] is None else scalar({"value": step[bound]}, x) for bound in ("min", "max"))
    return x.clamp(low, high)


def where(step, condition, yes, no):
    if torch.bool in (yes.dtype, no.dtype) and yes.dtype != no.dtype:
        yes, no = whole(yes), whole(no)
    return torch.where(condition, yes, no)


def masked_fill(step, x, mask):
    shape = torch.broadcast_shapes(x.shape, mask.shape)
    return torch.where(mask, torch.tensor(scalar(step, x), dtype=x.dtype), x.expand(shape))


def cat(step, *parts):
    mixed = len({part.dtype for part in parts}) > 1
    return torch.cat([whole(part) for part in parts] if mixed else parts, dim=step["dim"])


def pick(step, x):
    return x.select(step["dim"], step["position"])


def squared_distances(step, a, b):
    return (a.unsqueeze(-2) - b.unsqueeze(-3)).square().sum(-1)


def solve_spd(step, a, b):
    # Of a matrix that is not symmetric only the symmetric part has a meaning.
    return torch.linalg.solve((a + a.transpose(-1, -2)) / 2, b)


def batch_norm(step, x, weight, bias, mean, variance):
    mean, variance, weight, bias = (
        t.reshape([1, -1] + [1] * (x.dim() - 2)) for t in (mean, variance, weight, bias)
    )
    return (x - mean) / torch.sqrt(variance + step["epsilon"]) * weight + bias


def batch_norm_train(step, x, weight, bias):
    return F.batch_norm(x, None, None, weight, bias, training=True, eps=step["epsilon"])


def conv2d(step, x, weight, bias=None):
    dilation = tuple(step.get("dilation", (1, 1)))
    return F.conv2d(x, weight, bias, tuple(step["stride"]), tuple(step["padding"]), dilation, step["groups"])


def max_pool2d(step, x):
    return F.max_pool2d(x, tuple(step["kernel"]), tuple(step["stride"]), tuple(step["padding"]))


def avg_pool2d(step, x):
    return F.avg_pool2d(x, tuple(step["kernel"]), tuple(step["stride"]), tuple(step["padding"]))


def nt_xent(step, z):
    unit = F.normalize(z, dim=1)
    rows, images = z.shape[0], z.shape[0] // step["views"]
    logits = (unit @ unit.T / step["temperature"]).masked_fill(torch.eye(rows, dtype=torch.bool), -1e30)
    terms = logits.log_softmax(1)
    return -torch.stack(
        [terms[i, (i + k * images) % rows] for i in range(rows) for k in range(1, step["views"])]
    ).mean()


def projector(step, x, *parameters):
    named, layers = dict(zip(step["names"], parameters)), len(step["sizes"]) - 1
    for layer in range(layers):
        x = F.linear(x, named[f"{3 * layer}.weight"])
        norm = f"{3 * layer + 1}"
        x = F.batch_norm(x, None, None, named[f"{norm}.weight"], named.get(f"{norm}.bias"), True, eps=1e-5)
        x = F.relu(x) if layer < layers - 1 else x
    return x


OPERATIONS = {
    "add": lambda step, x, y: whole(x) + whole(y),
    "sub": lambda step, x, y: whole(x) - whole(y),
    "mul": lambda step, x, y: whole(x) * whole(y),
    "div": lambda step, x, y: real(x) / real(y),
    "remainder": lambda step, x, y: torch.remainder(whole(x), whole(y)),
    "floor_div": lambda step, x, y: torch.div(whole(x), whole(y), rounding_mode="floor"),
    "pow": lambda step, x, y: torch.pow(real(x), real(y)),
    "maximum": compare(torch.maximum),
    "minimum": compare(torch.minimum),
    "add_scalar": lambda step, x: whole(x) + scalar(step, x),
    "sub_scalar": lambda step, x: whole(x) - scalar(step, x),
    "mul_scalar": lambda step, x: whole(x) * scalar(step, x),
    "div_scalar": lambda step, x: real(x) / float(step["value"]),
    "pow_scalar": lambda step, x: real(x) ** step["value"],
    "neg": lambda step, x: -whole(x),
    "abs": lambda step, x: x.abs(),
    **{
        name: unary(getattr(torch, name))
        for name in "exp log log1p sqrt sin cos tanh erf floor ceil round sign relu sigmoid".split()
    },
    "gelu": unary(F.gelu),
    **ELEMENTWISE,
    "softmax": lambda step, x: x.softmax(step["dim"]),
    "log_softmax": lambda step, x: x.log_softmax(step["dim"]),
    "normalize": lambda step, x: F.normalize(x, dim=step["dim"]),
    "sum": lambda step, x: reduced(whole(x), step, lambda x, dim, keep: x.sum(dim, keepdim=keep), torch.sum),
    "mean": lambda step, x: reduced(real(x), step, lambda x, dim, keep: x.mean(dim, keepdim=keep), torch.mean),
    "max": extreme("max"),
    "min": extreme("min"),
    "argmax": lambda step, x: whole(x).argmax(step["dim"], keepdim=step.get("keep", False)),
    "argmin": lambda step, x: whole(x).argmin(step["dim"], keepdim=step.get("keep", False)),
    "var": spread(torch.var),
    "std": spread(torch.std),
    "amax": lambda step, x: reduced(whole(x), step, torch.amax, torch.amax),
    "amin": lambda step, x: reduced(whole(x), step, torch.amin, torch.amin),
    "prod": lambda step, x: reduced(whole(x), step, product, lambda x: x.flatten().prod(0)),
    "logsumexp": lambda step, x: reduced(real(x), step, torch.logsumexp, lambda x: x.flatten().logsumexp(0)),
    "nansum": lambda step, x: reduced(whole(x), step, torch.nansum, torch.nansum),
    "nanmean": lambda step, x: reduced(real(x), step, torch.nanmean, torch.nanmean),
    "cumsum": lambda step, x: whole(x).cumsum(step["dim"]),
    "cumprod": lambda step, x: whole(x).cumprod(step["dim"]),
    "logcumsumexp": lambda step, x: real(x).logcumsumexp(step["dim"]),
    "cummax": lambda step, x: whole(x).cummax(step["dim"]).values,
    "cummin": lambda step, x: whole(x).cummin(step["dim"]).values,
    "diff": lambda step, x: x.diff(step["n"], step["dim"]),
    "sort": lambda step, x: x.sort(stable=True, dim=step["dim"], descending=step.get("descending", False)).values,
    "kthvalue": lambda step, x: x.kthvalue(step["k"], step["dim"], step.get("keep", False)).values,
    "median": lambda step, x: reduced(x, step, median, torch.median),
    "quantile": quantile,
    "max_with_positions": lambda step, x: x.max(step["dim"], True).values,
    "min_with_positions": lambda step, x: x.min(step["dim"], True).values,
    "norm": lambda step, x: torch.linalg.vector_norm(x, dim=step.get("dim"), keepdim=step.get("keep", False)),
    "topk": lambda step, x: x.topk(step["k"], dim=step["dim"], largest=not step.get("smallest", False)).values,
    "topk_positions": lambda step, x: x.topk(step["k"], dim=step["dim"]).indices,
    "clamp": clamp,
    "where": where,
    "masked_fill": masked_fill,
    **{name: compare(getattr(torch, name)) for name in "eq ne gt ge lt le".split()},
    **{f"{name}_scalar": with_number(getattr(torch, name)) for name in "eq ne gt ge lt le".split()},
    "logical_and": lambda step, x, y: x & y,
    "logical_or": lambda step, x, y: x | y,
    "logical_not": lambda step, x: ~x,
    "cast": cast,
    "detach": lambda step, x: x.detach(),
    "matmul": lambda step, x, y: x @ y,
    "reshape": lambda step, x: x.reshape(step["shape"]),
    "flatten": lambda step, x: x.flatten(step["from"], step["to"]),
    "squeeze": lambda step, x: x.squeeze() if step["dim"] is None else x.squeeze(step["dim"]),
    "unsqueeze": lambda step, x: x.unsqueeze(step["dim"]),
    "permute": lambda step, x: x.permute(step["order"]),
    "transpose": lambda step, x: x.transpose(step["first"], step["second"]),
    "flip": lambda step, x: x.flip(step["dim"]),
    "expand": lambda step, x: x.expand(step["shape"]),
    "at": pick,
    "slice": lambda step, x: x.narrow(step["dim"], step["from"], step["to"] - step["from"]),
    "select": lambda step, x, positions: x.index_select(step["dim"], positions),
    **rearranging.OPERATIONS,
    "gather": lambda step, x, positions: x.gather(step["dim"], positions),
    "one_hot": lambda step, x: F.one_hot(x, step["classes"]).to(torch.get_default_dtype()),
    "cat": cat,
    "stack": lambda step, *parts: torch.stack(parts, dim=step["dim"]),
    "conv2d": conv2d,
    "max_pool2d": max_pool2d,
    "avg_pool2d": avg_pool2d,
    "adaptive_avg_pool2d": lambda step, x: F.adaptive_avg_pool2d(x, tuple(step["size"])),
    "global_avg_pool": lambda step, x: x.mean((2, 3)),
    "batch_norm": batch_norm,
    "batch_norm_train": batch_norm_train,
    "solve_spd": solve_spd,
    "squared_distances": squared_distances,
    "svm_dual": svm_dual,
    **LINEAR,
    **LOSSES,
    "loss.nt_xent": nt_xent,
    "nn.linear": lambda step, x, weight, bias=None: F.linear(x, weight, bias),
    "nn.conv2d": conv2d,
    "nn.batch_norm": lambda step, x, *affine: batch_norm_train({"epsilon": 1e-5}, x, *(affine or (None, None))),
    "nn.relu": unary(torch.relu),
    "nn.max_pool2d": max_pool2d,
    "nn.avg_pool2d": avg_pool2d,
    "nn.global_avg_pool": lambda step, x: x.mean((2, 3)),
    "nn.flatten": lambda step, x: x.flatten(1),
    "nn.identity": lambda step, x: x,
    "nn.projector": projector,
}
