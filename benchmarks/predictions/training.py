"""LightGBM on the table of training.ts: early stopping on the validation part, then again on both parts with the number of trees found.

Reads one JSON object a line from standard input and answers each with one.
"""

import json
import os
import sys
import time

import lightgbm as lgb
import numpy as np
import pandas as pd

setup = json.loads(sys.stdin.readline())
parts = {name: pd.read_csv(setup["files"][name]) for name in ("train", "valid", "test")}
categories = [name for name in parts["train"].columns if name.startswith("c")]
for name in categories:
    values = sorted(set().union(*(part[name] for part in parts.values())))
    for part in parts.values():
        part[name] = pd.Categorical(part[name], categories=values)
inputs = {name: part.drop(columns=["y"]) for name, part in parts.items()}
targets = {name: part["y"] for name, part in parts.items()}
options = dict(
    objective="regression",
    num_leaves=31,
    learning_rate=0.05,
    feature_fraction=0.8,
    bagging_fraction=0.8,
    bagging_freq=1,
    num_threads=setup["threads"],
    seed=1,
    verbose=-1,
)
for line in sys.stdin:
    cpu, started = os.times(), time.perf_counter()
    train = lgb.Dataset(inputs["train"], targets["train"])
    valid = lgb.Dataset(inputs["valid"], targets["valid"], reference=train)
    model = lgb.train(options, train, 2000, [valid], callbacks=[lgb.early_stopping(50, verbose=False)])
    trees = model.best_iteration
    both = lgb.Dataset(pd.concat([inputs["train"], inputs["valid"]]), pd.concat([targets["train"], targets["valid"]]))
    model = lgb.train(options, both, trees)
    seconds, after = time.perf_counter() - started, os.times()
    error = model.predict(inputs["test"]) - targets["test"]
    answer = {
        "seconds": seconds,
        "cpuSeconds": after.user + after.system - cpu.user - cpu.system,
        "rmse": float(np.sqrt((error**2).mean())),
        "trees": trees,
    }
    print(json.dumps(answer), flush=True)
