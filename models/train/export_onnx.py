"""Export a checkpoint folder as ONNX through nothing but torch.nn and torch.onnx.

    /usr/bin/python3 models/train/export_onnx.py models/ptb-lm /tmp/ptb/model.onnx

Builds the model that config.json describes from torch.nn modules, loads model.safetensors into it and exports it with
a dynamic time axis. Copies config.json and tokenizer.json beside the .onnx file, which `linnet quantize` then takes.
"""
import json
import os
import shutil
import sys

import torch
import torch.nn as nn

from checkpoint import load_safetensors

RNN = {"LSTM": nn.LSTM, "GRU": nn.GRU, "RNN_TANH": nn.RNN}


def recurrent(config):
    kind = config.get("rnn_type", "LSTM")
    return RNN[kind](config["embedding_size"], config["hidden_size"], config["num_layers"], batch_first=True,
                     bias=config.get("rnn_bias", True), bidirectional=config.get("bidirectional", False))


class LanguageModel(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.encoder = nn.Embedding(c["vocab_size"], c["embedding_size"])
        self.rnn = recurrent(c)
        self.decoder = nn.Linear(c["hidden_size"], c["vocab_size"], bias=c.get("decoder_bias", True))
        if c.get("tie_word_embeddings", False):
            self.decoder.weight = self.encoder.weight

    def forward(self, ids):
        return self.decoder(self.rnn(self.encoder(ids))[0])


class Convolutions(nn.Module):
    def __init__(self, c, channels):
        super().__init__()
        filters, bias, eps = c["num_filters"], c.get("conv_bias", True), c.get("batch_norm_eps", 1e-5)
        stack, widths = c.get("stack_widths", []), c["filter_widths"]
        sizes = [channels] + [filters] * len(stack)
        self.stack = nn.ModuleList(nn.Conv1d(n, filters, w, bias=bias) for n, w in zip(sizes, stack))
        self.norms = nn.ModuleList(nn.BatchNorm1d(filters, eps=eps) for _ in stack)
        self.convs = nn.ModuleList(nn.Conv1d(sizes[-1], filters, w, bias=bias) for w in widths)
        normed = c.get("batch_norm", False)
        self.conv_norms = nn.ModuleList(nn.BatchNorm1d(filters, eps=eps) if normed else nn.Identity() for _ in widths)
        name = c.get("activation", "relu")
        self.activation = nn.Identity() if name == "none" else getattr(torch, name)
        self.pool = pooling(c.get("pooling", "max"), c.get("lp_norm", 2))

    def forward(self, x):  # [batch, channels, time]
        for conv, norm in zip(self.stack, self.norms):
            x = self.activation(norm(conv(x)))
        pairs = zip(self.convs, self.conv_norms)
        return torch.cat([self.pool(self.activation(norm(conv(x)))) for conv, norm in pairs], 1)


def pooling(name, order):
    """[batch, channels, time] → [batch, channels]"""
    return {"max": lambda y: y.max(dim=2).values, "average": lambda y: y.mean(dim=2),
            "lp": lambda y: y.norm(p=order, dim=2)}[name]


class Classifier(nn.Module):
    """Embedding, perhaps recurrent layers, perhaps convolutions, one vector, linear."""

    def __init__(self, c):
        super().__init__()
        self.embedding = nn.Embedding(c["vocab_size"], c["embedding_size"])
        kind, size = c["model_type"], c["embedding_size"]
        self.rnn = self.middle = None
        self.last = False
        if kind in ("rnn_classifier", "rnn_cnn"):
            self.rnn = recurrent(c)
            size = c["hidden_size"] * (2 if c.get("bidirectional", False) else 1)
        if kind in ("text_cnn", "rnn_cnn"):
            self.middle = Convolutions(c, size)
            size = c["num_filters"] * len(c["filter_widths"])
        elif kind == "rnn_classifier" and c.get("pooling", "last") == "last":
            self.last = True
        else:
            self.middle = pooling("average" if kind == "fasttext" else c["pooling"], c.get("lp_norm", 2))
        self.fc = nn.Linear(size, len(c["labels"]), bias=c.get("fc_bias", True))

    def forward(self, ids):
        x = self.embedding(ids)
        if self.rnn is not None:
            x, state = self.rnn(x)
        if self.last:
            state = state[0] if isinstance(state, tuple) else state
            return self.fc(torch.cat([state[-2], state[-1]], 1) if self.rnn.bidirectional else state[-1])
        return self.fc(self.middle(x.transpose(1, 2)))


def renamed(model, tensors):
    """Names of this file's modules for those of the checkpoint."""
    inside = "middle." if any(k.startswith("middle.convs") for k in model.state_dict()) else ""
    return {inside + k if k.startswith(("stack.", "norms.", "convs.", "conv_norms.")) else k: v for k, v in tensors.items()}


def main(folder, path):
    with open(os.path.join(folder, "config.json"), encoding="utf-8") as f:
        config = json.load(f)
    language_model = config["model_type"] in ("lstm_lm", "rnn_lm")
    model = (LanguageModel if language_model else Classifier)(config).eval()
    tensors = {k: torch.from_numpy(v) for k, v in load_safetensors(os.path.join(folder, "model.safetensors")).items()}
    missing, unexpected = model.load_state_dict(renamed(model, tensors), strict=False)
    if unexpected or any(not k.endswith(("decoder.weight", "num_batches_tracked")) for k in missing):
        raise SystemExit(f"{folder}: missing {missing}, unexpected {unexpected}")
    ids = torch.randint(config["vocab_size"], (1, 24))
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    torch.onnx.export(model, (ids,), path, opset_version=13, input_names=["ids"], output_names=["logits"],
                      dynamic_axes={"ids": {1: "time"}})
    for name in ("config.json", "tokenizer.json"):
        shutil.copy(os.path.join(folder, name), os.path.join(os.path.dirname(os.path.abspath(path)), name))


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(*sys.argv[1:])
