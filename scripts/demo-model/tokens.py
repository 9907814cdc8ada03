"""Small byte-pair vocabulary of our own, at the low ids of Whisper's 51,865 entries.

id 0 = empty text (said for silence without timestamps), id 1 = " " (whisper.cpp needs it), then characters, then merged
pieces. Only the rows in use are trained: pieces, seven special ids, timestamps on a 0.1 s grid, and one last row that
stands for all other ids.

tokens.py OUT.json [PIECES]     learns the vocabulary from 60,000 sentences
"""

import collections
import json
import os
import random
import re
import sys

PIECE = re.compile(r" ?[\w]+['’]?|[^\w]")
EOT, SOT, FR, TRANSCRIBE, PREV, NO_SPEECH, NO_TIMESTAMPS, FIRST_TIME = (
    50257,
    50258,
    50265,
    50359,
    50361,
    50362,
    50363,
    50364,
)
N_VOCAB = 51865
# Whisper counts 20 ms, we train every fifth of its timestamps: 0 to 30 s.
TIME_STEP, TIMES = 5, 301
ALWAYS = (
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    "éèêëàâäîïôöùûüçœÉÈÀÇÊÎ'-.,?!:;()/@&%€+\""
)


def learn(texts, n_pieces=700):
    """Byte-pair merges, frequent words damped so that rare ones get pieces too."""
    words = collections.Counter(word for text in texts for word in PIECE.findall(" " + text))
    vocab = ["", " "] + sorted({char for word in words for char in word} | set(ALWAYS) - {" "})
    merges, splits = [], {word: tuple(word) for word in words}
    while len(vocab) < n_pieces:
        pairs = collections.Counter()
        for word, split in splits.items():
            for pair in zip(split, split[1:]):
                pairs[pair] += words[word] ** 0.75
        if not pairs:
            break
        (a, b), _ = max(pairs.items(), key=lambda item: (item[1], item[0]))
        merges.append((a, b))
        if a + b not in vocab:
            vocab.append(a + b)
        for word, split in splits.items():
            if a in split:
                splits[word] = _merge(split, a, b)
    return {"vocab": vocab, "merges": merges}


def _merge(split, a, b):
    out, i = [], 0
    while i < len(split):
        both = i + 1 < len(split) and split[i] == a and split[i + 1] == b
        out.append(a + b if both else split[i])
        i += 2 if both else 1
    return tuple(out)


class Tokens:
    """Texts to trained rows and back. `file_ids` says where each row goes in the model file."""

    def __init__(self, data):
        self.vocab = data["vocab"]
        self.ids = {piece: i for i, piece in enumerate(self.vocab)}
        self.rank = {tuple(merge): i for i, merge in enumerate(data["merges"])}
        self.cache = {}
        self.n_text = len(self.vocab)
        special = [EOT, SOT, FR, TRANSCRIBE, PREV, NO_SPEECH, NO_TIMESTAMPS]
        times = [FIRST_TIME + TIME_STEP * k for k in range(TIMES)]
        self.file_ids = list(range(self.n_text)) + special + times
        self.row = {file_id: i for i, file_id in enumerate(self.file_ids)}
        self.dead = len(self.file_ids)
        self.n_rows = self.dead + 1
        self.eot, self.sot, self.fr, self.transcribe, self.prev, self.no_speech, self.no_times = (
            self.row[i] for i in special
        )
        self.time0 = self.row[FIRST_TIME]

    def time(self, seconds):
        return self.time0 + max(0, min(TIMES - 1, round(seconds * 10)))

    def _word(self, word):
        if word not in self.cache:
            split = list(word)
            while len(split) > 1:
                ranks = ((self.rank.get(pair, 1 << 30), i) for i, pair in enumerate(zip(split, split[1:])))
                best, i = min(ranks)
                if best == 1 << 30:
                    break
                split[i : i + 2] = [split[i] + split[i + 1]]
            self.cache[word] = [self.ids[piece] for piece in split if piece in self.ids]
        return self.cache[word]

    def encode(self, text):
        return [i for word in PIECE.findall(" " + text) for i in self._word(word)] if text else []

    def decode(self, rows):
        return "".join(self.vocab[i] for i in rows if i < self.n_text).strip()


def shipped():
    """The vocabulary next to this file, which the shipped model uses."""
    with open(
        os.path.join(os.path.dirname(os.path.abspath(__file__)), "tokens.json"), encoding="utf-8"
    ) as file:
        return Tokens(json.load(file))


def main(out, n_pieces=700):
    from sentences import sentence

    r = random.Random(5)
    texts = [sentence(r) for _ in range(60000)]
    data = learn(texts, n_pieces)
    with open(out, "w", encoding="utf-8") as file:
        json.dump(data, file, ensure_ascii=False)
    tokens = Tokens(data)
    lengths = [len(tokens.encode(text)) for text in texts[:5000]]
    mean = sum(lengths) / len(lengths)
    print(tokens.n_text, "pieces,", tokens.n_rows, "rows,", round(mean, 2), "tokens per sentence")
    wrong = [text for text in texts[:5000] if tokens.decode(tokens.encode(text)) != text]
    if wrong:
        raise SystemExit(f"{len(wrong)} texts do not come back, such as '{wrong[0]}'")


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
