"""Held-out test sets and the demonstration calls.  make_tests.py OUT [N] [SHARDS]

Sentences found in the training shards, whole or as a part, are left out: always name the shards. Writes
OUT/{clean,phone}-{seen,new}/NNN.wav + refs.json, OUT/silence/*.wav, OUT/calls/demo-call-N.wav (stereo) + .json.
"""

import glob
import json
import os
import random
import sys
import wave

import numpy as np

from dialogues import DIALOGUES
from espeak import ACCENTS, COMMON, HELD_VOICES, RATE, Espeak
from sentences import sentence
from sound import augment, decibels, noise, telephone

SETS = ("clean-seen", "phone-seen", "clean-new", "phone-new")
SEED = 424242


def save_wav(path, x, channels=1):
    with wave.open(path, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.round(np.clip(x, -1, 1) * 32767).astype("<i2").tobytes())


def save_json(path, value, indent=0):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=False, indent=indent)


def seconds_of(x):
    return round(len(x) / RATE, 2)


def trained_texts(shards):
    texts = []
    for path in glob.glob(shards + "/*.json"):
        with open(path) as file:
            texts += [fact[0] for fact in json.load(file)]
    return "\n".join(texts).lower()


def held_out_texts(r, n, trained):
    texts = []
    while len(texts) < n:
        text = sentence(r, "test_template" if len(texts) % 2 else "test_slots")
        if text not in texts and text.lower().rstrip(".? ") not in trained:
            texts.append(text)
    return texts


def make_set(espeak, folder, name, texts, r, g):
    os.makedirs(folder, exist_ok=True)
    refs, phone = [], 1.0 if "phone" in name else 0.0
    for i, text in enumerate(texts):
        voice = r.choice(ACCENTS) + "+" + r.choice(COMMON if "seen" in name else HELD_VOICES)
        x = espeak.say(text, voice, r.randrange(135, 186), r.randrange(35, 66), r.choice([0, 0, 1, 2]))
        x = augment(x, g, noise_p=phone, phone_p=phone)[0]
        file = f"{i:03d}.wav"
        save_wav(f"{folder}/{file}", x)
        kind = "template" if i % 2 else "slots"
        refs.append({"file": file, "voice": voice, "text": text, "set": kind, "seconds": seconds_of(x)})
    save_json(f"{folder}/refs.json", refs)


def make_silence(folder, r, g):
    os.makedirs(folder, exist_ok=True)
    kinds, refs = ["digital silence", "white", "pink", "hum"], []
    for i in range(60):
        n, kind = int(RATE * (0.6 + 6 * r.random())), kinds[i % 4]
        if kind == kinds[0]:
            x = np.zeros(n, np.float32)
        else:
            x = noise(n, g, kind) * decibels(-(25 + 45 * r.random()))
        if i % 8 >= 4:
            x = telephone(x, g)
        file = f"{i:03d}.wav"
        save_wav(f"{folder}/{file}", x)
        refs.append({"file": file, "text": "", "kind": kind, "seconds": round(n / RATE, 2)})
    save_json(f"{folder}/refs.json", refs)


def make_call(espeak, path, number, call, r):
    """The agent on the left, the customer on the right, one speaking after the other, over quiet line noise."""
    at, parts = 0.6, []
    for i, turn in enumerate(call["turns"]):
        voice = call["voices"][turn["speaker"]]
        x = espeak.say(turn["text"], voice, 150 + (i * 7) % 16, 45 + (number * 5) % 12, 1)
        x *= 0.5 / np.abs(x).max()
        parts.append((turn["speaker"], at, x, turn["text"]))
        at += len(x) / RATE + r.choice([0.5, 0.7, 0.9, 1.1])
    y = np.zeros((int((at + 0.4) * RATE), 2), np.float32)
    for speaker, start, x, _ in parts:
        first = int(start * RATE)
        y[first : first + len(x), 0 if speaker == "agent" else 1] += x
    y += (np.random.default_rng(number).standard_normal(y.shape) * decibels(-62)).astype(np.float32)
    save_wav(path + ".wav", y, 2)
    segments = [
        {"speaker": who, "start": round(start, 2), "end": round(start + len(x) / RATE, 2), "text": text}
        for who, start, x, text in parts
    ]
    facts = {"title": call["title"], "language": "fr", "sampleRate": RATE, "seconds": seconds_of(y)}
    channels = {"left": "agent", "right": "customer"}
    save_json(path + ".json", {**facts, "channels": channels, "segments": segments}, 1)


def main(out, n=300, shards=None):
    espeak, r, g = Espeak(), random.Random(SEED), np.random.default_rng(SEED)
    texts = held_out_texts(r, n, trained_texts(shards) if shards else "")
    for name in SETS:
        make_set(espeak, f"{out}/{name}", name, texts, r, g)
    make_silence(f"{out}/silence", r, g)
    os.makedirs(f"{out}/calls", exist_ok=True)
    for number, call in enumerate(DIALOGUES, 1):
        make_call(espeak, f"{out}/calls/demo-call-{number}", number, call, r)


if __name__ == "__main__":
    main(sys.argv[1], *(int(n) for n in sys.argv[2:3]), *sys.argv[3:4])
