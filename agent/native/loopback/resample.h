/* Any rate to 16 kHz, with a step that bends by some ppm while the resampler runs. */
#ifndef NINJA_RESAMPLE_H
#define NINJA_RESAMPLE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RESAMPLE_MIN_HZ 8000u
#define RESAMPLE_MAX_HZ 192000u
/* Most input frames that one push accepts. */
#define RESAMPLE_CHUNK 480u
/* Zero crossings of the sinc on each side: with the Kaiser window below more than 80 dB against folding. */
#define RESAMPLE_CROSSINGS 24u
#define RESAMPLE_PHASES 128u
#define RESAMPLE_MAX_HALF (RESAMPLE_CROSSINGS * (RESAMPLE_MAX_HZ / 16000u) + 1u)
/* Most samples one push or flush gives: of 8 kHz each input frame gives two. */
#define RESAMPLE_ROOM (2u * (RESAMPLE_CHUNK + RESAMPLE_MAX_HALF) + 4u)

struct resampler {
  double nominal_step;  /* input frames per output sample */
  double step;
  size_t half;          /* input frames that enter one output sample, on each side */
  size_t held;          /* frames in `window` */
  double next;          /* position of the next output sample in `window` */
  float kernel[(RESAMPLE_PHASES + 1u) * 2u * RESAMPLE_MAX_HALF];
  float window[2u * RESAMPLE_MAX_HALF + 2u * RESAMPLE_CHUNK + 2u];
};

/* Returns false where the rate is outside RESAMPLE_MIN_HZ..RESAMPLE_MAX_HZ. */
bool resampler_init(struct resampler *r, uint32_t rate_hz);

/* Sets the bend: with a positive value the input's clock runs fast, so more input enters each output sample. */
void resampler_bend(struct resampler *r, double ppm);

/* Accepts up to RESAMPLE_CHUNK frames, writes at most RESAMPLE_ROOM samples and returns their count. The first output sample lies
   exactly on the first input frame: the filter delays the work, never the time. */
size_t resampler_push(struct resampler *r, const float *in, size_t frames, int16_t *out);

/* Returns the count of output samples whose input was pushed, but which wait for the frames after them. */
size_t resampler_pending(const struct resampler *r);

/* Writes the pending samples as if silence followed, returns their count, and starts again. */
size_t resampler_flush(struct resampler *r, int16_t *out);

#endif
