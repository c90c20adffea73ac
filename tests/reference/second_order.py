"""Writes tests/scripts/fixtures/second_order.lua: trainings through gradients of gradients, in float64.

MAML by `torch.func`: the loss and every parameter after each of 20 steps of SGD, 2 tasks and 3 inner steps in each; of
its first-order form and of ANIL the parameters after the last. iMAML's gradient by solving its linear system exactly,
with the Hessian at the parameters that 3 inner steps reach. `torch.func.hessian` of PyTorch 2.15 is not symmetric there
and off by 5 % from finite differences, so `torch.autograd.functional` makes it. The gradient of WGAN-GP's penalty. A
product with the Hessian.

Values given are of 3 decimals. Float32 in PyTorch must agree to 5e-6: else rounding chooses another branch of a ReLU or
a pooling, and another seed is wanted.
Run `python3 tests/reference/second_order.py` after a change. Needs: torch.
"""

import pathlib

import torch
import torch.nn.functional as F
from torch import nn
from torch.autograd.functional import hessian
from torch.func import functional_call, grad, jvp

OUT = pathlib.Path(__file__).parent.parent / "scripts" / "fixtures" / "second_order.lua"
torch.set_num_threads(1)
WAYS, SHOTS, QUERIES, TASKS, SIDE = 3, 2, 3, 4, 6
INNER_STEPS, INNER_LR, LR, LAMBDA = 3, 0.2, 0.2, 2.0
SEED = 0
generator = torch.Generator().manual_seed(SEED)


def decimals(*shape, scale=1.0):
    return torch.randn(*shape, generator=generator, dtype=torch.float64).mul(1000 * scale).round() / 1000


def network():
    return nn.Sequential(
        nn.Sequential(nn.Conv2d(3, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4, track_running_stats=False),
                      nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()),
        nn.Linear(4 * (SIDE // 2) ** 2, WAYS),
    )  # fmt: skip


def critic():
    return nn.Sequential(nn.Conv2d(3, 4, 3, stride=2, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(36, 1))


def weights(module):
    return {path: decimals(*p.shape, scale=0.3) for path, p in module.named_parameters()}


def tasks():
    labels = [torch.arange(WAYS).repeat(count) for count in (SHOTS, QUERIES)]
    return [tuple((decimals(len(own), 3, SIDE, SIDE), own) for own in labels) for _ in range(TASKS)]


def cast(tree, dtype):
    if isinstance(tree, torch.Tensor):
        return tree.to(dtype) if tree.is_floating_point() else tree
    if isinstance(tree, dict):
        return {key: cast(value, dtype) for key, value in tree.items()}
    return type(tree)(cast(value, dtype) for value in tree)


def loss_of(model, parameters, part):
    return F.cross_entropy(functional_call(model, parameters, part[0]), part[1])


def query_loss(model, parameters, task, anil, first_order):
    fast = {path: p for path, p in parameters.items() if not anil or path.startswith("1.")}
    for _ in range(INNER_STEPS):
        gradients = grad(lambda fast: loss_of(model, parameters | fast, task[0]))(fast)
        if first_order:
            gradients = {path: gradient.detach() for path, gradient in gradients.items()}
        fast = {path: p - INNER_LR * gradients[path] for path, p in fast.items()}
    return loss_of(model, parameters | fast, task[1])


def training(model, parameters, episodes, anil=False, first_order=False):
    steps = []
    for step in range(20):
        own = [episodes[(2 * step + k) % TASKS] for k in range(2)]

        def mean(parameters, own=own):
            return sum(query_loss(model, parameters, task, anil, first_order) for task in own) / 2

        gradients = grad(mean)(parameters)
        loss = mean(parameters)
        parameters = {path: p - LR * gradients[path] for path, p in parameters.items()}
        steps.append({"loss": loss, "parameters": parameters})
    return {"losses": [step["loss"] for step in steps], "parameters": [step["parameters"] for step in steps]}


def flat(tree):
    return torch.cat([value.flatten() for value in tree.values()])


def unflat(vector, like):
    parts = vector.split([value.numel() for value in like.values()])
    return {path: part.reshape(like[path].shape) for path, part in zip(like, parts)}


def imaml(model, start, task):
    fast = start
    for _ in range(INNER_STEPS):
        gradients = grad(lambda fast: loss_of(model, fast, task[0]))(fast)
        fast = {path: p - INNER_LR * (gradients[path] + LAMBDA * (p - start[path])) for path, p in fast.items()}
    h = hessian(lambda v: loss_of(model, unflat(v, start), task[0]), flat(fast))
    b = flat(grad(lambda fast: loss_of(model, fast, task[1]))(fast))
    x = torch.linalg.solve(torch.eye(len(b), dtype=b.dtype) + h / LAMBDA, b)
    return {"loss": loss_of(model, fast, task[1]), "gradients": unflat(x, start)}


def penalty(model, parameters, images):
    def value(parameters):
        slope = grad(lambda images: functional_call(model, parameters, images).sum())(images)
        return (slope.flatten(1).norm(dim=1) - 1).square().mean()

    return {"loss": value(parameters), "gradients": grad(value)(parameters)}


def product(model, parameters, vector, part):
    return jvp(grad(lambda parameters: loss_of(model, parameters, part)), (parameters,), (vector,))[1]


def apart(a, b):
    """The largest difference of two tensors of a tree, relative to the tensor's largest value."""
    if isinstance(a, torch.Tensor):
        return ((a.double() - b).abs().max() / b.abs().max()).item()
    pairs = ((a[key], b[key]) for key in a) if isinstance(a, dict) else zip(a, b)
    return max(apart(x, y) for x, y in pairs)


def lua(value):
    if isinstance(value, torch.Tensor):
        return lua(value.tolist())
    if isinstance(value, dict):
        return "{" + ",".join(f"[{lua(k)}]={lua(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "{" + ",".join(map(lua, value)) + "}"
    if isinstance(value, str):
        return f'"{value}"'
    text = f"{value:.8g}" if isinstance(value, float) else str(value)
    return text if isinstance(value, int) or any(mark in text for mark in ".e") else text + ".0"


model, episodes = network(), tasks()
start = weights(model)
start["0.1.weight"] += 1
vector = weights(model)
judge = critic()
judged, images = weights(judge), decimals(4, 3, SIDE, SIDE)

found = {}
for dtype in (torch.float64, torch.float32):
    given, own, v = cast(start, dtype), cast(episodes, dtype), cast(vector, dtype)
    found[dtype] = {
        "maml": training(model, given, own),
        "first_order": training(model, given, own, first_order=True),
        "anil": training(model, given, own, anil=True),
        "imaml": imaml(model, given, own[0]),
        "penalty": penalty(judge, cast(judged, dtype), cast(images, dtype)),
        "product": product(model, given, v, own[0][0]),
    }
for name, exact in found[torch.float64].items():
    gap = apart(found[torch.float32][name], exact)
    print(f"{name}: float32 is off by {gap:.1e}")
    assert gap < 5e-6, f"another seed than {SEED}"
moved = apart(found[torch.float64]["first_order"], found[torch.float64]["maml"])
print(f"first order and second are apart by {moved:.1e}")

constants = {"inner_steps": INNER_STEPS, "inner_lr": INNER_LR, "lr": LR, "lambda": LAMBDA, "ways": WAYS}
given = {"options": constants, "start": start, "vector": vector, "critic": judged, "images": images,
         "tasks": [{"support_images": s, "support_labels": a + 1, "query_images": q, "query_labels": b + 1}
                   for (s, a), (q, b) in episodes]}  # fmt: skip
for name in ("first_order", "anil"):
    found[torch.float64][name]["parameters"][:-1] = []
entries = (given | found[torch.float64]).items()
text = "".join(f"{name}={lua(value)},\n" for name, value in entries)
OUT.write_text("-- Generated by tests/reference/second_order.py. Do not edit.\nreturn {\n" + text + "}\n")
print(f"{OUT.stat().st_size} bytes")
