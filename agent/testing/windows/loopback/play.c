/* Plays a scenario (standard input) through the helper's pure part; frames on standard output, totals on standard error.
   play RATE CHANNELS f32|s16 [TONE_HZ] */
#include "../../../native/loopback/stream.h"
#include "scenario.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool give(void *context, const uint8_t *bytes, size_t length) {
  (void)context;
  return fwrite(bytes, 1, length, stdout) == length;
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  const struct sound_format format = {strcmp(argv[3], "f32") == 0 ? SAMPLE_F32 : SAMPLE_S16, (uint16_t)atoi(argv[2]),
                                      (uint32_t)atoi(argv[1])};
  static char lines[65536];
  lines[fread(lines, 1, sizeof lines - 1, stdin)] = 0;
  const uint64_t start = 1000 * SECOND_100NS;
  static struct stream stream;
  static struct scenario scenario;
  stream_init(&stream, give, NULL, start);
  if (!stream_set_format(&stream, &format)) return fputs("unsupported format\n", stderr), 3;
  scenario_init(&scenario, lines, &format, start);
  if (argc > 4) scenario.tone_hz = atof(argv[4]);
  uint8_t *data = malloc(format.rate_hz / 100 * bytes_per_frame(&format));
  uint64_t now = start;
  for (;;) {
    const struct scenario_event e = scenario_next(&scenario);
    const uint64_t step = 50 * MS_100NS; /* as the real loop wakes up while nothing comes */
    for (; now + step < e.due_100ns && e.kind != SCENARIO_SLEEP; now += step) stream_tick(&stream, now);
    if (e.due_100ns > now) now = e.due_100ns;
    if (e.kind == SCENARIO_END) break;
    if (e.kind != SCENARIO_PACKET) continue;
    scenario_fill(&scenario, &e, data);
    if (e.silent) memset(data, 0x55, e.frames * bytes_per_frame(&format)); /* must not be read */
    const struct packet packet = {data, e.frames, e.silent, e.time_is_wrong, e.qpc_100ns};
    stream_packet(&stream, &packet, now);
    stream_tick(&stream, now);
  }
  stream_tick(&stream, now);
  stream_end(&stream);
  const struct stream_totals *t = &stream.totals;
  fprintf(stderr,
          "{\"packets\":%" PRIu64 ",\"sound\":%" PRIu64 ",\"silence\":%" PRIu64 ",\"cut\":%" PRIu64 ",\"skipped\":%" PRIu64
          ",\"glitches\":%" PRIu64 "}\n",
          t->packets, t->sound_samples, t->silence_samples, t->cut_samples, t->skipped_samples, t->glitches);
  free(data);
  return 0;
}
