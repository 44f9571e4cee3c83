"""Inputs as bench/run/inputs.mjs wrote them, and the digest of outputs that all peers share."""
import json

import numpy as np
import torch


def read(folder, workload):
    """Nested dicts and lists, arrays as tensors; integers are wide, as PyTorch wants indices."""
    data = np.fromfile(f"{folder}/{workload}.bin", dtype=np.uint8)

    def walk(value):
        if isinstance(value, list):
            return [walk(one) for one in value]
        if not isinstance(value, dict):
            return value
        if "kind" not in value:
            return {key: walk(one) for key, one in value.items()}
        kind = np.dtype(value["kind"])
        array = np.frombuffer(data, kind, value["count"], value["at"])
        return torch.tensor(array if kind.kind == "f" else array.astype(np.int64))

    with open(f"{folder}/{workload}.json") as file:
        return walk(json.load(file))


def noise(count, salt):
    """The hash of bench/workloads/noise.mjs."""
    low = np.uint64(0xFFFFFFFF)
    h = (np.arange(count, dtype=np.uint64) * np.uint64(2654435761) + np.uint64(salt * 40503)) & low
    h ^= h >> np.uint64(15)
    h = h * np.uint64(2246822519) & low
    h ^= h >> np.uint64(13)
    h = h * np.uint64(3266489917) & low
    h ^= h >> np.uint64(16)
    return h.astype(np.float64) / 2**32 - 0.5


def digest(values):
    flat = values.detach().double().numpy().ravel()
    size, signed = np.abs(flat).sum(), (flat * noise(flat.size, 977)).sum()
    return {"count": flat.size, "size": float(size), "signed": float(signed)}
