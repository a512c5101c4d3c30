"""Train models/gutenberg-lm: a stacked LSTM language model on public-domain books (CPU, seeded).

    /usr/bin/python3 models/train/gutenberg_lm.py --data <folder with books/> --work /tmp/gutenberg

Checkpoints every epoch into --work and resumes from it; writes config.json, model.safetensors,
tokenizer.json and the held-out text into --out at every improvement.
"""
import argparse
import json
import math
import os
import time

import numpy as np
import torch
import torch.nn as nn

import books
import bpe
from checkpoint import save_json, save_safetensors

HERE = os.path.dirname(os.path.abspath(__file__))
CONFIG = {
    "model_type": "lstm_lm",
    "vocab_size": 1024,
    "embedding_size": 200,
    "hidden_size": 200,
    "num_layers": 2,
    "tie_word_embeddings": True,
    "bos_token_id": 0,
}


class LanguageModel(nn.Module):
    """encoder -> rnn -> decoder, named as in PyTorch's word_language_model example."""

    def __init__(self, config, dropout):
        super().__init__()
        self.encoder = nn.Embedding(config["vocab_size"], config["embedding_size"])
        self.rnn = nn.LSTM(config["embedding_size"], config["hidden_size"], config["num_layers"], dropout=dropout)
        self.decoder = nn.Linear(config["hidden_size"], config["vocab_size"])
        self.decoder.weight = self.encoder.weight
        self.drop = nn.Dropout(dropout)
        nn.init.uniform_(self.encoder.weight, -0.1, 0.1)
        nn.init.zeros_(self.decoder.bias)

    def forward(self, ids, state):
        output, state = self.rnn(self.drop(self.encoder(ids)), state)
        return self.decoder(self.drop(output)), state


def batchify(ids, batch):
    length = len(ids) // batch
    return torch.from_numpy(np.asarray(ids[: length * batch], dtype=np.int64)).view(batch, length).t().contiguous()


def evaluate(model, ids, batch=16, bptt=128):
    """Mean negative log-likelihood (nats a token), state carried through the text."""
    model.eval()
    data, state, total, count = batchify(ids, batch), None, 0.0, 0
    with torch.no_grad():
        for i in range(0, len(data) - 1, bptt):
            x, y = data[i : i + bptt][: len(data) - 1 - i], data[i + 1 : i + 1 + bptt]
            logits, state = model(x, state)
            total += nn.functional.cross_entropy(logits.view(-1, logits.size(-1)), y.reshape(-1), reduction="sum").item()
            count += y.numel()
    model.train()
    return total / count


def sample(model, encode, inverse, prompt, n, temperature, seed):
    generator = torch.Generator().manual_seed(seed)
    ids, state, out = [0] + encode(prompt), None, []
    model.eval()
    with torch.no_grad():
        for _ in range(n):
            logits, state = model(torch.tensor(ids).view(-1, 1), state)
            p = torch.softmax(logits[-1, 0] / temperature, -1)
            ids = [torch.multinomial(p, 1, generator=generator).item()]
            out.append(inverse[ids[0]])
    model.train()
    return prompt + "".join(out).replace(bpe.SPACE, " ")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", required=True, help="folder that holds books/")
    arguments.add_argument("--work", required=True, help="folder for checkpoints")
    arguments.add_argument("--out", default=os.path.join(HERE, "..", "gutenberg-lm"))
    arguments.add_argument("--epochs", type=int, default=16)
    arguments.add_argument("--batch", type=int, default=64)
    arguments.add_argument("--bptt", type=int, default=64)
    arguments.add_argument("--lr", type=float, default=4e-3)
    arguments.add_argument("--dropout", type=float, default=0.05)
    arguments.add_argument("--threads", type=int, default=1)
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    os.makedirs(options.work, exist_ok=True)
    os.makedirs(options.out, exist_ok=True)

    train, held_out = books.load(os.path.join(options.data, "books"))
    vocab, merges = bpe.train("".join(t for _, t in train), CONFIG["vocab_size"])
    encode = bpe.Encoder(vocab, merges)
    inverse = {i: t for t, i in vocab.items()}
    save_json(os.path.join(options.out, "tokenizer.json"), bpe.tokenizer_json(vocab, merges))
    save_json(os.path.join(options.out, "config.json"), CONFIG)
    # Shipped for evaluation: held-out text of public-domain books only.
    shipped = "".join(t for name, t in held_out if name != "tinystories-slice")
    with open(os.path.join(options.out, "heldout.txt"), "w", encoding="utf-8") as f:
        f.write(shipped)
    # Shipped for calibration: a little of what it was trained on, from the middle of every book.
    with open(os.path.join(options.out, "calibration.txt"), "w", encoding="utf-8") as f:
        f.write("".join(books.excerpt(t, 4000) for name, t in train if name != "tinystories-slice"))
    train_ids = [np.asarray([0] + encode(t)) for _, t in train]
    valid_text = "".join(t for _, t in held_out)
    valid_ids = encode(valid_text)
    chars_per_token = len(valid_text) / len(valid_ids)
    print(f"train {sum(map(len, train_ids))} tokens, held out {len(valid_ids)} tokens, {chars_per_token:.3f} characters a token", flush=True)

    model = LanguageModel(CONFIG, options.dropout)
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.lr, weight_decay=1e-3, betas=(0.9, 0.99))
    steps_an_epoch = sum(map(len, train_ids)) // (options.batch * options.bptt)
    total_steps, warmup = steps_an_epoch * options.epochs, 300
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda s: min(1, (s + 1) / warmup) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1, s / total_steps)))),
    )
    first, best, path = 0, float("inf"), os.path.join(options.work, "checkpoint.pt")
    if os.path.exists(path):
        saved = torch.load(path)
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        schedule.load_state_dict(saved["schedule"])
        first, best = saved["epoch"] + 1, saved["best"]
    for epoch in range(first, options.epochs):
        order = np.random.RandomState(options.seed * 1000 + epoch).permutation(len(train_ids))
        data = batchify(np.concatenate([train_ids[i] for i in order]), options.batch)
        state, start, seen, loss_sum, steps = None, time.time(), 0, 0.0, 0
        for i in range(0, len(data) - 1 - options.bptt, options.bptt):
            x, y = data[i : i + options.bptt], data[i + 1 : i + 1 + options.bptt]
            if state is not None:
                state = tuple(s.detach() for s in state)
            optimizer.zero_grad()
            logits, state = model(x, state)
            loss = nn.functional.cross_entropy(logits.view(-1, logits.size(-1)), y.reshape(-1))
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            loss_sum, steps, seen = loss_sum + loss.item(), steps + 1, seen + x.numel()
            if steps % 100 == 0:
                print(f"  epoch {epoch} step {steps}/{steps_an_epoch} loss {loss_sum / steps:.4f} {seen / (time.time() - start):.0f} tok/s", flush=True)
        loss = evaluate(model, valid_ids)
        bits = loss / math.log(2) / chars_per_token
        print(f"epoch {epoch}: train {loss_sum / steps:.4f} held-out perplexity {math.exp(loss):.3f} bits/char {bits:.4f}", flush=True)
        print("   ", sample(model, encode, inverse, "Once upon a time", 60, 0.7, 7).replace("\n", " / "), flush=True)
        if loss < best:
            best = loss
            tensors = {k: v.numpy() for k, v in model.state_dict().items() if k != "decoder.weight"}
            save_safetensors(os.path.join(options.out, "model.safetensors"), tensors, {"format": "pt"})
            save_json(os.path.join(options.work, "best.json"), {"epoch": epoch, "perplexity": math.exp(loss), "bits_per_character": bits})
        torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "schedule": schedule.state_dict(), "epoch": epoch, "best": best}, path + ".tmp")
        os.replace(path + ".tmp", path)


if __name__ == "__main__":
    main()
