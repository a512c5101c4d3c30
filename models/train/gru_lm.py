"""Train models/gru-lm or models/tiny-lm: one-layer GRU language models on the books of models/gutenberg-lm.

    /usr/bin/python3 models/train/gru_lm.py --model tiny-lm --data <folder with books/> --work /tmp/tiny

Checkpoints every epoch into --work and resumes from it; writes config.json, model.safetensors (float16),
tokenizer.json and calibration.txt into --out; the weights at every improvement.
"""
import argparse
import json
import math
import os
import shutil
import time

import numpy as np
import torch
import torch.nn as nn

import books
import bpe
from checkpoint import save_json, save_safetensors
from gutenberg_lm import batchify, evaluate, sample

HERE = os.path.dirname(os.path.abspath(__file__))
ELDER = os.path.join(HERE, "..", "gutenberg-lm")  # whose books and calibration text these are, and gru-lm's tokenizer


def _gru(vocab, embedding, hidden, tied):
    """config.json of a model (docs/checkpoints.md)."""
    return {
        "model_type": "rnn_lm", "rnn_type": "GRU", "vocab_size": vocab, "embedding_size": embedding,
        "hidden_size": hidden, "num_layers": 1, "tie_word_embeddings": tied, "bos_token_id": 0,
    }


# By name: config.json, and how often the books are seen.
RECIPES = {
    "gru-lm": (_gru(1024, 192, 192, tied=True), 2),
    # Of the shapes whose image leaves room for the firmware in 256 KB of flash: see the model card.
    "tiny-lm": (_gru(512, 56, 128, tied=False), 8),
}
BATCH, BPTT, LR, WARMUP = 64, 64, 5e-3, 200


class LanguageModel(nn.Module):
    """encoder -> rnn -> decoder, named as in PyTorch's word_language_model example."""

    def __init__(self, config):
        super().__init__()
        self.encoder = nn.Embedding(config["vocab_size"], config["embedding_size"])
        self.rnn = nn.GRU(config["embedding_size"], config["hidden_size"], config["num_layers"])
        self.decoder = nn.Linear(config["hidden_size"], config["vocab_size"])
        if config["tie_word_embeddings"]:
            self.decoder.weight = self.encoder.weight
        else:
            nn.init.uniform_(self.decoder.weight, -0.1, 0.1)
        nn.init.uniform_(self.encoder.weight, -0.1, 0.1)
        nn.init.zeros_(self.decoder.bias)

    def forward(self, ids, state):
        output, state = self.rnn(self.encoder(ids), state)
        return self.decoder(output), state


def tokenizer(vocab_size, train):
    """The elder's tokenizer.json, or one of another size that is trained on the same [(book, text)]."""
    with open(os.path.join(ELDER, "tokenizer.json"), encoding="utf-8") as f:
        elder = json.load(f)
    if len(elder["model"]["vocab"]) == vocab_size:
        return elder
    return bpe.tokenizer_json(*bpe.train("".join(text for _, text in train), vocab_size))


def encoder(model):
    """(encode, {id: token}) of what tokenizer.json has as its model."""
    return bpe.Encoder(model["vocab"], [tuple(pair) for pair in model["merges"]]), {i: t for t, i in model["vocab"].items()}


def train_epoch(model, optimizer, schedule, data, log_prefix):
    """One pass over data [steps, batch], the state carried along; the mean loss in nats a token."""
    state, start, loss_sum, steps = None, time.time(), 0.0, 0
    for i in range(0, len(data) - 1 - BPTT, BPTT):
        x, y = data[i : i + BPTT], data[i + 1 : i + 1 + BPTT]
        optimizer.zero_grad()
        logits, state = model(x, None if state is None else state.detach())
        loss = nn.functional.cross_entropy(logits.view(-1, logits.size(-1)), y.reshape(-1))
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        loss_sum, steps = loss_sum + loss.item(), steps + 1
        if steps % 100 == 0:
            rate = steps * x.numel() / (time.time() - start)
            print(f"  {log_prefix} step {steps}/{len(data) // BPTT} loss {loss_sum / steps:.4f} {rate:.0f} tok/s", flush=True)
    return loss_sum / steps


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--model", default="gru-lm", choices=sorted(RECIPES))
    arguments.add_argument("--data", required=True, help="folder that holds books/")
    arguments.add_argument("--work", required=True, help="folder for checkpoints")
    arguments.add_argument("--out", help="default: models/<model>")
    arguments.add_argument("--epochs", type=int, help="default: the recipe's")
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    config, epochs = RECIPES[options.model]
    epochs, out = options.epochs or epochs, options.out or os.path.join(HERE, "..", options.model)
    torch.manual_seed(options.seed)
    torch.set_num_threads(1)
    os.makedirs(options.work, exist_ok=True)
    os.makedirs(out, exist_ok=True)
    shutil.copyfile(os.path.join(ELDER, "calibration.txt"), os.path.join(out, "calibration.txt"))
    save_json(os.path.join(out, "config.json"), config)

    train, held_out = books.load(os.path.join(options.data, "books"))
    tokens_json = tokenizer(config["vocab_size"], train)
    save_json(os.path.join(out, "tokenizer.json"), tokens_json)
    encode, tokens = encoder(tokens_json["model"])
    train_ids = [np.asarray([config["bos_token_id"]] + encode(text)) for _, text in train]
    valid_text = "".join(text for _, text in held_out)
    valid_ids = encode(valid_text)
    print(f"train {sum(map(len, train_ids))} tokens, held out {len(valid_ids)} tokens", flush=True)

    model = LanguageModel(config)
    optimizer = torch.optim.AdamW(model.parameters(), lr=LR, weight_decay=1e-3, betas=(0.9, 0.99))
    total = epochs * (sum(map(len, train_ids)) // (BATCH * BPTT))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda s: min(1, (s + 1) / WARMUP) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1, s / total)))),
    )
    parts, path = {"model": model, "optimizer": optimizer, "schedule": schedule}, os.path.join(options.work, "checkpoint.pt")
    first, best = 0, float("inf")
    if os.path.exists(path):
        saved = torch.load(path)
        for name, part in parts.items():
            part.load_state_dict(saved[name])
        first, best = saved["epoch"] + 1, saved["best"]
    for epoch in range(first, epochs):
        order = np.random.RandomState(options.seed * 1000 + epoch).permutation(len(train_ids))
        data = batchify(np.concatenate([train_ids[i] for i in order]), BATCH)
        loss = train_epoch(model, optimizer, schedule, data, f"epoch {epoch}")
        on_held_out = evaluate(model, valid_ids)
        bits = on_held_out * len(valid_ids) / math.log(2) / len(valid_text)
        print(f"epoch {epoch}: train {loss:.4f} held-out perplexity {math.exp(on_held_out):.3f} bits/char {bits:.4f}", flush=True)
        print("   ", sample(model, encode, tokens, "Once upon a time", 60, 0.7, 7).replace("\n", " / "), flush=True)
        if on_held_out < best:
            best = on_held_out
            left_out = {"decoder.weight"} if config["tie_word_embeddings"] else set()
            tensors = {k: v.half().numpy() for k, v in model.state_dict().items() if k not in left_out}
            save_safetensors(os.path.join(out, "model.safetensors"), tensors, {"format": "pt"})
        torch.save({name: part.state_dict() for name, part in parts.items()} | {"epoch": epoch, "best": best}, path + ".tmp")
        os.replace(path + ".tmp", path)


if __name__ == "__main__":
    main()
