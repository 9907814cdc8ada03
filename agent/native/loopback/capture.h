/* The capture loop: opens the sound to record, reads packets until asked to stop, opens again when device or program change. */
#ifndef NINJA_CAPTURE_H
#define NINJA_CAPTURE_H
#include "audio_api.h"
#include "exits.h"

/* `waiting_for`: the programs' names, for the line that reports that none of them runs. */
enum ninja_exit capture_run(struct audio_api *api, const char *waiting_for);

#endif
