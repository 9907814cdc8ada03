/* The programs that run in our Windows session: on a terminal server other people run the same ones. */
#ifndef NINJA_PROCESSES_H
#define NINJA_PROCESSES_H
#include "arguments.h"

struct processes {
  size_t count;
  struct running_process all[];
};

/* The caller frees it. NULL: out of memory. */
struct processes *processes_now(void);

#endif
