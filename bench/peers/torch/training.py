"""Interaction Networks and training steps."""
import torch
from dense import multi
from graph import minimized
from torch.nn import functional as F


def pairs(nodes):
    """Ends of all edges of a complete graph without self-loops, receiver by receiver."""
    both = [(s, r) for r in range(nodes) for s in range(nodes) if s != r]
    return torch.tensor([s for s, _ in both]), torch.tensor([r for _, r in both])


def linear(one):
    return [one["W"].view(-1, len(one["b"])), one["b"]]


def mlp(x, w, act=torch.relu):
    """Layers, all but the last through an activation; w is W, b, W, b, .."""
    for i in range(0, len(w), 2):
        x = F.linear(x, w[i].t(), w[i + 1])
        x = act(x) if i + 2 < len(w) else x
    return x


def interaction(w):
    graphs, nodes = w["graphs"], w["nodes"]
    send, receive = pairs(nodes)
    x = w["x"].view(graphs, nodes, 4)
    weights = [t for one in (*w["edge"], *w["node"]) for t in linear(one)]

    def forward(*p):
        e = mlp(torch.cat([x[:, send], x[:, receive]], -1), p[:6])
        felt = e.view(graphs, nodes, nodes - 1, -1).sum(2)
        return mlp(torch.cat([x, felt], -1), p[6:])

    return forward, weights


def step(w):
    forward, weights = interaction(w)
    return lambda: forward(*weights)


def step_train(w):
    forward, weights = interaction(w)
    goal = w["goal"].view(w["graphs"], w["nodes"], 2)
    return minimized(weights, lambda *p: F.mse_loss(forward(*p), goal), 1e-3)


def cnn(w):
    turn = lambda W, i, o: W.view(3, 3, i, o).permute(3, 2, 0, 1).contiguous()
    x, y = w["x"].view(w["images"], 1, 28, 28), w["y"]
    last = w["W3"].view(7, 7, 32, 10).permute(2, 0, 1, 3).reshape(-1, 10)
    weights = [turn(w["W1"], 1, 16), w["b1"], turn(w["W2"], 16, 32), w["b2"], last.contiguous(), w["b3"]]

    def loss(A, a, B, b, C, c):
        h = F.max_pool2d(torch.relu(F.conv2d(x, A, a, padding=1)), 2)
        h = F.max_pool2d(torch.relu(F.conv2d(h, B, b, padding=1)), 2)
        return F.cross_entropy(h.flatten(1) @ C + c, y)

    return minimized(weights, loss, 1e-3)


def char_lstm(w):
    D, H, V = w["D"], w["H"], w["V"]
    module = torch.nn.LSTM(D, H, batch_first=True)
    module.weight_ih_l0.data.copy_(w["W"].view(D, -1).t())
    module.weight_hh_l0.data.copy_(w["U"].view(H, -1).t())
    module.bias_ih_l0.data.copy_(w["b"])
    module.bias_hh_l0.data.zero_()
    module.bias_hh_l0.requires_grad_(False)  # one bias, as in the other peers
    token, next_ = w["token"].view(w["batch"], -1), w["next"]
    known = [module.weight_ih_l0, module.weight_hh_l0, module.bias_ih_l0]

    def loss(E, W, b, *_):
        h, _ = module(F.embedding(token, E))
        return F.cross_entropy(torch.addmm(b, h.reshape(-1, H), W), next_)

    return minimized([w["E"].view(V, D), w["outW"].view(H, V), w["outB"], *known], loss, 1e-3)


order = ["gain1", "shift1", "Wq", "Wk", "Wv", "Wo", "gain2", "shift2", "W1", "b1", "W2", "b2"]


def char_transformer(w):
    D, T, V, heads = w["D"], w["context"], w["V"], w["heads"]
    shaped = lambda name, t: t.view(len(t) // D, D) if name in ("Wq", "Wk", "Wv", "Wo", "W2") else t.view(D, -1) if name == "W1" else t
    layers = [shaped(name, one[name]) for one in w["layers"] for name in order]
    token, next_ = w["token"].view(w["batch"], T), w["next"]
    mask = torch.full((T, T), float("-inf")).triu(1)
    norm = lambda x, gain, shift: F.layer_norm(x, (D,), gain, shift)
    gelu = lambda x: 0.5 * x * (1 + torch.tanh(0.7978845608 * (x + 0.044715 * x * x * x)))

    def loss(E, P, gain, shift, *rest):
        x = F.embedding(token, E) + P
        for i in range(0, len(rest), len(order)):
            g1, s1, Wq, Wk, Wv, Wo, g2, s2, *ffn = rest[i : i + len(order)]
            n = norm(x, g1, s1)
            y = x + multi(n @ Wq, n @ Wk, n @ Wv, heads, mask) @ Wo
            x = y + mlp(norm(y, g2, s2), ffn, gelu)
        return F.cross_entropy((norm(x, gain, shift) @ E.t()).view(-1, V), next_)

    return minimized([w["E"].view(V, D), w["P"].view(T, D), w["gain"], w["shift"], *layers], loss, 1e-3)


def normed(x, p):
    """Linear, ELU, linear, ELU, batch norm."""
    W1, b1, W2, b2, gain, shift = p
    y = F.elu(F.linear(F.elu(F.linear(x, W1.t(), b1)), W2.t(), b2))
    flat = F.batch_norm(y.reshape(-1, y.shape[-1]), None, None, gain, shift, True)
    return flat.view(y.shape)


def nri(w):
    B, N, T, D, ahead = w["worlds"], w["N"], w["frames"], w["D"], 10
    send, receive = pairs(N)
    x, noise = w["x"].view(B, N, T, D), w["gumbel"].view(B, -1, 2)
    weights = []
    for part in "abcd":
        p = w[part]
        weights += [p["W1"].view(-1, len(p["b1"])), p["b1"], p["W2"].view(-1, len(p["b2"])), p["b2"], p["gain"], p["shift"]]
    for one in (w["out"], *w["message"], *w["change"]):
        weights += linear(one)
    both = lambda h: [h[..., send, :], h[..., receive, :]]
    gathered = lambda m: m.view(*m.shape[:-2], N, N - 1, m.shape[-1]).sum(-2)

    def loss(*p):
        a = normed(x.reshape(B, N, T * D), p[0:6])
        b = normed(torch.cat(both(a), -1), p[6:12])
        c = normed(gathered(b) / N, p[12:18])
        d = normed(torch.cat([*both(c), b], -1), p[18:24])
        logits = mlp(d, p[24:26])
        z = torch.softmax((logits + noise) / 0.5, -1)[:, None, :, 1:2]
        frames = x.transpose(1, 2)
        now, nll = frames[:, 0:48:ahead], 0
        for s in range(ahead):
            m = torch.relu(mlp(torch.cat(both(now), -1), p[26:30])) * z
            now = now + mlp(torch.cat([now, gathered(m)], -1), p[30:36])
            truth = frames[:, s + 1 :: ahead]
            truth = truth[:, : 4 if s >= ahead - 2 else 5]
            nll = nll + ((now[:, : truth.shape[1]] - truth) ** 2).sum()
        q = torch.softmax(logits, -1)
        return (nll / (2 * 5e-5) + (q * torch.log(2 * q + 1e-16)).sum()) / (B * N)

    return minimized(weights, loss, 5e-4)


table = {
    "in_step": {"plain": step},
    "in_train": {"plain": step_train},
    "cnn_train": {"plain": cnn},
    "lstm_train": {"plain": char_lstm},
    "transformer_train": {"plain": char_transformer},
    "nri_train": {"plain": nri},
}
