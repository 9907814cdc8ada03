"""Picks 20 held-out sentences, 16 that the model writes without an error and 4 that it does not, as in resources/audio/sentences.

pick_sentences.py WHISPER_CLI MODEL TESTS OUT     writes FLAC files, and sentences.json with the text and what was heard
"""

import json
import os
import subprocess
import sys

from whisper_cli import transcribe, units_for

PLAN = [
    ("clean-seen", True, 10),
    ("phone-seen", True, 4),
    ("clean-new", True, 2),
    ("clean-seen", False, 2),
    ("phone-seen", False, 2),
]
SHORTEST = 1.8  # seconds


def pick(cli, model, folder, right, count, used):
    with open(f"{folder}/refs.json", encoding="utf-8") as file:
        refs = json.load(file)
    for ref in refs:
        if count == 0:
            return
        if ref["text"] in used or ref["seconds"] < SHORTEST:
            continue
        units = units_for(ref["seconds"])
        (heard,) = transcribe(cli, model, [f"{folder}/{ref['file']}"], units, threads=2)
        if (heard == ref["text"]) == right:
            used.add(ref["text"])
            count -= 1
            yield ref, heard, units


def main(cli, model, tests, out):
    os.makedirs(out, exist_ok=True)
    picked, used = [], set()
    for name, right, count in PLAN:
        for ref, heard, units in pick(cli, model, f"{tests}/{name}", right, count, used):
            file = f"sentence-{len(picked) + 1:02d}.flac"
            source = f"{tests}/{name}/{ref['file']}"
            subprocess.run(["flac", "-s", "-8", "-f", "-o", f"{out}/{file}", source], check=True)
            facts = {"file": file, "text": ref["text"], "heard": heard, "audioCtx": units}
            facts.update(seconds=ref["seconds"], voice=ref["voice"], sound=name.split("-")[0])
            facts.update(voiceInTraining=name.endswith("seen"), templateInTraining=ref["set"] == "slots")
            picked.append(facts)
    with open(f"{out}/sentences.json", "w", encoding="utf-8") as file:
        json.dump(picked, file, ensure_ascii=False, indent=1)
    print(len(picked), "sentences")


if __name__ == "__main__":
    main(*sys.argv[1:5])
