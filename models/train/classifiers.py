"""The classifiers of docs/checkpoints.md in PyTorch, their tensors named as it says.

Each is built from its config.json and called with ids [B, T] and lengths [B]; it gives logits [B, labels].
Padding behind a sentence has no influence: recurrent layers stop at its end, and no maximum sees a window beyond it.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from ngrams import ngram_ids
from sentences import PAD_ID, UNK_ID, tokenize


class Classifier(nn.Module):
    def __init__(self, config, features, dropout):
        super().__init__()
        self.embedding = nn.Embedding(config["vocab_size"], config["embedding_size"], padding_idx=PAD_ID)
        self.fc = nn.Linear(features, len(config["labels"]))
        self.drop = nn.Dropout(dropout)
        nn.init.uniform_(self.embedding.weight, -0.25, 0.25)
        with torch.no_grad():
            self.embedding.weight[PAD_ID] = 0


def _convolutions(config, channels):
    return nn.ModuleList(nn.Conv1d(channels, config["num_filters"], width) for width in config["filter_widths"])


def _max_over_time(convs, x, lengths):
    """x [B, C, T] -> [B, filters of all convs], over the windows that lie within each sentence."""
    pooled = []
    for conv in convs:
        y = F.relu(conv(x))
        beyond = torch.arange(y.size(2)) > lengths[:, None] - conv.kernel_size[0]
        pooled.append(y.masked_fill(beyond[:, None], 0).max(dim=2).values)  # ReLU: 0 is the least there is
    return torch.cat(pooled, 1)


class TextCnn(Classifier):
    """Kim (2014), arXiv:1408.5882; with `stack_widths`, over convolutions with batch norm instead of the words."""

    def __init__(self, config, dropout):
        super().__init__(config, config["num_filters"] * len(config["filter_widths"]), dropout)
        sizes = [config["embedding_size"]] + [config["num_filters"]] * len(config.get("stack_widths", []))
        self.stack = nn.ModuleList(nn.Conv1d(n, m, w) for n, m, w in zip(sizes, sizes[1:], config.get("stack_widths", [])))
        self.norms = nn.ModuleList(nn.BatchNorm1d(conv.out_channels) for conv in self.stack)
        self.convs = _convolutions(config, sizes[-1])

    def forward(self, ids, lengths):
        x = self.embedding(ids).transpose(1, 2)
        for conv, norm in zip(self.stack, self.norms):
            x = F.relu(norm(conv(x)))
            lengths = lengths - (conv.kernel_size[0] - 1)
        return self.fc(self.drop(_max_over_time(self.convs, x, lengths)))


def _recurrent(config):
    kind = {"LSTM": nn.LSTM, "GRU": nn.GRU, "RNN_TANH": nn.RNN}[config["rnn_type"]]
    rnn = kind(config["embedding_size"], config["hidden_size"], config["num_layers"], bidirectional=config["bidirectional"])
    for name, weight in rnn.named_parameters():
        if name.startswith("weight_hh"):
            for gate in weight.split(config["hidden_size"]):
                nn.init.orthogonal_(gate)
    return rnn, config["hidden_size"] * (2 if config["bidirectional"] else 1)


class RnnClassifier(Classifier):
    """The last hidden state (of both directions, if there are two) and a linear layer."""

    def __init__(self, config, dropout):
        rnn, size = _recurrent(config)
        super().__init__(config, size, dropout)
        self.rnn = rnn

    def forward(self, ids, lengths):
        x = pack_padded_sequence(self.drop(self.embedding(ids)).transpose(0, 1), lengths, enforce_sorted=False)
        state = self.rnn(x)[1]
        state = state[0] if isinstance(state, tuple) else state
        last = state[-2:] if self.rnn.bidirectional else state[-1:]
        return self.fc(self.drop(torch.cat(list(last), 1)))


class RnnCnn(Classifier):
    """Convolutions over the hidden states, max over time."""

    def __init__(self, config, dropout):
        rnn, size = _recurrent(config)
        super().__init__(config, config["num_filters"] * len(config["filter_widths"]), dropout)
        self.rnn = rnn
        self.convs = _convolutions(config, size)

    def forward(self, ids, lengths):
        x = pack_padded_sequence(self.drop(self.embedding(ids)).transpose(0, 1), lengths, enforce_sorted=False)
        states, _ = pad_packed_sequence(self.rnn(x)[0])  # [T, B, hidden]
        return self.fc(self.drop(_max_over_time(self.convs, states.permute(1, 2, 0), lengths)))


class FastText(Classifier):
    """The mean of the embeddings (Joulin et al., 2016) of words and, with `word_ngrams`, of their hashed n-grams."""

    def __init__(self, config, dropout):
        super().__init__(config, config["embedding_size"], dropout)

    def forward(self, ids, lengths):
        return self.fc(self.drop(self.embedding(ids).sum(1) / lengths[:, None]))


ARCHITECTURES = {"text_cnn": TextCnn, "rnn_classifier": RnnClassifier, "rnn_cnn": RnnCnn, "fasttext": FastText}


def build(config, dropout=0.0):
    return ARCHITECTURES[config["model_type"]](config, dropout)


def min_tokens(config):
    """Shorter sentences are padded to this, as the engine does."""
    return max(config.get("filter_widths", [1])) + sum(width - 1 for width in config.get("stack_widths", []))


class Encoder:
    """text -> ids of words, then of hashed n-grams, padded as the engine pads."""

    def __init__(self, vocab, config):
        self.vocab, self.least = vocab, min_tokens(config)
        self.ngrams, self.bucket = config.get("word_ngrams", 1), config.get("bucket", 0)

    def __call__(self, text):
        words = tokenize(text)
        ids = [self.vocab.get(word, UNK_ID) for word in words]
        if self.ngrams > 1:
            ids += ngram_ids(words, self.ngrams, self.bucket, len(self.vocab))
        return ids + [PAD_ID] * (self.least - len(ids))
