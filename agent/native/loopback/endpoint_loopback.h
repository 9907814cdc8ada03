/* The last resort: what the default output plays, whoever plays it. */
#ifndef NINJA_ENDPOINT_LOOPBACK_H
#define NINJA_ENDPOINT_LOOPBACK_H
#include "audio_api.h"

/* Sets `changed` from now on, to the process' end, whenever Windows takes another default output. Needs COM. */
HRESULT endpoint_watch(HANDLE changed);

/* A client of the present default output, and its name. AUDCLNT_E_DEVICE_INVALIDATED where the PC has no output. */
HRESULT endpoint_activate(IAudioClient **client, char label[LABEL_BYTES]);

#endif
