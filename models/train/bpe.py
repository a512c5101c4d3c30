"""Byte-fallback BPE: train it, encode with it, write it as a Hugging Face tokenizer.json.

A space is written ▁ and may only begin a token, so text can be encoded word by word with the same
result as in one piece. Bytes that no listed character covers become <0xNN> tokens.
"""
import collections
import re

SPACE = "▁"
BOS = "<s>"
# A merge never leaves one of these runs: a word with its leading space, a clitic, digits one by
# one, punctuation, newlines.
_RUNS = re.compile(r"▁?[^\W\d_]+|'[a-z]+|▁?\d|\n+|▁?[^\w\s▁]+|▁|.", re.UNICODE)
_WORDS = re.compile(r"▁+[^▁]*|[^▁]+")


def _alphabet(text):
    counts = collections.Counter(text)
    printable = [chr(c) for c in range(0x20, 0x7F) if chr(c) != " "]
    extra = [c for c, n in counts.most_common() if ord(c) > 0x7E and n >= 100 and c != SPACE]
    return [SPACE, "\n"] + printable + sorted(extra)


def train(text, vocab_size):
    """Return (vocab: token -> id, merges: [(left, right)]) with exactly vocab_size tokens."""
    text = text.replace(" ", SPACE)
    vocab = [BOS] + [f"<0x{b:02X}>" for b in range(256) if not 0x20 <= b < 0x7F and b != 0x0A]
    vocab += _alphabet(text)
    words = [[list(w), n] for w, n in collections.Counter(_RUNS.findall(text)).items()]
    known = set(vocab)
    words = [w for w in words if all(c in known for c in w[0])]
    pairs, where = collections.Counter(), collections.defaultdict(set)
    for index, (symbols, n) in enumerate(words):
        for pair in zip(symbols, symbols[1:]):
            pairs[pair] += n
            where[pair].add(index)
    merges = []
    while len(vocab) < vocab_size:
        (left, right), _ = max(pairs.items(), key=lambda kv: (kv[1], kv[0]))
        merges.append((left, right))
        vocab.append(left + right)
        for index in list(where.pop((left, right))):
            symbols, n = words[index]
            for pair in zip(symbols, symbols[1:]):
                pairs[pair] -= n
            merged, i = [], 0
            while i < len(symbols):
                if i + 1 < len(symbols) and symbols[i] == left and symbols[i + 1] == right:
                    merged.append(left + right)
                    i += 2
                else:
                    merged.append(symbols[i])
                    i += 1
            words[index][0] = merged
            for pair in zip(merged, merged[1:]):
                pairs[pair] += n
                where[pair].add(index)
        del pairs[(left, right)]
    return {token: i for i, token in enumerate(vocab)}, merges


class Encoder:
    """text -> ids: lowest-rank merge first, leftmost first, exactly as `tokenizers` does."""

    def __init__(self, vocab, merges):
        self.vocab, self.rank, self.cache = vocab, {m: i for i, m in enumerate(merges)}, {}

    def _word(self, word):
        symbols = []
        for c in word:
            symbols += [c] if c in self.vocab else [f"<0x{b:02X}>" for b in c.encode()]
        while len(symbols) > 1:
            rank, i = min((self.rank.get(p, 1 << 30), i) for i, p in enumerate(zip(symbols, symbols[1:])))
            if rank == 1 << 30:
                break
            symbols[i : i + 2] = [symbols[i] + symbols[i + 1]]
        return [self.vocab[s] for s in symbols]

    def __call__(self, text):
        ids = []
        for word in _WORDS.findall(text.replace(" ", SPACE)):
            if word not in self.cache:
                self.cache[word] = self._word(word)
            ids += self.cache[word]
        return ids


def tokenizer_json(vocab, merges):
    """The tokenizer in Hugging Face `tokenizers` format (the layout Llama's tokenizers use)."""
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {"id": vocab[BOS], "content": BOS, "single_word": False, "lstrip": False, "rstrip": False,
             "normalized": False, "special": True}
        ],
        "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": SPACE},
        "pre_tokenizer": None,
        "post_processor": None,
        "decoder": {
            "type": "Sequence",
            "decoders": [
                {"type": "Replace", "pattern": {"String": SPACE}, "content": " "},
                {"type": "ByteFallback"},
                {"type": "Fuse"},
            ],
        },
        "model": {
            "type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
            "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": True,
            "ignore_merges": False, "vocab": vocab, "merges": [list(m) for m in merges],
        },
    }
