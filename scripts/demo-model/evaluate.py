"""Word error rates with the real whisper.cpp.  evaluate.py WHISPER_CLI MODEL TESTS [--out report.json]"""

import argparse
import collections
import json
import os
import tempfile
import time
import wave

import numpy as np

from espeak import RATE
from make_tests import SETS, save_wav
from whisper_cli import transcribe, units_for
from words import distance, words_of


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("cli")
    add("model")
    add("tests")
    add("--sets", default=",".join(SETS))
    add("--full", type=int, default=40, help="sentences for the full window of 30 s")
    add("--limit", type=int, default=300)
    add("--threads", type=int, default=4)
    add("--beam", type=int, default=1)
    add("--out")
    return parser.parse_args()


def read_json(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


class Hearer:
    """Transcribes clips, those of one length together, since loading the model takes longer than a clip."""

    def __init__(self, args):
        self.args = args

    def __call__(self, files, seconds, full=False):
        """(texts, seconds it took)"""
        groups = collections.defaultdict(list)
        for i, length in enumerate(seconds):
            groups[0 if full else units_for(length)].append(i)
        texts, began = [""] * len(files), time.time()
        for units, members in groups.items():
            some = [files[i] for i in members]
            heard = transcribe(self.args.cli, self.args.model, some, units, self.args.threads, self.args.beam)
            for i, text in zip(members, heard):
                texts[i] = text
        return texts, time.time() - began


def rate(refs, wrong, kind=None):
    """Wrong words in 100, of all or of one kind."""
    chosen = [(e, len(words_of(ref["text"]))) for ref, e in zip(refs, wrong) if kind in (None, ref["set"])]
    return 100 * sum(e for e, _ in chosen) / max(1, sum(n for _, n in chosen))


def judge_set(hear, folder, full, count):
    refs = read_json(f"{folder}/refs.json")[:count]
    if not refs:
        return None
    texts, took = hear([f"{folder}/{ref['file']}" for ref in refs], [ref["seconds"] for ref in refs], full)
    wrong = [distance(words_of(ref["text"]), words_of(text)) for ref, text in zip(refs, texts)]
    found = {
        "sentences": len(refs),
        "wer": rate(refs, wrong),
        "wer_new_templates": rate(refs, wrong, "template"),
        "wer_new_slots": rate(refs, wrong, "slots"),
        "exact": 100 * sum(e == 0 for e in wrong) / len(refs),
        "exact_with_case_and_punctuation": 100
        * sum(ref["text"] == text for ref, text in zip(refs, texts))
        / len(refs),
        "real_time_factor": took / sum(ref["seconds"] for ref in refs),
    }
    return {name: round(value, 3) for name, value in found.items()}


def judge_silence(hear, folder, full):
    refs = read_json(f"{folder}/refs.json")[: 24 if full else None]
    texts, _ = hear([f"{folder}/{ref['file']}" for ref in refs], [ref["seconds"] for ref in refs], full)
    return {"clips": len(refs), "with invented text": sum(bool(words_of(text)) for text in texts)}


def speech_in(x, hang=0.45, pad=0.12):
    """Segments of speech, by energy: [(start, end)] in seconds."""
    frames = x[: len(x) // 320 * 320].reshape(-1, 320)
    level = 10 * np.log10((frames**2).mean(1) + 1e-10)
    stretches = []
    for i in np.flatnonzero(level > max(-48.0, np.percentile(level, 15) + 10)):
        if stretches and i * 0.02 - stretches[-1][1] < hang:
            stretches[-1][1] = (i + 1) * 0.02
        else:
            stretches.append([i * 0.02, (i + 1) * 0.02])
    return [(max(0, a - pad), min(len(x) / RATE, b + pad)) for a, b in stretches if b - a > 0.1]


def judge_call(hear, stem):
    """Each channel by itself, cut at its silences."""
    reference = read_json(stem + ".json")
    with wave.open(stem + ".wav") as file:
        x = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2).astype(np.float32) / 32768
    for channel, who in enumerate(("agent", "customer")):
        stretches = speech_in(x[:, channel])
        with tempfile.TemporaryDirectory() as folder:
            files = [f"{folder}/{i}.wav" for i in range(len(stretches))]
            for path, (start, end) in zip(files, stretches):
                save_wav(path, x[int(start * RATE) : int(end * RATE), channel])
            texts, _ = hear(files, [end - start for start, end in stretches])
        said = words_of(" ".join(s["text"] for s in reference["segments"] if s["speaker"] == who))
        wrong = distance(said, words_of(" ".join(texts)))
        yield who, {"wer": round(100 * wrong / len(said), 2), "words": len(said), "pieces": len(stretches)}


def main():
    args = read_arguments()
    hear, report = Hearer(args), {}

    def note(name, found):
        if found is not None:
            report[name] = found
            print(name, found, flush=True)

    for name in args.sets.split(","):
        note(f"{name}/by length", judge_set(hear, f"{args.tests}/{name}", False, args.limit))
        note(f"{name}/full window", judge_set(hear, f"{args.tests}/{name}", True, args.full))
    if os.path.exists(f"{args.tests}/silence/refs.json"):
        note("silence/by length", judge_silence(hear, f"{args.tests}/silence", False))
        note("silence/full window", judge_silence(hear, f"{args.tests}/silence", True))
    for number in (1, 2, 3):
        for who, found in judge_call(hear, f"{args.tests}/calls/demo-call-{number}"):
            note(f"call {number} {who}", found)
    if args.out:
        with open(args.out, "w", encoding="utf-8") as file:
            json.dump(report, file, indent=1)


if __name__ == "__main__":
    main()
