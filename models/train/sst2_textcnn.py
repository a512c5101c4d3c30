"""Train models/sst2-textcnn: Kim's Text-CNN on SST-2 (arXiv:1408.5882), embeddings from scratch.

    /usr/bin/python3 models/train/sst2_textcnn.py --data <folder with sentences/>

Trains on the phrases of the SST-2 training trees, chooses the epoch by the dev sentences, reports
the test sentences once. Writes config.json, model.safetensors and tokenizer.json into --out.
"""
import argparse
import collections
import gzip
import os
import re

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from checkpoint import save_json, save_safetensors

HERE = os.path.dirname(os.path.abspath(__file__))
PAD, UNK = "<pad>", "<unk>"
# ASCII punctuation stands alone, as `tokenizers`' Punctuation pre-tokenizer leaves it.
_TOKENS = re.compile(r"[!-/:-@\[-`{-~]|[^\s!-/:-@\[-`{-~]+")


def tokenize(text):
    return _TOKENS.findall(text.lower())


def join_clitics(text):
    """SST splits "does n't" and "it 's"; people type "doesn't" and "it's"."""
    return re.sub(r" (n't|'(?:s|ll|re|ve|d|m)\b)", r"\1", text)


def read(path, separator):
    with gzip.open(path, "rt", encoding="utf-8") as f:
        rows = [line.rstrip("\n").split(separator, 1) for line in f if line.strip()]
    return [(int(label), text) for label, text in rows]


def without_leaks(phrases, train, held_out):
    """Drop phrases that only a held-out sentence contains: the phrase file has the dev trees too."""

    def spans(texts):
        found = set()
        for text in texts:
            words = re.sub(r"[^\w ]", "", text.lower()).split()
            found.update(" ".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, len(words) + 1))
        return found

    train, held_out = spans(t for _, t in train), spans(t for _, t in held_out)
    key = lambda text: " ".join(re.sub(r"[^\w ]", "", text.lower()).split())
    return [(label, text) for label, text in phrases if key(text) in train or key(text) not in held_out]


def tokenizer_json(vocab):
    """Word-level tokenizer in Hugging Face `tokenizers` format."""
    special = [
        {"id": vocab[t], "content": t, "single_word": False, "lstrip": False, "rstrip": False,
         "normalized": False, "special": True} for t in (PAD, UNK)
    ]
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": special,
        "normalizer": {"type": "Lowercase"},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
            {"type": "WhitespaceSplit"}, {"type": "Punctuation", "behavior": "Isolated"}]},
        "post_processor": None, "decoder": None,
        "model": {"type": "WordLevel", "vocab": vocab, "unk_token": UNK},
    }


class TextCnn(nn.Module):
    def __init__(self, config, dropout):
        super().__init__()
        self.embedding = nn.Embedding(config["vocab_size"], config["embedding_size"], padding_idx=0)
        self.convs = nn.ModuleList(
            nn.Conv1d(config["embedding_size"], config["num_filters"], w) for w in config["filter_widths"])
        self.fc = nn.Linear(config["num_filters"] * len(config["filter_widths"]), len(config["labels"]))
        self.drop = nn.Dropout(dropout)
        nn.init.uniform_(self.embedding.weight, -0.25, 0.25)
        with torch.no_grad():
            self.embedding.weight[0] = 0

    def forward(self, ids):
        x = self.embedding(ids).transpose(1, 2)
        pooled = [F.relu(conv(x)).max(dim=2).values for conv in self.convs]
        return self.fc(self.drop(torch.cat(pooled, 1)))


def batches(examples, size, generator=None):
    """Yields (ids [B, T], labels [B]).

    With a generator, for training: sentences of like length in random order, padded with 0 to the longest of the batch.
    Without, for measuring: sentences of one length, so that nothing is padded that the engine would not pad (padding
    makes windows a maximum over time can pick: it was worth half a point that no single sentence ever gets).
    """
    lengths = np.array([len(ids) for ids, _ in examples])
    if generator is None:
        order = np.argsort(lengths, kind="stable")
        cuts = np.flatnonzero(np.diff(lengths[order])) + 1
        groups = [same[i : i + size] for same in np.split(order, cuts) for i in range(0, len(same), size)]
    else:
        order = np.argsort(lengths + generator.uniform(-1, 1, len(examples)), kind="stable")
        groups = [order[i : i + size] for i in range(0, len(order), size)]
        generator.shuffle(groups)
    for group in groups:
        longest = lengths[group].max()
        ids = np.zeros((len(group), longest), dtype=np.int64)
        for row, i in enumerate(group):
            ids[row, : lengths[i]] = examples[i][0]
        yield torch.from_numpy(ids), torch.tensor([examples[i][1] for i in group])


def accuracy(model, examples):
    model.eval()
    with torch.no_grad():
        right = sum((model(x).argmax(1) == y).sum().item() for x, y in batches(examples, 64))
    model.train()
    return 100 * right / len(examples)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", required=True)
    arguments.add_argument("--out", default=os.path.join(HERE, "..", "sst2-textcnn"))
    arguments.add_argument("--embedding", type=int, default=72)
    arguments.add_argument("--filters", type=int, default=100)
    arguments.add_argument("--min-count", type=int, default=2, help="occurrences in training sentences")
    arguments.add_argument("--epochs", type=int, default=6)
    arguments.add_argument("--lr", type=float, default=1e-3)
    arguments.add_argument("--dropout", type=float, default=0.5)
    arguments.add_argument("--word-dropout", type=float, default=0.15)
    arguments.add_argument("--average", type=float, default=0.999, help="decay of the averaged weights")
    arguments.add_argument("--decay", type=float, default=0.0)
    arguments.add_argument("--threads", type=int, default=1)
    arguments.add_argument("--seed", type=int, default=2)
    options = arguments.parse_args()
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    generator = np.random.RandomState(options.seed)
    folder = os.path.join(options.data, "sentences")
    phrases = read(os.path.join(folder, "sst2.phrases.train.tsv.gz"), "\t")
    sentences = read(os.path.join(folder, "stsa.binary.train.gz"), " ")
    dev_sentences = read(os.path.join(folder, "stsa.binary.dev.gz"), " ")
    test_sentences = read(os.path.join(folder, "stsa.binary.test.gz"), " ")
    phrases = without_leaks(phrases, sentences, dev_sentences + test_sentences)
    counts = collections.Counter(t for _, text in sentences for t in tokenize(text))
    joined = collections.Counter(t for _, text in sentences for t in tokenize(join_clitics(text)))
    words = sorted(w for w, n in (counts | joined).items() if n >= options.min_count)
    vocab = {w: i for i, w in enumerate([PAD, UNK] + words)}

    def encode(text):
        return [vocab.get(t, 1) for t in tokenize(text)]

    config = {
        "model_type": "text_cnn", "vocab_size": len(vocab), "embedding_size": options.embedding,
        "filter_widths": [3, 4, 5], "num_filters": options.filters, "activation": "relu",
        "pooling": "max", "labels": ["negative", "positive"], "pad_token_id": 0, "max_length": 64,
    }
    # Every sequence is padded to the widest filter, as the engine does.
    pad = lambda ids: ids + [0] * (max(config["filter_widths"]) - len(ids))
    train = [(pad(encode(text)), label) for label, text in phrases]
    typed = [(pad(encode(join_clitics(text))), label) for label, text in phrases]
    differs = [i for i in range(len(train)) if train[i][0] != typed[i][0]]
    dev = [(pad(encode(text)), label) for label, text in dev_sentences]
    test = [(pad(encode(text)), label) for label, text in test_sentences]
    print(f"vocabulary {len(vocab)}, {len(train)} phrases, {len(differs)} with clitics", flush=True)

    model = TextCnn(config, options.dropout)
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.lr, weight_decay=options.decay)
    best, kept = 0.0, None
    averaged = TextCnn(config, 0.0)
    averaged.load_state_dict(model.state_dict())
    for epoch in range(options.epochs):
        mixed = list(train)
        for i in differs:
            if generator.rand() < 0.5:
                mixed[i] = typed[i]
        loss_sum = n = 0
        for x, y in batches(mixed, 50, generator):
            if options.word_dropout:
                x = x.masked_fill((torch.rand(x.shape) < options.word_dropout) & (x != 0), 1)
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
            with torch.no_grad():
                model.embedding.weight[0] = 0
                for a, p in zip(averaged.parameters(), model.parameters()):
                    a.mul_(options.average).add_(p, alpha=1 - options.average)
            loss_sum, n = loss_sum + loss.item(), n + 1
        for group in optimizer.param_groups:
            group["lr"] *= 0.75
        on_dev = accuracy(averaged, dev)
        print(f"epoch {epoch} loss {loss_sum / n:.4f} dev {on_dev:.2f}", flush=True)
        if on_dev > best:
            best, kept = on_dev, {k: v.clone() for k, v in averaged.state_dict().items()}
    model.load_state_dict(kept)
    print(f"best dev {best:.2f} test {accuracy(model, test):.2f}", flush=True)
    os.makedirs(options.out, exist_ok=True)
    save_json(os.path.join(options.out, "config.json"), config)
    save_json(os.path.join(options.out, "tokenizer.json"), tokenizer_json(vocab))
    save_safetensors(os.path.join(options.out, "model.safetensors"), {k: v.numpy() for k, v in kept.items()}, {"format": "pt"})


if __name__ == "__main__":
    main()
