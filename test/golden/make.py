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


RNN = {"LSTM": nn.LSTM, "GRU": nn.GRU, "RNN_TANH": nn.RNN}


def language_model(name, tied, seed, rnn_type=None):
    torch.manual_seed(seed)
    vocab, embedding, hidden, layers = 23, 13 if tied else 11, 13, 2
    encoder = nn.Embedding(vocab, embedding)
    rnn = RNN[rnn_type or "LSTM"](embedding, hidden, layers)
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
    if rnn_type:
        config.update(model_type="rnn_lm", rnn_type=rnn_type)
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


class GruResetBefore(nn.GRU):
    """One direction, one layer, the reset gate before the product: ONNX's linear_before_reset = 0."""

    def forward(self, x):
        h, out = torch.zeros(self.hidden_size), []
        for i in nn.functional.linear(x[0], self.weight_ih_l0, self.bias_ih_l0):
            (ir, iz, i_n), (wr, wz, wn), (br, bz, bn) = i.chunk(3), self.weight_hh_l0.chunk(3), self.bias_hh_l0.chunk(3)
            r, z = torch.sigmoid(ir + wr @ h + br), torch.sigmoid(iz + wz @ h + bz)
            h = (1 - z) * torch.tanh(i_n + wn @ (r * h) + bn) + z * h
            out.append(h)
        return torch.stack(out)[None], h[None, None]


def sentence_model(name, seed, forward_of, config, minimum=1, maximum=12):
    """A classifier. forward_of(embedding_size) gives its modules by name, and a function embedded → features."""
    torch.manual_seed(seed)
    vocab, size, labels = 19, 6, ["bad", "fair", "good"]
    embedding = nn.Embedding(vocab, size)
    modules, features, count = forward_of(size)
    fc = nn.Linear(count, len(labels))
    random = np.random.RandomState(seed)
    sentences = [random.randint(2, vocab, n).tolist() for n in (1, 2, 5, 7, maximum)]
    with torch.no_grad():
        padded = [s + [0] * (minimum - len(s)) for s in sentences]
        logits = [fc(features(embedding(torch.tensor([s])))[0]) for s in padded]
    tensors = {"embedding.weight": embedding.weight, "fc.weight": fc.weight, "fc.bias": fc.bias}
    for prefix, module in modules.items():
        tensors.update({f"{prefix}.{k}": v for k, v in module.state_dict().items()})
    config = {"vocab_size": vocab, "embedding_size": size, "labels": labels, "pad_token_id": 0, "max_length": maximum,
              **config}
    write(name, config, tensors, {"sentences": sentences, "logits": [[round(v, 6) for v in x.tolist()] for x in logits]})


def rnn_classifier(name, seed, rnn_type, layers, bidirectional, reset_after=True):
    hidden = 9

    def forward_of(size):
        make = RNN[rnn_type] if reset_after else GruResetBefore
        rnn = make(size, hidden, layers, batch_first=True, bidirectional=bidirectional)

        def features(x):
            state = rnn(x)[1]
            state = state[0] if rnn_type == "LSTM" else state
            return torch.cat([state[-2], state[-1]], 1) if bidirectional else state[-1]

        return {"rnn": rnn}, features, hidden * (2 if bidirectional else 1)

    config = {"model_type": "rnn_classifier", "rnn_type": rnn_type, "hidden_size": hidden, "num_layers": layers,
              "bidirectional": bidirectional}
    if not reset_after:
        config["reset_after"] = False
    sentence_model(name, seed, forward_of, config)


def rnn_cnn(name, seed, rnn_type, bidirectional):
    hidden, filters, widths = 7, 8, [2, 3]

    def forward_of(size):
        rnn = RNN[rnn_type](size, hidden, batch_first=True, bidirectional=bidirectional)
        channels = hidden * (2 if bidirectional else 1)
        convs = [nn.Conv1d(channels, filters, w) for w in widths]

        def features(x):
            y = rnn(x)[0].transpose(1, 2)
            return torch.cat([torch.relu(c(y)).max(dim=2).values for c in convs], 1)

        return {"rnn": rnn, **{f"convs.{i}": c for i, c in enumerate(convs)}}, features, filters * len(widths)

    config = {"model_type": "rnn_cnn", "rnn_type": rnn_type, "hidden_size": hidden, "num_layers": 1,
              "bidirectional": bidirectional, "filter_widths": widths, "num_filters": filters, "activation": "relu",
              "pooling": "max"}
    sentence_model(name, seed, forward_of, config, minimum=max(widths))


def deep_cnn(name, seed, stack_widths, batch_norm, activation, pooling):
    """Stacked convolutions with batch norm, statistics as after training."""
    filters, widths = 6, [2, 3]
    pool = {"max": lambda x: x.max(dim=2).values, "average": lambda x: x.mean(dim=2),
            "lp": lambda x: (x.abs() ** 2).sum(dim=2).sqrt()}[pooling]

    def trained_norm():
        norm = nn.BatchNorm1d(filters).eval()
        norm.running_mean.uniform_(-0.3, 0.3)
        norm.running_var.uniform_(0.3, 1.5)
        nn.init.uniform_(norm.weight, 0.5, 1.5)
        nn.init.uniform_(norm.bias, -0.2, 0.2)
        return norm

    def forward_of(size):
        sizes = [size] + [filters] * len(stack_widths)
        layers = {
            "stack": [nn.Conv1d(n, filters, w) for n, w in zip(sizes, stack_widths)],
            "norms": [trained_norm() for _ in stack_widths],
            "convs": [nn.Conv1d(sizes[-1], filters, w) for w in widths],
            "conv_norms": [trained_norm() if batch_norm else nn.Identity() for _ in widths],
        }
        act = getattr(torch, activation)

        def features(x):
            y = x.transpose(1, 2)
            for conv, norm in zip(layers["stack"], layers["norms"]):
                y = act(norm(conv(y)))
            return torch.cat([pool(act(norm(conv(y)))) for conv, norm in zip(layers["convs"], layers["conv_norms"])], 1)

        modules = {f"{kind}.{i}": m for kind, stack in layers.items() for i, m in enumerate(stack)}
        return modules, features, filters * len(widths)

    config = {"model_type": "text_cnn", "filter_widths": widths, "num_filters": filters, "batch_norm": batch_norm,
              "activation": activation, "pooling": pooling}
    if stack_widths:
        config["stack_widths"] = stack_widths
    sentence_model(name, seed, forward_of, config, minimum=max(widths) + sum(w - 1 for w in stack_widths))


def pooled_rnn(name, seed, pooling):
    hidden = 8

    def forward_of(size):
        rnn = nn.RNN(size, hidden, batch_first=True)
        return {"rnn": rnn}, lambda x: rnn(x)[0].max(dim=1).values, hidden

    config = {"model_type": "rnn_classifier", "rnn_type": "RNN_TANH", "hidden_size": hidden, "num_layers": 1,
              "pooling": pooling}
    sentence_model(name, seed, forward_of, config)


if __name__ == "__main__":
    torch.set_num_threads(1)
    language_model("lstm-tied", True, 7)
    language_model("lstm-untied", False, 8)
    language_model("gru-lm", True, 10, "GRU")
    language_model("rnn-lm", False, 11, "RNN_TANH")
    classifier("text-cnn")
    rnn_classifier("rnn-classifier", 12, "RNN_TANH", 1, False)
    rnn_classifier("gru-classifier", 13, "GRU", 1, False, reset_after=False)
    rnn_classifier("bilstm-classifier", 14, "LSTM", 2, True)
    rnn_classifier("bigru-classifier", 15, "GRU", 2, True)
    rnn_cnn("lstm-cnn", 16, "LSTM", False)
    rnn_cnn("bigru-cnn", 17, "GRU", True)
    sentence_model("fasttext", 18, lambda size: ({}, lambda x: x.mean(dim=1), size), {"model_type": "fasttext"})
    deep_cnn("text-cnn-deep", 20, [2, 3], True, "relu", "max")
    deep_cnn("text-cnn-average", 21, [2], False, "tanh", "average")
    deep_cnn("text-cnn-lp", 22, [], True, "sigmoid", "lp")
    pooled_rnn("rnn-max", 23, "max")
