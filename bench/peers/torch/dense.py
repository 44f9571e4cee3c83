"""Products, convolutions, attention, a Transformer layer."""
import math

import torch
from torch.nn import functional as F


def product(w):
    x, W = w["x"].view(w["rows"], w["inner"]), w["W"].view(w["inner"], w["columns"])
    return lambda: x @ W


def convolution(w):
    side, window = w["side"], w["window"]
    x = w["x"].view(w["images"], side, side, w["inputs"]).permute(0, 3, 1, 2).contiguous()
    W = w["W"].view(window, window, w["inputs"], w["outputs"]).permute(3, 2, 0, 1).contiguous()
    return lambda: F.conv2d(x, W, padding=window // 2).permute(0, 2, 3, 1)


def attend(q, k, v, mask=None):
    """softmax(q k^T / sqrt d) v, each [.., tokens, d]."""
    scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
    return torch.softmax(scores if mask is None else scores + mask, -1) @ v


def multi(q, k, v, heads, mask=None):
    """Heads side by side in rows [.., tokens, all]."""
    split = lambda t: t.view(*t.shape[:-1], heads, -1).transpose(-2, -3)
    return attend(split(q), split(k), split(v), mask).transpose(-2, -3).reshape(q.shape)


def attention(w):
    q, k, v = (w[name].view(w["tokens"], -1) for name in "qkv")
    return lambda: multi(q, k, v, w["heads"])


def layer(w):
    D = w["D"]
    x, W1, W2 = w["x"].view(-1, D), w["W1"].view(D, -1), w["W2"].view(-1, D)
    Wq, Wk, Wv, Wo = (w[name].view(D, D) for name in ("Wq", "Wk", "Wv", "Wo"))

    def run():
        y = F.layer_norm(x + multi(x @ Wq, x @ Wk, x @ Wv, w["heads"]) @ Wo, (D,), w["gain1"], w["shift1"])
        z = torch.relu(torch.addmm(w["b1"], y, W1))
        return F.layer_norm(y + torch.addmm(w["b2"], z, W2), (D,), w["gain2"], w["shift2"])

    return run


table = {
    **{f"gemm_{n}": {"plain": product} for n in (64, 256, 512, 1024)},
    "linear": {"plain": product},
    "conv_32x32x64_3x3": {"plain": convolution},
    "conv_b8_28x28x1x32_5x5": {"plain": convolution},
    **{f"attention_{n}": {"plain": attention} for n in (256, 1024, 4096)},
    **{f"tfm_{n}": {"plain": layer} for n in (128, 512)},
}
