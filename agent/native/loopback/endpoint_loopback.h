/* The last resort: the sound of one output, from any program. */
#ifndef NINJA_ENDPOINT_LOOPBACK_H
#define NINJA_ENDPOINT_LOOPBACK_H
#include "sessions.h"

/* Sets `changed` whenever Windows changes its default output, until the process ends. Needs COM. */
HRESULT endpoint_watch(HANDLE changed);

/* Gives a client of the output with this id, or of the present default output where the id is empty, with id and name of the
   output. Returns AUDCLNT_E_DEVICE_INVALIDATED where there is no such output. */
HRESULT endpoint_activate(const WCHAR *id, IAudioClient **client, WCHAR opened[ENDPOINT_CHARACTERS], char label[LABEL_BYTES]);

/* Returns the loudest wanted session of all outputs, as sessions_loudest() of sessions.h does. */
HRESULT endpoint_sessions(wanted_process wanted, const void *context, struct loudest_session *out);

#endif
