"""Full ranking with NumPy and, where it is installed, implicit; called by full-ranking.ts with its data."""

import json
import resource
import sys
import time

import numpy as np

folder, users, items, k = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
read = lambda name, dtype, rows: np.fromfile(f"{folder}/{name}", dtype).reshape(rows, -1)
user_factors, item_factors = read("users", np.float32, users), read("items", np.float32, items)
history, relevant = read("history", np.int32, users), read("relevant", np.int32, users)


def by_numpy(start, end):
    scores = user_factors[start:end] @ item_factors.T
    rows = np.arange(end - start)[:, None]
    scores[rows, history[start:end]] = -np.inf
    first = np.argpartition(scores, -k, axis=1)[:, -k:]
    return np.take_along_axis(first, np.argsort(-np.take_along_axis(scores, first, axis=1), axis=1), axis=1)


def measure(name, lists_of):
    cpu, started, recall = time.process_time(), time.perf_counter(), 0.0
    for start in range(0, users, 256):
        end = min(users, start + 256)
        for row, ranked in zip(range(start, end), lists_of(start, end)):
            held = set(relevant[row].tolist())
            recall += sum(item in held for item in ranked.tolist()) / len(held)
    print(json.dumps({
        "name": name,
        "seconds": time.perf_counter() - started,
        "cpuSeconds": time.process_time() - cpu,
        "peakMb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "recall": recall / users,
    }))


measure("numpy", by_numpy)
try:
    import scipy.sparse as sparse
    from implicit.cpu.als import AlternatingLeastSquares
except ImportError:
    sys.exit(0)
model = AlternatingLeastSquares(factors=user_factors.shape[1])
model.user_factors, model.item_factors = user_factors, item_factors
liked = sparse.csr_matrix((np.ones(history.size, np.float32), history.ravel(), np.arange(0, history.size + 1, history.shape[1])), shape=(users, items))
measure("implicit", lambda start, end: model.recommend(np.arange(start, end), liked[start:end], N=k)[0])
