"""NeuMF in Keras or PyTorch: the network, loss, optimiser and batches of neu-mf.ts.

Reads one JSON object a line from standard input: first the setup, then {"steps": n}, each answered with the seconds of n training steps.
"""

import json
import os
import sys
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["KERAS_BACKEND"] = "tensorflow"
import numpy as np

setup = json.loads(sys.stdin.readline())
users, items, gmf, mlp, hidden = (setup[name] for name in ("userCount", "itemCount", "gmfSize", "mlpSize", "hiddenSizes"))
rate, threads = setup["learningRate"], setup["threads"]
# int32 [batches, 2, pairs]: user and item of each pair; the first of each group is the positive.
batches = np.fromfile(setup["batches"], dtype=np.int32).reshape(setup["batchCount"], 2, -1)
labels = (np.arange(batches.shape[2]) % setup["groupSize"] == 0).astype(np.float32)


def keras_step(compiled):
    import keras
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    layers = keras.layers
    user, item = keras.Input((), dtype="int32"), keras.Input((), dtype="int32")
    normal = keras.initializers.RandomNormal(stddev=0.1, seed=1)
    embed = lambda count, size, of: layers.Embedding(count, size, embeddings_initializer=normal)(of)
    product = layers.Multiply()([embed(users, gmf, user), embed(items, gmf, item)])
    h = layers.Concatenate()([embed(users, mlp, user), embed(items, mlp, item)])
    for size in hidden:
        h = layers.Dense(size, activation="relu")(h)
    logit = layers.Dense(1)(layers.Concatenate()([product, h]))
    model = keras.Model([user, item], logit)
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(rate), loss, jit_compile=compiled)
    inputs = [(tf.constant(u), tf.constant(i)) for u, i in batches]
    target = tf.constant(labels[:, None])
    return lambda step: model.train_on_batch(inputs[step % len(inputs)], target)


def torch_step(sparse):
    import torch
    from torch import nn

    torch.set_num_threads(threads)
    # Eight batches again and again are learned by heart: gradients become denormal, which costs a processor a hundredfold.
    torch.set_flush_denormal(True)
    torch.manual_seed(1)

    def embedding(count, size):
        table = nn.Embedding(count, size, sparse=sparse)
        nn.init.normal_(table.weight, std=0.1)
        return table

    class NeuMf(nn.Module):
        def __init__(self):
            super().__init__()
            self.user_factors, self.item_factors = embedding(users, gmf), embedding(items, gmf)
            self.user_inputs, self.item_inputs = embedding(users, mlp), embedding(items, mlp)
            sizes = [2 * mlp, *hidden]
            layers = [part for i, o in zip(sizes, hidden) for part in (nn.Linear(i, o), nn.ReLU())]
            self.perceptron, self.output = nn.Sequential(*layers), nn.Linear(gmf + hidden[-1], 1)

        def forward(self, u, i):
            h = self.perceptron(torch.cat([self.user_inputs(u), self.item_inputs(i)], 1))
            return self.output(torch.cat([self.user_factors(u) * self.item_factors(i), h], 1)).squeeze(1)

    network = NeuMf()
    tables = [part.weight for part in network.modules() if isinstance(part, nn.Embedding)]
    others = [p for p in network.parameters() if not any(p is table for table in tables)]
    if sparse:
        optimisers = [torch.optim.SparseAdam(tables, lr=rate), torch.optim.Adam(others, lr=rate, fused=True)]
    else:
        optimisers = [torch.optim.Adam(network.parameters(), lr=rate, fused=True)]
    inputs = torch.from_numpy(batches.astype(np.int64))
    target = torch.from_numpy(labels)
    loss_of = nn.BCEWithLogitsLoss()

    def step(number):
        u, i = inputs[number % len(inputs)]
        for optimiser in optimisers:
            optimiser.zero_grad()
        loss = loss_of(network(u, i), target)
        loss.backward()
        for optimiser in optimisers:
            optimiser.step()
        return loss.item()

    return step


steps = {
    "keras": lambda: keras_step(False),
    "keras-xla": lambda: keras_step(True),
    "torch": lambda: torch_step(False),
    "torch-sparse": lambda: torch_step(True),
}
train = steps[setup["side"]]()
for line in sys.stdin:
    wall, cpu, loss = time.perf_counter(), time.process_time(), 0.0
    for step in range(json.loads(line)["steps"]):
        loss = float(train(step))
    print(json.dumps({"seconds": time.perf_counter() - wall, "cpuSeconds": time.process_time() - cpu, "loss": loss}), flush=True)
