#include "stream.h"
#include <string.h>

void stream_init(struct stream *s, bool (*give)(void *, const uint8_t *, size_t), void *context, uint64_t now_100ns) {
  memset(s, 0, sizeof *s);
  s->give = give;
  s->context = context;
  timeline_init(&s->timeline, now_100ns);
  const struct sound_format mono = {SAMPLE_S16, 1, OUTPUT_RATE_HZ};
  (void)stream_set_format(s, &mono);
}

static void give_frame(struct stream *s) {
  if (s->filled == 0 || s->broken) return;
  uint8_t bytes[FRAME_MAX_BYTES];
  const struct frame frame = {s->sequence, s->frame_first, s->frame_100ns, s->filled, s->frame};
  s->broken = !s->give(s->context, bytes, frame_encode(&frame, bytes));
  s->sequence += 1;
  s->filled = 0;
}

static void write_samples(struct stream *s, const int16_t *sound, uint64_t samples) {
  for (uint64_t i = 0; i < samples; i++) {
    if (s->filled == 0) {
      s->frame_first = s->timeline.written;
      s->frame_100ns = timeline_next_100ns(&s->timeline);
    }
    s->frame[s->filled++] = sound ? sound[i] : 0;
    timeline_wrote(&s->timeline, 1);
    if (s->filled == FRAME_SAMPLES) give_frame(s);
  }
}

static void write_silence(struct stream *s, uint64_t samples) {
  if (samples > MAX_SILENCE_SAMPLES) {
    s->timeline.anchor_100ns += samples * (SECOND_100NS / OUTPUT_RATE_HZ);
    s->totals.skipped_samples += samples;
    return;
  }
  write_samples(s, NULL, samples);
  s->totals.silence_samples += samples;
}

static void write_sound(struct stream *s, const int16_t *sound, uint64_t samples) {
  for (uint64_t i = 0; i < samples; i++) {
    const uint16_t level = (uint16_t)(sound[i] < 0 ? -(int32_t)sound[i] : sound[i]);
    if (level > s->loudest) s->loudest = level;
  }
  write_samples(s, sound, samples);
  s->totals.sound_samples += samples;
}

static void flush_filter(struct stream *s) {
  int16_t out[RESAMPLE_ROOM];
  write_sound(s, out, resampler_flush(&s->resampler, out));
}

bool stream_set_format(struct stream *s, const struct sound_format *format) {
  if (format->channels == 0) return false;
  if (s->format.rate_hz != 0) flush_filter(s);
  if (!resampler_init(&s->resampler, format->rate_hz)) return false;
  s->format = *format;
  s->timeline.flowing = false;
  return true;
}

void stream_packet(struct stream *s, const struct packet *packet, uint64_t now_100ns) {
  const uint64_t length = packet->frames * SECOND_100NS / s->format.rate_hz;
  const uint64_t at = timeline_believe(packet->qpc_100ns, packet->time_is_wrong, now_100ns, length);
  const struct placement place = timeline_place(&s->timeline, at, length, resampler_pending(&s->resampler));
  s->totals.packets += 1;
  if (place.glitch) s->totals.glitches += 1;
  if (place.restarts_filter) flush_filter(s);
  write_silence(s, place.silence);
  const uint64_t cut_frames = place.cut * s->format.rate_hz / OUTPUT_RATE_HZ;
  const uint32_t skipped = cut_frames < packet->frames ? (uint32_t)cut_frames : packet->frames;
  s->totals.cut_samples += (uint64_t)skipped * OUTPUT_RATE_HZ / s->format.rate_hz;
  if (skipped == packet->frames) s->timeline.flowing = false;
  resampler_bend(&s->resampler, timeline_bend_ppm(&s->timeline));

  const uint8_t *bytes = packet->data;
  const bool silent = packet->silent || bytes == NULL;
  for (uint32_t done = skipped; done < packet->frames && !s->broken;) {
    const uint32_t left = packet->frames - done;
    const uint32_t part = left < RESAMPLE_CHUNK ? left : RESAMPLE_CHUNK;
    float mono[RESAMPLE_CHUNK] = {0};
    int16_t out[RESAMPLE_ROOM];
    if (!silent) mix_to_mono(&s->format, bytes + (size_t)done * bytes_per_frame(&s->format), part, mono);
    write_sound(s, out, resampler_push(&s->resampler, mono, part, out));
    done += part;
  }
}

void stream_tick(struct stream *s, uint64_t now_100ns) {
  const uint64_t due = timeline_due(&s->timeline, now_100ns, resampler_pending(&s->resampler));
  if (due == 0) return;
  flush_filter(s);
  write_silence(s, due);
}

uint16_t stream_read_loudest(struct stream *s) {
  const uint16_t loudest = s->loudest;
  s->loudest = 0;
  return loudest;
}

void stream_end(struct stream *s) {
  flush_filter(s);
  give_frame(s);
}
