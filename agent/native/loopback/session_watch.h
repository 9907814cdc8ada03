/* The sessions of all microphones: the processes that record now, and an event when these may have changed.
   https://learn.microsoft.com/windows/win32/api/audiopolicy/nn-audiopolicy-iaudiosessionmanager2 */
#ifndef NINJA_SESSION_WATCH_H
#define NINJA_SESSION_WATCH_H
#include "audio_api.h"

#include <mmdeviceapi.h>

#define MOST_RECORDERS 64u

struct recorders {
  size_t count, microphones;
  uint32_t pids[MOST_RECORDERS]; /* each once */
};

struct session_watch;

/* Opens a watch that sets `changed` when a microphone comes or goes. Returns NULL when out of memory. */
struct session_watch *session_watch_open(IMMDeviceEnumerator *devices, HANDLE changed);

/* Writes the processes that record now; from then on `changed` is set when a session begins, ends, starts or stops. The poll
   requests notifications first and lists the sessions then, so that a change between the two counts twice rather than not at
   all. Fails where no microphone at all answers; a single microphone that does not answer is omitted, and the caller must poll
   again. */
HRESULT session_watch_poll(struct session_watch *watch, struct recorders *now);

/* Returns whether Windows reports all changes; with false the caller must poll from time to time. */
bool session_watch_is_notified(const struct session_watch *watch);

/* Closes the watch; nothing sets the event afterwards. */
void session_watch_close(struct session_watch *watch);

#endif
