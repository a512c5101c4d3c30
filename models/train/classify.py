"""Train a sentence classifier: one of four architectures on MR, SST-2 or TREC (CPU, seeded).

    /usr/bin/python3 models/train/classify.py --dataset trec --model text_cnn --data <folder with sentences/> --out <folder>

The dev set chooses the epoch; where the recipe says `refit`, the model is then trained again to that epoch, with the dev
set. The test set is measured once, at the end. Writes config.json, model.safetensors (float16) and tokenizer.json.
"""
import argparse
import math
import os
import time

import numpy as np
import torch
import torch.nn.functional as F

import classifiers
import sentences
from checkpoint import save_json, save_safetensors
from distill import soft_labels
from recipes import RECIPES

_MEASURED_AT_ONCE = 64


def accuracy(model, examples):
    model.eval()
    with torch.no_grad():
        groups = sentences.batches(examples, _MEASURED_AT_ONCE)
        right = sum((model(ids, lengths).argmax(1) == labels).sum().item() for ids, lengths, labels in groups)
    model.train()
    return 100 * right / len(examples)


class Average:
    """A running mean of a model's weights: of all of them at first, exponential later."""

    def __init__(self, model, copy, decay):
        self.pairs = [(a, b) for a, b in zip(copy.state_dict().values(), model.state_dict().values())]
        self.decay, self.steps = decay, 0

    def update(self):
        self.steps += 1
        decay = min(self.decay, self.steps / (self.steps + 9))
        for mean, value in self.pairs:
            if mean.is_floating_point():
                mean.lerp_(value, 1 - decay)
            else:
                mean.copy_(value)


def train(recipe, config, examples, typed, dev, last=None):
    """Return (state_dict of the best epoch's averaged weights, its dev accuracy, the epoch); of epoch `last`, if given.

    `typed` holds {index: ids} of examples that people would type otherwise: half of the time they are seen that way.
    """
    torch.manual_seed(recipe.seed)
    generator = np.random.RandomState(recipe.seed)
    model, averaged = classifiers.build(config, recipe.dropout), classifiers.build(config)
    averaged.load_state_dict(model.state_dict())
    average = Average(model, averaged, recipe.average)
    optimizer = torch.optim.Adam(model.parameters(), lr=recipe.lr, foreach=True)
    steps = recipe.epochs * math.ceil(len(examples) / recipe.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * s / steps)))
    best = (None, 0.0, -1)
    for epoch in range(recipe.epochs):
        start, loss_sum, seen = time.time(), 0.0, 0
        mixed = list(examples)
        for i, ids in typed.items():
            if generator.rand() < 0.5:
                mixed[i] = (ids, examples[i][1])
        for ids, lengths, labels in sentences.batches(mixed, recipe.batch, generator):
            dropped = (torch.rand(ids.shape) < recipe.word_dropout) & (ids != sentences.PAD_ID)
            optimizer.zero_grad()
            logits = model(ids.masked_fill(dropped, sentences.UNK_ID), lengths)
            loss = F.cross_entropy(logits, labels)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), recipe.clip)
            optimizer.step()
            schedule.step()
            average.update()
            loss_sum, seen = loss_sum + loss.item() * len(labels), seen + len(labels)
        on_dev = accuracy(averaged, dev)
        print(f"epoch {epoch} loss {loss_sum / seen:.4f} dev {on_dev:.2f} ({time.time() - start:.1f} s)", flush=True)
        if epoch == last or (last is None and on_dev > best[1]):
            best = {name: tensor.clone() for name, tensor in averaged.state_dict().items()}, on_dev, epoch
        if epoch == last:
            break
    return best


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--dataset", required=True, choices=sentences.DATASETS)
    arguments.add_argument("--model", required=True, choices=sorted({model for _, model in RECIPES}))
    arguments.add_argument("--data", required=True, help="folder that holds sentences/")
    arguments.add_argument("--out", required=True)
    arguments.add_argument("--teachers", nargs="*", default=[], help="folders of models whose answers are learnt, too")
    options = arguments.parse_args()
    recipe = RECIPES.get((options.dataset, options.model))
    if recipe is None:
        arguments.error(f"no recipe for {options.model} on {options.dataset}: see recipes.py")
    torch.set_num_threads(1)
    dataset = sentences.load(options.dataset, options.data)
    vocab = dataset.vocabulary(recipe.min_count)
    config = recipe.config(len(vocab), dataset)
    encode = classifiers.Encoder(vocab, config)
    known, count = dataset.train + dataset.refit, len(dataset.train)
    given = [encode(text) for _, text in known]
    typed = {i: encode(sentences.join_clitics(text)) for i, (_, text) in enumerate(known)}
    typed = {i: ids for i, ids in typed.items() if ids != given[i]}
    targets = soft_labels(options.teachers, known) if options.teachers else [label for label, _ in known]
    learnable = list(zip(given, targets))
    dev, test = ([(encode(text), label) for label, text in part] for part in (dataset.dev, dataset.test))
    print(f"{len(vocab)} words; {count} examples, {len(typed)} with clitics", flush=True)
    typed_at_first = {i: ids for i, ids in typed.items() if i < count}
    weights, on_dev, epoch = train(recipe, config, learnable[:count], typed_at_first, dev)
    if recipe.refit:
        print(f"again to epoch {epoch}, with {len(known) - count} more examples", flush=True)
        weights, _, _ = train(recipe, config, learnable, typed, dev, last=epoch)
    weights = {name: tensor.half() if tensor.is_floating_point() else tensor for name, tensor in weights.items()}
    model = classifiers.build(config)
    model.load_state_dict(weights)
    print(f"dev {on_dev:.2f} test {accuracy(model, test):.2f}, {sum(p.numel() for p in model.parameters())} parameters", flush=True)
    os.makedirs(options.out, exist_ok=True)
    save_json(os.path.join(options.out, "config.json"), config)
    save_json(os.path.join(options.out, "tokenizer.json"), sentences.tokenizer_json(vocab))
    save_safetensors(os.path.join(options.out, "model.safetensors"), {k: v.numpy() for k, v in weights.items()}, {"format": "pt"})


if __name__ == "__main__":
    main()
