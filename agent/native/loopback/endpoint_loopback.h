/* The last resort: all that one output plays, from any program. */
#ifndef NINJA_ENDPOINT_LOOPBACK_H
#define NINJA_ENDPOINT_LOOPBACK_H
#include "sessions.h"

/* Sets `changed` from now on, to the process' end, whenever Windows takes another default output. Needs COM. */
HRESULT endpoint_watch(HANDLE changed);

/* A client of the output with this id, or of the present default output where the id is empty; its id and name.
   AUDCLNT_E_DEVICE_INVALIDATED where there is none. */
HRESULT endpoint_activate(const WCHAR *id, IAudioClient **client, WCHAR opened[ENDPOINT_CHARACTERS], char label[LABEL_BYTES]);

/* See sessions.h. */
HRESULT endpoint_sessions(wanted_process wanted, const void *context, struct loudest_session *out);

#endif
