#!/usr/bin/env python3
"""The parts of a small vision transformer beside PyTorch's, on one thread: medians of rounds in turn.

    python3 benches/transformer.py [--binary target/release/moonburn] [--rounds 5]    (needs torch)
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

import torch
import torch.nn.functional as F
from torch import nn

HERE = pathlib.Path(__file__).parent
IMAGES, TOKENS, SIZE, HEADS = 64, 65, 64, 4
CALLS, TURNS = 20, 5


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv, self.proj = nn.Linear(SIZE, 3 * SIZE), nn.Linear(SIZE, SIZE)

    def forward(self, x):
        parts = self.qkv(x).reshape(*x.shape[:2], 3, HEADS, SIZE // HEADS).permute(2, 0, 3, 1, 4)
        return self.proj(F.scaled_dot_product_attention(*parts.unbind(0)).transpose(1, 2).reshape(x.shape))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.attn, self.norm2 = nn.LayerNorm(SIZE, eps=1e-6), Attention(), nn.LayerNorm(SIZE, eps=1e-6)
        self.mlp = nn.Sequential(nn.Linear(SIZE, 4 * SIZE), nn.GELU(), nn.Linear(4 * SIZE, SIZE))

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


def softmax(x):
    return x.softmax(-1)


PARTS = [
    ("linear 64 to 192", nn.Linear(SIZE, 3 * SIZE), SIZE),
    ("linear 64 to 256", nn.Linear(SIZE, 4 * SIZE), SIZE),
    ("linear 256 to 64", nn.Linear(4 * SIZE, SIZE), 4 * SIZE),
    ("layer norm", nn.LayerNorm(SIZE), SIZE),
    ("gelu of 256", nn.GELU(), 4 * SIZE),
    ("softmax", softmax, 4 * SIZE),
    ("attention, 4 heads", Attention(), SIZE),
    ("a block", Block(), SIZE),
]


def milliseconds(f):
    for _ in range(3):
        f()
    least = float("inf")
    for _ in range(TURNS):
        start = time.process_time()
        for _ in range(CALLS):
            f()
        least = min(least, (time.process_time() - start) / CALLS * 1000)
    return least


def theirs():
    found = {}
    for name, module, size in PARTS:
        x = torch.randn(IMAGES, TOKENS, size)
        by, leaf = torch.randn_like(module(x)), x.clone().requires_grad_()

        def forward():
            with torch.no_grad():
                module(x)

        found[name] = [milliseconds(forward), milliseconds(lambda: module(leaf).backward(by))]
    return found


def ours(binary):
    with tempfile.TemporaryDirectory() as folder:
        command = [binary, "run", str(HERE / "transformer.lua"), "--device", "cpu", "--no-watch", "--out", f"{folder}/run"]
        environment = os.environ | {"RAYON_NUM_THREADS": "1"}
        text = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    lines = (line.split("|") for line in text.splitlines() if line.count("|") == 2)
    return {name: [float(forward), float(both)] for name, forward, both in lines}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default="target/release/moonburn")
    parser.add_argument("--rounds", type=int, default=5)
    a = parser.parse_args()
    torch.set_num_threads(1)
    rounds = [(ours(a.binary), theirs()) for _ in range(a.rounds)]
    print("| part | forward, ms: ours / PyTorch's | ratio | forward and backward | ratio |\n|---|---|---|---|---|")
    for name, _, _ in PARTS:
        cells = []
        for which in (0, 1):
            own, other = (statistics.median(round[side][name][which] for round in rounds) for side in (0, 1))
            cells.append(f"{own:.2f} / {other:.2f} | {other / own:.2f}")
        print(f"| {name} | {' | '.join(cells)} |")
