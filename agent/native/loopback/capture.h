/* The capture loop: opens what is to be heard, reads packets until asked to stop, opens anew when device or program change. */
#ifndef NINJA_CAPTURE_H
#define NINJA_CAPTURE_H
#include "audio_api.h"
#include "exits.h"

/* `waiting_for`: the programs' names, for the line that tells that none of them runs. */
enum ninja_exit capture_run(struct audio_api *api, const char *waiting_for);

#endif
