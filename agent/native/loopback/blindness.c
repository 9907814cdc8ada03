#include "blindness.h"

bool blindness_is_due(struct blindness *b, uint64_t now_100ns) {
  if (now_100ns < b->next_100ns) return false;
  b->next_100ns = now_100ns + BLINDNESS_CHECK_100NS;
  return true;
}

bool blindness_check(struct blindness *b, float peak, uint16_t loudest) {
  if (loudest > 1) b->checks = 0; /* 1: rounding of a dithered nothing */
  else if (peak >= BLINDNESS_METER) b->checks += 1;
  return b->checks >= BLINDNESS_CHECKS;
}
