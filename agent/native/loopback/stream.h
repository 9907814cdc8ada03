/* From packets of WASAPI to frames on the 16 kHz clock: mix, resample, place, cut into frames. Knows nothing of Windows, so tests
   run the stream on any machine. */
#ifndef NINJA_STREAM_H
#define NINJA_STREAM_H
#include "frame.h"
#include "mix.h"
#include "resample.h"
#include "timeline.h"
#include <stdbool.h>

struct stream_totals {
  uint64_t packets;
  uint64_t sound_samples;   /* written from packets */
  uint64_t silence_samples; /* written because no packet came, or no sound played */
  uint64_t cut_samples;     /* of packets that came too late or twice */
  uint64_t skipped_samples; /* omitted from the count: the PC slept */
  uint64_t glitches;        /* sound lost in the middle of sound */
};

/* Longer silence is skipped, not written: sample numbers go on without it, and the frames' times show it. So a PC that slept for
   a night does not give eight hours of zeros. */
#define MAX_SILENCE_SAMPLES (30u * OUTPUT_RATE_HZ)

struct stream {
  /* Receives each finished frame; after a false no more frames are given, since no reader is left. */
  bool (*give)(void *context, const uint8_t *bytes, size_t length);
  void *context;
  bool broken;
  struct sound_format format;
  struct resampler resampler;
  struct timeline timeline;
  struct stream_totals totals;
  uint32_t sequence;
  uint64_t frame_first;
  uint64_t frame_100ns;
  uint16_t filled;
  uint16_t loudest; /* sample since stream_read_loudest() */
  int16_t frame[FRAME_SAMPLES];
};

struct packet {
  const void *data; /* may be NULL when silent */
  uint32_t frames;
  bool silent;
  bool time_is_wrong;
  uint64_t qpc_100ns;
};

void stream_init(struct stream *s, bool (*give)(void *, const uint8_t *, size_t), void *context, uint64_t now_100ns);

/* Sets the format of the packets that follow; the clock goes on. Returns false for a rate that cannot be converted. */
bool stream_set_format(struct stream *s, const struct sound_format *format);

void stream_packet(struct stream *s, const struct packet *packet, uint64_t now_100ns);

/* Writes the silence that is due; the caller calls this function at least every 100 ms. */
void stream_tick(struct stream *s, uint64_t now_100ns);

/* Returns the loudest sample (0..32768) written since the last call. */
uint16_t stream_read_loudest(struct stream *s);

/* Gives the remaining frames; the last one may be shorter. */
void stream_end(struct stream *s);

#endif
