#include "timeline.h"

/* Part of a new deviation that enters the smoothed one; at 100 packets a second it forgets in half a second. */
static const double SMOOTHING = 0.02;

static int64_t samples_between(uint64_t from_100ns, uint64_t to_100ns) {
  const int64_t span = (int64_t)(to_100ns - from_100ns);
  const int64_t half = span < 0 ? -312 : 312; /* 625 units of 100 ns are one sample */
  return (span + half) / 625;
}

void timeline_init(struct timeline *t, uint64_t now_100ns) {
  *t = (struct timeline){.anchor_100ns = now_100ns};
}

uint64_t timeline_believe(uint64_t qpc_100ns, bool flagged_wrong, uint64_t now_100ns, uint64_t length_100ns) {
  const uint64_t distance = qpc_100ns > now_100ns ? qpc_100ns - now_100ns : now_100ns - qpc_100ns;
  return flagged_wrong || qpc_100ns == 0 || distance > BELIEVABLE_100NS ? now_100ns - length_100ns : qpc_100ns;
}

struct placement timeline_place(struct timeline *t, uint64_t at_100ns, uint64_t length_100ns, uint64_t pending) {
  struct placement place = {0};
  const int64_t late = samples_between(t->anchor_100ns, at_100ns) - (int64_t)(t->written + pending);
  const bool near = late <= TOLERANCE_SAMPLES && late >= -TOLERANCE_SAMPLES;
  if (t->flowing && near) {
    t->deviation += SMOOTHING * ((double)late - t->deviation);
  } else {
    /* Sound begins again: exactly at its position, so that a short remainder of silence does not become a deviation. */
    place.restarts_filter = true;
    const bool interrupted = t->last_end_100ns != 0 && at_100ns < t->last_end_100ns + GLITCH_100NS;
    place.glitch = interrupted && (late > TOLERANCE_SAMPLES || late < -TOLERANCE_SAMPLES);
    if (late > 0) place.silence = (uint64_t)late;
    if (late < 0) place.cut = (uint64_t)-late;
    t->deviation = 0;
  }
  t->flowing = true;
  t->last_end_100ns = at_100ns + length_100ns;
  return place;
}

void timeline_wrote(struct timeline *t, uint64_t samples) { t->written += samples; }

uint64_t timeline_due(struct timeline *t, uint64_t now_100ns, uint64_t pending) {
  if (now_100ns < t->anchor_100ns + HOLD_BACK_100NS) return 0;
  const int64_t due = samples_between(t->anchor_100ns, now_100ns - HOLD_BACK_100NS) - (int64_t)(t->written + pending);
  /* While sound flows the clock may run ahead a little: only a real pause is silence. */
  if (due <= (t->flowing ? TOLERANCE_SAMPLES : 0)) return 0;
  t->flowing = false;
  t->deviation = 0;
  return (uint64_t)due;
}

double timeline_bend_ppm(const struct timeline *t) {
  const double ppm = -t->deviation / (SETTLE_SECONDS * 16000.0) * 1e6;
  return ppm > MAX_BEND_PPM ? MAX_BEND_PPM : ppm < -MAX_BEND_PPM ? -MAX_BEND_PPM : ppm;
}

uint64_t timeline_next_100ns(const struct timeline *t) {
  const int64_t at = (int64_t)(t->anchor_100ns + t->written * 625) + (int64_t)(t->deviation * 625);
  return at < 0 ? 0 : (uint64_t)at;
}
