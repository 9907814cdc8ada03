"""What a telephone line does to a voice: noise, a narrow band, A-law, level, silence around it.

Samples are float32 from -1 to 1 at 16 kHz; `g` is a numpy random generator.
"""

import numpy as np
from scipy.signal import resample_poly

from espeak import RATE


def alaw(x):
    """There and back through A-law's 8 bits (ITU-T G.711)."""
    a = 87.6
    k = 1 + np.log(a)
    sign, level = np.sign(x), np.abs(np.clip(x, -1, 1))
    y = np.where(level < 1 / a, a * level / k, (1 + np.log(np.maximum(a * level, 1))) / k)
    y = (np.floor(y * 128) + 0.5) / 128
    return (sign * np.where(y < 1 / k, y * k / a, np.exp(y * k - 1) / a)).astype(np.float32)


def telephone(x, g=None):
    """8 kHz, mostly 300 to 3,400 Hz, A-law."""
    y = resample_poly(x, 1, 2).astype(np.float32)
    if g is None or g.random() < 0.7:
        f = np.fft.rfftfreq(len(y), 1 / 8000)
        spectrum = np.fft.rfft(y)
        low = (np.maximum(250 / np.maximum(f, 1), 1e-3)) ** 6
        spectrum *= 1 / (1 + low) / (1 + (f / 3500) ** 20)
        y = np.fft.irfft(spectrum, len(y)).astype(np.float32)
    return resample_poly(alaw(y), 2, 1).astype(np.float32)


def noise(n, g, kind=None):
    """White or pink noise, or mains hum, of level 1."""
    kind = kind or g.choice(["white", "pink", "hum", "pink+hum"])
    y = np.zeros(n, np.float32)
    if kind == "white":
        y = g.standard_normal(n, dtype=np.float32)
    if "pink" in kind:
        spectrum = np.fft.rfft(g.standard_normal(n, dtype=np.float32))
        spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 1))
        y = np.fft.irfft(spectrum, n).astype(np.float32)
        y /= y.std() + 1e-9
    if "hum" in kind:
        t = np.arange(n, dtype=np.float32) / RATE
        mains = g.choice([50, 60, 100])
        hum = sum(g.random() / k * np.sin(2 * np.pi * mains * k * t + g.random() * 6) for k in range(1, 6))
        y = y * 0.5 + hum.astype(np.float32)
    return y / (y.std() + 1e-9)


def decibels(level):
    return 10 ** (level / 20)


def augment(x, g, lead=None, tail=None, phone_p=0.45, noise_p=0.6):
    """(samples, end of speech in seconds): another level, silence around, perhaps noise, perhaps a telephone."""
    lead = g.random() * 0.5 if lead is None else lead
    tail = g.random() * 0.7 if tail is None else tail
    level = decibels(-g.random() * 24) * 0.95
    x = x / (np.abs(x).max() + 1e-9) * level
    y = np.concatenate([np.zeros(int(lead * RATE), np.float32), x, np.zeros(int(tail * RATE), np.float32)])
    rms = np.sqrt((x**2).mean() + 1e-12)
    if g.random() < noise_p:
        y = y + noise(len(y), g) * rms * decibels(-(10 + 30 * g.random()))
    elif g.random() < 0.5:
        y = y + noise(len(y), g, "white") * decibels(-(60 + 30 * g.random()))
    if g.random() < phone_p:
        y = telephone(y, g)
    y = np.round(np.clip(y, -1, 1) * 32767) / 32768  # 16 bit, as in a WAV file
    return y.astype(np.float32), lead + len(x) / RATE
