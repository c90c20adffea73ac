"""Times PyTorch's eager operations on 256 × 256 numbers for `benches/elementwise.rs` to compare our own with.

Reads a name and a number of calls per line, and answers with the seconds that all of them take. The argument is how
many threads it may use.

    echo add 1000 | python3 benches/elementwise.py 2    (needs torch)
"""

import sys
import time

import torch
import torch.nn.functional as functional

x, y = torch.randn(256, 256), torch.randn(256, 256)
row, column, positive = torch.randn(256), torch.randn(256, 1), x.abs()


def gradient(function):
    leaf = x.clone().requires_grad_()
    output = function(leaf)
    return lambda: torch.autograd.grad(output, leaf, x, retain_graph=True)


OPERATIONS = {
    "add": lambda: x + y,
    "add_row": lambda: x + row,
    "add_column": lambda: x + column,
    "mul": lambda: x * y,
    "mul_number": lambda: x * 0.5,
    "relu": x.relu,
    "exp": x.exp,
    "tanh": x.tanh,
    "sigmoid": x.sigmoid,
    "erf": x.erf,
    "gelu": lambda: functional.gelu(x),
    "sin": x.sin,
    "log": positive.log,
    "sqrt": positive.sqrt,
    "relu_gradient": gradient(torch.relu),
    "gelu_gradient": gradient(functional.gelu),
}


def main():
    torch.set_num_threads(int(sys.argv[1]))
    for line in sys.stdin:
        name, calls = line.split()
        call = OPERATIONS[name]
        start = time.perf_counter()
        for _ in range(int(calls)):
            call()
        print(time.perf_counter() - start, flush=True)


if __name__ == "__main__":
    main()
