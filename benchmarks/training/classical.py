"""The references of classical.ts: implicit and NumPy. Reads one task a line, answers with one line of JSON; sleeps in between."""

import json
import sys
import time
import warnings

import numpy as np
import scipy.sparse as sparse
from implicit.cpu.als import AlternatingLeastSquares
from implicit.nearest_neighbours import CosineRecommender
from threadpoolctl import threadpool_limits

warnings.simplefilter("ignore")  # implicit turns its own matrices into CSR, and says so
users, columns = [], []
for user, line in enumerate(open(sys.argv[1])):
    items = line.split()[1:]
    users += [user] * len(items)
    columns += map(int, items)
matrix = sparse.csr_matrix((np.ones(len(users), np.float32), (users, columns)))
threads = int(sys.argv[2])


def iterations(size, epochs):
    """Seconds of each iteration but the first, which cannot be told from the set-up."""
    wall, cpu = [], []
    # As implicit's documentation asks: its own threads, and none of the BLAS below them.
    with threadpool_limits(1, "blas"):
        model = AlternatingLeastSquares(factors=size, iterations=epochs, num_threads=threads, random_state=1)
        model.fit(matrix, show_progress=False, callback=lambda *_: (wall.append(time.perf_counter()), cpu.append(time.process_time())))
    return np.diff(wall).tolist(), np.diff(cpu).tolist()


def once(work):
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return [time.perf_counter() - wall], [time.process_time() - cpu]


def ease(l2):
    with threadpool_limits(threads, "blas"):
        gram = (matrix.T @ matrix).toarray()
        gram[np.diag_indices_from(gram)] += l2
        inverse = np.linalg.inv(gram)
        weights = inverse / -np.diag(inverse)
        weights[np.diag_indices_from(weights)] = 0


for line in sys.stdin:
    task = json.loads(line)
    if task["name"] == "ials":
        wall, cpu = iterations(task["size"], task["epochs"])
    elif task["name"] == "item-knn":
        with threadpool_limits(1, "blas"):
            wall, cpu = once(lambda: CosineRecommender(K=20, num_threads=threads).fit(matrix, show_progress=False))
    else:
        wall, cpu = once(lambda: ease(300))
    print(json.dumps({"wall": wall, "cpu": cpu}), flush=True)
