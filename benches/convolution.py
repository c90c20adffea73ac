#!/usr/bin/env python3
"""Training steps and single convolutions on the CPU beside PyTorch's: a JSON line for each measurement, then tables.

Everything is measured in turn, `--rounds` times, PyTorch in both layouts (contiguous and channels last); medians are
compared, and the faster layout of PyTorch counts. A ratio over 1 means that Moonburn is faster, or takes less.

*Steps*: a fresh process for every measurement, `moonburn run benches/convolution.lua` and its counterpart below. A step is
forward pass, loss, backward pass and SGD with momentum on images that lie there already. ResNets take the SimCLR step of
`moonburn bench`: a batch of B images is 2B views, and "64 views" is batch 32. Conv-4 takes that of a prototypical network,
a task of 5 ways, 5 shots and 15 queries, 100 images. Told are images per second; minor page faults and system time of a
step; and memory: the most that was resident up to the last step, less what was before the first. On one thread the ratio
of the processor's time is told as well, which other work on the machine changes less.

*Kernels*: each distinct convolution of these networks alone, forward pass and both gradients, by `cargo bench --bench
convolution` and `torch.ops.aten.convolution_backward`, operands and results in the layout that is timed. The sum over a
network leaves out the gradient by its images, which no step computes.

`--instructions avx2` hides AVX-512 from both sides: `avx2_only.c`, built by `cc` and loaded before them, answers what the
processor can do, so that the crate `gemm`, oneDNN and MKL, which look for themselves, take AVX2 as well.
Needs torch and Linux's /proc.

    python3 benches/convolution.py [--binary target/release/moonburn] [--parts steps,kernels] [--cases NAME,…]
                                   [--threads 1,2] [--rounds 5] [--instructions avx2] [--set KEY=VALUE]… [--quick]
"""

import argparse
import atexit
import datetime
import functools
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
LAYOUTS = ["contiguous", "channels_last"]
PASSES = ["forward", "by_images", "by_weight"]
WAYS, SHOTS, QUERIES, WIDTH = 5, 5, 15, 64
# Steps that are not timed.
WARMUP = 2


def case(model, size, batch, steps, channels=3):
    return {"model": model, "size": size, "channels": channels, "batch": batch, "steps": steps}


CASES = {
    "resnet18_cifar_32": case("resnet18", 32, 32, 8),
    "resnet18_cifar_64": case("resnet18", 32, 64, 5),
    "resnet18_cifar_256": case("resnet18", 32, 256, 2),
    "resnet50_cifar_32": case("resnet50", 32, 32, 3),
    "resnet18_224_8": case("resnet18", 224, 8, 4),
    "resnet50_224_8": case("resnet50", 224, 8, 3),
    "conv4_28": case("conv4", 28, 0, 40, channels=1),
    "conv4_84": case("conv4", 84, 0, 12),
}


def images(one):
    return WAYS * (SHOTS + QUERIES) if one["model"] == "conv4" else 2 * one["batch"]


# PyTorch's side, in processes of its own.


def conv4(channels):
    from torch import nn

    layers = []
    for i in range(4):
        layers += [*convolution(WIDTH if i else channels, WIDTH, 3), nn.ReLU(inplace=True), nn.MaxPool2d(2)]
    return nn.Sequential(*layers, nn.Flatten())


def convolution(inputs, outputs, kernel, stride=1):
    from torch import nn

    return [nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outputs)]


def block(inputs, width, stride, expansion):
    """A residual block, basic or of ResNet-50 with its stride on the 3×3 convolution, as torchvision has it."""
    from torch import nn
    from torch.nn.functional import relu

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            inner = [*convolution(inputs, width, 3, stride), nn.ReLU(inplace=True), *convolution(width, width, 3)]
            if expansion > 1:
                inner = [*convolution(inputs, width, 1), nn.ReLU(inplace=True), *convolution(width, width, 3, stride),
                         nn.ReLU(inplace=True), *convolution(width, width * expansion, 1)]  # fmt: skip
            same = stride == 1 and inputs == width * expansion
            self.inner = nn.Sequential(*inner)
            self.short = nn.Identity() if same else nn.Sequential(*convolution(inputs, width * expansion, 1, stride))

        def forward(self, x):
            return relu(self.inner(x).add_(self.short(x)), inplace=True)

    return Block()


def resnet(model, size):
    from torch import nn

    depths, expansion = {"resnet18": ([2, 2, 2, 2], 1), "resnet50": ([3, 4, 6, 3], 4)}[model]
    small = size < 64
    layers = [*convolution(3, 64, 3 if small else 7, 1 if small else 2), nn.ReLU(inplace=True)]
    layers += [] if small else [nn.MaxPool2d(3, 2, 1)]
    inputs = 64
    for stage, depth in enumerate(depths):
        for position in range(depth):
            layers.append(block(inputs, 64 << stage, 2 if stage and not position else 1, expansion))
            inputs = (64 << stage) * expansion
    head = [nn.Linear(inputs, 512, bias=False), nn.BatchNorm1d(512), nn.ReLU(inplace=True),
            nn.Linear(512, 128, bias=False), nn.BatchNorm1d(128)]  # fmt: skip
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), *head)


def network(one):
    return conv4(one["channels"]) if one["model"] == "conv4" else resnet(one["model"], one["size"])


def nt_xent(z, temperature=0.5):
    import torch
    import torch.nn.functional as F

    z = F.normalize(z, dim=1)
    logits = (z @ z.T / temperature).fill_diagonal_(-1e9)
    return F.cross_entropy(logits, torch.arange(len(z)).roll(len(z) // 2))


def prototypes(embeddings):
    import torch
    import torch.nn.functional as F

    support, query = embeddings[: WAYS * SHOTS], embeddings[WAYS * SHOTS :]
    means = support.reshape(SHOTS, WAYS, -1).mean(0)
    return F.cross_entropy(-torch.cdist(query, means).square(), torch.arange(WAYS).repeat(QUERIES))


def train(one, layout, threads):
    """As the script trains, and says, in benches/convolution.lua."""
    import torch

    torch.set_num_threads(threads)
    memory_format = torch.channels_last if layout == "channels_last" else torch.contiguous_format
    net = network(one).to(memory_format=memory_format).train()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9, fused=True)
    side = one["size"]
    given = torch.rand(images(one), one["channels"], side, side).contiguous(memory_format=memory_format)
    loss = prototypes if one["model"] == "conv4" else nt_xent

    def tell(place):
        print(place, flush=True)
        time.sleep(0.3)

    tell("ready")
    for step in range(1, one["steps"] + 1):
        optimizer.zero_grad(set_to_none=True)
        loss(net(given)).backward()
        optimizer.step()
        if step == one["steps"]:
            tell(f"step {step}")
        else:
            print(f"step {step}", flush=True)


def convolutions(one):
    """Each distinct convolution of a network: sizes, and how often it is there."""
    import torch

    net, found = network(one), {}

    def note(module, inputs, _):
        shape = inputs[0].shape
        key = (shape[1], module.out_channels, shape[2], module.kernel_size[0], module.stride[0], module.padding[0])
        found[key] = found.get(key, 0) + 1

    for module in net.modules():
        if isinstance(module, torch.nn.Conv2d):
            module.register_forward_hook(note)
    with torch.no_grad():
        net(torch.zeros(2, one["channels"], one["size"], one["size"]))
    names = ["inputs", "outputs", "size", "kernel", "stride", "padding"]
    return [dict(zip(names, key)) | {"images": images(one), "count": count} for key, count in found.items()]


def median_of(body, least, calls=5):
    """The median of some calls, each as often as `least` seconds want it."""
    times = []
    for number in range(calls + 1):
        start, count = time.perf_counter(), 0
        while count == 0 or time.perf_counter() - start < least:
            body()
            count += 1
        times.append((time.perf_counter() - start) / count)
    return statistics.median(times[1:])


def answer(threads):
    """Answers each line of convolution, pass and layout with milliseconds."""
    import torch

    torch.set_num_threads(threads)
    for line in sys.stdin:
        one = json.loads(line)
        memory_format = torch.channels_last if one["layout"] == "channels_last" else torch.contiguous_format
        n, c, o, side, kernel = (one[name] for name in ("images", "inputs", "outputs", "size", "kernel"))
        stride, padding = [one["stride"]] * 2, [one["padding"]] * 2
        x = torch.randn(n, c, side, side).contiguous(memory_format=memory_format)
        w = (torch.randn(o, c, kernel, kernel) / (c * kernel**2) ** 0.5).contiguous(memory_format=memory_format)
        with torch.no_grad():
            y = torch.nn.functional.conv2d(x, w, None, stride, padding)
            by = torch.randn_like(y)

            def backward(wanted):
                torch.ops.aten.convolution_backward(by, x, w, None, stride, padding, [1, 1], False, [0, 0], 1, wanted)

            bodies = {
                "forward": lambda: torch.nn.functional.conv2d(x, w, None, stride, padding),
                "by_images": lambda: backward([True, False, False]),
                "by_weight": lambda: backward([False, True, False]),
            }
            print(1e3 * median_of(bodies[one["pass"]], one["least"]), flush=True)


# The side that measures.


@functools.cache
def avx2_only():
    """Where the library is that hides AVX-512: tried, since a loader goes on without what it cannot load."""
    library = pathlib.Path(tempfile.mkdtemp()) / "avx2_only.so"
    atexit.register(shutil.rmtree, library.parent)
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", library, HERE / "avx2_only.c"], check=True)
    look = "import torch; print(torch.backends.cpu.get_cpu_capability())"
    found = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, env=hidden(os.environ, library))
    if found.stdout.strip() != "AVX2":
        sys.exit(f"AVX-512 could not be hidden: {found.stdout} {found.stderr}")
    return library


def hidden(env, library):
    # Python's own handler of faults would take the place of the library's.
    env = {name: value for name, value in env.items() if name not in ("PYTHONFAULTHANDLER", "PYTHONDEVMODE")}
    return env | {"LD_PRELOAD": f"{library}:{env.get('LD_PRELOAD', '')}".rstrip(":")}


def environment(args, threads):
    own = {"RAYON_NUM_THREADS": str(threads), "OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)}
    env = os.environ | own
    return hidden(env, avx2_only()) if args.instructions else env


def process(pid):
    """Minor page faults, seconds in the system and in all, and kilobytes resident now and at most."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    ticks = os.sysconf("SC_CLK_TCK")
    status = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
    resident, most = (int(status[name].split()[0]) for name in ("VmRSS", "VmHWM"))
    user, system = int(fields[11]) / ticks, int(fields[12]) / ticks
    return {"faults": int(fields[7]), "system": system, "all": user + system, "resident": resident, "most": most}


def steps_of(command, env, one):
    """What the steps of a process take, by looking at it whenever it says that one is done."""
    with tempfile.TemporaryFile("w+") as said:
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, text=True, env=env)
        before, stamps, looks = None, [], []
        for line in child.stdout:
            now = time.perf_counter()
            if line.startswith("ready"):
                before = process(child.pid)
            elif line.startswith("step "):
                stamps.append(now)
                looks.append(process(child.pid))
        if child.wait() or len(stamps) != one["steps"]:
            said.seek(0)
            sys.exit(f"{' '.join(command)}: failed after {len(stamps)} steps: {said.read().strip()}")
    first, last, count = looks[WARMUP - 1], looks[-1], len(stamps) - WARMUP
    seconds = [after - start for start, after in zip(stamps[WARMUP - 1 :], stamps[WARMUP:])]
    step = statistics.median(seconds)
    each = {name: (last[name] - first[name]) / count for name in ("faults", "system", "all")}
    return {"images_per_s": images(one) / step, "seconds": step, "faults": each["faults"],
            "system_seconds": each["system"], "processor_seconds": each["all"],
            "memory_mb": (last["most"] - before["resident"]) / 1024}  # fmt: skip


def moonburn_steps(args, one, threads):
    options = {name: one[name] for name in ("model", "size", "channels", "batch", "steps")} | {"batch": max(1, one["batch"])}
    given = [f"{name}={value}" for name, value in options.items()] + args.set
    sets = [part for pair in given for part in ("--set", pair)]
    with tempfile.TemporaryDirectory() as folder:
        command = [args.binary, "run", str(HERE / "convolution.lua"), "--device", "cpu", "--no-watch", "--checkpoint", "never",
                   "--out", f"{folder}/run", *sets]  # fmt: skip
        return steps_of(command, environment(args, threads), one)


def pytorch_steps(args, one, layout, threads):
    command = [sys.executable, __file__, "--train", json.dumps(one), "--layout", layout, "--threads", str(threads)]
    return steps_of(command, environment(args, threads), one)


def emit(line):
    shown = {key: float(f"{value:.5g}") if isinstance(value, float) else value for key, value in line.items()}
    print(json.dumps(shown), flush=True)


def medians(rounds):
    return {key: statistics.median(one[key] for one in rounds) for key in rounds[0]}


def ratio(theirs, own):
    return f"{theirs / own:.2f}" if own > 0 else "–"


def measure_steps(args, name, threads):
    one = CASES[name]
    one = one | {"steps": WARMUP + (1 if args.quick else one["steps"])}
    rounds = {"moonburn": []} | {layout: [] for layout in LAYOUTS}
    for number in range(args.rounds):
        for side, found in rounds.items():
            of_moonburn = side == "moonburn"
            found.append(moonburn_steps(args, one, threads) if of_moonburn else pytorch_steps(args, one, side, threads))
            emit({"case": name, "threads": threads, "instructions": args.instructions or "all", "side": side,
                  "round": number + 1, "steps": one["steps"] - WARMUP, "images": images(one)} | found[-1])  # fmt: skip
    own = medians(rounds["moonburn"])
    layout = min(LAYOUTS, key=lambda layout: medians(rounds[layout])["seconds"])
    theirs = medians(rounds[layout])
    per_round = [other["seconds"] / mine["seconds"] for mine, other in zip(rounds["moonburn"], rounds[layout])]
    return [name, f"{threads}", f"{own['images_per_s']:.4g}", f"{theirs['images_per_s']:.4g} ({layout})",
            ratio(theirs["seconds"], own["seconds"]), f"{min(per_round):.2f} to {max(per_round):.2f}",
            ratio(theirs["processor_seconds"], own["processor_seconds"]) if threads == 1 else "–",
            f"{own['memory_mb']:,.0f} / {theirs['memory_mb']:,.0f}", ratio(theirs["memory_mb"], own["memory_mb"]),
            f"{own['faults']:,.0f} / {theirs['faults']:,.0f}",
            f"{1e3 * own['system_seconds']:.0f} / {1e3 * theirs['system_seconds']:.0f}"]  # fmt: skip


class Answering:
    """A process that answers a line with a number."""

    def __init__(self, command, env):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env,
                                        cwd=HERE.parent)  # fmt: skip

    def ask(self, question):
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        return float(answer) if answer.strip() else sys.exit(f"no answer to {question}")

    def end(self):
        self.process.stdin.close()
        self.process.wait()


@functools.cache
def kernels_program():
    """The bench's program, built: a compiler does not run under what hides instructions."""
    command = ["cargo", "bench", "--quiet", "--bench", "convolution", "--no-run", "--message-format", "json"]
    built = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=HERE.parent)
    messages = [json.loads(line) for line in built.stdout.splitlines()]
    return next(one["executable"] for one in messages if one.get("target", {}).get("name") == "convolution" and one.get("executable"))


def measure_kernels(args, names, threads):
    """Rows of a table, those of each network with a sum over all its convolutions."""
    env = environment(args, threads)
    own = Answering([kernels_program()], env)
    theirs = Answering([sys.executable, __file__, "--answer", "--threads", str(threads)], env)
    least, rows, known = (0.0 if args.quick else 0.1), [], {}
    for name in names:
        listed = subprocess.run([sys.executable, __file__, "--list", json.dumps(CASES[name])], capture_output=True, text=True,
                                check=True)  # fmt: skip
        total = {side: dict.fromkeys(PASSES, 0.0) for side in ("moonburn", "pytorch")}
        for one in json.loads(listed.stdout):
            key = json.dumps(one | {"count": 1})
            if key not in known:
                known[key] = kernel(args, one, threads, own, theirs, least)
            cells = []
            for passed in PASSES:
                mine, other = known[key][passed]
                of_images = passed == "by_images" and one["inputs"] == CASES[name]["channels"]
                total["moonburn"][passed] += 0 if of_images else one["count"] * mine
                total["pytorch"][passed] += 0 if of_images else one["count"] * other
                cells.append(f"{mine:.3g} / {other:.3g}: {ratio(other, mine)}")
            shape = "{images}×{inputs}→{outputs} at {size}², {kernel}×{kernel}/{stride}".format(**one)
            rows.append([name, f"{threads}", shape, f"{one['count']}", *cells])
        sums = [f"{total['moonburn'][p]:.4g} / {total['pytorch'][p]:.4g}: {ratio(total['pytorch'][p], total['moonburn'][p])}"
                for p in PASSES]  # fmt: skip
        whole = [sum(total[side].values()) for side in ("moonburn", "pytorch")]
        rows.append([name, f"{threads}", f"**all, {ratio(whole[1], whole[0])}**", "", *sums])
    own.end()
    theirs.end()
    return rows


def kernel(args, one, threads, own, theirs, least):
    """Milliseconds of each pass: ours, and those of PyTorch's faster layout."""
    found = {}
    for passed in PASSES:
        rounds = {"moonburn": []} | {layout: [] for layout in LAYOUTS}
        for _ in range(args.rounds):
            for side, times in rounds.items():
                question = one | {"pass": passed, "least": least} | dict(pair.split("=", 1) for pair in args.set)
                times.append(own.ask(question) if side == "moonburn" else theirs.ask(question | {"layout": side}))
        mine, *others = [statistics.median(times) for times in rounds.values()]
        emit({"threads": threads, "instructions": args.instructions or "all", "pass": passed, "rounds": args.rounds}
             | {key: one[key] for key in one if key != "count"}
             | {"moonburn_ms": mine} | {f"{layout}_ms": other for layout, other in zip(LAYOUTS, others)})  # fmt: skip
        found[passed] = mine, min(others)
    return found


def processor():
    with open("/proc/cpuinfo") as file:
        return next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), platform.machine())


def table(titles, rows):
    print("\n| " + " | ".join(titles) + " |\n|" + "---|" * len(titles))
    print("\n".join("| " + " | ".join(row) + " |" for row in rows), flush=True)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default="target/release/moonburn")
    parser.add_argument("--parts", default="steps,kernels")
    parser.add_argument("--cases", default=",".join(CASES))
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--instructions", choices=["avx2"])
    parser.add_argument("--set", action="append", default=[], help="another option of the script, such as convolution=exact, which kernels have, too")
    parser.add_argument("--quick", action="store_true", help="one timed step, and single calls: to see that all of it runs")
    for own in ("--train", "--list", "--layout"):
        parser.add_argument(own, help=argparse.SUPPRESS)
    parser.add_argument("--answer", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def main():
    args = arguments()
    if args.train:
        return train(json.loads(args.train), args.layout, int(args.threads))
    if args.list:
        return print(json.dumps(convolutions(json.loads(args.list))))
    if args.answer:
        return answer(int(args.threads))
    names, counts = args.cases.split(","), [int(count) for count in args.threads.split(",")]
    steps, kernels = [], []
    for threads in counts:
        if "steps" in args.parts.split(","):
            steps += [measure_steps(args, name, threads) for name in names]
        if "kernels" in args.parts.split(","):
            kernels += measure_kernels(args, names, threads)
    print(f"\n{processor()}, {args.instructions or 'all'} instructions; {datetime.date.today()}; medians of {args.rounds} rounds")
    if steps:
        table(["step", "threads", "Moonburn, images/s", "PyTorch", "ratio", "rounds", "by processor time",
               "memory, MB: ours / theirs", "ratio", "page faults of a step", "system ms of a step"], steps)  # fmt: skip
    if kernels:
        table(["network", "threads", "convolution", "times", "forward, ms: ours / theirs", "by images", "by weight"], kernels)


if __name__ == "__main__":
    main()
