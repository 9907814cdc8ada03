"""Adds to existing shards when each phoneme is said, from espeak-ng's own events (a training aid for the encoder).

align_shards.py SHARDS SEED FIRST LAST STEP     the same numbers as make_shards.py had: it repeats its random choices
"""

import json
import os
import sys

from espeak import Espeak
from make_shards import LONGEST, SHORTEST, SILENT_SHARE, draw_manner, random_of
from sentences import sentence


def _skip_silent_clip(r):
    """The draws of make_shards.nobody_speaks."""
    r.random()
    if r.random() >= 0.3:
        r.random()
    r.random()


def _phonemes_of(espeak, r, text, end):
    while True:
        said = sentence(r)
        seconds, events = espeak.phonemes(said, *draw_manner(r))
        if SHORTEST < seconds < LONGEST:
            break
    if said != text:
        raise SystemExit(
            f"The shard has '{text}' where this seed says '{said}': name the seed it was made with."
        )
    lead = end - seconds
    return [[round(lead + at, 3), name] for at, name in events] + [[round(end, 3), "_"]]


def align_shard(espeak, path, seed, shard):
    with open(path + ".json") as file:
        facts = json.load(file)
    r = random_of(seed, shard)
    aligned = []
    for text, end, _floor, _frames in facts:
        if r.random() < SILENT_SHARE:
            _skip_silent_clip(r)
            aligned.append([])
        else:
            aligned.append(_phonemes_of(espeak, r, text, end))
    with open(path + ".ph.tmp", "w") as file:
        json.dump(aligned, file, ensure_ascii=False)
    os.rename(path + ".ph.tmp", path + ".ph")


def main(shards, seed, first, last, step):
    espeak = Espeak(phonemes=True)
    for shard in range(first, last, step):
        path = f"{shards}/{shard:05d}"
        if os.path.exists(path + ".json") and not os.path.exists(path + ".ph"):
            align_shard(espeak, path, seed, shard)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
