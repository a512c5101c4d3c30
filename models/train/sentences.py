"""Labelled sentences for the classifiers: MR, SST-2 and TREC, their splits, tokenizer and batches.

    /usr/bin/python3 models/train/sentences.py --data <folder with sentences/> --out <folder>

writes <dataset>.dev.tsv and <dataset>.test.tsv, lines "label<TAB>text", for `linnet eval --labelled`.
"""
import argparse
import collections
import dataclasses
import gzip
import os
import re

import numpy as np
import torch

PAD, UNK = "<pad>", "<unk>"
PAD_ID, UNK_ID = 0, 1
# Punctuation stands alone, as `tokenizers`' Punctuation pre-tokenizer leaves it.
_MARKS = r"!-/:-@\[-`{-~\u00a1\u00a7\u00ab\u00b6\u00b7\u00bb\u00bf\u2010-\u2027\u2030-\u205e"
_TOKENS = re.compile(rf"[{_MARKS}]|[^\s{_MARKS}]+")
_MR_FOLDS, _MR_SEED = 10, 0


def tokenize(text):
    return _TOKENS.findall(text.lower())


def join_clitics(text):
    """SST and TREC split "does n't" and "what 's"; people type "doesn't" and "what's"."""
    return re.sub(r" (n't|'(?:s|ll|re|ve|d|m)\b)", r"\1", text)


@dataclasses.dataclass
class Dataset:
    """`train`, `dev` and `test` are lists of (label, text).

    `sentences` is where the vocabulary is counted; `refit` is what can be learnt from, too, once dev has served.
    """

    labels: list
    max_length: int
    train: list
    dev: list
    test: list
    sentences: list
    refit: list

    def vocabulary(self, min_count):
        """{word: id} of the words that occur `min_count` times in the training sentences or are an example of their own."""
        as_given, as_typed = collections.Counter(), collections.Counter()
        for _, text in self.sentences:
            as_given.update(tokenize(text))
            as_typed.update(tokenize(join_clitics(text)))
        alone = {words[0] for words in (tokenize(text) for _, text in self.train) if len(words) == 1}
        words = sorted(w for w, n in (as_given | as_typed).items() if n >= min_count or w in alone)
        return {w: i for i, w in enumerate([PAD, UNK] + words)}


def _read(folder, name, separator=" ", encoding="utf-8"):
    with gzip.open(os.path.join(folder, f"{name}.gz"), "rt", encoding=encoding) as f:
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


def _sst2(folder):
    sentences, dev, test = (_read(folder, f"stsa.binary.{part}") for part in ("train", "dev", "test"))
    phrases = _read(folder, "sst2.phrases.train.tsv", "\t")
    train, wider = without_leaks(phrases, sentences, dev + test), without_leaks(phrases, sentences + dev, test)
    known = set(train)
    refit = dev + [phrase for phrase in wider if phrase not in known]
    return Dataset(["negative", "positive"], 64, train, dev, test, sentences, refit)


def _mr(folder):
    """Tenths of one seeded shuffle: the first is the test set, the second the dev set."""
    rows = _read(folder, "rt-polarity.all", encoding="latin-1")
    order = np.random.RandomState(_MR_SEED).permutation(len(rows))
    test, dev, *rest = ([rows[i] for i in fold] for fold in np.array_split(order, _MR_FOLDS))
    train = [row for fold in rest for row in fold]
    return Dataset(["negative", "positive"], 80, train, dev, test, train, dev)


def _trec(folder):
    """The usual split; a tenth of the training questions, by a seeded shuffle, is the dev set."""
    rows, test = (_read(folder, f"TREC.{part}.all", encoding="latin-1") for part in ("train", "test"))
    order = np.random.RandomState(0).permutation(len(rows))
    dev, train = ([rows[i] for i in part] for part in np.split(order, [len(rows) // 10]))
    labels = ["description", "entity", "abbreviation", "human", "location", "number"]
    return Dataset(labels, 64, train, dev, test, train, dev)


DATASETS = {"mr": _mr, "sst2": _sst2, "trec": _trec}


def load(name, data):
    """The Dataset of that name; `data` is the folder that holds sentences/."""
    return DATASETS[name](os.path.join(data, "sentences"))


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


def batches(examples, size, generator=None):
    """Yields (ids [B, T], lengths [B], labels [B]) of examples (ids, label); a label is a number or a row of numbers.

    With a generator, for training: sentences of like length in random order, padded with 0 to the longest of the batch.
    Without, for measuring: sentences of one length, so that nothing is padded that the engine would not pad.
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
        ids = np.full((len(group), lengths[group].max()), PAD_ID, dtype=np.int64)
        for row, i in enumerate(group):
            ids[row, : lengths[i]] = examples[i][0]
        yield torch.from_numpy(ids), torch.from_numpy(lengths[group]), torch.from_numpy(np.array([examples[i][1] for i in group]))


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", required=True, help="folder that holds sentences/")
    arguments.add_argument("--out", required=True)
    options = arguments.parse_args()
    os.makedirs(options.out, exist_ok=True)
    for name in DATASETS:
        dataset = load(name, options.data)
        for part in ("dev", "test"):
            with open(os.path.join(options.out, f"{name}.{part}.tsv"), "w", encoding="utf-8") as f:
                f.writelines(f"{dataset.labels[label]}\t{text}\n" for label, text in getattr(dataset, part))


if __name__ == "__main__":
    main()
