/* The capture loop: opens the sound to record, reads packets until a stop is requested, and opens again when the device or the
   program changes. */
#ifndef NINJA_CAPTURE_H
#define NINJA_CAPTURE_H
#include "audio_api.h"
#include "exits.h"

/* Runs until standard input closes or an error ends the loop, and returns the exit code. `waiting_for` holds the programs'
   names, for the line that reports that none of them runs. */
enum ninja_exit capture_run(struct audio_api *api, const char *waiting_for);

#endif
