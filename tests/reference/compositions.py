#!/usr/bin/env python3
"""Writes random programs of 2 to 8 operations with what PyTorch computes of them in float64: value, first and second
gradients, and how far they may be off in float32.

That is how far PyTorch's own in float32 are off, or those of a program in float64 with every step rounded as float32
might have it, whichever is more: a single run can be lucky, and of a matrix that is nearly singular it says little.

A seed is one program. Programs of which float32 keeps too little are made anew from the same seed; a seed that has
none after 40 attempts is written with the reason, so that none goes missing.

    compositions.py [--first N] [--last N] [OUT]        (needs torch)
"""

import argparse
import pathlib
from collections import Counter

import torch

from composer import Composer, Unfit, program
from programs import Reference, drawn, is_float, run, tensors, values, write
from random_steps import STEPS

OUT = pathlib.Path(__file__).parent.parent / "fixtures" / "compositions.json"
ATTEMPTS = 40
# Of the largest value of a tensor: what PyTorch's float32 may be off by.
MARGIN = 2e-5
LARGEST = 1e3
# Half of a unit in float32's last place.
ROUNDING = 2**-24
ROUNDED_RUNS = 3


class Rejected(Exception):
    pass


def compose(seed, attempt):
    torch.set_default_dtype(torch.float64)
    composer = Composer(f"{seed} {attempt}")
    composer.any(composer.images() if composer.chance(0.25) else composer.shape(), ("float", "int"))
    wanted, tries = composer.random.randint(2, 11), 0
    while sum(value.op is not None for value in composer.values) < wanted:
        known = list(composer.values)
        try:
            composer.among(STEPS)(composer)
        except Unfit:
            # What a step has made for itself goes with it.
            composer.values = known
            tries += 1
            if tries > 200:
                raise Rejected("nothing fits any more") from None
    floats = [value for value in composer.values if value.op and value.kind == "float"]
    if not floats:
        raise Rejected("no float value")
    made = program(floats[-1])
    if not 2 <= len(made["steps"]) <= 8:
        raise Rejected("not 2 to 8 operations")
    return made, composer.draw


def rounding(phase):
    """Moves a value by up to a rounding, the more of them for other phases; equal ones alike, so that ties stay.

    What float32 holds exactly stays as it is.
    """

    def rounded(value):
        if not is_float(value):
            return value
        at = value.detach()
        moved = 1 + ROUNDING * torch.sin(1e6 * at + phase)
        return value * torch.where(at == at.float().double(), torch.ones_like(at), moved)

    return rounded


def references(made, draw):
    floats = [entry for entry in made["inputs"] if entry["kind"] == "float"]
    if not floats:
        raise Rejected("no float input")
    weights = drawn(run(made, tensors(made)).shape, draw)
    directions = [drawn(entry["shape"], draw) for entry in floats]
    wide = Reference(made, weights, directions)
    if not wide.output.requires_grad:
        raise Rejected("no gradient")
    narrow = Reference(made, weights, directions, torch.float32)
    torch.set_default_dtype(torch.float64)
    rounded = [Reference(made, weights, directions, rounded=rounding(phase)) for phase in range(ROUNDED_RUNS)]
    return wide, [narrow, *rounded]


def errors(wide, narrow):
    """The largest difference of each tensor, by several runs that were rounded."""
    found = []
    largest = max((tensor.abs().max().item() for tensor in wide), default=0)
    for exact, *rounded in zip(wide, *narrow):
        if not all(torch.isfinite(tensor).all() for tensor in (exact, *rounded)):
            raise Rejected("not finite")
        if exact.abs().max() > LARGEST:
            raise Rejected("too large")
        error = max((exact - tensor.double()).abs().max().item() for tensor in rounded)
        if error > MARGIN * max(exact.abs().max().item(), 0.01 * largest):
            raise Rejected("float32 keeps too little")
        found.append(float(f"{error:.2g}"))
    return found


def of_seed(seed, reasons):
    for attempt in range(ATTEMPTS):
        try:
            made, draw = compose(seed, attempt)
            wide, narrow = references(made, draw)
            off = {
                "value": errors([wide.output], [[one.output] for one in narrow]),
                "first": errors(wide.first, [one.first for one in narrow]),
                "second": errors(wide.second, [one.second for one in narrow]),
            }
        except Rejected as rejected:
            reasons[str(rejected)] += 1
            reason = str(rejected)
            continue
        gradients = {"first": wide.first, "second": wide.second}
        found = {key: [values(tensor) for tensor in own] for key, own in gradients.items()}
        return {"attempts": attempt + 1, **wide.entry(), **found, "off": off}
    return {"attempts": ATTEMPTS, "rejected": reason}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--last", type=int, default=150)
    parser.add_argument("out", nargs="?", type=pathlib.Path, default=OUT)
    options = parser.parse_args()
    torch.set_num_threads(1)
    reasons = Counter()
    cases = {f"seed {seed}": of_seed(seed, reasons) for seed in range(options.first, options.last + 1)}
    write(cases, options.out)
    steps = Counter(step["op"] for case in cases.values() for step in case.get("steps", ()))
    rejected = sum("rejected" in case for case in cases.values())
    print(f"{sum(steps.values())} operations, {rejected} seeds without a program; made anew: {dict(reasons)}")
    print(" ".join(f"{op} {count}" for op, count in steps.most_common()))


main()
