"""Compares our log-mel with a dump of whisper.cpp's (80 rows of float32).  check_mel.py DUMP.f32 CLIP.wav"""

import sys
import wave

import numpy as np

from mel import log_mel


def main(dump, clip):
    with wave.open(clip) as file:
        x = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32) / 32768
    ours, floor = log_mel(x)
    theirs = np.fromfile(dump, np.float32).reshape(80, -1).T
    inside = np.abs(theirs[: len(ours)] - ours).max()
    beyond = np.abs(theirs[len(ours) :] - floor).max()
    print("frames", len(ours), "largest difference", inside, "| beyond the clip", beyond)


if __name__ == "__main__":
    main(*sys.argv[1:3])
