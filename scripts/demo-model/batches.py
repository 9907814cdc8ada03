"""Clips of the shards become batches: features, decoder input and target, CTC target, phonemes."""

import json
import os
from typing import Any, NamedTuple, Optional

import numpy as np
import torch

PHONEMES = "_ r a s t E l i e d k p A~ m n v @ u y Z o E~ j O~ w z b O f W S Y g n^ N h I aI aU oU".split()
PHONEME_ID = {name: i for i, name in enumerate(PHONEMES)}
IGNORE = -100  # torch's own mark for positions without loss


class Clip(NamedTuple):
    """`mel` holds the whole shard (memory-mapped); the clip's frames of 10 ms begin at `offset`."""

    mel: Any
    offset: int
    text: str
    end: float  # of speech, seconds
    floor: float  # digital silence
    frames: int
    phonemes: Optional[Any]


def phonemes_per_frame(events, frames):
    """The phoneme of each encoder frame (20 ms)."""
    y = np.zeros((frames + 1) // 2, np.int8)
    for seconds, name in events:
        plain = name if name == "_" else name.rstrip("-23:!|;")
        y[max(0, min(len(y), int(seconds * 50 + 0.5))) :] = PHONEME_ID.get(plain, 0)
    return y


def read_shard(path):
    """The clips of `path`.npy, .json and, where aligned, .ph."""
    stem = path[: -len(".npy")]
    with open(stem + ".json") as file:
        facts = json.load(file)
    mel = np.load(path, mmap_mode="r")
    offsets = np.cumsum([0] + [fact[3] for fact in facts])
    aligned = None
    if os.path.exists(stem + ".ph"):
        with open(stem + ".ph") as file:
            aligned = json.load(file)
    return [
        Clip(mel, int(offsets[i]), *fact, phonemes_per_frame(aligned[i], fact[3]) if aligned else None)
        for i, fact in enumerate(facts)
    ]


def target_of(tokens, rng, parts, before=None, corrupt=0.2):
    """(input rows, target rows) for [(text, start, end)]; `before` is the prompt, as rows."""
    with_times = rng.random() > 0.12 or len(parts) > 1
    head = [tokens.sot, tokens.fr, tokens.transcribe]
    if rng.random() < 0.04:
        head[1] = tokens.dead  # some other language asked for
    parts = [part for part in parts if part[0]]
    if not parts:
        rows = head + ([tokens.time0] if with_times else [tokens.no_times, 0]) + [tokens.eot]
    else:
        rows = head + ([] if with_times else [tokens.no_times])
        for i, (text, start, end) in enumerate(parts):
            begin = [tokens.time(start if i else 0)] if with_times else []
            rows += begin + tokens.encode(text) + ([tokens.time(end)] if with_times else [])
        rows += [tokens.eot]
    target = rows[1:]
    if target[0] == tokens.dead:
        target[0] = tokens.fr
    if not parts and with_times and rng.random() < 0.5:
        target[2] = tokens.no_speech
    if not with_times:  # the caller decides on times, so this position learns what it would be otherwise
        target[2] = tokens.time0 if rng.random() < 0.5 or parts else tokens.no_speech
    # Wrong words in its input force the decoder to trust the encoder instead of its memory.
    wrong = lambda row: row < tokens.n_text and rng.random() < corrupt
    given = [rng.randrange(2, tokens.n_text) if wrong(row) else row for row in rows[:-1]]
    if before:
        given = [tokens.prev] + before + given
        target = [IGNORE] * (len(before) + 1) + target
    return given, target


def _lay(clips, row, labels, frames):
    """Puts clips one after the other into one window; -> ([(text, start, end)], frames used, floor)."""
    position, parts, pieces = 0, [], []
    for clip in clips:
        if position + clip.frames > frames:
            break
        if clip.phonemes is None:
            labels[:] = IGNORE
        else:
            first = position // 2
            labels[first : first + len(clip.phonemes)] = clip.phonemes[: frames // 2 - first]
        sound = np.asarray(clip.mel[clip.offset : clip.offset + clip.frames], np.float32)
        pieces.append((position, sound, clip.floor))
        start = position * 0.01
        parts.append((clip.text, start, start + clip.end))
        position += clip.frames
    floor = max(piece[2] for piece in pieces)
    row[:] = floor
    for at, sound, _ in pieces:
        np.maximum(sound, floor, out=row[at : at + len(sound)])
    return parts, position, floor


def _mask(row, used, floor, rng):
    """Now and then a stripe of frequencies or a moment is hidden."""
    if rng.random() < 0.35:
        low = rng.randrange(0, 72)
        row[:, low : low + rng.randrange(2, 9)] = floor + 0.5
    if rng.random() < 0.35:
        at = rng.randrange(0, max(1, used - 8))
        row[at : at + rng.randrange(2, 8)] = floor


def make_batch(tokens, rng, items, frames, corrupt):
    """`items`: for each window the clips in it. -> features, input, target, CTC targets, phonemes."""
    mel = np.empty((len(items), frames, 80), np.float32)
    labels = np.zeros((len(items), frames // 2), np.int64)
    inputs, targets, ctc = [], [], []
    for i, clips in enumerate(items):
        parts, used, floor = _lay(clips, mel[i], labels[i], frames)
        _mask(mel[i], used, floor, rng)
        before = tokens.encode(rng.choice(items)[0].text)[-60:] if rng.random() < 0.06 else None
        given, target = target_of(tokens, rng, parts, before, corrupt)
        inputs.append(given)
        targets.append(target)
        ctc.append([row for part in parts for row in tokens.encode(part[0])])
    length = -(-max(map(len, inputs)) // 16) * 16
    pad = lambda rows, filler: torch.tensor([row + [filler] * (length - len(row)) for row in rows])
    features = torch.from_numpy(mel).bfloat16()
    return features, pad(inputs, tokens.eot), pad(targets, IGNORE), ctc, torch.from_numpy(labels)


def plan_windows(pool, plan, processes):
    """Clips of like length together; -> [(items, frames)], frames a multiple of 64."""
    pool.sort(key=lambda clip: clip.frames + plan.random() * 20)
    windows, i = [], 0
    while i < len(pool):
        longest = pool[min(i + 16, len(pool) - 1)].frames
        count = processes * (4 if longest > 600 else 8 if longest > 300 else 12)
        group = pool[i : i + count]
        i += count
        margin = plan.choice([8, 16, 24, 32, 64, 96, 128, 200])
        frames = -(-(max(clip.frames for clip in group) + margin) // 64) * 64
        windows.append(([[clip] for clip in group], frames))
    return windows


def plan_long_windows(pool, plan, processes, count):
    """A few longer windows with several clips, up to the full 30 s."""
    windows = []
    for _ in range(count):
        frames = plan.choice([768, 1024, 1536, 3000, 3000, 3000])
        size = processes * (3 if frames == 768 else 2 if frames <= 1536 else 1)
        items = [plan.sample(pool, plan.choice([1, 1, 1, 2, 3, 5])) for _ in range(size)]
        windows.append((items, frames))
    return windows


def add_silence(windows, pool, plan):
    """Twice as many clips without speech as the shards have."""
    silent = [clip for clip in pool if not clip.text]
    for items, frames in windows:
        for i in range(len(items)):
            if silent and plan.random() < 0.03:
                clip = plan.choice(silent)
                if clip.frames <= frames:
                    items[i] = [clip]
