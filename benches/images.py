"""Times what surrounds a convolution in PyTorch, on channels-last images, for `benches/images.rs` to compare our own
with.

Reads an operation, the images' four dims and a number of calls per line, and answers with the microseconds of the
fastest forward and the fastest backward pass. Its argument is the number of threads.

    echo batch_norm 64 64 32 32 10 | python3 benches/images.py 2    (needs torch)
"""

import math
import sys
import time

import torch
import torch.nn.functional as F


def compute(name, x, weight, bias, residual):
    if name == "max_pool_2":
        return F.max_pool2d(x, 2)
    if name == "max_pool_3":
        return F.max_pool2d(x, 3, 2, 1)
    if name == "global_pool":
        return F.adaptive_avg_pool2d(x, 1).flatten(1)
    y = F.batch_norm(x, None, None, weight, bias, training=True)
    if name == "batch_norm_add_relu":
        y += residual
    return y.relu_() if name.endswith("relu") else y


def main():
    torch.set_num_threads(int(sys.argv[1]))
    for line in sys.stdin:
        name, *numbers = line.split()
        *shape, calls = map(int, numbers)

        def images(shape):
            return torch.randn(shape).to(memory_format=torch.channels_last)

        inputs = [images(shape), torch.rand(shape[1]), torch.rand(shape[1]), images(shape)]
        inputs = [one.requires_grad_() for one in inputs]
        count = 4 if name == "batch_norm_add_relu" else 3 if name.startswith("batch_norm") else 1
        output = compute(name, *inputs)
        by = images(output.shape) if output.dim() == 4 else torch.rand(output.shape)
        seconds = [math.inf, math.inf]
        for _ in range(calls):
            start = time.perf_counter()
            output = compute(name, *inputs)
            seconds[0] = min(seconds[0], time.perf_counter() - start)
            start = time.perf_counter()
            torch.autograd.grad(output, inputs[:count], by)
            seconds[1] = min(seconds[1], time.perf_counter() - start)
        print(*(one * 1e6 for one in seconds), flush=True)


if __name__ == "__main__":
    main()
