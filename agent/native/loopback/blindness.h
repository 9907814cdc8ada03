/* Some programs' calls are hidden from process loopback: it opens, the clock ticks, and every sample is zero while people
   hear the caller (Teams: https://github.com/microsoft/Windows-classic-samples/issues/414,
   https://github.com/screenpipe/screenpipe/pull/6487; streams may ask for it, and some chains of effects do it). Silence alone
   proves nothing; silence while Windows' own meter of that program shows sound does. Pure. */
#ifndef NINJA_BLINDNESS_H
#define NINJA_BLINDNESS_H
#include <stdbool.h>
#include <stdint.h>

#define BLINDNESS_CHECK_100NS 5000000ull /* 0.5 s: asking costs some milliseconds */
/* Looks at the meter that showed sound while not one sample came: 3 s of sound in all, more than a ring's first tone. */
#define BLINDNESS_CHECKS 6u
/* Of full scale, -60 dB: below is noise. */
#define BLINDNESS_METER 0.001f

struct blindness {
  uint64_t next_100ns;
  uint32_t checks;
};

/* True when the meter must be read again. */
bool blindness_is_due(struct blindness *b, uint64_t now_100ns);

/* `peak`: of the meter, negative where unknown; `loudest`: sample that came since the last check. True: we are blind. */
bool blindness_check(struct blindness *b, float peak, uint16_t loudest);

#endif
