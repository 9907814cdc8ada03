#include "resample.h"
#include <math.h>
#include <string.h>

static const double PI = 3.14159265358979323846;
/* Share of the lower band that passes: speech needs nothing above 7.2 kHz, the rest is room for the filter's slope. */
static const double PASS_BAND = 0.92;
static const double KAISER_BETA = 8.0;

/* Modified Bessel function of order 0, by its series. */
static double bessel(double x) {
  double sum = 1, term = 1;
  for (int k = 1; k < 40; k++) {
    term *= (x / (2 * k)) * (x / (2 * k));
    sum += term;
  }
  return sum;
}

static void start(struct resampler *r) {
  memset(r->window, 0, sizeof r->window);
  r->held = r->half;
  r->next = (double)r->half;
  r->step = r->nominal_step;
}

bool resampler_init(struct resampler *r, uint32_t rate_hz) {
  if (rate_hz < RESAMPLE_MIN_HZ || rate_hz > RESAMPLE_MAX_HZ) return false;
  r->nominal_step = rate_hz / 16000.0;
  const double lower = r->nominal_step > 1 ? r->nominal_step : 1;
  r->half = (size_t)ceil(RESAMPLE_CROSSINGS * lower);
  const double cutoff = 0.5 * PASS_BAND / lower;
  for (size_t phase = 0; phase <= RESAMPLE_PHASES; phase++) {
    float *row = r->kernel + phase * 2 * r->half;
    double sum = 0;
    for (size_t i = 0; i < 2 * r->half; i++) {
      /* distance of input frame i from the output sample, which lies phase/PHASES behind frame half-1 */
      const double x = (double)i - (double)(r->half - 1) - (double)phase / RESAMPLE_PHASES;
      const double edge = x / (double)r->half;
      const double window = edge * edge < 1 ? bessel(KAISER_BETA * sqrt(1 - edge * edge)) / bessel(KAISER_BETA) : 0;
      const double angle = 2 * PI * cutoff * x;
      const double value = (x == 0 ? 1 : sin(angle) / angle) * window;
      row[i] = (float)value;
      sum += value;
    }
    for (size_t i = 0; i < 2 * r->half; i++) row[i] = (float)(row[i] / sum);
  }
  start(r);
  return true;
}

void resampler_bend(struct resampler *r, double ppm) { r->step = r->nominal_step * (1 + ppm * 1e-6); }

static int16_t sample_at(const struct resampler *r, double position) {
  const size_t whole = (size_t)position;
  const double phase = (position - (double)whole) * RESAMPLE_PHASES;
  const size_t row = (size_t)phase;
  const float share = (float)(phase - (double)row);
  const float *low = r->kernel + row * 2 * r->half;
  const float *high = low + 2 * r->half;
  const float *in = r->window + whole + 1 - r->half;
  float sum = 0;
  for (size_t i = 0; i < 2 * r->half; i++) sum += in[i] * (low[i] + share * (high[i] - low[i]));
  const float scaled = sum * 32767.0f;
  return (int16_t)lrintf(scaled > 32767.0f ? 32767.0f : scaled < -32768.0f ? -32768.0f : scaled);
}

size_t resampler_push(struct resampler *r, const float *in, size_t frames, int16_t *out) {
  if (frames > RESAMPLE_CHUNK) frames = RESAMPLE_CHUNK;
  memcpy(r->window + r->held, in, frames * sizeof *in);
  r->held += frames;
  size_t given = 0;
  for (; (size_t)r->next + r->half < r->held; r->next += r->step) out[given++] = sample_at(r, r->next);
  if ((size_t)r->next > r->half) {
    const size_t spent = (size_t)r->next - r->half;
    r->held -= spent;
    memmove(r->window, r->window + spent, r->held * sizeof *r->window);
    r->next -= (double)spent;
  }
  return given;
}

size_t resampler_pending(const struct resampler *r) {
  const double behind = (double)r->held - r->next;
  return behind > 0 ? (size_t)ceil(behind / r->step) : 0;
}

size_t resampler_flush(struct resampler *r, int16_t *out) {
  const float silence[RESAMPLE_CHUNK] = {0};
  const size_t due = resampler_pending(r);
  size_t given = 0;
  for (size_t left = r->half + 1; left > 0 && given < due;) {
    const size_t part = left < RESAMPLE_CHUNK ? left : RESAMPLE_CHUNK;
    given += resampler_push(r, silence, part, out + given);
    left -= part;
  }
  start(r);
  return given < due ? given : due;
}
