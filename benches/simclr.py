#!/usr/bin/env python3
"""`moonburn bench` beside the same training in PyTorch: a JSON line for each measurement, then a table of the ratios.

Both are timed in turn, `--rounds` times, and the medians of the rounds are compared. Views per second; a batch of B images is
2B views. Needs torch and torchvision, and for a GPU their CUDA or ROCm builds.

    python benches/simclr.py [--device cpu|cuda] [--moonburn-device auto] [--batches 64,256,512] [--model resnet18]
                             [--size 32] [--amp none|bf16|fp16] [--workers 16] [--rounds 3] [--parts step,augment,pipeline]
"""
import argparse
import json
import statistics
import subprocess
import time

import torch
import torch.nn.functional as F
import torchvision
from torch import nn
from torchvision.transforms import v2 as T

PRECISION = {"none": "float32", "bf16": "bfloat16", "fp16": "float16"}
AUTOCAST = {"none": None, "bf16": torch.bfloat16, "fp16": torch.float16}


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
    parser.add_argument("--workers", type=int, default=16)
    parser.add_argument("--amp", default="none", choices=list(AUTOCAST))
    parser.add_argument("--moonburn-amp", choices=list(AUTOCAST), help="another precision on Moonburn's side")
    parser.add_argument("--parts", default="step,augment,pipeline")
    return parser.parse_args()


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

    def timed(body):
        seconds = []
        for number in range(args.warmup + args.steps):
            started = time.perf_counter()
            body()
            if device.type == "cuda":
                torch.cuda.synchronize()
            if number >= args.warmup:
                seconds.append(time.perf_counter() - started)
        return 2 * batch / statistics.median(seconds)

    views = torch.rand(2 * batch, 3, args.size, args.size)
    speeds = {}
    for part in args.parts.split(","):
        if part == "step":
            on_device = views.to(device, memory_format=torch.channels_last)
            speeds[part] = timed(lambda: train(on_device))
            continue
        loader = iter(torch.utils.data.DataLoader(Views(args.size), batch_size=batch, num_workers=args.workers,
                                                  pin_memory=device.type == "cuda"))
        speeds[part] = timed(lambda: next(loader) if part == "augment" else train(torch.cat(next(loader))))
        del loader
    return speeds


def moonburn(args, batch):
    precision = PRECISION[args.moonburn_amp or args.amp]
    command = [args.binary, "bench", "--device", args.moonburn_device, "--batch", str(batch), "--model", args.model,
               "--size", str(args.size), "--steps", str(args.steps), "--warmup", str(args.warmup), "--parts", args.parts,
               "--precision", precision]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    found = [json.loads(line) for line in lines]
    return {line["part"]: line["views_per_s"] for line in found if "views_per_s" in line}, found


def main():
    args = arguments()
    table = []
    for batch in map(int, args.batches.split(",")):
        ours, theirs = {}, {}
        for _ in range(args.rounds):
            speeds, lines = moonburn(args, batch)
            for line in lines:
                print(json.dumps(line), flush=True)
            for part, speed in speeds.items():
                ours.setdefault(part, []).append(speed)
            for part, speed in pytorch(args, batch).items():
                theirs.setdefault(part, []).append(speed)
                print(json.dumps({"part": part, "device": args.device, "batch": batch, "amp": args.amp,
                                  "workers": args.workers, "views_per_s": round(speed, 1), "torch": torch.__version__}), flush=True)
        for part in ours:
            mine, other = statistics.median(ours[part]), statistics.median(theirs[part])
            table.append(f"| {part}, batch {batch} | {mine:,.0f} | {other:,.0f} | {mine / other:.2f} |")
    print("\n| views/s, median of rounds | Moonburn | PyTorch | ratio |\n|---|---|---|---|\n" + "\n".join(table))


if __name__ == "__main__":
    main()
