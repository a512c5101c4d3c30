"""Learning from the answers of trained classifiers (Hinton et al., 2015, arXiv:1503.02531)."""
import json
import os

import numpy as np
import torch

import classifiers
import sentences
from checkpoint import load_safetensors

HARD = 0.5  # weight of the true label


def load(folder):
    """(model, encode) of a folder that classify.py wrote."""
    with open(os.path.join(folder, "config.json"), encoding="utf-8") as f:
        config = json.load(f)
    with open(os.path.join(folder, "tokenizer.json"), encoding="utf-8") as f:
        vocab = json.load(f)["model"]["vocab"]
    model = classifiers.build(config)
    tensors = load_safetensors(os.path.join(folder, "model.safetensors"))
    model.load_state_dict({name: torch.from_numpy(array) for name, array in tensors.items()})
    return model.eval(), classifiers.Encoder(vocab, config)


def soft_labels(folders, examples):
    """Targets of (label, text), [len(examples), labels]: half the true label, half the mean of the teachers' probabilities."""
    labels = np.array([label for label, _ in examples])
    soft = 0
    for folder in folders:
        model, encode = load(folder)
        # The label of a batch's example is its number here, so that answers find their place.
        numbered = [(encode(text), i) for i, (_, text) in enumerate(examples)]
        answers = np.empty((len(examples), model.fc.out_features), np.float32)
        with torch.no_grad():
            for ids, lengths, numbers in sentences.batches(numbered, 256):
                answers[numbers.numpy()] = torch.softmax(model(ids, lengths), 1).numpy()
        soft = soft + answers / len(folders)
    return HARD * np.eye(soft.shape[1], dtype=np.float32)[labels] + (1 - HARD) * soft
