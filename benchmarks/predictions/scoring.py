"""onnxruntime's own Python call on the graph of scoring.ts, one thread.

Reads one JSON object a line from standard input and answers each with one.
"""

import json
import os
import sys
import time

import numpy as np
import onnxruntime as ort

setup = json.loads(sys.stdin.readline())
options = ort.SessionOptions()
options.intra_op_num_threads = 1
options.inter_op_num_threads = 1
session = ort.InferenceSession(setup["graph"], options, providers=["CPUExecutionProvider"])
rows, batch = setup["rows"], setup["batch"]
numeric = np.fromfile(setup["numeric"], dtype=np.float32).reshape(rows, -1)
categorical = np.fromfile(setup["categorical"], dtype=np.int32).reshape(rows, -1)
for line in sys.stdin:
    cpu, started = os.times(), time.perf_counter()
    total = 0.0
    for start in range(0, rows, batch):
        end = start + batch
        outputs = session.run(setup["outputs"], {"numeric": numeric[start:end], "categorical": categorical[start:end]})
        total += float(outputs[0][0, 0])
    seconds, after = time.perf_counter() - started, os.times()
    cpu_seconds = after.user + after.system - cpu.user - cpu.system
    print(json.dumps({"seconds": seconds, "cpuSeconds": cpu_seconds, "total": total}), flush=True)
