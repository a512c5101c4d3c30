#!/usr/bin/env python3
"""Makes model.bin, model.ftz and expected.json: python3 make.py <fasttext>, the program of
github.com/facebookresearch/fastText (made with the commit 1142dc4, g++ 12, -O2 -march=native). expected.json holds what it says of some texts;
it prints six digits of each probability plus 1e-5."""
import json, pathlib, subprocess, sys

HERE = pathlib.Path(__file__).parent
# Few words, each in many orders, so that only n-grams tell the labels apart; some have bytes above 127.
SENTENCES = {
    "question": ["where is the {0} ?", "is the {0} red ?", "what is a {0} ?", "the {0} is where ?", "où est le {0} ?"],
    "answer": ["the {0} is red .", "there is the {0} .", "the red {0} .", "a {0} is what it is .", "le {0} est là ."],
    "naïve": ["{0} {0} {0}", "naïve {0} is naïve", "the naïve {0} , naïve as ever"],
}
THINGS = ["house", "Ελλάδα", "東京", "cat", "river", "book", "дом", "café"]
TEXTS = [
    "where is the cat ?", "the cat is where ?", "the cat is red .", "the river is a book .", "is it red ?",
    "", " ", "\t the  café\tis naïve ", "naïve naïve naïve", "unknown words only", "unknown", "the unknown is red .",
    "the dog is red .", "THE cat IS RED .", "東京 東京 東京", "où est Ελλάδα ?", "le дом est là .",
    "it is what it is", "x" * 300, "the " + "é" * 200 + " is red .", "cat " * 60, "red the is cat", "\x01 the \x7f", "???",
    "where where is is the the cat cat ? ?", "a b c d e f g h", "- - -", "naïve dom naïve", "book .", ".",
    "the\u00a0cat is\u3000red\u0085.", "the\0cat\vis\fred\r.", "東京\u2003 東京",
]

fasttext = sys.argv[1]
train = HERE / "train.txt"
train.write_text("".join(f"__label__{label} {form.format(thing)}\n" for thing in THINGS for label in SENTENCES
                         for form in SENTENCES[label]))
run = lambda *args, **more: subprocess.run([fasttext, *args], check=True, **more)
run("supervised", "-input", train, "-output", HERE / "model", *"-dim 8 -wordNgrams 3 -bucket 260 -minn 0 -maxn 0".split(),
    *"-epoch 20 -lr 0.2 -thread 1 -verbose 0".split())
lines = run("predict-prob", HERE / "model.bin", "-", "3", input="".join(t + "\n" for t in TEXTS).encode(),
            stdout=subprocess.PIPE).stdout.decode().splitlines()
run("quantize", "-input", train, "-output", HERE / "model", "-verbose", "0")
train.unlink()
(HERE / "model.vec").unlink()
expected = []
for text, line in zip(TEXTS, lines, strict=True):
    fields = line.split(" ")
    expected.append({"text": text, "printed": {label.removeprefix("__label__"): float(p)
                                               for label, p in zip(fields[::2], fields[1::2])}})
(HERE / "expected.json").write_text(json.dumps(expected, indent=1, ensure_ascii=False) + "\n")
