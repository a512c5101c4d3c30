"""Train a word-level LSTM language model on Penn Treebank (CPU or GPU, seeded).

    /usr/bin/python3 models/train/ptb_lm.py --data <folder with ptb/> --work /tmp/ptb --recipe best

Recipes: `best` is the shipped ptb-lm (2×200, tied, variational dropout, weight-dropped recurrence); `baseline` (1×50)
and `untied` (2×200) have the forms at the ends of the published ladder.
Perplexity convention: <eos> ends each line and is predicted, state is carried across lines.
Checkpoints every epoch into --work and resumes from it. The text itself is licensed and stays out.
"""
import argparse
import gzip
import json
import math
import os
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from checkpoint import save_json, save_safetensors

HERE = os.path.dirname(os.path.abspath(__file__))
RECIPES = {
    # Inan et al. (arXiv:1611.01462) tie; Gal & Ghahramani (arXiv:1512.05287) lock the dropout masks;
    # Merity et al. (arXiv:1708.02182) drop recurrent weights. sampled: epochs that use a share of the softmax only.
    "best": dict(size=200, layers=2, tied=True, lr=3e-3, decay=0.04, batch=32, bptt=35, clip=1.0, epochs=29, sampled=26,
                 drop_words=0.1, drop_input=0.3, drop_between=0.25, drop_output=0.35, drop_weights=0.3),
    # Started from the weights of `best` (--start), then no longer tied.
    "untied": dict(size=200, layers=2, tied=False, lr=5e-4, decay=0.04, batch=32, bptt=35, clip=1.0, epochs=2, sampled=2,
                   drop_words=0.1, drop_input=0.35, drop_between=0.25, drop_output=0.4, drop_weights=0.3),
    "baseline": dict(size=50, layers=1, tied=False, lr=5e-3, decay=0.01, batch=32, bptt=35, clip=1.0, epochs=12, sampled=10,
                     drop_words=0.0, drop_input=0.05, drop_between=0.0, drop_output=0.1, drop_weights=0.0),
}
SHARE = 0.2
CALIBRATION_WORDS = 4096


def words(folder, part):
    with gzip.open(os.path.join(folder, f"ptb.{part}.txt.gz"), "rt") as f:
        return [w for line in f for w in line.split() + ["<eos>"]]


def tokenizer_json(vocab):
    """Words between spaces, and the end of a line, which is a word: <eos> of the published figures."""
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
            {"type": "Split", "pattern": {"String": "\n"}, "behavior": "Isolated", "invert": False},
            {"type": "Split", "pattern": {"Regex": "[^\\S\\n]+"}, "behavior": "Removed", "invert": False}]},
        "post_processor": None, "decoder": None,
        "model": {"type": "WordLevel", "vocab": {as_text(w): i for w, i in vocab.items()}, "unk_token": "<unk>"},
    }


def as_text(word):
    return "\n" if word == "<eos>" else word


def dropped(x, p, training):
    """Dropout on [time, batch, features], one mask for all time steps."""
    if not training or p == 0:
        return x
    mask = x.new_empty(1, x.size(1), x.size(2)).bernoulli_(1 - p) / (1 - p)
    return x * mask


class HeadLoss(torch.autograd.Function):
    """Mean cross-entropy of h·Wᵀ + b, h [tokens, size], W [classes, size], with its gradients computed on the way.

    In blocks of rows whose logits stay in the cache: on a CPU a quarter faster than F.cross_entropy over the whole.
    `offset` [classes] is added to the logits of every class but the target's.
    """

    @staticmethod
    def forward(ctx, h, weight, bias, target, offset=None, block=140):
        grad_h, grad_w, grad_b = torch.empty_like(h), torch.zeros_like(weight), torch.zeros_like(bias)
        total = h.new_zeros(())
        biases = bias if offset is None else bias + offset
        for i in range(0, len(h), block):
            rows, y = h[i : i + block], target[i : i + block]
            logits = torch.addmm(biases, rows, weight.t())
            at = torch.arange(len(rows), device=h.device)
            if offset is not None:
                logits[at, y] -= offset[y]
            p = torch.softmax(logits, 1)
            total -= p[at, y].log().sum()
            p[at, y] -= 1
            torch.mm(p, weight, out=grad_h[i : i + block])
            grad_w.addmm_(p.t(), rows)
            grad_b += p.sum(0)
        ctx.save_for_backward(grad_h, grad_w, grad_b)
        return total / len(h)

    @staticmethod
    def backward(ctx, upstream):
        scale = upstream / len(ctx.saved_tensors[0])
        return (*(g.mul_(scale) for g in ctx.saved_tensors), None, None, None)


class SampledHead:
    """The loss over the words of the batch and a random share of the others: a third of the time of the whole softmax.

    A word is among the classes with probability π = 1 − (1 − share)·(1 − p)ⁿ for n targets of unigram probability p; its
    exp(logit) counts 1/π, so that the sum over classes estimates that over the vocabulary without bias (Horvitz and
    Thompson, 1952; sampled softmax: Jean et al., arXiv:1412.2007).
    """

    def __init__(self, ids, vocab_size, share, tokens):
        unigram = torch.bincount(ids, minlength=vocab_size).double() / len(ids)
        inclusion = 1 - (1 - share) * (1 - unigram) ** tokens
        self.offset, self.share = -torch.log(inclusion).float(), share

    def __call__(self, h, weight, bias, target):
        taken = torch.rand(len(bias), device=h.device) < self.share
        taken[target] = True
        classes = taken.nonzero().squeeze(1)
        place = torch.empty_like(taken, dtype=torch.int64)
        place[classes] = torch.arange(len(classes), device=h.device)
        offset = self.offset.to(h.device)[classes]
        return HeadLoss.apply(h, weight[classes], bias[classes], place[target], offset)


class LanguageModel(nn.Module):
    def __init__(self, vocab_size, recipe):
        super().__init__()
        self.recipe, size = recipe, recipe["size"]
        self.encoder = nn.Embedding(vocab_size, size)
        self.layers = nn.ModuleList(nn.LSTM(size, size) for _ in range(recipe["layers"]))
        self.decoder = nn.Linear(size, vocab_size)
        if recipe["tied"]:
            self.decoder.weight = self.encoder.weight
        nn.init.uniform_(self.encoder.weight, -0.1, 0.1)
        nn.init.uniform_(self.decoder.weight, -0.1, 0.1)
        nn.init.zeros_(self.decoder.bias)

    def _run(self, layer, x, state):
        p = self.recipe["drop_weights"]
        raw = layer.weight_hh_l0
        if p == 0 or not self.training:
            return layer(x, state)
        if state is None:
            zero = x.new_zeros(1, x.size(1), raw.size(1))
            state = (zero, zero)
        weights = [layer.weight_ih_l0, F.dropout(raw, p), layer.bias_ih_l0, layer.bias_hh_l0]
        output, h, c = torch.lstm(x, state, weights, True, 1, 0.0, True, False, False)
        return output, (h, c)

    def forward(self, ids, states):
        r, training = self.recipe, self.training
        table = self.encoder.weight
        if training and r["drop_words"]:
            keep = table.new_empty(table.size(0), 1).bernoulli_(1 - r["drop_words"]) / (1 - r["drop_words"])
            table = table * keep
        x = dropped(F.embedding(ids, table), r["drop_input"], training)
        after = []
        for i, layer in enumerate(self.layers):
            x, state = self._run(layer, x, states[i] if states else None)
            after.append(state)
            last = i == len(self.layers) - 1
            x = dropped(x, r["drop_output" if last else "drop_between"], training)
        return x, after  # the hidden states before the decoder


def batchify(ids, batch):
    length = len(ids) // batch
    return torch.as_tensor(ids[: length * batch]).view(batch, length).t().contiguous()


def nll(model, ids, device, batch):
    """Mean nats a token. batch 1 is the published convention: every token in order, state carried."""
    model.eval()
    data, states, total, count = batchify(ids, batch).to(device), None, 0.0, 0
    with torch.no_grad():
        for i in range(0, len(data) - 1, 200):
            x, y = data[i : i + 200][: len(data) - 1 - i], data[i + 1 : i + 201]
            hidden, states = model(x, states)
            total += F.cross_entropy(model.decoder(hidden).flatten(0, 1), y.reshape(-1), reduction="sum").item()
            count += y.numel()
    model.train()
    return total / count


def sample(model, vocab, count, seed):
    """`count` words the model makes up: typical text to calibrate with, for the corpus itself may not be passed on."""
    model.eval()
    generator = torch.Generator().manual_seed(seed)
    names, states, word, text = list(vocab), None, vocab["<eos>"], ""
    with torch.no_grad():
        for _ in range(count):
            hidden, states = model(torch.tensor([[word]]), states)
            word = int(torch.multinomial(torch.softmax(model.decoder(hidden[0, 0]), 0), 1, generator=generator))
            text += as_text(names[word]) if names[word] == "<eos>" else " " + names[word]
    return text + "\n"


def export(model, vocab, out):
    """The checkpoint in float16; the model is left with the weights as they were written."""
    r = model.recipe
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(parameter.half().float())
    tensors = {"encoder.weight": model.encoder.weight, "decoder.bias": model.decoder.bias}
    if not r["tied"]:
        tensors["decoder.weight"] = model.decoder.weight
    for i, layer in enumerate(model.layers):
        for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            tensors[f"rnn.{kind}_l{i}"] = getattr(layer, f"{kind}_l0")
    os.makedirs(out, exist_ok=True)
    arrays = {k: v.detach().cpu().half().numpy() for k, v in tensors.items()}
    save_safetensors(os.path.join(out, "model.safetensors"), arrays, {"format": "pt"})
    save_json(os.path.join(out, "config.json"), {
        "model_type": "lstm_lm", "vocab_size": len(vocab), "embedding_size": r["size"], "hidden_size": r["size"],
        "num_layers": r["layers"], "tie_word_embeddings": r["tied"], "bos_token_id": vocab["<eos>"],
        "license": "MIT", "source": "Penn Treebank, word level, 10,000 words (Mikolov et al., 2010)"})
    save_json(os.path.join(out, "tokenizer.json"), tokenizer_json(vocab))
    with open(os.path.join(out, "calibration.txt"), "w", encoding="utf-8") as f:
        f.write(sample(model, vocab, CALIBRATION_WORDS, seed=1))


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", required=True, help="folder that holds ptb/")
    arguments.add_argument("--work", required=True)
    arguments.add_argument("--out", default=os.path.join(HERE, "..", "ptb-lm"))
    arguments.add_argument("--recipe", choices=RECIPES, default="best")
    arguments.add_argument("--start", help="best.pt of another run to start from")
    arguments.add_argument("--epochs", type=int)
    arguments.add_argument("--threads", type=int, default=1)
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    recipe = dict(RECIPES[options.recipe])
    recipe["epochs"] = options.epochs or recipe["epochs"]
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    os.makedirs(options.work, exist_ok=True)

    folder = os.path.join(options.data, "ptb")
    parts = {p: words(folder, p) for p in ("train", "valid", "test")}
    vocab = {w: i for i, w in enumerate(sorted(set(parts["train"])))}
    ids = {p: np.asarray([vocab[w] for w in ws], dtype=np.int64) for p, ws in parts.items()}
    print(f"vocabulary {len(vocab)}, train {len(ids['train'])} tokens, on {device}", flush=True)

    model = LanguageModel(len(vocab), recipe).to(device)
    print(f"{sum(p.numel() for p in model.parameters())} parameters", flush=True)
    optimizer = torch.optim.AdamW(model.parameters(), lr=recipe["lr"], weight_decay=recipe["decay"])
    sampled = SampledHead(torch.from_numpy(ids["train"]), len(vocab), SHARE, recipe["batch"] * recipe["bptt"])
    data = batchify(ids["train"], recipe["batch"]).to(device)
    total = len(range(0, len(data) - 1, recipe["bptt"])) * recipe["epochs"]
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: min(1, (s + 1) / 200) * (0.005 + 0.995 * 0.5 * (1 + math.cos(math.pi * min(1, s / total)))))
    first, best, path = 0, float("inf"), os.path.join(options.work, "checkpoint.pt")
    if options.start and not os.path.exists(path):
        model.load_state_dict(torch.load(options.start, map_location=device))
    if os.path.exists(path):
        saved = torch.load(path, map_location=device)
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        schedule.load_state_dict(saved["schedule"])
        first, best = saved["epoch"] + 1, saved["best"]
    for epoch in range(first, recipe["epochs"]):
        torch.manual_seed(options.seed * 1000 + epoch)
        # Another alignment of the columns each epoch, so that sequences do not always break at the same words.
        shift = int(torch.randint(len(data), (1,)))
        data = batchify(np.roll(ids["train"], -shift), recipe["batch"]).to(device)
        states, start, seen, loss_sum, steps = None, time.time(), 0, 0.0, 0
        for i in range(0, len(data) - 1, recipe["bptt"]):
            y = data[i + 1 : i + 1 + recipe["bptt"]]
            x = data[i : i + len(y)]
            if states:
                states = [tuple(s.detach() for s in state) for state in states]
            optimizer.zero_grad()
            hidden, states = model(x, states)
            head = sampled if epoch < recipe["sampled"] else HeadLoss.apply
            loss = head(hidden.flatten(0, 1), model.decoder.weight, model.decoder.bias, y.reshape(-1))
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), recipe["clip"])
            optimizer.step()
            schedule.step()
            loss_sum, steps, seen = loss_sum + loss.item(), steps + 1, seen + x.numel()
            if steps % 200 == 0:
                print(f"  epoch {epoch} step {steps} ppl {math.exp(loss_sum / steps):.2f} {seen / (time.time() - start):.0f} tok/s", flush=True)
        valid = nll(model, ids["valid"], device, 10)
        print(f"epoch {epoch}: train {math.exp(loss_sum / steps):.2f} valid {math.exp(valid):.3f}", flush=True)
        if valid < best:
            best = valid
            torch.save(model.state_dict(), os.path.join(options.work, "best.pt"))
        torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "schedule": schedule.state_dict(),
                    "epoch": epoch, "best": best}, path + ".tmp")
        os.replace(path + ".tmp", path)
    model.load_state_dict(torch.load(os.path.join(options.work, "best.pt"), map_location=device))
    export(model, vocab, options.out)
    result = {p: math.exp(nll(model, ids[p], device, 1)) for p in ("valid", "test")}
    print(f"best: {json.dumps(result)}", flush=True)
    save_json(os.path.join(options.work, "result.json"), result)


if __name__ == "__main__":
    main()
