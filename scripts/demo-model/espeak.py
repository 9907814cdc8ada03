"""Speech by libespeak-ng, in this process: about 770 times real time, against 15 ms for every start of its program."""

import ctypes

import numpy as np
from scipy.signal import resample_poly

RATE = 16000
ACCENTS = ["fr", "fr", "fr-be", "fr-ch"]
COMMON = "m1 m2 m3 m5 m6 m7 m8 f1 f2 f4 f5".split()
RARE = (
    "Alex Alicia Andrea Annie Denis Hugo Michael Mario adam anika belinda benjamin david edward linda max michel paul steph"
).split()
HELD_VOICES = ["m4", "f3"]

_SYNCHRONOUS, _PHONEME_EVENTS, _UTF8 = 2, 1, 1
_SPEED, _PITCH, _GAP = 1, 3, 7
_END_OF_LIST, _PHONEME = 0, 7


class _Event(ctypes.Structure):
    """espeak_EVENT of speak_lib.h, with the phoneme's name in its union."""

    _fields_ = [
        ("type", ctypes.c_int),
        ("uid", ctypes.c_uint),
        ("tpos", ctypes.c_int),
        ("len", ctypes.c_int),
        ("ms", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    ]


class Espeak:
    """One voice box; the library allows one per process. `phonemes` also keeps when each phoneme begins."""

    def __init__(self, phonemes=False):
        self.lib = ctypes.CDLL("libespeak-ng.so.1")
        self.rate = self.lib.espeak_Initialize(_SYNCHRONOUS, 500, None, _PHONEME_EVENTS if phonemes else 0)
        self.chunks, self.events, self.voice = [], [], None
        kind = ctypes.CFUNCTYPE(
            ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
        )
        self.callback = kind(self._heard)  # kept: the library calls it as long as we live
        self.lib.espeak_SetSynthCallback(self.callback)

    def _heard(self, wave, count, events):
        if wave and count > 0:
            self.chunks.append(np.ctypeslib.as_array(wave, (count,)).copy())
        i = 0
        while events and events[i].type != _END_OF_LIST:
            if events[i].type == _PHONEME:
                self.events.append((events[i].sample, events[i].id.decode("utf8", "replace")))
            i += 1
        return 0

    def _speak(self, text, voice, speed, pitch, gap):
        """Samples at the library's own rate, -1 to 1."""
        if voice != self.voice:
            if self.lib.espeak_SetVoiceByName(voice.encode()):
                raise ValueError(f"espeak-ng has no voice {voice}")
            self.voice = voice
        for parameter, value in ((_SPEED, speed), (_PITCH, pitch), (_GAP, gap)):
            self.lib.espeak_SetParameter(parameter, int(value), 0)
        self.chunks.clear()
        self.events.clear()
        data = text.encode() + b"\0"
        self.lib.espeak_Synth(data, len(data), 0, 0, 0, _UTF8, None, None)
        self.lib.espeak_Synchronize()
        if not self.chunks:
            return np.zeros(0, np.float32)
        return np.concatenate(self.chunks).astype(np.float32) / 32768

    def say(self, text, voice="fr", speed=160, pitch=50, gap=0):
        """Samples at 16 kHz, without the silence around."""
        x = self._speak(text, voice, speed, pitch, gap)
        if self.rate == 22050:
            x = resample_poly(x, 320, 441).astype(np.float32)
        loud = _loud(x)
        return x[max(0, loud[0] - 80) : loud[-1] + 80] if len(loud) else x[:0]

    def phonemes(self, text, voice, speed, pitch, gap):
        """(seconds of sound as `say` cuts it, [(seconds, phoneme)])"""
        x = self._speak(text, voice, speed, pitch, gap)
        margin = 80 * self.rate / RATE
        loud = _loud(x)
        start, end = max(0, loud[0] - margin), min(len(x), loud[-1] + margin)
        return (end - start) / self.rate, [((at - start) / self.rate, name) for at, name in self.events]


def _loud(x):
    return np.flatnonzero(np.abs(x) > 0.01 * max(1e-4, np.abs(x).max())) if len(x) else np.zeros(0, int)
