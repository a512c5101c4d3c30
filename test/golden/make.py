"""Write tiny random checkpoints and what PyTorch computes from them: the oracle of the float model's tests.

    /usr/bin/python3 test/golden/make.py
"""
import json
import os
import sys

import numpy as np
import torch
import torch.nn as nn

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "models", "train"))
from checkpoint import save_json, save_safetensors  # noqa: E402


def tokenizer_json(size):
    """Word-level: <pad>, <unk>, w2, w3, …"""
    vocab = {t: i for i, t in enumerate(["<pad>", "<unk>"] + [f"w{i}" for i in range(2, size)])}
    special = [{"id": i, "content": t, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
                "special": True} for i, t in enumerate(["<pad>", "<unk>"])]
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": special,
        "normalizer": None, "pre_tokenizer": {"type": "WhitespaceSplit"}, "post_processor": None, "decoder": None,
        "model": {"type": "WordLevel", "vocab": vocab, "unk_token": "<unk>"},
    }


def write(name, config, tensors, expected):
    folder = os.path.join(HERE, name)
    os.makedirs(folder, exist_ok=True)
    save_json(os.path.join(folder, "config.json"), config)
    save_json(os.path.join(folder, "tokenizer.json"), tokenizer_json(config["vocab_size"]))
    save_safetensors(os.path.join(folder, "model.safetensors"), {k: v.detach().numpy() for k, v in tensors.items()})
    save_json(os.path.join(folder, "expected.json"), expected)


def language_model(name, tied):
    torch.manual_seed(7 if tied else 8)
    vocab, embedding, hidden, layers = 23, 13 if tied else 11, 13, 2
    encoder = nn.Embedding(vocab, embedding)
    rnn = nn.LSTM(embedding, hidden, layers)
    decoder = nn.Linear(hidden, vocab)
    if tied:
        decoder.weight = encoder.weight
    ids = np.random.RandomState(1).randint(0, vocab, 300)
    with torch.no_grad():
        inputs = torch.tensor([1] + ids[:-1].tolist())
        logits = decoder(rnn(encoder(inputs).unsqueeze(1))[0].squeeze(1))
        nll = nn.functional.cross_entropy(logits, torch.from_numpy(ids), reduction="sum").item()
    tensors = {"encoder.weight": encoder.weight, "decoder.bias": decoder.bias}
    tensors.update({f"rnn.{k}": v for k, v in rnn.state_dict().items()})
    if not tied:
        tensors["decoder.weight"] = decoder.weight
    config = {
        "model_type": "lstm_lm", "vocab_size": vocab, "embedding_size": embedding, "hidden_size": hidden,
        "num_layers": layers, "tie_word_embeddings": tied, "bos_token_id": 1, "license": "MIT",
    }
    last = [round(v, 6) for v in logits[-1].tolist()]
    write(name, config, tensors, {"ids": ids.tolist(), "nll": nll, "last_logits": last})


def classifier(name):
    torch.manual_seed(9)
    vocab, channels, filters, widths, labels = 19, 5, 7, [2, 3, 5], ["bad", "fair", "good"]
    embedding = nn.Embedding(vocab, channels)
    convs = [nn.Conv1d(channels, filters, w) for w in widths]
    fc = nn.Linear(filters * len(widths), len(labels))
    random = np.random.RandomState(2)
    sentences = [random.randint(2, vocab, n).tolist() for n in (1, 4, 5, 6, 12)]

    def forward(ids):
        x = embedding(torch.tensor([ids + [0] * (5 - len(ids))])).transpose(1, 2)
        return fc(torch.cat([torch.relu(c(x)).max(dim=2).values for c in convs], 1))[0]

    with torch.no_grad():
        logits = [[round(v, 6) for v in forward(s).tolist()] for s in sentences]
    tensors = {"embedding.weight": embedding.weight, "fc.weight": fc.weight, "fc.bias": fc.bias}
    for i, c in enumerate(convs):
        tensors[f"convs.{i}.weight"], tensors[f"convs.{i}.bias"] = c.weight, c.bias
    config = {
        "model_type": "text_cnn", "vocab_size": vocab, "embedding_size": channels, "filter_widths": widths,
        "num_filters": filters, "activation": "relu", "pooling": "max", "labels": labels, "pad_token_id": 0,
        "max_length": 12,
    }
    write(name, config, tensors, {"sentences": sentences, "logits": logits})


if __name__ == "__main__":
    torch.set_num_threads(1)
    language_model("lstm-tied", True)
    language_model("lstm-untied", False)
    classifier("text-cnn")
