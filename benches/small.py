"""Times PyTorch's eager operations on four elements, on one thread, for `benches/small.rs` to compare our own with.

Reads a name and a number of calls per line, and answers with the nanoseconds that a call takes of the
processor's time, the loop included.

    echo add 10000 | python3 benches/small.py    (needs torch)
"""

import sys
import time

import torch

x, y = torch.tensor([0.5, -1, 2, 0.25]), torch.tensor([1, 2, -3, 0.5])
a, b = x.reshape(2, 2), y.reshape(2, 2)
p, q = x.clone().requires_grad_(), y.clone().requires_grad_()


# Each has a loop of its own, since a call of a function would cost as much as what it measures.


def loop(calls):
    for _ in range(calls):
        pass


def add(calls):
    for _ in range(calls):
        x + y


def add_number(calls):
    for _ in range(calls):
        x + 1


def relu(calls):
    for _ in range(calls):
        x.relu()


def softmax(calls):
    for _ in range(calls):
        x.softmax(0)


def index(calls):
    for _ in range(calls):
        x[0]


def shape(calls):
    for _ in range(calls):
        x.shape


def matmul(calls):
    for _ in range(calls):
        a.matmul(b)


def sum(calls):
    for _ in range(calls):
        x.sum()


def reshape(calls):
    for _ in range(calls):
        x.reshape(2, 2)


def add_backward(calls):
    for _ in range(calls):
        torch.autograd.grad((p + q).sum(), [p, q])


LOOPS = [loop, add, add_number, relu, softmax, index, shape, matmul, sum, reshape, add_backward]


def main():
    torch.set_num_threads(1)
    loops = {one.__name__: one for one in LOOPS}
    for line in sys.stdin:
        name, calls = line.split()
        start = time.process_time()
        loops[name](int(calls))
        print((time.process_time() - start) / int(calls) * 1e9, flush=True)


if __name__ == "__main__":
    main()
