#include "scenario.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MS 10000ull
static const double TAU = 6.283185307179586;

void scenario_init(struct scenario *s, const char *lines, const struct sound_format *format, uint64_t start_100ns) {
  *s = (struct scenario){.format = *format, .tone_hz = 440, .amplitude = 0.5, .start_100ns = start_100ns};
  s->now_100ns = start_100ns;
  s->rest = lines;
}

static struct scenario_event packet(struct scenario *s) {
  const uint32_t frames = s->format.rate_hz / 100;
  const double length = frames * 1e7 / (s->format.rate_hz * (1 + s->ppm * 1e-6));
  struct scenario_event e = {.kind = SCENARIO_PACKET, .frames = frames, .true_100ns = s->now_100ns};
  e.qpc_100ns = s->no_times ? 0 : s->wrong_times ? s->now_100ns / 2 : s->now_100ns;
  e.time_is_wrong = !s->no_times && s->wrong_times > 0;
  if (s->no_times) s->no_times -= 1;
  else if (s->wrong_times) s->wrong_times -= 1;
  e.silent = s->muted;
  e.discontinuity = s->lost;
  s->lost = false;
  s->now_100ns += (uint64_t)llround(length);
  e.due_100ns = s->now_100ns + 10 * MS + s->late_100ns;
  return e;
}

struct scenario_event scenario_next(struct scenario *s) {
  while (s->now_100ns >= s->until_100ns) {
    char word[32];
    double value = 0;
    const char *line = s->rest;
    if (line == NULL || *line == 0) return (struct scenario_event){.kind = SCENARIO_END, .due_100ns = s->now_100ns};
    const int found = sscanf(line, " %31[a-z-] %lf", word, &value);
    const char *end = strchr(line, '\n');
    s->rest = end ? end + 1 : line + strlen(line);
    if (found < 1) continue;
    const uint64_t span = (uint64_t)(value * MS);
    if (strcmp(word, "sound") == 0 || strcmp(word, "muted") == 0 || strcmp(word, "hidden") == 0) {
      s->muted = word[0] == 'm';
      s->hidden = word[0] == 'h';
      s->until_100ns = s->now_100ns + span;
    } else if (strcmp(word, "quiet") == 0) s->now_100ns += span;
    else if (strcmp(word, "sleep") == 0) {
      s->now_100ns += span;
      return (struct scenario_event){.kind = SCENARIO_SLEEP, .due_100ns = s->now_100ns};
    } else if (strcmp(word, "lose") == 0) s->now_100ns += span, s->lost = true;
    else if (strcmp(word, "repeat") == 0) s->now_100ns -= span;
    else if (strcmp(word, "late") == 0) s->late_100ns = span;
    else if (strcmp(word, "clock") == 0) s->ppm = value;
    else if (strcmp(word, "wrong-time") == 0) s->wrong_times = (uint32_t)value;
    else if (strcmp(word, "no-time") == 0) s->no_times = (uint32_t)value;
    else if (strcmp(word, "invalidate") == 0)
      return (struct scenario_event){.kind = SCENARIO_INVALIDATE, .due_100ns = s->now_100ns, .failures = (uint32_t)value};
    else if (strcmp(word, "gone") == 0) 
      return (struct scenario_event){.kind = SCENARIO_GONE, .due_100ns = s->now_100ns, .absent_100ns = span};
    else {
      fprintf(stderr, "unknown line of a scenario: %s\n", word);
      exit(2);
    }
  }
  return packet(s);
}

void scenario_fill(const struct scenario *s, const struct scenario_event *event, void *out) {
  const double rate = s->format.rate_hz * (1 + s->ppm * 1e-6);
  for (uint32_t i = 0; i < event->frames; i++) {
    const double seconds = (double)(event->true_100ns - s->start_100ns) / 1e7 + i / rate;
    const double value = s->hidden ? 0 : s->amplitude * sin(TAU * s->tone_hz * seconds);
    for (uint16_t c = 0; c < s->format.channels; c++) {
      const size_t at = (size_t)i * s->format.channels + c;
      if (s->format.kind == SAMPLE_F32) ((float *)out)[at] = (float)value;
      else ((int16_t *)out)[at] = (int16_t)lrint(value * 32767);
    }
  }
}
