#!/usr/bin/env python3
"""Writes layers.json: outputs, gradients, second gradients and buffers of layers, computed with PyTorch in float64, for
the Rust tests of nn (runtime/nn/reference.rs).

Inputs and parameters are not stored: both sides compute them from `noise`, keyed by name. The loss is the sum of every
output times noise; that of second gradients the sum of every gradient times noise.

    layers.py [OUT]        (needs torch)
"""
import json, math, sys
import numpy as np, torch
import torch.nn.functional as F
from torch import nn

torch.set_default_dtype(torch.float64)
U = np.uint32


def noise(name, shape):
    """Uniform in -1 .. 1, a function of the name and the position; float32 values. As in networks.py."""
    key = 0
    for byte in name.encode():
        key = (key * 31 + byte) % 2**32
    with np.errstate(over="ignore"):
        x = np.arange(math.prod(shape), dtype=U) * U(2654435761) + U(key) * U(2246822519)
        x = (x ^ (x >> U(15))) * U(2246822519)
        x = (x ^ (x >> U(13))) * U(3266489917)
        x = x ^ (x >> U(16))
    return torch.from_numpy((x.astype(np.float64) / 2**31 - 1).astype(np.float32).astype(np.float64)).reshape(shape)


def fill(module):
    for name, tensor in [*module.named_parameters(), *module.named_buffers()]:
        if name.endswith("num_batches_tracked"):
            continue
        x = noise(name, tuple(tensor.shape))
        if tensor.dim() > 1:
            x = 0.5 * x
        elif name.endswith(("weight", "running_var")):
            x = 1 + 0.25 * x
        else:
            x = 0.25 * x
        tensor.data = x
    return module


def numbers(tensor):
    return [float(f"{x:.12g}") for x in tensor.detach().flatten().tolist()]


def shown(outputs):
    return [{"shape": list(y.shape), "values": numbers(y)} for y in outputs]


def case(run, *inputs, module=None, second=False):
    """`inputs` are shapes of noise, (shape, scale) of scaled noise, or tensors of ints or bools."""
    module = fill(module or nn.Module())
    made, stored = [], []
    for number, given in enumerate(inputs):
        if torch.is_tensor(given):
            kind = "bools" if given.dtype == torch.bool else "ints"
            stored.append({"shape": list(given.shape), kind: given.flatten().tolist()})
            made.append(given)
            continue
        shape, scale = given if len(given) == 2 and isinstance(given[0], tuple) else (given, 1)
        stored.append({"shape": list(shape), **({} if scale == 1 else {"scale": scale})})
        made.append((noise(f"input {number}", shape) * scale).requires_grad_())
    outputs = run(*made)
    outputs = [outputs] if torch.is_tensor(outputs) else list(outputs)
    found = {"inputs": stored, "outputs": shown(outputs)}
    leaves = [(f"input {n}", x) for n, x in enumerate(made) if x.requires_grad] + list(module.named_parameters())
    loss = sum((y * noise(f"weight of output {n}", tuple(y.shape))).sum() for n, y in enumerate(outputs))
    grads = torch.autograd.grad(loss, [x for _, x in leaves], create_graph=second, allow_unused=True)
    grads = [torch.zeros_like(x) if g is None else g for g, (_, x) in zip(grads, leaves)]
    found["gradients"] = {name: numbers(g) for (name, _), g in zip(leaves, grads)}
    if second:
        total = sum((g * noise(f"second {name}", tuple(g.shape))).sum() for (name, _), g in zip(leaves, grads) if g.requires_grad)
        seconds = torch.autograd.grad(total, [x for _, x in leaves], allow_unused=True)
        found["second_gradients"] = {name: numbers(torch.zeros_like(x) if g is None else g) for (name, x), g in zip(leaves, seconds)}
    found["buffers"] = {n: numbers(b) for n, b in module.named_buffers() if not n.endswith("num_batches_tracked")}
    return found


def layer(module, *inputs, second=False):
    return case(module, *inputs, module=module, second=second)


def norms():
    return {
        "layer_norm": layer(nn.LayerNorm(7), (4, 3, 7), second=True),
        "layer_norm of two dims": layer(nn.LayerNorm((3, 5)), (2, 4, 3, 5)),
        "layer_norm without affine": layer(nn.LayerNorm(6, 1e-3, elementwise_affine=False), (5, 6), second=True),
        "layer_norm without bias": layer(nn.LayerNorm(4, bias=False), (3, 4)),
        "layer_norm of one value": layer(nn.LayerNorm(1), (3, 1)),
        "layer_norm of no rows": layer(nn.LayerNorm(3), (0, 3)),
        "rms_norm": layer(nn.RMSNorm(7, eps=1e-6), (4, 7), second=True),
        "rms_norm bare": layer(nn.RMSNorm((2, 3), eps=1.1920929e-7, elementwise_affine=False), (3, 2, 3)),
        "group_norm": layer(nn.GroupNorm(3, 6), (2, 6, 3, 5), second=True),
        "group_norm of rows": layer(nn.GroupNorm(2, 4), (5, 4)),
        "group_norm bare": layer(nn.GroupNorm(1, 3, 1e-3, affine=False), (2, 3, 7)),
        "batch_norm of sequences": layer(nn.BatchNorm1d(3), (4, 3, 5), second=True),
        "instance_norm": layer(nn.InstanceNorm2d(3), (2, 3, 5, 3)),
        "instance_norm affine": layer(nn.InstanceNorm2d(2, affine=True), (3, 2, 3, 4), second=True),
    }


class Hardsigmoid(nn.Module):
    """PyTorch's has a gradient of the float32 number nearest to 1/6, in float64, too."""
    def forward(self, x):
        return F.relu6(x + 3) / 6


def functions():
    one = lambda module: layer(module, ((3, 4, 5), 4.0), second=True)
    return {
        "gelu": one(nn.GELU()),
        "gelu by tanh": one(nn.GELU("tanh")),
        "silu": one(nn.SiLU()),
        "mish": one(nn.Mish()),
        "leaky_relu": one(nn.LeakyReLU(0.2)),
        "elu": one(nn.ELU(1.5)),
        "celu": one(nn.CELU(1.5)),
        "selu": one(nn.SELU()),
        "relu6": one(nn.ReLU6()),
        "sigmoid": one(nn.Sigmoid()),
        "logsigmoid": one(nn.LogSigmoid()),
        "tanh": one(nn.Tanh()),
        "tanhshrink": one(nn.Tanhshrink()),
        "softsign": one(nn.Softsign()),
        "softplus": one(nn.Softplus(2.0, 3.0)),
        "hardswish": one(nn.Hardswish()),
        "hardsigmoid": one(Hardsigmoid()),
        "hardtanh": one(nn.Hardtanh(-0.5, 1.25)),
        "hardshrink": one(nn.Hardshrink()),
        "softshrink": one(nn.Softshrink()),
        "softmax": one(nn.Softmax(1)),
        "log_softmax": one(nn.LogSoftmax(-2)),
        "glu": layer(nn.GLU(), ((3, 6), 4.0), second=True),
        "prelu": layer(nn.PReLU(), ((3, 5), 2.0)),
        "prelu of channels": layer(nn.PReLU(3), ((2, 3, 4), 2.0), second=True),
    }


def embeddings():
    class PaddedWithZero(nn.Embedding):
        """The vector of the padding is 0 whatever the weight holds; PyTorch's starts at 0 and has no gradient."""
        def forward(self, ids):
            return super().forward(ids).masked_fill((ids == self.padding_idx)[..., None], 0.0)

    ids = torch.tensor([[0, 4, 2], [2, 2, 1]], dtype=torch.int32)
    return {
        "embedding": layer(nn.Embedding(5, 3), ids),
        "embedding of one id": layer(nn.Embedding(1, 1), torch.tensor([0, 0], dtype=torch.int32)),
        "embedding of no ids": layer(nn.Embedding(4, 2), torch.zeros(0, 3, dtype=torch.int32)),
        "embedding with padding": layer(PaddedWithZero(4, 3, padding_idx=2), torch.tensor([[1, 2, 3], [2, 0, 3]], dtype=torch.int32)),
    }


def attended(q, k, v, mask=None, causal=False, scale=None):
    """The definition, written out: a query to which no key takes part gives 0."""
    scores = q @ k.transpose(-1, -2) * (scale or 1 / math.sqrt(q.shape[-1]))
    keep = torch.ones(scores.shape, dtype=torch.bool)
    if causal:
        keep = keep.tril()
    if mask is not None and mask.dtype == torch.bool:
        keep = keep & mask
    elif mask is not None:
        scores = scores + mask
    weights = scores.masked_fill(~keep, -1e30).softmax(-1).masked_fill(~keep, 0.0)
    return weights @ v


def checked(*inputs, **options):
    """What PyTorch's own function gives, where every query has a key, is the definition's."""
    def run(q, k, v, mask=None):
        y = attended(q, k, v, mask, **options)
        has_keys = mask is None or mask.dtype != torch.bool or bool(mask.any(-1).all())
        if has_keys and k.shape[-2]:
            own = F.scaled_dot_product_attention(q, k, v, mask, is_causal=options.get("causal", False), scale=options.get("scale"))
            assert torch.allclose(y, own, atol=1e-12)
        return y
    return case(run, *inputs, second=True)


def attentions():
    q, k, v = (2, 3, 5, 4), (2, 3, 7, 4), (2, 3, 7, 6)
    # The third query sees no key at all.
    mask = noise("mask", (2, 1, 5, 7)) > -0.3
    mask[:, :, 2] = False
    heads = lambda size, heads, **o: nn.MultiheadAttention(size, heads, batch_first=True, **o)
    alone = lambda module: lambda x: module(x, x, x, need_weights=False)[0]
    mha = {}
    for name, module, shape in [("multi_head_attention", heads(6, 2), (2, 5, 6)), ("multi_head_attention of 2 dims", heads(6, 3), (5, 6)),
                                ("multi_head_attention without bias", heads(6, 2, bias=False), (3, 1, 6))]:
        mha[name] = case(alone(module), shape, module=module, second=True)
    causal, others, masked = heads(6, 2), heads(6, 2), heads(6, 2)
    future = torch.ones(5, 5, dtype=torch.bool).triu(1)
    mha["multi_head_attention, causal"] = case(lambda x: causal(x, x, x, attn_mask=future, need_weights=False)[0], (2, 5, 6), module=causal)
    mha["multi_head_attention of others"] = case(lambda x, y: others(x, y, y, need_weights=False)[0], (2, 5, 6), (2, 3, 6), module=others)
    seen = torch.tensor([[True, True, False], [True, False, True], [False, True, False], [True, True, True], [False, False, True]])
    # PyTorch's layer is told what takes no part.
    mha["multi_head_attention with a mask"] = case(lambda x, y, z, m: masked(x, y, z, attn_mask=~m, need_weights=False)[0],
                                                   (2, 5, 6), (2, 3, 6), (2, 3, 6), seen, module=masked)
    return {
        "scaled_dot_product_attention": checked(q, k, v),
        "scaled_dot_product_attention of 2 dims": checked((5, 4), (7, 4), (7, 3), scale=0.3),
        "scaled_dot_product_attention, causal": checked((3, 5, 4), (3, 5, 4), (3, 5, 2), causal=True),
        "scaled_dot_product_attention, causal, more keys": checked((2, 3, 4), (2, 7, 4), (2, 7, 2), causal=True),
        "scaled_dot_product_attention with a bool mask": checked(q, k, v, mask),
        "scaled_dot_product_attention with a float mask": checked(q, k, v, ((3, 1, 7), 2.0)),
        "scaled_dot_product_attention of one": checked((1, 1, 1), (1, 1, 1), (1, 1, 1)),
        "scaled_dot_product_attention of no queries": checked((2, 0, 4), (2, 3, 4), (2, 3, 2)),
        "scaled_dot_product_attention of no keys": checked((2, 3, 4), (2, 0, 4), (2, 0, 2)),
        **mha,
    }


class Attention(nn.Module):
    """timm.models.vision_transformer.Attention."""
    def __init__(self, dim, heads, qkv_bias):
        super().__init__()
        self.heads, self.qkv, self.proj = heads, nn.Linear(dim, 3 * dim, bias=qkv_bias), nn.Linear(dim, dim)

    def forward(self, x):
        n, l, c = x.shape
        q, k, v = self.qkv(x).reshape(n, l, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        return self.proj(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(n, l, c))


class Mlp(nn.Module):
    """timm.layers.Mlp."""
    def __init__(self, dim, hidden):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(dim, hidden), nn.Linear(hidden, dim)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class Block(nn.Module):
    """timm.models.vision_transformer.Block."""
    def __init__(self, dim, heads, ratio=4.0, qkv_bias=True):
        super().__init__()
        self.norm1, self.attn = nn.LayerNorm(dim, 1e-6), Attention(dim, heads, qkv_bias)
        self.norm2, self.mlp = nn.LayerNorm(dim, 1e-6), Mlp(dim, int(dim * ratio))

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


def blocks():
    encoder = lambda **o: nn.TransformerEncoderLayer(6, 2, 9, dropout=0.0, batch_first=True, **o)
    causal, masked = encoder(), encoder()
    future = torch.ones(4, 4, dtype=torch.bool).triu(1)
    seen = torch.tensor([[True, False, True], [True, True, False], [False, True, True]])
    return {
        "transformer_block": layer(Block(6, 2, 2.0), (2, 5, 6), second=True),
        "transformer_block without qkv bias": layer(Block(6, 2, 1.5, qkv_bias=False), (3, 1, 6)),
        "transformer_encoder_layer": layer(encoder(), (2, 4, 6)),
        "transformer_encoder_layer, pre-norm": layer(encoder(norm_first=True, activation="gelu"), (2, 4, 6)),
        "transformer_encoder_layer, causal": case(lambda x: causal(x, src_mask=future), (2, 4, 6), module=causal),
        "transformer_encoder_layer with a mask": case(lambda x, m: masked(x, src_mask=~m), (2, 3, 6), seen, module=masked),
    }


def convolutions():
    of = lambda module, *shape: layer(module, shape)
    return {
        "conv2d same": of(nn.Conv2d(2, 3, (4, 3), padding="same", dilation=(1, 2)), 2, 2, 5, 7),
        "conv2d reflect": of(nn.Conv2d(2, 3, 3, 2, (2, 1), padding_mode="reflect"), 2, 2, 5, 7),
        "conv2d replicate": of(nn.Conv2d(2, 3, 3, 1, 2, padding_mode="replicate"), 1, 2, 4, 3),
        "conv2d circular": layer(nn.Conv2d(2, 4, 3, 1, (1, 2), groups=2, padding_mode="circular"), (2, 2, 4, 3), second=True),
        "conv2d depthwise": of(nn.Conv2d(4, 8, (3, 2), (1, 2), 1, groups=4, bias=False), 2, 4, 5, 6),
        "conv1d": layer(nn.Conv1d(3, 4, 4, 2, 3, dilation=2), (2, 3, 9), second=True),
        "conv1d depthwise": of(nn.Conv1d(4, 8, 3, groups=4, bias=False), 2, 4, 7),
        "conv1d same": of(nn.Conv1d(2, 3, 4, padding="same"), 3, 2, 5),
        "conv1d reflect": of(nn.Conv1d(2, 3, 3, padding=2, padding_mode="reflect"), 1, 2, 6),
        "max_pool1d": of(nn.MaxPool1d(3, 2, 1), 2, 3, 8),
        "max_pool1d, plain": of(nn.MaxPool1d(3), 1, 2, 7),
        "avg_pool1d": of(nn.AvgPool1d(3, 2, 1), 2, 3, 8),
        "conv_transpose2d": layer(nn.ConvTranspose2d(3, 4, 3), (2, 3, 4, 5), second=True),
        "conv_transpose2d uneven": of(nn.ConvTranspose2d(4, 3, (3, 4), (2, 3), (1, 2), (1, 2)), 2, 4, 5, 3),
        "conv_transpose2d in groups": of(nn.ConvTranspose2d(4, 6, 3, groups=2, dilation=(2, 3), bias=False), 1, 4, 3, 4),
        "conv_transpose2d of one": of(nn.ConvTranspose2d(1, 1, 2), 1, 1, 1, 1),
    }


def resizings():
    pool = lambda module: layer(module, (2, 3, 7, 5))
    found = {
        "adaptive_avg_pool2d": pool(nn.AdaptiveAvgPool2d((3, 4))),
        "adaptive_avg_pool2d, larger": layer(nn.AdaptiveAvgPool2d((5, 7)), (1, 2, 3, 4)),
        "adaptive_max_pool2d": pool(nn.AdaptiveMaxPool2d((3, 4))),
        "adaptive_max_pool2d, larger": layer(nn.AdaptiveMaxPool2d((5, 7)), (1, 2, 3, 4)),
        "pixel_shuffle": layer(nn.PixelShuffle(2), (2, 8, 3, 2)),
        "pixel_unshuffle": layer(nn.PixelUnshuffle(3), (2, 2, 6, 3)),
    }
    modes = [("nearest", "nearest", None), ("bilinear", "bilinear", False), ("bilinear, corners", "bilinear", True),
             ("bicubic", "bicubic", False), ("bicubic, corners", "bicubic", True)]
    for name, mode, corners in modes:
        for what, options in [("larger", dict(size=(7, 9))), ("smaller", dict(size=(2, 3))), ("to one", dict(size=(1, 1))),
                              ("by a factor", dict(scale_factor=2.3))]:
            found[f"upsample {name}, {what}"] = layer(nn.Upsample(mode=mode, align_corners=corners, **options), (2, 1, 4, 5))
    return found


def recurrences():
    found = {}
    for name, make in [("gru", nn.GRU), ("lstm", nn.LSTM)]:
        of = lambda *sizes, **o: make(*sizes, batch_first=True, **o)
        flat = lambda out: [out[0], *(out[1] if name == "lstm" else [out[1]])]
        alone = lambda module: lambda x: flat(module(x))
        state = lambda module: lambda x, *s: flat(module(x, tuple(s) if name == "lstm" else s[0]))
        plain, begun, both, row, step = of(3, 4), of(3, 4), of(3, 2, num_layers=2, bidirectional=True), of(2, 3, bias=False), of(1, 1)
        found[name] = case(alone(plain), (2, 5, 3), module=plain, second=True)
        found[f"{name} from a state"] = case(state(begun), (2, 3, 3), *[(1, 2, 4)] * (2 if name == "lstm" else 1), module=begun)
        found[f"{name} of two layers, both ways"] = case(alone(both), (2, 4, 3), module=both)
        found[f"{name} of one row"] = case(alone(row), (4, 2), module=row)
        found[f"{name} of one step"] = case(alone(step), (1, 1, 1), module=step)
    return found


def main():
    # The fused one has no second gradient.
    torch.backends.cuda.enable_flash_sdp(False)
    out = {**norms(), **functions(), **embeddings(), **attentions(), **blocks(), **convolutions(), **resizings(), **recurrences()}
    with open(sys.argv[1] if len(sys.argv) > 1 else "tests/fixtures/layers.json", "w") as f:
        json.dump(out, f, separators=(",", ":"))


main()
