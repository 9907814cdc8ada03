/* The command line, and which running process it means. Pure. */
#ifndef NINJA_ARGUMENTS_H
#define NINJA_ARGUMENTS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IMAGES_BYTES 1024u
#define IMAGE_BYTES 261u

enum target_kind {
  TARGET_CLIENT,         /* what one of these programs and its children play */
  TARGET_EVERYTHING_BUT, /* all sound but that of one process and its children */
  TARGET_SYSTEM          /* what the default output plays */
};

struct target {
  enum target_kind kind;
  uint32_t pid;              /* TARGET_EVERYTHING_BUT */
  char images[IMAGES_BYTES]; /* names with commas between, UTF-8. TARGET_SYSTEM: whose output is taken; may be empty */
};

/* `--target client --images A.exe,B.exe`, `--target everything-but --pid N`, `--target system [--images A.exe,B.exe]`.
   False: anything else. */
bool arguments_parse(int count, const char *const *words, struct target *target);

struct running_process {
  uint32_t pid, parent;
  char image[IMAGE_BYTES];
};

/* The process to hear: the first name of `images` that runs wins; of several processes of that name the one whose parent
   has another name, since only its tree holds them all (Chromium plays from a child). Letters of ASCII match in either
   case. NULL: none runs. */
const struct running_process *target_among(const struct running_process *all, size_t count, const char *images);

/* Whether the process is `root` or was started by it, directly or through others. */
bool is_in_tree(const struct running_process *all, size_t count, uint32_t root, uint32_t pid);

#endif
