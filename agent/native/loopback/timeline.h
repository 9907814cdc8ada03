/* The position of sound on our 16 kHz clock. Process loopback gives no packets while nothing plays, and may lose or repeat
   some; the clock must go on evenly all the same. Pure: times come in, decisions go out. */
#ifndef NINJA_TIMELINE_H
#define NINJA_TIMELINE_H
#include <stdbool.h>
#include <stdint.h>

#define MS_100NS 10000ull
#define SECOND_100NS 10000000ull

/* Sound this much off its position is moved by silence or a cut; the bent step corrects a smaller deviation inaudibly. */
#define TOLERANCE_SAMPLES 480 /* 30 ms: above the jitter of packet times, below an audible echo */
/* Silence is written this far behind the clock: packets come up to some 10 ms after their sound played, on a busy PC 100. */
#define HOLD_BACK_100NS (200u * MS_100NS)
/* A packet's own time that differs more than this from the clock is ignored. */
#define BELIEVABLE_100NS (5u * SECOND_100NS)
/* Sound that resumes within this time after the last packet was interrupted (a glitch); later sound follows a true silence. */
#define GLITCH_100NS HOLD_BACK_100NS
/* A deviation is corrected within about this time. */
#define SETTLE_SECONDS 20.0
/* Sound cards are off by up to some 200 ppm; more bend would be audible. */
#define MAX_BEND_PPM 1000.0

struct timeline {
  uint64_t anchor_100ns;   /* time of sample 0 */
  uint64_t written;        /* samples given out, silence included */
  uint64_t last_end_100ns; /* end of the last packet; 0 before the first */
  bool flowing;            /* the last written samples were sound */
  double deviation;        /* smoothed, in samples: sound is later (+) or earlier (-) than its position */
};

struct placement {
  uint64_t silence; /* samples of silence to write before the packet */
  uint64_t cut;     /* samples to omit from the packet's start */
  bool restarts_filter; /* the filter's history does not belong to this packet */
  bool glitch;      /* sound was lost in the middle of sound */
};

void timeline_init(struct timeline *t, uint64_t now_100ns);

/* Returns the packet's time as WASAPI reports it, or, where that time is useless, the latest time that the packet can have. */
uint64_t timeline_believe(uint64_t qpc_100ns, bool flagged_wrong, uint64_t now_100ns, uint64_t length_100ns);

/* Returns the placement of a packet of `length_100ns` that began at `at_100ns`; `pending` samples wait in the filter. The caller
   writes the silence of the placement, then the packet, and counts all of it with timeline_wrote. */
struct placement timeline_place(struct timeline *t, uint64_t at_100ns, uint64_t length_100ns, uint64_t pending);

void timeline_wrote(struct timeline *t, uint64_t samples);

/* Returns the samples of silence that are due because no packet came; 0 most of the time. The caller flushes the filter first. */
uint64_t timeline_due(struct timeline *t, uint64_t now_100ns, uint64_t pending);

/* Returns the bend of the resampler for the deviation so far. */
double timeline_bend_ppm(const struct timeline *t);

/* Returns the time at which the next sample to be written was played. */
uint64_t timeline_next_100ns(const struct timeline *t);

#endif
