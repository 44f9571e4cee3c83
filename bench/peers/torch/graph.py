"""Sums over edges by torch.sparse (CSR, COO), attention over edges by index_add, and GCNs."""
import torch
from torch.nn import functional as F


def ends(g):
    return g["nodes"], g["senders"], g["receivers"]


def coo(n, s, r, w):
    return torch.sparse_coo_tensor(torch.stack([r, s]), w, (n, n)).coalesce()


def aggregation(form):
    def make(w):
        n, s, r = ends(w["graph"])
        A = coo(n, s, r, w.get("weight", torch.ones(len(s))))
        A = A.to_sparse_csr() if form == "csr" else A
        x = w["x"].view(n, -1)
        return lambda: A @ x

    return make


def attention(w):
    n, s, r = ends(w["graph"])
    heads, width = w["heads"], w["width"]
    z = w["z"].view(n, heads, width)
    f, t = w["from"].view(heads, width), w["to"].view(heads, width)
    index = r[:, None].expand(len(s), heads)

    def run():
        l = F.leaky_relu((z * f).sum(-1)[s] + (z * t).sum(-1)[r], 0.2)
        top = torch.full((n, heads), -1e30).scatter_reduce_(0, index, l, "amax")
        e = (l - top[r]).exp()
        total = torch.zeros(n, heads).index_add_(0, r, e)
        return torch.zeros(n, heads, width).index_add_(0, r, (e / total[r])[..., None] * z[s])

    return run


def features(x, kind):
    rows = torch.repeat_interleave(torch.arange(x["nodes"]), x["indptr"].diff())
    shape = (x["nodes"], x["columns"])
    sparse = torch.sparse_coo_tensor(torch.stack([rows, x["indices"]]), x["values"], shape).coalesce()
    return sparse.to_dense() if kind == "plain" else sparse


class Product(torch.autograd.Function):
    """A x with the gradient A^T dy, both by CSR matrices."""

    @staticmethod
    def forward(ctx, A, At, x):
        ctx.At = At
        return A @ x

    @staticmethod
    def backward(ctx, dy):
        return None, None, ctx.At @ dy


def gcn(w, kind):
    n, s, r = ends(w["graph"])
    A, At = coo(n, s, r, w["weight"]).to_sparse_csr(), coo(n, r, s, w["weight"]).to_sparse_csr()
    x = features(w["x"], kind)
    if kind == "plain":
        project = lambda W: x @ W
    else:
        X, Xt = x.to_sparse_csr(), x.t().coalesce().to_sparse_csr()
        project = lambda W: Product.apply(X, Xt, W)
    spread = lambda h: Product.apply(A, At, h)
    weights = [w["W1"].view(-1, 16), w["b1"], w["W2"].view(16, 7), w["b2"]]
    logits = lambda W1, b1, W2, b2: spread(torch.relu(spread(project(W1)) + b1) @ W2) + b2
    return logits, weights


def infer(kind):
    def make(w):
        logits, weights = gcn(w, kind)
        return lambda: logits(*weights)

    return make


def minimized(weights, loss, lr):
    """A step of Adam on all weights; gives the loss."""
    weights = [one.requires_grad_() for one in weights]
    optimizer = torch.optim.Adam(weights, lr=lr)

    def step():
        optimizer.zero_grad()
        value = loss(*weights)
        value.backward()
        optimizer.step()
        return value.item()

    return step


def train(kind):
    def make(w):
        logits, weights = gcn(w, kind)
        y = w["y"][: w["labelled"]]
        return minimized(weights, lambda *p: F.cross_entropy(logits(*p)[: len(y)], y), 0.01)

    return make


sums = {form: aggregation(form) for form in ("csr", "coo")}
table = {
    **{name: sums for name in ("gcn_agg_16", "gcn_agg_64", "edge_agg_16", "edge_agg_64")},
    **{name: sums for name in ("big_agg_64", "big_edge_agg_16", "big_edge_agg_64")},
    **{name: {"plain": attention} for name in ("gat_8x8", "gat_4x32_uniform", "gat_4x32_power")},
    "gcn_infer": {kind: infer(kind) for kind in ("plain", "sparse")},
    "gcn_train": {kind: train(kind) for kind in ("plain", "sparse")},
}
