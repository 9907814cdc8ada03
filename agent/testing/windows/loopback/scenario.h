/* The actions of a sound card, in lines of text, as packets in time: for tests without Windows and for the mock of the COM
   interfaces. The sound is a tone whose phase is the true time, so that every sample of the output can be checked.

   sound MS        packets of 10 ms each, delivered 10 ms after they were played
   quiet MS        nothing plays: no packets, as process loopback does
   lose MS         sound was played but never delivered; the next packet is flagged
   repeat MS       the card delivers the last MS again
   late MS         the packets that follow are delivered this much later (0: in time again)
   wrong-time N    the next N packets carry a time that is flagged as wrong
   no-time N       the next N packets carry the time 0
   muted MS        packets flagged silent, whose data must not be read
   hidden MS       audible sound that we get as zeros, as Windows hides some programs' calls
   clock PPM       the card's clock runs fast by so much
   invalidate N    the device is lost; opening it again fails N times
   gone MS         the recorded program ends, and runs again after so long
   sleep MS        the PC sleeps: nothing runs, the clock does */
#ifndef NINJA_SCENARIO_H
#define NINJA_SCENARIO_H
#include "../../../native/loopback/mix.h"
#include <stdbool.h>
#include <stdint.h>

enum scenario_kind { SCENARIO_PACKET, SCENARIO_INVALIDATE, SCENARIO_GONE, SCENARIO_SLEEP, SCENARIO_END };

struct scenario_event {
  enum scenario_kind kind;
  uint64_t due_100ns; /* time at which the program under test gets the event */
  uint64_t qpc_100ns; /* time that the packet carries */
  uint64_t true_100ns;
  uint32_t frames;
  uint32_t failures;    /* of the next openings */
  uint64_t absent_100ns; /* time without such a program */
  bool silent, discontinuity, time_is_wrong;
};

struct scenario {
  struct sound_format format;
  double tone_hz, amplitude, ppm;
  uint64_t start_100ns, now_100ns, late_100ns, until_100ns;
  uint32_t wrong_times, no_times;
  bool muted, lost, hidden;
  const char *rest; /* lines not read yet */
};

void scenario_init(struct scenario *s, const char *lines, const struct sound_format *format, uint64_t start_100ns);
/* Returns the next event in order; SCENARIO_END for ever at the end. */
struct scenario_event scenario_next(struct scenario *s);
/* Writes the packet's sound in the scenario's format. */
void scenario_fill(const struct scenario *s, const struct scenario_event *event, void *out);

#endif
