/* The programs that run in our Windows session. */
#ifndef NINJA_PROCESSES_H
#define NINJA_PROCESSES_H
#include "arguments.h"

/* Finds the process that target_among() picks, among those of our own session: on a terminal server other people run the same
   programs. False: none. */
bool processes_find(const char *images, struct running_process *found);

#endif
