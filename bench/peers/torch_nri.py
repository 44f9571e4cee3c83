"""NRI (Kipf et al. 2018) on 5 particles as one writes it in PyTorch: the reference's layers, with gathers and one
index_add in place of products with one-hot matrices. Prints the seconds of a training step on one thread, best of many:
`python torch_nri.py [--batch 128] [--steps 10] [--hidden 64]`."""
import argparse
import time

import torch
from torch import nn
from torch.nn import functional as F

options = argparse.ArgumentParser()
options.add_argument("--batch", type=int, default=128)
options.add_argument("--steps", type=int, default=10)
options.add_argument("--hidden", type=int, default=64)
options.add_argument("--unchunked", action="store_true", help="48 steps one after another, the truth given every tenth")
given = options.parse_args()

torch.set_num_threads(1)
torch.manual_seed(0)
N, T, D, K, AHEAD = 5, 49, 4, 2, 10
B, H = given.batch, given.hidden
pairs = [(s, r) for r in range(N) for s in range(N) if s != r]
send = torch.tensor([s for s, _ in pairs])
receive = torch.tensor([r for _, r in pairs])


class Layer(nn.Module):
    """Linear, ELU, linear, ELU, batch norm."""

    def __init__(self, inputs):
        super().__init__()
        self.first, self.second = nn.Linear(inputs, H), nn.Linear(H, H)
        self.norm = nn.BatchNorm1d(H)

    def forward(self, x):
        y = F.elu(self.second(F.elu(self.first(x))))
        return self.norm(y.view(-1, H)).view(y.shape)


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = Layer(T * D), Layer(2 * H)
        self.c, self.d = Layer(H), Layer(3 * H)
        self.out = nn.Linear(H, K)

    def forward(self, x):
        a = self.a(x.reshape(B, N, T * D))
        b = self.b(torch.cat([a[:, send], a[:, receive]], -1))
        c = self.c(torch.zeros_like(a).index_add(1, receive, b) / N)
        return self.out(self.d(torch.cat([c[:, send], c[:, receive], b], -1)))


class Decoder(nn.Module):
    """One step; type 0 means no edge. x: [batch, time, particle, feature]."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(2 * D, H), nn.Linear(H, H)
        self.out = nn.Sequential(
            nn.Linear(D + H, H), nn.ReLU(), nn.Linear(H, H), nn.ReLU(), nn.Linear(H, D)
        )

    def forward(self, x, z):
        both = torch.cat([x[:, :, send], x[:, :, receive]], -1)
        m = F.relu(self.second(F.relu(self.first(both)))) * z[:, None, :, 1:2]
        felt = torch.zeros(*x.shape[:3], H).index_add(2, receive, m)
        return x + self.out(torch.cat([x, felt], -1))


encode, decode = Encoder(), Decoder()
optimizer = torch.optim.Adam([*encode.parameters(), *decode.parameters()], lr=5e-4)


def predicted(x, z):
    """All frames from the second on, each at most ten steps from a true one."""
    time_first = x.transpose(1, 2)
    if given.unchunked:
        now, found = None, []
        for t in range(T - 1):
            now = decode(time_first[:, t : t + 1] if t % AHEAD == 0 else now, z)
            found.append(now)
        return torch.cat(found, 1)
    now = time_first[:, 0::AHEAD]
    found = torch.zeros(B, now.shape[1] * AHEAD, N, D)
    for s in range(AHEAD):
        now = decode(now, z)
        found[:, s::AHEAD] = now
    return found[:, : T - 1]


def step(x):
    logits = encode(x)
    z = F.gumbel_softmax(logits, 0.5)
    miss = predicted(x, z) - x.transpose(1, 2)[:, 1:]
    nll = (miss**2).sum() / (2 * 5e-5 * B * N)
    p = F.softmax(logits, -1)
    loss = nll + (p * torch.log(p + 1e-16)).sum() / (B * N)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


x = torch.rand(B, N, T, D) * 2 - 1
best = float("inf")
for i in range(given.steps + 3):
    start = time.process_time()
    step(x)
    taken = time.process_time() - start
    if i >= 3:
        best = min(best, taken)
print(f"torch {torch.__version__} batch {B} hidden {H}: {1000 * best:.1f} ms a step (CPU time, one thread)")
