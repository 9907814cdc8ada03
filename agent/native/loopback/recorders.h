/* The programs that record from a microphone, by the sessions of Windows' sound system: a line on standard error for each change.
   Windows reports changes itself; where Windows refuses, we poll once a second and report that. */
#ifndef NINJA_RECORDERS_H
#define NINJA_RECORDERS_H
#include "arguments.h"
#include "audio_api.h"
#include "exits.h"

#include <mmdeviceapi.h>

struct recorders_needs {
  struct audio_api *api; /* for its lines only */
  IMMDeviceEnumerator *devices;
  HANDLE stop;    /* set: end with EXIT_ASKED */
  HANDLE changed; /* auto-reset event, which we set from Windows' threads */
  void (*name)(uint32_t pid, struct running_process *process);
};

/* Runs until `stop` is set, and returns the exit code: EXIT_UNSUPPORTED where this system does not list sessions. Needs COM
   initialized as multithreaded. */
enum ninja_exit recorders_run(const struct recorders_needs *needs);

#endif
