"""Makes training shards of 500 clips: log-mel in half precision, text, end of speech.

make_shards.py OUT SEED FIRST LAST STEP [CLIPS]     writes FIRST, FIRST+STEP ... below LAST; existing ones are kept
"""

import json
import os
import random
import sys

import numpy as np

from espeak import ACCENTS, COMMON, RARE, RATE, Espeak
from mel import log_mel
from sentences import sentence
from sound import augment, decibels, noise, telephone

SILENT_SHARE = 0.03
SHORTEST, LONGEST = 0.25, 8.5  # seconds
CLIPS = 500


def random_of(seed, shard):
    """The random source of texts and voices; align_shards.py draws from it in the same order."""
    return random.Random(seed * 100003 + shard)


def draw_voice(r):
    name = r.choice(COMMON) if r.random() < 0.8 else r.choice(RARE)
    return r.choice(ACCENTS) + ("" if r.random() < 0.08 else "+" + name)


def draw_manner(r):
    """Arguments of Espeak.say behind the text."""
    return draw_voice(r), r.randrange(130, 191), r.randrange(30, 71), r.choice([0, 0, 0, 1, 2, 3])


def nobody_speaks(r, g):
    n = int(RATE * (0.5 + 5 * r.random()))
    x = np.zeros(n, np.float32) if r.random() < 0.3 else noise(n, g) * decibels(-(20 + 60 * r.random()))
    return (telephone(x, g) if r.random() < 0.4 else x).clip(-1, 1)


def make_clip(espeak, r, g):
    """(samples, text, end of speech in seconds)"""
    if r.random() < SILENT_SHARE:
        return nobody_speaks(r, g), "", 0.0
    while True:
        text = sentence(r)
        x = espeak.say(text, *draw_manner(r))
        if SHORTEST * RATE < len(x) < LONGEST * RATE:
            y, end = augment(x, g)
            return y, text, end


def make_shard(espeak, path, seed, shard, clips):
    r, g = random_of(seed, shard), np.random.default_rng(seed * 100003 + shard)
    mels, facts = [], []
    for _ in range(clips):
        samples, text, end = make_clip(espeak, r, g)
        mel, floor = log_mel(samples)
        mels.append(mel.astype(np.float16))
        facts.append([text, round(end, 3), round(floor, 4), len(mel)])
    np.save(path + ".tmp.npy", np.concatenate(mels))
    with open(path + ".json", "w") as file:
        json.dump(facts, file)
    os.rename(path + ".tmp.npy", path + ".npy")  # last: a shard with this name is whole


def main(out, seed, first, last, step, clips=CLIPS):
    espeak = Espeak()
    os.makedirs(out, exist_ok=True)
    for shard in range(first, last, step):
        path = f"{out}/{shard:05d}"
        if not os.path.exists(path + ".npy"):
            make_shard(espeak, path, seed, shard, clips)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
