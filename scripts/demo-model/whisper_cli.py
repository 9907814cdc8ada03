"""The model as it is used: whisper.cpp's own program, greedy, without temperature fallback."""

import os
import subprocess
import tempfile


def units_for(seconds):
    """`audio_ctx` by length, in steps of 256: with smaller steps whisper.cpp pads with its previous audio."""
    return min(1500, -(-int(seconds * 50 + 64) // 256) * 256)


def transcribe(cli, model, files, units=0, threads=4, beam=1):
    """Texts of WAV files; `units` 0 is the full window of 30 s."""
    with tempfile.TemporaryDirectory() as folder:
        command = [cli, "-m", model, "-l", "fr", "-t", str(threads), "-bs", str(beam), "-bo", "1"]
        command += ["-nf", "-np", "-otxt"] + (["-ac", str(units)] if units else [])
        for i, file in enumerate(files):
            command += ["-f", file, "-of", f"{folder}/{i}"]
        # Threads that spin while they wait would fight for the cores with everything else on the machine.
        environment = {"OMP_WAIT_POLICY": "passive", **os.environ}
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(command, check=True, env=environment, **quiet)
        texts = []
        for i in range(len(files)):
            with open(os.path.join(folder, f"{i}.txt"), encoding="utf-8") as file:
                texts.append(" ".join(file.read().split()))
        return texts
