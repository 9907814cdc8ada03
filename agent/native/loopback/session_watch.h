/* The sessions of all microphones: who records now, and an event when that may have changed.
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

/* Sets `changed` from now on when a microphone comes or goes. NULL: out of memory. */
struct session_watch *session_watch_open(IMMDeviceEnumerator *devices, HANDLE changed);

/* Who records now; from then on `changed` is set when a session begins, ends, starts or stops. First asks to be told, then
   looks, so that a change between the two is seen twice rather than not at all. Fails where no microphone at all can be
   asked; one of several that does not answer is left out, and somebody must look again. */
HRESULT session_watch_poll(struct session_watch *watch, struct recorders *now);

/* Whether Windows tells of all changes; false: somebody must look from time to time. */
bool session_watch_is_notified(const struct session_watch *watch);

/* Nothing sets the event after it. */
void session_watch_close(struct session_watch *watch);

#endif
