/* The helper's command line and its choice of a process, for tests.
   choose parse WORD...   prints the meaning of the words; exit code 2: the words have none
   choose tree ROOT PID   reads the lines too; exit code 1: PID is not in ROOT's tree
   choose among IMAGES    reads lines `PID PARENT IMAGE[|FAMILY]`, prints the chosen PID; exit code 1: none. A line that ends
                          with `!` is a process of the agent. */
#include "../../../native/loopback/arguments.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int parse(int count, char **words) {
  struct target target;
  const char *all[16] = {"ninja-loopback"};
  int used = 1;
  for (int i = 0; i < count && used < 16; i++) all[used++] = words[i];
  if (!arguments_parse(used, all, &target)) return 2;
  static const char *const KINDS[] = {"client", "everything-but", "system", "sessions"};
  printf("%s %u %s\n", KINDS[target.kind], (unsigned)target.pid, target.images);
  return 0;
}

static struct running_process all[64];

static size_t read_processes(void) {
  size_t count = 0;
  unsigned pid, parent;
  while (count < 64 && scanf("%u %u %260[^\n]", &pid, &parent, all[count].image) == 3) {
    struct running_process *process = &all[count];
    char *mark = strchr(process->image, '!'), *family = NULL;
    process->ours = mark != NULL;
    if (mark) *mark = 0;
    if ((family = strchr(process->image, '|'))) {
      *family = 0;
      strncpy(process->family, family + 1, FAMILY_BYTES - 1);
    }
    process->pid = pid;
    all[count++].parent = parent;
  }
  return count;
}

static int among(const char *images) {
  const size_t count = read_processes();
  const struct running_process *found = target_among(all, count, images);
  if (found) printf("%u\n", (unsigned)found->pid);
  return found ? 0 : 1;
}

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "parse") == 0) return parse(argc - 2, argv + 2);
  if (argc == 4 && strcmp(argv[1], "tree") == 0)
    return is_in_tree(all, read_processes(), (uint32_t)atoi(argv[2]), (uint32_t)atoi(argv[3])) ? 0 : 1;
  return argc == 3 && strcmp(argv[1], "among") == 0 ? among(argv[2]) : 3;
}
