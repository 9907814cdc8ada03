/* Where sound belongs on our 16 kHz clock. Process loopback gives no packets while nothing plays, and may lose or repeat
   some; the clock must go on evenly all the same. Pure: times come in, decisions go out. */
#ifndef NINJA_TIMELINE_H
#define NINJA_TIMELINE_H
#include <stdbool.h>
#include <stdint.h>

#define MS_100NS 10000ull
#define SECOND_100NS 10000000ull

/* Sound this much off its place is moved there by silence or a cut; less is left to the bent step, which nobody hears. */
#define TOLERANCE_SAMPLES 480 /* 30 ms: above the jitter of packet times, below what a listener takes for an echo */
/* Silence is written this far behind the clock: packets come up to some 10 ms after they played, on a busy PC 100. */
#define HOLD_BACK_100NS (200u * MS_100NS)
/* A packet's own time further than this from the clock is not believed. */
#define BELIEVABLE_100NS (5u * SECOND_100NS)
/* Sound that resumes within this after the last packet was interrupted (a glitch), later it had been quiet. */
#define GLITCH_100NS HOLD_BACK_100NS
/* Deviation is worked off within about this. */
#define SETTLE_SECONDS 20.0
/* Sound cards are off by up to some 200 ppm; more bend would be audible. */
#define MAX_BEND_PPM 1000.0

struct timeline {
  uint64_t anchor_100ns;   /* time of sample 0 */
  uint64_t written;        /* samples given out, silence included */
  uint64_t last_end_100ns; /* when the last packet ended; 0 before the first */
  bool flowing;            /* the last thing written was sound */
  double deviation;        /* smoothed: samples that sound is later (+) or earlier (-) than its place */
};

struct placement {
  uint64_t silence; /* samples of silence to write before the packet */
  uint64_t cut;     /* samples to leave away from the packet's start */
  bool starts_anew; /* filter history does not belong to this packet */
  bool glitch;      /* sound was lost in the middle of sound */
};

void timeline_init(struct timeline *t, uint64_t now_100ns);

/* The packet's time as WASAPI tells it, or, where that is no use, the time it must have had to be here now. */
uint64_t timeline_believe(uint64_t qpc_100ns, bool flagged_wrong, uint64_t now_100ns, uint64_t length_100ns);

/* Decides about a packet of `length_100ns` that began at `at_100ns`; `pending` samples wait in the filter.
   The caller writes what is asked, then the packet, and counts all of it with timeline_wrote. */
struct placement timeline_place(struct timeline *t, uint64_t at_100ns, uint64_t length_100ns, uint64_t pending);

void timeline_wrote(struct timeline *t, uint64_t samples);

/* Samples of silence that are due because nothing came; 0 most of the time. The caller flushes the filter first. */
uint64_t timeline_due(struct timeline *t, uint64_t now_100ns, uint64_t pending);

/* By how much to bend the resampler for the deviation seen so far. */
double timeline_bend_ppm(const struct timeline *t);

/* When the sample to be written next was played. */
uint64_t timeline_next_100ns(const struct timeline *t);

#endif
