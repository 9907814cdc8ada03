"""Log-mel features equal to whisper.cpp's, so that the model gets the same input in training as in use."""

import numpy as np

from espeak import RATE

MELS, WINDOW, HOP = 80, 400, 160
HANN = (0.5 * (1 - np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW))).astype(np.float32)


def _to_mel(hz):
    return hz / (200 / 3) if hz < 1000 else 15 + np.log(hz / 1000) / (np.log(6.4) / 27)


def _to_hz(mel):
    return mel * (200 / 3) if mel < 15 else 1000 * np.exp(np.log(6.4) / 27 * (mel - 15))


def mel_filters():
    """Slaney's triangles, [80, 201]; whisper.cpp takes them from the model file."""
    edges = np.array([_to_hz(_to_mel(RATE / 2) * i / (MELS + 1)) for i in range(MELS + 2)])
    f = np.arange(WINDOW // 2 + 1) * RATE / WINDOW
    triangles = []
    for low, middle, high in zip(edges, edges[1:], edges[2:]):
        rise, fall = (f - low) / (middle - low), (high - f) / (high - middle)
        triangles.append(np.maximum(0, np.minimum(rise, fall)) * 2 / (high - low))
    return np.stack(triangles).astype(np.float32)


FILTERS = mel_filters()


def log_mel(x):
    """([frames, 80], floor): frames of 10 ms cover the samples; beyond them whisper.cpp sees `floor` (digital silence)."""
    n = len(x) // HOP + 2
    padded = np.concatenate([x[1:201][::-1], x, np.zeros(800, np.float32)])
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP][:n]
    power = np.abs(np.fft.rfft(frames * HANN, axis=1)).astype(np.float32) ** 2
    mel = np.log10(np.maximum(power @ FILTERS.T, 1e-10))
    floor = max(-10.0, float(mel.max()) - 8)
    return (np.maximum(mel, floor) + 4) / 4, (floor + 4) / 4
