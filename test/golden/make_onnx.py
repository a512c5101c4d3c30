"""Export tiny models of torch.nn's own layers with torch.onnx: what the ONNX importer has to take as it comes.

    OPENBLAS_NUM_THREADS=1 /usr/bin/python3 test/golden/make_onnx.py

Needs PyTorch and the onnx package (Debian: python3-torch, python3-onnx). The LSTM models hold the weights of
lstm-tied/ and lstm-untied/, text-cnn.onnx those of text-cnn/, so that both ways of import can be compared.
"""
import json
import os
import struct

import numpy as np
import onnx
import onnx.numpy_helper
import torch
import torch.nn as nn
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "onnx")


def load_safetensors(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header, payload = json.loads(file.read(length)), file.read()
    out = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        out[name] = torch.from_numpy(np.frombuffer(payload[begin:end], "<f4").reshape(entry["shape"]).copy())
    return out


class LanguageModel(nn.Module):
    def __init__(self, vocab, embedding, hidden, layers, tied, batch_first):
        super().__init__()
        self.encoder = nn.Embedding(vocab, embedding)
        self.rnn = nn.LSTM(embedding, hidden, layers, batch_first=batch_first)
        self.decoder = nn.Linear(hidden, vocab)
        if tied:
            self.decoder.weight = self.encoder.weight

    def forward(self, ids):
        return self.decoder(self.rnn(self.encoder(ids))[0])


class StatefulLanguageModel(LanguageModel):
    """As PyTorch's word_language_model example: the state goes in and out, rows of all steps, log-softmax."""

    def forward(self, ids, hidden, cell):
        output, (hidden, cell) = self.rnn(self.encoder(ids), (hidden, cell))
        decoded = self.decoder(output)
        return F.log_softmax(decoded.view(-1, decoded.size(2)), dim=1), hidden, cell


class TextCnn(nn.Module):
    """Kim's classifier over Conv1d, with batch norm after the convolutions if asked for."""

    def __init__(self, vocab=19, channels=5, filters=7, widths=(2, 3, 5), labels=3, norm=False):
        super().__init__()
        self.embedding = nn.Embedding(vocab, channels)
        self.convs = nn.ModuleList([nn.Conv1d(channels, filters, w) for w in widths])
        self.norms = nn.ModuleList([nn.BatchNorm1d(filters) if norm else nn.Identity() for _ in widths])
        self.dropout = nn.Dropout(0.5)
        self.fc = nn.Linear(filters * len(widths), labels)

    def forward(self, ids):
        x = self.embedding(ids).transpose(1, 2)
        pooled = [F.relu(n(c(x))).max(dim=2).values for c, n in zip(self.convs, self.norms)]
        return self.fc(self.dropout(torch.cat(pooled, 1)))


class TextCnn2d(nn.Module):
    """Kim's classifier over Conv2d with kernels as wide as the embedding, and batch norm before the output layer."""

    def __init__(self, vocab=19, channels=5, filters=7, widths=(2, 3, 5), labels=3):
        super().__init__()
        self.embedding = nn.Embedding(vocab, channels)
        self.convs = nn.ModuleList([nn.Conv2d(1, filters, (w, channels)) for w in widths])
        self.norms = nn.ModuleList([nn.BatchNorm2d(filters) for _ in widths])
        self.norm = nn.BatchNorm1d(filters * len(widths))
        self.fc = nn.Linear(filters * len(widths), labels)

    def forward(self, ids):
        x = self.embedding(ids).unsqueeze(1)
        x = [F.relu(n(c(x))).squeeze(3) for c, n in zip(self.convs, self.norms)]
        x = [F.max_pool1d(c, int(c.size(2))).squeeze(2) for c in x]
        return F.softmax(self.fc(self.norm(torch.cat(x, 1))), dim=1)


def randomize_norms(model):
    for module in model.modules():
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            module.running_mean.uniform_(-0.5, 0.5)
            module.running_var.uniform_(0.3, 2)
            module.weight.data.uniform_(-1.5, 1.5)
            module.bias.data.uniform_(-0.5, 0.5)


def export(name, model, args, **options):
    path = os.path.join(OUT, name + ".onnx")
    torch.onnx.export(model.eval(), args, path, input_names=options.pop("input_names", ["ids"]), **options)
    print(name, os.path.getsize(path))


def language_models():
    for name, tied in (("lstm-tied", True), ("lstm-untied", False)):
        weights = load_safetensors(os.path.join(HERE, name, "model.safetensors"))
        vocab, embedding = weights["encoder.weight"].shape
        if tied:
            weights["decoder.weight"] = weights["encoder.weight"]
        for suffix, batch_first, time in (("", False, 0), ("-batch-first", True, 1)):
            model = LanguageModel(vocab, embedding, 13, 2, tied, batch_first)
            model.load_state_dict(weights)
            shape = [1, 1]
            shape[time] = 9
            axes = {"ids": {time: "time", 1 - time: "batch"}}
            export(name + suffix, model, torch.zeros(shape, dtype=torch.long), dynamic_axes=axes)
    model = StatefulLanguageModel(vocab, embedding, 13, 2, tied, False)
    model.load_state_dict(weights)
    state = torch.zeros(2, 1, 13)
    names = {"input_names": ["ids", "h0", "c0"], "output_names": ["logits", "hn", "cn"]}
    export("lstm-stateful", model, (torch.zeros(9, 1, dtype=torch.long), state, state),
           dynamic_axes={"ids": {0: "time"}}, **names)
    export("lstm-unfolded", LanguageModel(11, 6, 6, 1, True, True), torch.zeros(1, 4, dtype=torch.long),
           do_constant_folding=False, opset_version=11)


def storage():
    """The same model with its weights in a file beside it, and in typed lists in place of raw bytes."""
    path = os.path.join(OUT, "lstm-untied.onnx")
    for tensor in (model := onnx.load(path)).graph.initializer:
        values = onnx.numpy_helper.to_array(tensor)
        tensor.CopyFrom(onnx.helper.make_tensor(tensor.name, tensor.data_type, values.shape, values.flatten().tolist()))
    onnx.save(model, os.path.join(OUT, "lstm-typed-lists.onnx"))
    if os.path.exists(os.path.join(OUT, "lstm-external.bin")):
        os.remove(os.path.join(OUT, "lstm-external.bin"))
    onnx.save(onnx.load(path), os.path.join(OUT, "lstm-external.onnx"), save_as_external_data=True,
              location="lstm-external.bin", size_threshold=0)


def classifiers():
    axes = {"ids": {0: "batch", 1: "time"}}
    ids = torch.zeros(2, 12, dtype=torch.long)
    model = TextCnn()
    model.load_state_dict(load_safetensors(os.path.join(HERE, "text-cnn", "model.safetensors")))
    export("text-cnn", model, ids, dynamic_axes=axes)
    model = TextCnn(norm=True)
    randomize_norms(model)
    export("text-cnn-norm", model, ids, dynamic_axes=axes)
    # In training mode the exporter leaves the batch norms and the dropout as they are.
    export("text-cnn-norm-unfused", model, ids, dynamic_axes=axes, do_constant_folding=False,
           training=torch.onnx.TrainingMode.PRESERVE)
    model = TextCnn2d()
    randomize_norms(model)
    export("text-cnn-2d", model, ids, dynamic_axes={"ids": {0: "batch"}})


def refused():
    axes = {"ids": {0: "time"}}
    ids = torch.zeros(4, 1, dtype=torch.long)

    class Bidirectional(nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder, self.rnn = nn.Embedding(11, 4), nn.LSTM(4, 3, bidirectional=True)
            self.decoder = nn.Linear(6, 11)

        def forward(self, ids):
            return self.decoder(self.rnn(self.encoder(ids))[0])

    export("refused-bidirectional", Bidirectional(), ids, dynamic_axes=axes)


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.manual_seed(10)
    os.makedirs(OUT, exist_ok=True)
    language_models()
    storage()
    classifiers()
    refused()
