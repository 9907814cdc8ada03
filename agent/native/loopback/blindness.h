/* Some programs' calls are hidden from process loopback: the loopback opens, the clock ticks, and every sample is zero while the
   caller is audible (Teams: https://github.com/microsoft/Windows-classic-samples/issues/414,
   https://github.com/screenpipe/screenpipe/pull/6487; a stream may request this, and some chains of effects
   cause it). Silence alone proves nothing; silence while Windows' own meter of that program shows sound proves a hidden call.
   Pure: knows nothing of Windows. */
#ifndef NINJA_BLINDNESS_H
#define NINJA_BLINDNESS_H
#include <stdbool.h>
#include <stdint.h>

#define BLINDNESS_CHECK_100NS 5000000ull /* 0.5 s: a read of the meter costs some milliseconds */
/* Checks at which the meter showed sound while not one sample came: 3 s of sound in all, more than the first tone of a ring. */
#define BLINDNESS_CHECKS 6u
/* Share of full scale, -60 dB: a lower peak is noise. */
#define BLINDNESS_METER 0.001f

struct blindness {
  uint64_t next_100ns;
  uint32_t checks;
};

/* Returns true when the meter must be read again. */
bool blindness_is_due(struct blindness *b, uint64_t now_100ns);

/* `peak` is that of the meter, negative where unknown; `loudest` is the loudest sample since the last check. Returns true when
   the call is hidden from us. */
bool blindness_check(struct blindness *b, float peak, uint16_t loudest);

#endif
