/* The programs that run in our Windows session: on a terminal server other people run the same ones. */
#ifndef NINJA_PROCESSES_H
#define NINJA_PROCESSES_H
#include "arguments.h"

struct processes {
  size_t count;
  struct running_process all[];
};

/* Returns the running programs, with `families` also the families of their packages, which costs a call of Windows for each new
   process. For one thread. The caller frees the result. Returns NULL when out of memory. */
struct processes *processes_now(bool families);

/* Writes the image and, for a packaged program, the family of one process; empty where Windows does not report them. */
void process_named(uint32_t pid, struct running_process *process);

#endif
