/* One piece of the caller's sound, in the layout that the agent reads from our standard output. */
#ifndef NINJA_FRAME_H
#define NINJA_FRAME_H
#include <stddef.h>
#include <stdint.h>

#define OUTPUT_RATE_HZ 16000u
/* 20 ms: short enough for live text, 50 writes a second. */
#define FRAME_SAMPLES 320u
/* magic 4, sequence 4, first sample 8, QPC 8, sample count 2 */
#define FRAME_HEADER_BYTES 26u
#define FRAME_MAX_BYTES (FRAME_HEADER_BYTES + 2u * FRAME_SAMPLES)

struct frame {
  uint32_t sequence;      /* grows by one with each frame */
  uint64_t first_sample;  /* 16 kHz samples since the helper started */
  uint64_t qpc_100ns;     /* time at which the first sample was played, by QueryPerformanceCounter, in 100 ns */
  uint16_t samples;       /* at most FRAME_SAMPLES */
  const int16_t *sound;   /* mono */
};

/* Writes the frame little-endian into `out` (FRAME_MAX_BYTES long); returns its length. The layout is also in
   agent/src/main/capture/sources/helperProtocol.ts: change both or neither. */
size_t frame_encode(const struct frame *frame, uint8_t *out);

#endif
