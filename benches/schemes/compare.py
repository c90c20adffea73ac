#!/usr/bin/env python3
"""The schemes in Lua beside their PyTorch form: lines, and seconds per step on the CPU.

Both are run in turn, `--rounds` times, with the same network, sizes and threads, each once with few steps and once with
many. The difference is what a step takes: an episode with its images, the loss, its gradients, the optimizer's step. Of
`hessian` it is one product of the Hessian with a vector. The medians of the rounds are compared, by the clock and by
the processor's time, which on one thread tells something on a busy machine as well.

    python3 benches/schemes/compare.py [--binary target/release/moonburn] [--rounds 3] [--threads 1] [--only maml,imaml]
"""

import argparse
import datetime
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
SCRIPTS = HERE.parent.parent / "scripts"
# Few steps and many of each, and what else is set.
SCHEMES = {
    "maml": ((1, 6), {"test_tasks": 2}),
    "maml first_order": ((1, 9), {"test_tasks": 2, "first_order": True}),
    "maml anil": ((1, 9), {"test_tasks": 2, "anil": True}),
    "reptile": ((1, 6), {"test_tasks": 2}),
    "imaml": ((1, 3), {"test_tasks": 2}),
    "gradient_penalty": ((1, 101), {}),
    "hessian": ((1, 11), {"steps": 1}),
    "gaussian_prototypes": ((1, 31), {"test_tasks": 2}),
    "nnclr": ((1, 2), {}),
    "w_mse": ((1, 2), {}),
    "sinkhorn": ((1, 2), {}),
    "vit": ((1, 2), {}),
    "dino": ((1, 2), {}),
    "mae": ((1, 2), {}),
    "vicreg": ((1, 2), {}),
    "supcon": ((1, 2), {}),
    "fine_tune": ((1, 9), {}),
    "gan": ((1, 401), {}),
    "autoencoder": ((1, 3), {}),
    "matching_networks": ((1, 31), {"test_tasks": 2}),
    "relation_networks": ((1, 31), {"test_tasks": 2}),
    "sine": ((1, 8001), {}),
}
# Of those that count epochs: the steps of one, 5,000 images by the batch; 500 of fine_tune.
PER_EPOCH = {name: 5000 // 64 for name in ("nnclr", "sinkhorn", "vit", "dino", "mae", "vicreg", "supcon", "autoencoder")} | {
    "w_mse": 5000 // 256,
    "fine_tune": 500 // 50,
}


def word(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def run(command, threads, folder):
    """The seconds that a command takes, by the clock and by the processor's time."""
    only = {"RAYON_NUM_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)}
    started = time.perf_counter()
    child = subprocess.Popen(command, cwd=folder, env=os.environ | only, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)  # fmt: skip
    _, status, used = os.wait4(child.pid, 0)
    if status:
        sys.exit(f"{' '.join(command)}: failed")
    return time.perf_counter() - started, used.ru_utime + used.ru_stime


def moonburn(binary, script, options, threads):
    given = [part for name, value in options.items() for part in ("--set", f"{name}={word(value)}")]
    if script == "hessian":
        given += ["--set", "episodes=1"]
    with tempfile.TemporaryDirectory() as folder:
        command = [binary, "run", str((SCRIPTS / f"{script}.lua").resolve()), "--device", "cpu", "--out", "run", *given]
        return run(command, threads, folder)


def pytorch(script, options, threads):
    if script in PER_EPOCH:
        options = {name: value for name, value in options.items() if name != "epochs"} | {
            "steps": options["epochs"] * PER_EPOCH[script]
        }
    given = [part for name, value in options.items() for part in (f"--{name.replace('_', '-')}", word(value))]
    return run([sys.executable, f"{script}.py", "--threads", str(threads), *given], threads, HERE)


def per_step(side, script, counts, options):
    counted = "products" if script == "hessian" else "epochs" if script in PER_EPOCH else "steps"
    few, many = [side(script, options | {counted: count}) for count in counts]
    # The products are made before the training and after it.
    steps = (counts[1] - counts[0]) * (2 if script == "hessian" else PER_EPOCH.get(script, 1))
    return [(more - less) / steps for less, more in zip(few, many)]


def lines(path):
    return len(path.read_text().splitlines())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default="target/release/moonburn")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only", default=",".join(SCHEMES))
    args = parser.parse_args()
    binary = str(pathlib.Path(args.binary).resolve())
    sides = {
        "moonburn": lambda script, options: moonburn(binary, script, options, args.threads),
        "pytorch": lambda script, options: pytorch(script, options, args.threads),
    }
    for scheme in args.only.split(","):
        counts, options = SCHEMES[scheme]
        script = scheme.split()[0]
        rounds = [
            {name: per_step(side, script, counts, options) for name, side in sides.items()}
            for _ in range(args.rounds)
        ]
        line = {"scheme": scheme, "threads": args.threads}
        for place, clock in enumerate(("seconds", "processor_seconds")):
            own, other = [statistics.median(one[name][place] for one in rounds) for name in sides]
            line[clock] = {"moonburn": round(own, 4), "pytorch": round(other, 4), "ratio": round(other / own, 2)}
        line["rounds"] = [{name: [round(value, 4) for value in one[name]] for name in sides} for one in rounds]
        line["lines"] = {"moonburn": lines(SCRIPTS / f"{script}.lua"), "pytorch": lines(HERE / f"{script}.py")}
        print(json.dumps(line | {"date": str(datetime.date.today())}), flush=True)


if __name__ == "__main__":
    main()
