/* Windows' own meters: which processes play sound at this moment, how loud, and through which output. */
#ifndef NINJA_SESSIONS_H
#define NINJA_SESSIONS_H
#include "audio_api.h"

#include <mmdeviceapi.h>

#define ENDPOINT_CHARACTERS 256u

struct loudest_session {
  float peak;                             /* 0..1 */
  WCHAR endpoint[ENDPOINT_CHARACTERS];    /* id of the output it plays through; empty where no wanted process plays */
};

/* Whether sound of this process counts. */
typedef bool (*wanted_process)(const void *context, uint32_t pid);

/* The loudest wanted session of all active outputs; of equally loud ones the first whose stream runs. Fails where Windows does
   not list sessions; a single output or session that does not answer is left out. */
HRESULT sessions_loudest(IMMDeviceEnumerator *devices, wanted_process wanted, const void *context, struct loudest_session *out);

#endif
