/* The real clock, pipes and waits, which the helper and its mock share. */
#ifndef NINJA_MACHINE_H
#define NINJA_MACHINE_H
#include "audio_api.h"

struct machine {
  struct audio_api api; /* first: the api's functions get the machine back by a cast */
  HANDLE sound, stop;
  HANDLE changed; /* auto-reset event: Windows has another default output */
  HANDLE process; /* the program that is recorded; NULL where no program is watched */
  int64_t ticks_per_second;
};

/* Fills all of the api but `activate`, and watches standard input, whose end means stop. Returns false when out of handles. */
bool machine_start(struct machine *m);

/* Wakes the loop with WAKE_TARGET_CHANGED once this process ends, as far as we may watch it. Returns false where it does not run. */
bool machine_watch(struct machine *m, uint32_t pid);

/* Returns the true build of Windows, not the one that Windows reports to old programs; 0 before Windows 10. */
uint32_t windows_build(void);

#endif
