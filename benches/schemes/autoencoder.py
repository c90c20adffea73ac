"""scripts/autoencoder.lua in PyTorch."""

import torch
import torch.nn.functional as F
from few_shot import train
from self_supervised import noisy, options
from torch import nn

o = options(width=16, code=32, lr=2e-3, steps=312)
wide, side = 2 * o.width, o.size // 4
encoder = nn.Sequential(
    nn.Conv2d(3, o.width, 3, 2, 1), nn.BatchNorm2d(o.width), nn.ReLU(),
    nn.Conv2d(o.width, wide, 3, 2, 1), nn.BatchNorm2d(wide), nn.ReLU(),
    nn.Flatten(), nn.Linear(wide * side * side, o.code))  # fmt: skip
decoder = nn.Sequential(
    nn.Linear(o.code, wide * side * side), nn.Unflatten(1, (wide, side, side)),
    nn.ReLU(), nn.ConvTranspose2d(wide, o.width, 4, 2, 1), nn.BatchNorm2d(o.width),
    nn.ReLU(), nn.ConvTranspose2d(o.width, 3, 4, 2, 1), nn.Sigmoid())  # fmt: skip
model, images = nn.Sequential(encoder, decoder), noisy(o)


def gradients(batch, _):
    loss = F.mse_loss(model(batch), batch)
    loss.backward()
    return {"loss": loss.item()}


@torch.no_grad()
def evaluate():
    batch = images()
    error = F.mse_loss(model.eval()(batch), batch).item()
    model.train()
    return {"error": error}


if __name__ == "__main__":
    print(evaluate())
    train(o, model, images, gradients, warmup=0.05, optimizer=torch.optim.AdamW(model.parameters(), lr=o.lr, weight_decay=1e-4))
    print(evaluate())
