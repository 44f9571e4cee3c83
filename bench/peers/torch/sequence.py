"""Recurrences by the modules of torch.nn, and greedy decoding by hand."""
import torch


def recurrent(kind, gates):
    def make(w):
        In, H = w["In"], w["H"]
        module = kind(In, H, batch_first=True)
        values = {"weight_ih_l0": w["W"].view(In, -1).t(), "weight_hh_l0": w["U"].view(H, -1).t(), "bias_ih_l0": w["b"]}
        values["bias_hh_l0"] = w["d"] if gates == 3 else torch.zeros(gates * H)
        for name, value in values.items():
            getattr(module, name).data.copy_(value)
        x = w["x"].view(w["batch"], w["steps"], In)
        return lambda: module(x)[0]

    return make


def gru(xW, h, U, d):
    """One step, its input product given: gates reset, update, new."""
    xr, xz, xn = xW.chunk(3, 1)
    hr, hz, hn = torch.addmm(d, h, U).chunk(3, 1)
    n = torch.tanh(xn + torch.sigmoid(xr + hr) * hn)
    return n + torch.sigmoid(xz + hz) * (h - n)


def decoder(w):
    S, E, H, A, words = (w[name] for name in ("S", "E", "H", "A", "words"))
    h, rows = w["h"].view(-1, S), w["table"].view(words, E)
    sW, sU, sV = w["scoreW"].view(H, A), w["scoreU"].view(S, A), w["scoreV"]
    W, U, out = w["W"].view(E + S, -1), w["U"].view(H, -1), w["outW"].view(H + S, words)

    def run():
        keys, s, y, all_ = h @ sU, torch.zeros(1, H), torch.zeros(1, E), []
        for _ in range(w["target"]):
            a = torch.softmax(torch.tanh(keys + s @ sW) @ sV, 0)
            c = (a @ h)[None]
            s = gru(torch.addmm(w["b"], torch.cat([y, c], 1), W), s, U, w["d"])
            logits = torch.addmm(w["outB"], torch.cat([s, c], 1), out)
            all_.append(logits)
            y = rows[logits.argmax(1)]
        return torch.cat(all_)

    return run


table = {
    **{f"gru_b{n}": {"plain": recurrent(torch.nn.GRU, 3)} for n in (1, 32)},
    **{f"lstm_b{n}": {"plain": recurrent(torch.nn.LSTM, 4)} for n in (1, 32)},
    "bahdanau": {"plain": decoder},
}
