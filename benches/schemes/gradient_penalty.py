"""scripts/gradient_penalty.lua in PyTorch."""

import torch
from few_shot import Classes, options, train
from torch import nn
from torch.func import functional_call

o = options(size=16, batch=64, lr=0.05, width=32, hidden=256, noise=32, penalty=10.0, critic_steps=1)


def halved(inputs, outputs):
    return nn.Conv2d(inputs, outputs, 3, stride=2, padding=1)


classes = Classes(o, 0)
critic = nn.Sequential(halved(3, o.width), nn.ReLU(), halved(o.width, 2 * o.width), nn.ReLU(), nn.Flatten(),
                       nn.Linear(2 * o.width * (o.size // 4) ** 2, 1))  # fmt: skip
generator = nn.Sequential(nn.Linear(o.noise, o.hidden), nn.BatchNorm1d(o.hidden), nn.ReLU(),
                          nn.Linear(o.hidden, 3 * o.size * o.size), nn.Sigmoid())  # fmt: skip


def episode():
    return classes.images(torch.randint(o.classes, (o.batch,)))


def gradients(real, step):
    fake = generator(torch.randn(len(real), o.noise)).reshape(len(real), 3, o.size, o.size)
    share = torch.rand(len(real), 1, 1, 1)
    between = (share * real + (1 - share) * fake.detach()).requires_grad_()
    (slope,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    penalty = (slope.flatten(1).norm(dim=1) - 1).square().mean()
    distance = critic(real).mean() - critic(fake.detach()).mean()
    loss = o.penalty * penalty - distance
    if step % o.critic_steps == 0:
        constants = {path: p.detach() for path, p in critic.named_parameters()}  # the step does not move the critic
        loss = loss - functional_call(critic, constants, fake).mean()
    loss.backward()
    return {"loss": loss.item(), "distance": distance.item(), "penalty": penalty.item()}


@torch.no_grad()
def evaluate():
    """The energy distance (Székely & Rizzo 2013) of generated from test images, of which no network tells."""
    real = Classes(o, 0).images(torch.arange(500) % o.classes)
    fake = generator.eval()(torch.randn(len(real), o.noise))
    generator.train()

    def apart(a, b):
        return torch.cdist(a.flatten(1), b.flatten(1)).mean().item()

    return {"energy_distance": 2 * apart(real, fake) - apart(real, real) - apart(fake, fake)}


if __name__ == "__main__":
    print(evaluate())
    train(o, nn.ModuleList([critic, generator]), episode, gradients, momentum=0, weight_decay=0, warmup=None)
    print(evaluate())
