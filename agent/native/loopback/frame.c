#include "frame.h"

static void put(uint8_t *out, uint64_t value, size_t bytes) {
  for (size_t i = 0; i < bytes; i++) out[i] = (uint8_t)(value >> (8 * i));
}

size_t frame_encode(const struct frame *frame, uint8_t *out) {
  out[0] = 'N', out[1] = 'J', out[2] = 'A', out[3] = 'F';
  put(out + 4, frame->sequence, 4);
  put(out + 8, frame->first_sample, 8);
  put(out + 16, frame->qpc_100ns, 8);
  put(out + 24, frame->samples, 2);
  for (size_t i = 0; i < frame->samples; i++)
    put(out + FRAME_HEADER_BYTES + 2 * i, (uint16_t)frame->sound[i], 2);
  return FRAME_HEADER_BYTES + 2u * frame->samples;
}
