"""Public-domain books as one running text: undo NLTK's tokenization, unwrap lines, split held-out."""
import gzip
import os
import re

# Prose only: verse and plays teach a small model line breaks rather than sentences.
# The first group is tokenized (`` Alice 's ``), one sentence a line; the second is running text.
TOKENIZED = [
    "austen-emma", "austen-persuasion", "austen-sense", "bryant-stories", "burgess-busterbrown",
    "carroll-alice", "chesterton-ball", "chesterton-brown", "chesterton-thursday",
    "edgeworth-parents", "melville-moby_dick",
]
RUNNING = ["tolstoy-war_and_peace", "running-text-mixed", "tinystories-slice"]
HELD_OUT = 0.02  # the last 2 % of every book is never trained on
PARAGRAPH = 360  # characters after which a tokenized book's next sentence starts a paragraph

_PLAIN = {
    "‘": "'", "’": "'", "“": '"', "”": '"', "—": "--", "–": "-", "…": "...", "\u00a0": " ",
    "á": "a", "ó": "o", "í": "i", "ú": "u", "ý": "y", "Á": "A", "_": "", "™": "", "€": "",
}


def _plain(text):
    """ASCII punctuation; the accents War and Peace puts on every Russian name are dropped."""
    return text.translate({ord(k): v for k, v in _PLAIN.items()})


def detokenize(line):
    """NLTK word tokens back to running text: `` `` Oh , '' `` becomes `"Oh,"`."""
    line = line.replace("``", '"\x01').replace("''", '\x02"')
    line = re.sub(r"\x01 ?", "", line)
    line = re.sub(r" ?\x02", "", line)
    line = re.sub(r" (n't|' ?(?:s|ll|re|ve|d|m)\b)", lambda m: m.group(1).replace("' ", "'"), line)
    line = re.sub(r"\b(\w+)' (ll|re|ve|d|m|s)\b", r"\1'\2", line)
    line = re.sub(r"(^|[\s\"(])` ", r"\1'", line)
    line = re.sub(r" '(?=[\s\".,;:!?)]|$)", "'", line)
    line = re.sub(r" ([,.;:!?)\]}])", r"\1", line)
    line = re.sub(r"([(\[{]) ", r"\1", line)
    line = re.sub(r" ?-- ?", "--", line)
    line = line.replace("can not", "cannot").replace("`", "'")
    line = re.sub(r"\b([A-Z]+) N'T\b", r"\1N'T", line)
    line = re.sub(r" ([,.;:!?])", r"\1", line)
    return re.sub(r"  +", " ", line).strip()


def _read_tokenized(text):
    paragraphs, current = [], ""
    for line in text.split("\n")[1:]:
        line = detokenize(line)
        if not line:
            continue
        quoting = current.count('"') % 2 == 1
        if line.startswith("' "):
            current += "'"  # a single closing quote that sentence splitting left on the next line
            line = line[2:]
        if line.startswith(('"', "'")) and quoting and len(line) < 3:
            current += line  # a closing quote left alone on its line
            continue
        if line.startswith('" ') and quoting:
            current += line
            continue
        if current and len(current) > PARAGRAPH and not quoting and line[0] in '"ABCDEFGHIJKLMNOPQRSTUVWXYZ':
            paragraphs.append(current)
            current = line
        else:
            current = f"{current} {line}" if current else line
    paragraphs.append(current)
    return paragraphs


def _read_running(text):
    blocks = re.split(r"\n\s*\n", text)
    if len(blocks) < 20:  # no blank lines: a paragraph ends with a line well short of the margin
        blocks = re.split(r"(?<=[.!?\"'])(?<!\n)\n(?=[\"'A-Z])", text)
    paragraphs = [" ".join(p.split()) for p in blocks]
    return [p for p in paragraphs if len(p) > 40 or p.endswith((".", '"', "!", "?"))]


def load(folder):
    """Return (train, held_out): lists of (book, text), a paragraph a line."""
    train, held_out = [], []
    for name in TOKENIZED + RUNNING:
        with gzip.open(os.path.join(folder, f"{name}.txt.gz"), "rt", encoding="utf-8", errors="replace") as f:
            raw = _plain(f.read())
        paragraphs = _read_tokenized(raw) if name in TOKENIZED else _read_running(raw)
        cut = int(len(paragraphs) * (1 - HELD_OUT))
        train.append((name, "\n".join(paragraphs[:cut]) + "\n"))
        held_out.append((name, "\n".join(paragraphs[cut:]) + "\n"))
    return train, held_out


def excerpt(text, characters):
    """Whole paragraphs from the middle of a text, about so many characters."""
    start = text.index("\n", len(text) // 2) + 1
    return text[start : text.index("\n", start + characters) + 1]
