/* Windows' own meters: the processes that play sound at this moment, their loudness, and their output. */
#ifndef NINJA_SESSIONS_H
#define NINJA_SESSIONS_H
#include "audio_api.h"

#include <mmdeviceapi.h>

#define ENDPOINT_CHARACTERS 256u

struct loudest_session {
  float peak;                             /* 0..1 */
  WCHAR endpoint[ENDPOINT_CHARACTERS];    /* id of the output of the session; empty where no wanted process plays */
};

/* Returns whether the sound of this process counts. */
typedef bool (*wanted_process)(const void *context, uint32_t pid);

/* Writes the loudest wanted session of all active outputs; of equally loud ones the first whose stream runs. Fails where Windows
   does not list sessions; a single output or session that does not answer is omitted. */
HRESULT sessions_loudest(IMMDeviceEnumerator *devices, wanted_process wanted, const void *context, struct loudest_session *out);

#endif
