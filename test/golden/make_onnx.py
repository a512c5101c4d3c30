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


class GruLanguageModel(nn.Module):
    def __init__(self, vocab=17, embedding=6, hidden=8, layers=2):
        super().__init__()
        self.encoder = nn.Embedding(vocab, embedding)
        self.rnn = nn.GRU(embedding, hidden, layers)
        self.decoder = nn.Linear(hidden, vocab)

    def forward(self, ids):
        return self.decoder(self.rnn(self.encoder(ids))[0])


class RnnClassifier(nn.Module):
    """Recurrent layers of any kind, read at the end: the last hidden states, the last step or the mean of all steps."""

    def __init__(self, layer, end, layers=1, vocab=17, embedding=6, hidden=7, labels=3, bidirectional=False):
        super().__init__()
        self.end = end
        self.embedding = nn.Embedding(vocab, embedding)
        self.rnn = layer(embedding, hidden, layers, batch_first=True, bidirectional=bidirectional)
        self.fc = nn.Linear(hidden * (2 if bidirectional else 1), labels)

    def forward(self, ids):
        output, state = self.rnn(self.embedding(ids))
        hidden = state[0] if isinstance(state, tuple) else state
        x = {
            "last": lambda: hidden[-1],
            "both": lambda: torch.cat((hidden[-2], hidden[-1]), 1),
            "step": lambda: output[:, -1],
            "halves": lambda: torch.cat((output[:, -1, : self.rnn.hidden_size], output[:, 0, self.rnn.hidden_size :]), 1),
            "mean": lambda: output.mean(1),
        }[self.end]()
        return self.fc(x)


class PackedClassifier(nn.Module):
    """Padded batches of texts with their lengths, as most tutorials train recurrent classifiers."""

    def __init__(self, vocab=17, embedding=6, hidden=7, labels=3):
        super().__init__()
        self.embedding = nn.Embedding(vocab, embedding)
        self.rnn = nn.LSTM(embedding, hidden, bidirectional=True)
        self.fc = nn.Linear(2 * hidden, labels)

    def forward(self, ids, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(self.embedding(ids), lengths, enforce_sorted=True)
        _, (hidden, _) = self.rnn(packed)
        return self.fc(torch.cat((hidden[-2], hidden[-1]), 1))


class LstmCnn(nn.Module):
    """Convolutions over the hidden states of an LSTM, the largest of each."""

    def __init__(self, vocab=17, embedding=6, hidden=8, filters=5, widths=(2, 3), labels=4):
        super().__init__()
        self.embedding = nn.Embedding(vocab, embedding)
        self.rnn = nn.LSTM(embedding, hidden, batch_first=True, bidirectional=True)
        self.convs = nn.ModuleList([nn.Conv1d(2 * hidden, filters, w) for w in widths])
        self.fc = nn.Linear(filters * len(widths), labels)

    def forward(self, ids):
        x = self.rnn(self.embedding(ids))[0].transpose(1, 2)
        return self.fc(torch.cat([F.relu(c(x)).max(2).values for c in self.convs], 1))


class DeepCnn(nn.Module):
    """Padded, strided, dilated, grouped and pooled convolutions with batch norm, and a residual block."""

    def __init__(self, vocab=19, channels=8, labels=4):
        super().__init__()
        self.embedding = nn.Embedding(vocab, channels)
        self.block = nn.Sequential(
            nn.Conv1d(channels, 12, 3, padding=1), nn.BatchNorm1d(12), nn.ReLU(),
            nn.MaxPool1d(3, stride=2, padding=1),
            nn.Conv1d(12, 12, 3, stride=2, padding=2, groups=3), nn.BatchNorm1d(12), nn.Tanh(),
        )
        self.residual = nn.Sequential(
            nn.Conv1d(12, 12, 3, padding=2, dilation=2), nn.BatchNorm1d(12), nn.ReLU(),
            nn.Conv1d(12, 12, 1), nn.BatchNorm1d(12),
        )
        self.norm = nn.BatchNorm1d(12)
        self.average = nn.AvgPool1d(2, padding=1)
        self.end = nn.Sequential(nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Dropout(0.5), nn.Linear(12, labels))

    def forward(self, ids):
        x = self.block(self.embedding(ids).transpose(1, 2))
        x = F.relu(x + self.residual(x))
        return F.log_softmax(self.end(self.average(self.norm(x))), dim=1)


class DeepCnn2d(nn.Module):
    """Convolutions over time and the width of the embedding; channels and width flattened into one."""

    def __init__(self, vocab=19, width=9, labels=4):
        super().__init__()
        self.embedding = nn.Embedding(vocab, width)
        self.layers = nn.Sequential(
            nn.Conv2d(1, 4, 3, stride=(1, 2), padding=1), nn.BatchNorm2d(4), nn.ReLU(),
            nn.ConvTranspose2d(4, 3, 3, stride=2, padding=1, output_padding=(0, 1)), nn.ReLU(),
            nn.AvgPool2d((3, 2), stride=2, padding=(1, 0)),
            nn.Conv2d(3, 6, (2, 1)), nn.BatchNorm2d(6), nn.Sigmoid(),
        )
        self.hidden = nn.Linear(6 * 5, 8)
        self.fc = nn.Linear(8, labels)

    def forward(self, ids):
        x = self.layers(self.embedding(ids).unsqueeze(1)).max(2).values
        return self.fc(torch.tanh(self.hidden(x.flatten(1))))


class FlatCnn(nn.Module):
    """Texts of one length, all steps and channels flattened into one linear layer, as in many courses."""

    def __init__(self, vocab=19, channels=6, steps=16, labels=3):
        super().__init__()
        self.embedding = nn.Embedding(vocab, channels)
        self.layers = nn.Sequential(
            nn.Conv1d(channels, 8, 5), nn.ReLU(), nn.MaxPool1d(2), nn.Flatten(),
            nn.Linear(8 * ((steps - 4) // 2), 10), nn.ReLU(), nn.Linear(10, labels),
        )

    def forward(self, ids):
        return self.layers(self.embedding(ids).transpose(1, 2))


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


def answered():
    """Models whose logits PyTorch gives too: answers.json holds [labels] or [steps, vocab] for some ids."""
    answers = {}
    batch_first = {"ids": {0: "batch", 1: "time"}}
    models = {
        "gru-lm": GruLanguageModel(),
        "bilstm-classifier": RnnClassifier(nn.LSTM, "both", layers=2, bidirectional=True),
        "bigru-mean": RnnClassifier(nn.GRU, "mean", bidirectional=True),
        "bigru-halves": RnnClassifier(nn.GRU, "halves", bidirectional=True),
        "rnn-classifier": RnnClassifier(nn.RNN, "last", layers=2),
        "gru-step": RnnClassifier(nn.GRU, "step"),
        "lstm-cnn": LstmCnn(),
        "deep-cnn": DeepCnn(),
        "deep-cnn-2d": DeepCnn2d(),
        "flat-cnn": FlatCnn(),
        "bilstm-packed": PackedClassifier(),
    }
    for name, model in models.items():
        randomize_norms(model)
        vocab = model.eval().state_dict()[next(iter(model.state_dict()))].shape[0]
        ids = torch.tensor([(i * 7 + 3) % vocab for i in range(16)])
        time_first = name in ("gru-lm", "bilstm-packed")
        inputs = (ids[:, None] if time_first else ids[None],)
        options = {"dynamic_axes": {"ids": {0: "time"}} if time_first else batch_first}
        if name == "flat-cnn":
            options = {"dynamic_axes": {"ids": {0: "batch"}}}
        if name == "bilstm-packed":
            inputs += (torch.tensor([len(ids)]),)
            options["input_names"] = ["ids", "lengths"]
        with torch.no_grad():
            answers[name] = {"ids": ids.tolist(), "logits": model(*inputs).flatten().tolist()}
        export(name, model, inputs, **options)
    with open(os.path.join(OUT, "answers.json"), "w") as file:
        file.write(json.dumps(answers) + "\n")


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


def refused_activation():
    class ReluRnn(nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder, self.rnn = nn.Embedding(11, 4), nn.RNN(4, 3, nonlinearity="relu")
            self.decoder = nn.Linear(3, 11)

        def forward(self, ids):
            return self.decoder(self.rnn(self.encoder(ids))[0])

    export("refused-relu-rnn", ReluRnn(), torch.zeros(4, 1, dtype=torch.long), dynamic_axes={"ids": {0: "time"}})


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.manual_seed(10)
    os.makedirs(OUT, exist_ok=True)
    language_models()
    storage()
    classifiers()
    refused()
    answered()
    refused_activation()
