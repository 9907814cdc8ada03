/* The real clock, pipes and waiting; shared by the helper and its mock. */
#ifndef NINJA_MACHINE_H
#define NINJA_MACHINE_H
#include "audio_api.h"

struct machine {
  struct audio_api api; /* first: the api's functions get the machine back by a cast */
  HANDLE sound, stop;
  HANDLE changed; /* auto-reset event: Windows has another default output */
  HANDLE process; /* the program that is recorded; NULL where there is none to watch */
  int64_t ticks_per_second;
};

/* Fills all of the api but `activate`, and watches standard input: closed means stop. False: out of handles. */
bool machine_start(struct machine *m);

/* Wakes with WAKE_TARGET_CHANGED once this process ends, as far as we may watch it. False: there is no such process. */
bool machine_watch(struct machine *m, uint32_t pid);

/* Build of Windows as it is, not as it pretends to old programs; 0 before Windows 10. */
uint32_t windows_build(void);

#endif
