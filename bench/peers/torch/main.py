"""PyTorch on one thread as a peer: `python main.py INPUTS WORKLOAD VARIANT [SECONDS]` prints a JSON line, and
`python main.py INPUTS --list` what it can do. INPUTS is the folder of what bench/run/inputs.mjs wrote."""
import json
import sys
import time

begun = time.perf_counter()
import torch  # noqa: E402

import dense  # noqa: E402
import graph  # noqa: E402
import sequence  # noqa: E402
import training  # noqa: E402
from inputs import digest, read  # noqa: E402

torch.set_num_threads(1)
ready = time.perf_counter()
table = {**dense.table, **graph.table, **sequence.table, **training.table}


def measure(run, seconds, spent, least=2e-3):
    """As peers/measure.mjs has it."""
    warm, repeat, long = time.process_time() - spent, 1, False
    while not long or time.process_time() - warm < 0.4:
        start = time.perf_counter()
        for _ in range(repeat):
            run()
        long = time.perf_counter() - start >= least
        repeat = repeat if long else 2 * repeat
    wall, cpu = [], []
    start = time.process_time()
    while time.process_time() - start < seconds or len(wall) < 3:
        c, t = time.process_time(), time.perf_counter()
        for _ in range(repeat):
            run()
        wall.append((time.perf_counter() - t) * 1e3 / repeat)
        cpu.append((time.process_time() - c) * 1e3 / repeat)
    stats = lambda xs: {"best": min(xs), "median": sorted(xs)[len(xs) // 2]}
    return {"samples": len(wall), "wall": stats(wall), "cpu": stats(cpu)}


def perform(folder, workload, variant, seconds=1.0):
    given = read(folder, workload)
    built = time.perf_counter()
    trains = workload.endswith("_train")
    with torch.enable_grad() if trains else torch.no_grad():
        run = table[workload][variant](given)
        before = time.process_time()
        first = torch.tensor([run() for _ in range(5)]) if trains else run()
        done = time.perf_counter()
        figures = measure(run, seconds, time.process_time() - before)
    start = {"load": (ready - begun) * 1e3, "first": (done - built) * 1e3}
    return {"workload": workload, "variant": variant, **figures, "start": start, "digest": digest(first)}


folder, workload, *rest = sys.argv[1:]
if workload == "--list":
    print(json.dumps({name: list(variants) for name, variants in table.items()}))
else:
    print(json.dumps(perform(folder, workload, rest[0], *map(float, rest[1:]))))
