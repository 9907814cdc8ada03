#include "mix.h"
#include <math.h>
#include <string.h>

void mix_to_mono(const struct sound_format *format, const void *in, size_t frames, float *out) {
  const uint8_t *bytes = in;
  for (size_t i = 0; i < frames; i++) {
    float sum = 0;
    for (uint16_t c = 0; c < format->channels; c++) {
      if (format->kind == SAMPLE_F32) {
        float value;
        memcpy(&value, bytes, sizeof value);
        sum += isfinite(value) ? value : 0;
        bytes += sizeof value;
      } else {
        int16_t value;
        memcpy(&value, bytes, sizeof value);
        sum += (float)value / 32768.0f;
        bytes += sizeof value;
      }
    }
    out[i] = sum / (float)format->channels;
  }
}
