#!/usr/bin/env python3
"""Writes schedules.json: PyTorch's learning rates at every step.

    schedules.py [OUT]        (needs torch)
"""

import argparse
import json
import pathlib
import warnings

import torch
from torch.optim import lr_scheduler as schedulers

OUT = pathlib.Path(__file__).parent.parent / "fixtures" / "schedules.json"


def rates(base, make, total, count=None):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=base)
    scheduler = make(optimizer)
    values = []
    for _ in range(count or total):
        values.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return values


def cases():
    for total in (1, 7, 30, 101):
        for by in (dict(base=0.4, factor=0.1, every=3), dict(base=2.0, factor=0.5, every=1)):
            make = lambda optimizer: schedulers.StepLR(optimizer, by["every"], by["factor"])
            yield "step", by, total, rates(by["base"], make, total)
            from_ = by["base"] / 4
            warm = dict(by, length=5, **{"from": from_})
            make = lambda optimizer: schedulers.SequentialLR(
                optimizer,
                [
                    schedulers.LinearLR(optimizer, start_factor=0.25, total_iters=5),
                    schedulers.StepLR(optimizer, by["every"], by["factor"]),
                ],
                milestones=[5],
            )
            yield "warmup", warm, total, rates(by["base"], make, total)
        by = dict(base=0.3, factor=0.2, milestones=[2, 10, 11, 60])
        make = lambda optimizer: schedulers.MultiStepLR(optimizer, by["milestones"], by["factor"])
        yield "multi_step", by, total, rates(by["base"], make, total)
        by = dict(base=0.3, factor=0.95)
        make = lambda optimizer: schedulers.ExponentialLR(optimizer, by["factor"])
        yield "exponential", by, total, rates(by["base"], make, total)
        for power in (1.0, 0.9, 2.0):
            by = dict(base=0.3, power=power)
            make = lambda optimizer: schedulers.PolynomialLR(optimizer, total_iters=total, power=power)
            yield "polynomial", by, total, rates(by["base"], make, total)
        for period, growth in ((1, 1), (4, 1), (3, 2), (2, 3)):
            by = dict(base=0.3, last=0.01, period=period, growth=growth)
            make = lambda optimizer: schedulers.CosineAnnealingWarmRestarts(optimizer, period, growth, eta_min=0.01)
            yield "cosine_restarts", by, total, rates(by["base"], make, total)
        by = dict(base=0.5, last=0.02, factor=0.8, boundaries=[4, 20])
        # Each part counts from its own beginning; a cosine of 16 steps between.
        ends = [0, 4, 20, max(total, 20)]
        parts = [
            lambda optimizer: schedulers.ExponentialLR(optimizer, by["factor"]),
            lambda optimizer: schedulers.CosineAnnealingLR(optimizer, 16, eta_min=by["last"]),
            lambda optimizer: schedulers.ConstantLR(optimizer, factor=1.0),
        ]
        values = [rates(by["base"], part, ends[n + 1] - ends[n]) if ends[n + 1] > ends[n] else [] for n, part in enumerate(parts)]
        yield "piecewise", by, total, sum(values, [])[:total]
    for total in (4, 30, 101):
        for by in (
            dict(peak=0.1, pct_start=0.3, div_factor=25.0, final_div_factor=1e4, anneal="cosine"),
            dict(peak=1.0, pct_start=0.5, div_factor=10.0, final_div_factor=100.0, anneal="linear"),
        ):
            # PyTorch refuses to be asked for more than total learning rates.
            optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=by["peak"])
            scheduler = schedulers.OneCycleLR(
                optimizer,
                by["peak"],
                total_steps=total,
                pct_start=by["pct_start"],
                anneal_strategy="cos" if by["anneal"] == "cosine" else "linear",
                div_factor=by["div_factor"],
                final_div_factor=by["final_div_factor"],
                cycle_momentum=False,
            )
            values = []
            for step in range(total):
                values.append(optimizer.param_groups[0]["lr"])
                optimizer.step()
                if step < total - 1:
                    scheduler.step()
            yield "one_cycle", by, total, values


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", nargs="?", type=pathlib.Path, default=OUT)
    warnings.filterwarnings("ignore")
    found = [dict(kind=kind, by=by, total=total, values=values) for kind, by, total, values in cases()]
    parser.parse_args().out.write_text("[\n" + ",\n".join(json.dumps(case) for case in found) + "\n]\n")
