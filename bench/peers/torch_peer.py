"""PyTorch on one thread, beside the browser peers: torch.sparse (CSR, COO) and index_add, whichever is faster."""
import json, sys, time
import numpy as np
import torch

torch.set_num_threads(1)

def noise(index, salt):
    i = np.asarray(index, dtype=np.uint64)
    m = np.uint64(0xFFFFFFFF)
    h = ((i * np.uint64(2654435761) & m) + np.uint64(salt * 40503 & 0xFFFFFFFF)) & m
    h ^= h >> np.uint64(15); h = h * np.uint64(2246822519) & m
    h ^= h >> np.uint64(13); h = h * np.uint64(3266489917) & m
    h ^= h >> np.uint64(16)
    return h.astype(np.float64) / 2**32 - 0.5

def noises(count, salt, scale=1.0):
    return torch.tensor((noise(np.arange(count), salt) * scale).astype(np.float32))

def graph(nodes, edges, loops, salt):
    pick = lambda s: np.minimum(nodes - 1, np.floor((noise(np.arange(edges), s) + 0.5) * nodes)).astype(np.int64)
    pairs = pick(salt + 1) * nodes + pick(salt)
    if loops: pairs = np.concatenate([pairs, np.arange(nodes) * (nodes + 1)])
    pairs.sort()
    return nodes, torch.tensor(pairs % nodes), torch.tensor(pairs // nodes)

def weights(g):
    n, s, r = g
    d = torch.bincount(r, minlength=n).double().rsqrt(); d[torch.isinf(d)] = 0
    return (d[s] * d[r]).float()

def features(nodes=2708, columns=1433, nonzeros=49216):
    x = torch.zeros(nodes, columns)
    for v in range(nodes):
        wanted = (v + 1) * nonzeros // nodes - v * nonzeros // nodes
        row, i = set(), 0
        while len(row) < wanted:
            row.add(int(np.floor((noise(v * 64 + i, 9) + 0.5) * columns))); i += 1
        x[v, list(row)] = 1.0 / wanted
    return x

def csr(g, w):
    n, s, r = g
    return torch.sparse_coo_tensor(torch.stack([r, s]), w, (n, n)).coalesce().to_sparse_csr()

def agg(width, g, w, x):
    A = csr(g, w); return lambda: A @ x

def gat(g):
    n, s, r = g; E = len(s)
    z, f, t = noises(n * 64, 5).view(n, 8, 8), noises(64, 6).view(8, 8), noises(64, 7).view(8, 8)
    rr = r[:, None].expand(E, 8)
    def run():
        l = torch.nn.functional.leaky_relu((z * f).sum(-1)[s] + (z * t).sum(-1)[r], 0.2)
        top = torch.full((n, 8), -1e30).scatter_reduce_(0, rr, l, "amax")
        e = (l - top[r]).exp()
        total = torch.zeros(n, 8).index_add_(0, r, e)
        return torch.zeros(n, 8, 8).index_add_(0, r, (e / total[r])[..., None] * z[s])
    return run

def gcn(train):
    g = graph(2708, 10556, True, 1); A = csr(g, weights(g)); At = csr((g[0], g[2], g[1]), weights(g)); x = features()
    p = [noises(1433 * 16, 11, .2).view(1433, 16), noises(16, 12, .2), noises(112, 13).view(16, 7), noises(7, 14, .2)]
    logits = lambda: A @ (torch.relu(A @ (x @ p[0]) + p[1]) @ p[2]) + p[3]
    if not train: return logits
    class Spread(torch.autograd.Function):
        @staticmethod
        def forward(ctx, h): return A @ h
        @staticmethod
        def backward(ctx, dy): return At @ dy
    p = [q.requires_grad_() for q in p]
    y = torch.tensor(np.floor((noise(np.arange(2708), 15) + .5) * 7).astype(np.int64))[:140]
    opt = torch.optim.Adam(p, lr=.01)
    out = lambda: Spread.apply(torch.relu(Spread.apply(x @ p[0]) + p[1]) @ p[2]) + p[3]
    def step():
        opt.zero_grad()
        torch.nn.functional.cross_entropy(out()[:140], y).backward(); opt.step()
    return step, out

def cora(): return graph(2708, 10556, True, 1)

table = {
    "linear": lambda: (lambda x, W: lambda: x @ W)(noises(2708 * 1433, 2).view(2708, 1433), noises(1433 * 16, 3).view(1433, 16)),
    "gcn_agg_16": lambda: agg(16, cora(), weights(cora()), noises(2708 * 16, 4).view(2708, 16)),
    "gcn_agg_64": lambda: agg(64, cora(), weights(cora()), noises(2708 * 64, 4).view(2708, 64)),
    "gat_8x8": lambda: gat(cora()),
    "big_agg_64": lambda: (lambda g: agg(64, g, torch.ones(len(g[1])), noises(6400000, 8).view(100000, 64)))(graph(100000, 1000000, False, 21)),
    "gcn_infer": lambda: gcn(False), "gcn_train": lambda: gcn(True),
}
name = sys.argv[1]
training = name == "gcn_train"
run, result = table[name]() if training else (table[name](),) * 2
with torch.enable_grad() if training else torch.no_grad():
    for _ in range(3): run()
    first = result().detach()
    wall, cpu, start = [], [], time.perf_counter()
    while time.perf_counter() - start < 2 or len(wall) < 5:
        c, t = time.process_time(), time.perf_counter(); run()
        wall.append((time.perf_counter() - t) * 1e3); cpu.append((time.process_time() - c) * 1e3)
stat = lambda xs: {"best": min(xs), "median": sorted(xs)[len(xs) // 2]}
print(json.dumps({"workload": name, "peer": "pytorch", "wall": stat(wall), "cpu": stat(cpu), "samples": len(wall), "checksum": float(first.abs().double().sum())}))
