"""The sequential network in PyTorch: the same architecture, loss, batches and optimiser as ours.

Reads one JSON object a line from standard input and answers each with one: {"steps": n} trains n steps and gives their seconds.
"""

import json
import sys
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

setup = json.loads(sys.stdin.readline())
items, d, blocks, heads, length = (setup[name] for name in ("items", "embeddingSize", "blocks", "heads", "windowLength"))
dropout, negatives, batch = setup["dropout"], setup["negatives"], setup["batchWindows"]
torch.set_num_threads(setup["threads"])
torch.manual_seed(1)

windows = torch.from_numpy(np.fromfile(setup["windows"], dtype=np.int32).astype(np.int64)).view(3, -1, length)
inputs, targets, sequences = windows


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm_attention, self.norm_dense = nn.LayerNorm(d), nn.LayerNorm(d)
        self.qkv, self.join = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.widen, self.narrow = nn.Linear(d, 4 * d), nn.Linear(4 * d, d)

    def forward(self, x, mask, turn):
        q, k, v = self.qkv(self.norm_attention(x)).view(-1, length, 3, heads, d // heads).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(turn(q), turn(k), v, attn_mask=mask)
        joined = self.join(mixed.transpose(1, 2).reshape(-1, length, d))
        x = x + F.dropout(joined, dropout)
        return x + F.dropout(self.narrow(F.relu(self.widen(self.norm_dense(x)))), dropout)


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.items = nn.Parameter(torch.randn(items, d) * 0.05)
        self.blocks = nn.ModuleList(Block() for _ in range(blocks))
        self.norm = nn.LayerNorm(d)
        half = d // heads // 2
        angles = torch.arange(length)[:, None] * 10_000.0 ** (-torch.arange(half) / half)
        self.cosines, self.sines = torch.cat([angles, angles], -1).cos(), torch.cat([angles, angles], -1).sin()
        self.half = half

    def turn(self, x):
        swapped = torch.cat([-x[..., self.half :], x[..., : self.half]], -1)
        return x * self.cosines + swapped * self.sines

    def forward(self, x, sequence):
        at = torch.arange(length)
        mask = ((sequence[:, :, None] == sequence[:, None, :]) & (at[:, None] >= at))[:, None]
        h = F.dropout(self.items[x], dropout)
        for block in self.blocks:
            h = block(h, mask, self.turn)
        return self.norm(h).view(-1, d)


network = Network()
optimiser = torch.optim.Adam(network.parameters(), lr=setup["learningRate"], fused=True)
probabilities = torch.bincount(targets.view(-1), minlength=items).float().sqrt()
probabilities /= probabilities.sum()


def loss_of(h, target):
    if negatives >= items:
        return F.cross_entropy(h @ network.items.T, target)
    drawn = torch.multinomial(probabilities, negatives, replacement=True)
    logits = h @ network.items[drawn].T - torch.log(probabilities[drawn] * negatives)
    logits = logits.masked_fill(drawn == target[:, None], -1e9)
    return F.softplus(torch.logsumexp(logits, 1) - (h * network.items[target]).sum(1)).mean()


position = 0
for line in sys.stdin:
    cpu, started, losses = time.process_time(), time.perf_counter(), []
    for _ in range(json.loads(line)["steps"]):
        if position + batch > len(inputs):
            position = 0
        part = slice(position, position + batch)
        position += batch
        loss = loss_of(network(inputs[part], sequences[part]), targets[part].reshape(-1))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "cpuSeconds": time.process_time() - cpu, "loss": sum(losses) / len(losses)}), flush=True)
