/* From the sound format WASAPI delivers to mono. */
#ifndef NINJA_MIX_H
#define NINJA_MIX_H
#include <stddef.h>
#include <stdint.h>

enum sample_kind { SAMPLE_S16, SAMPLE_F32 };

struct sound_format {
  enum sample_kind kind;
  uint16_t channels;
  uint32_t rate_hz;
};

/* Writes the mean of all channels of `frames` interleaved frames, as -1..1. The mean, not the sum: speech that stands in both
   channels of a headset must not clip. Values that are not numbers count as silence. */
void mix_to_mono(const struct sound_format *format, const void *in, size_t frames, float *out);

static inline size_t bytes_per_frame(const struct sound_format *format) {
  return (size_t)format->channels * (format->kind == SAMPLE_F32 ? 4u : 2u);
}

#endif
