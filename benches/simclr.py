#!/usr/bin/env python3
"""`moonburn bench` beside the same training in PyTorch: a JSON line for each measurement, then a table of the ratios.

Both are timed in turn, `--rounds` times, and the medians of the rounds are compared. Views per second; a batch of B images is
2B views. What `moonburn bench` refuses is left out of the table and its message is shown; `layers` has no counterpart in
PyTorch and is only printed. Needs torch and torchvision, and for a GPU their CUDA or ROCm builds.

A DataLoader makes batches ahead. They are used up before the clock starts, and clearly more than those are timed, unless that
takes longer than `--seconds`.

    python benches/simclr.py [--device cpu|cuda] [--moonburn-device auto] [--batches 64,256,512] [--model resnet18]
                             [--size 32] [--amp none|bf16|fp16] [--threads N] [--workers 16] [--rounds 3] [--seconds 60]
                             [--parts step,augment,pipeline,layers]
"""
import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
import time

import torch
import torch.nn.functional as F
import torchvision
from torch import nn
from torchvision.transforms import v2 as T

PRECISION = {"none": "float32", "bf16": "bfloat16", "fp16": "float16"}
AUTOCAST = {"none": None, "bf16": torch.bfloat16, "fp16": torch.float16}
PARTS = ["step", "augment", "pipeline"]
# Batches that a worker makes ahead, PyTorch's own default.
PREFETCH = 2


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default="target/release/moonburn")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--moonburn-device", default="auto")
    parser.add_argument("--batches", default="64,256,512")
    parser.add_argument("--model", default="resnet18", choices=["resnet18", "resnet50"])
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--warmup", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=60.0, help="the most that batches of a loader are timed for")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="of both sides, besides PyTorch's workers")
    parser.add_argument("--workers", type=int, default=16)
    parser.add_argument("--amp", default="none", choices=list(AUTOCAST))
    parser.add_argument("--moonburn-amp", choices=list(AUTOCAST), help="another precision on Moonburn's side")
    parser.add_argument("--parts", default=",".join(PARTS))
    args = parser.parse_args()
    args.parts = args.parts.split(",")
    return args


def network(model, size):
    net = getattr(torchvision.models, model)(weights=None)
    if size < 64:
        net.conv1, net.maxpool = nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.Identity()
    features, net.fc = net.fc.in_features, nn.Identity()
    hidden = min(features, 512)
    head = nn.Sequential(nn.Linear(features, hidden, bias=False), nn.BatchNorm1d(hidden), nn.ReLU(),
                         nn.Linear(hidden, 128, bias=False), nn.BatchNorm1d(128))
    return nn.Sequential(net, head)


def nt_xent(z, temperature=0.5):
    z = F.normalize(z.float(), dim=1)
    count = z.shape[0]
    logits = (z @ z.T / temperature).fill_diagonal_(-1e9)
    return F.cross_entropy(logits, torch.arange(count, device=z.device).roll(count // 2))


class Views(torch.utils.data.Dataset):
    """SimCLR's augmentation as PyTorch's users run it: on PIL images, in the workers of a loader."""

    def __init__(self, size):
        self.images = torch.randint(0, 256, (512, 3, size, size), dtype=torch.uint8)
        bicubic = T.InterpolationMode.BICUBIC
        self.augment = T.Compose([
            T.ToPILImage(), T.RandomResizedCrop(size, (0.08, 1.0), interpolation=bicubic), T.RandomHorizontalFlip(),
            T.RandomApply([T.ColorJitter(0.4, 0.4, 0.4, 0.1)], 0.8), T.RandomGrayscale(0.2), T.ToImage(),
            T.ToDtype(torch.float32, scale=True)])

    def __len__(self):
        return 10**9

    def __getitem__(self, position):
        image = self.images[position % len(self.images)]
        return self.augment(image), self.augment(image)


def pytorch(args, batch):
    device, dtype = torch.device(args.device), AUTOCAST[args.amp]
    torch.backends.cudnn.benchmark = True
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    net = network(args.model, args.size).to(device, memory_format=torch.channels_last).train()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)

    def train(views):
        views = views.to(device, memory_format=torch.channels_last, non_blocking=True)
        with torch.autocast(device.type, dtype=dtype or torch.bfloat16, enabled=dtype is not None):
            z = net(views)
        optimizer.zero_grad(set_to_none=True)
        nt_xent(z).backward()
        optimizer.step()

    def finish():
        if device.type == "cuda":
            torch.cuda.synchronize()

    def repeated(body):
        seconds = []
        for number in range(args.warmup + args.steps):
            finish()
            started = time.perf_counter()
            body()
            finish()
            if number >= args.warmup:
                seconds.append(time.perf_counter() - started)
        return 2 * batch / statistics.median(seconds), args.steps

    def streamed(loader, body):
        # Whatever the workers made during the warm-up, at most so many, is used up before the clock starts.
        ahead = PREFETCH * args.workers
        for _ in range(args.warmup + ahead):
            body(next(loader))
        finish()
        started, count = time.perf_counter(), 0
        while count == 0 or count < max(args.steps, 4 * ahead) and time.perf_counter() - started < args.seconds:
            body(next(loader))
            count += 1
        finish()
        return 2 * batch * count / (time.perf_counter() - started), count

    for part in args.parts:
        if part == "step":
            on_device = torch.rand(2 * batch, 3, args.size, args.size).to(device, memory_format=torch.channels_last)
            yield part, *repeated(lambda: train(on_device))
        elif part in PARTS:
            prefetch = {"prefetch_factor": PREFETCH} if args.workers else {}
            loader = iter(torch.utils.data.DataLoader(Views(args.size), batch_size=batch, num_workers=args.workers,
                                                      pin_memory=device.type == "cuda", **prefetch))
            yield part, *streamed(loader, (lambda made: train(torch.cat(made))) if part == "pipeline" else lambda made: None)
            del loader


def moonburn(args, batch, parts, refused):
    """The lines of `moonburn bench`. Where it refuses, each part that is missing is tried by itself, and what it says is noted
    in `refused`."""
    precision = PRECISION[args.moonburn_amp or args.amp]
    command = [args.binary, "bench", "--device", args.moonburn_device, "--batch", str(batch), "--model", args.model,
               "--size", str(args.size), "--steps", str(args.steps), "--warmup", str(args.warmup), "--parts", ",".join(parts),
               "--precision", precision]
    threads = {"RAYON_NUM_THREADS": str(args.threads)}
    try:
        done = subprocess.run(command, capture_output=True, text=True, env=os.environ | threads)
    except OSError as error:
        sys.exit(f"{args.binary}: {error.strerror}; cargo build --release makes it")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode == 0:
        return lines
    if len(parts) > 1:
        found = {line["part"] for line in lines}
        missing = [part for part in parts if part not in found]
        return lines + [line for part in missing for line in moonburn(args, batch, [part], refused)]
    message = done.stderr.strip() or f"ended with status {done.returncode}"
    if (parts[0], batch) not in refused:
        print(f"moonburn, {parts[0]}, batch {batch}: {message}", file=sys.stderr, flush=True)
    refused[parts[0], batch] = message
    return lines


def processor():
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.split(":", 1)[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def caption(args, device, version):
    theirs = torch.cuda.get_device_name(args.device) if args.device.startswith("cuda") else processor()
    ours = processor() if device == "cpu" else device
    amp = [args.moonburn_amp or args.amp, args.amp]
    return (f"{args.model} at {args.size}²: {f'Moonburn {version}'.strip()} (amp {amp[0]}) on {ours}, PyTorch {torch.__version__} "
            f"(amp {amp[1]}) on {theirs}; {args.threads} threads, {args.workers} workers of PyTorch's loader; {datetime.date.today()}; "
            f"views/s, median of {args.rounds} rounds")


def number(speed):
    return f"{speed:,.0f}" if speed >= 100 else f"{speed:.3g}"


def main():
    args = arguments()
    torch.set_num_threads(args.threads)
    table, refused, device, version = [], {}, args.moonburn_device, ""
    for batch in map(int, args.batches.split(",")):
        ours, theirs = {}, {}
        for _ in range(args.rounds):
            for line in moonburn(args, batch, args.parts, refused):
                print(json.dumps(line, ensure_ascii=False), flush=True)
                device, version = line.get("device", device), line.get("moonburn", version)
                if "views_per_s" in line:
                    ours.setdefault(line["part"], []).append(line["views_per_s"])
            for part, speed, count in pytorch(args, batch):
                theirs.setdefault(part, []).append(speed)
                print(json.dumps({"part": part, "device": args.device, "batch": batch, "amp": args.amp, "threads": args.threads,
                                  "workers": 0 if part == "step" else args.workers, "batches": count,
                                  "views_per_s": round(speed, 1), "torch": torch.__version__}), flush=True)
        for part, speeds in theirs.items():
            other = statistics.median(speeds)
            mine = statistics.median(ours[part]) if part in ours else None
            shown = (number(mine), f"{mine / other:.2f}") if mine else ("refused", "–")
            table.append(f"| {part}, batch {batch} | {shown[0]} | {number(other)} | {shown[1]} |")
    print(f"\n{caption(args, device, version)}\n\n| | Moonburn | PyTorch | ratio |\n|---|---|---|---|\n" + "\n".join(table))
    for (part, batch), message in refused.items():
        print(f"\nMoonburn refused {part}, batch {batch}: {message}")


if __name__ == "__main__":
    main()
