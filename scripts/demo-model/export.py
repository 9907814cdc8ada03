"""Checkpoint to ggml file for whisper.cpp, 2-D weights in f16.  export.py CHECKPOINT OUT.bin

Quantize it with whisper.cpp's `quantize` program.
"""

import os
import struct
import sys

import numpy as np
import torch

import tokens as vocabulary
from mel import FILTERS
from model import sinusoids

MAGIC, POSITIONS, TEXT_POSITIONS, F16 = 0x67676D6C, 1500, 448, 1
NOT_EXPORTED = ("ctc.", "ph.")


class GgmlFile:
    def __init__(self, file):
        self.file = file

    def integers(self, *values):
        self.file.write(struct.pack(f"<{len(values)}i", *values))

    def header(self, config):
        d, heads = config["d"], config["heads"]
        self.integers(MAGIC, vocabulary.N_VOCAB, POSITIONS, d, heads, config["enc"])
        self.integers(TEXT_POSITIONS, d, heads, config["dec"], FILTERS.shape[0], F16)
        self.integers(*FILTERS.shape)
        self.file.write(FILTERS.astype("<f4").tobytes())

    def words(self, vocab):
        """The names of the first ids; whisper.cpp names the rest itself."""
        self.integers(len(vocab))
        for piece in vocab:
            data = piece.encode()
            self.file.write(struct.pack("<I", len(data)) + data)

    def tensor(self, name, x, half=False):
        data = name.encode()
        self.integers(x.ndim, len(data), F16 if half else 0, *x.shape[::-1])
        self.file.write(data)
        self.file.write(np.ascontiguousarray(x).astype("<f2" if half else "<f4").tobytes())


def full_table(rows, tokens):
    """Every id that is not in use gets the row that stands for all of them."""
    table = np.repeat(rows[-1:], vocabulary.N_VOCAB, 0)
    table[tokens.file_ids] = rows[:-1]
    return table


def export(checkpoint, path):
    saved = torch.load(checkpoint, map_location="cpu")
    tokens, config = vocabulary.shipped(), saved["cfg"]
    with open(path, "wb") as file:
        out = GgmlFile(file)
        out.header(config)
        out.words(tokens.vocab)
        out.tensor("encoder.positional_embedding", sinusoids(POSITIONS, config["d"]).numpy())
        for name, tensor in saved["model"].items():
            x = tensor.float().numpy()
            if name.startswith(NOT_EXPORTED):
                continue
            if "conv" in name and name.endswith("bias"):
                out.tensor(name, x.reshape(-1, 1))
            elif name == "decoder.token_embedding.weight":
                out.tensor(name, full_table(x, tokens), True)
            else:
                out.tensor(name, x, x.ndim >= 2 and "positional" not in name)
    print(path, os.path.getsize(path) / 1e6, "MB")


if __name__ == "__main__":
    export(*sys.argv[1:3])
