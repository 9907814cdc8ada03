/* The command line, and the choice of the running process that the command line names. Pure: knows nothing of Windows. */
#ifndef NINJA_ARGUMENTS_H
#define NINJA_ARGUMENTS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IMAGES_BYTES 4096u /* the settings' whole list has room in it */
#define IMAGE_BYTES 261u
#define FAMILY_BYTES 66u /* of a package: at most 64 characters */

enum target_kind {
  TARGET_CLIENT,         /* the sound of one of these programs and its children */
  TARGET_EVERYTHING_BUT, /* all sound but that of one process and its children */
  TARGET_SYSTEM,         /* the sound of the default output */
  TARGET_SESSIONS        /* no sound: the programs that record from a microphone */
};

struct target {
  enum target_kind kind;
  uint32_t pid;              /* TARGET_EVERYTHING_BUT */
  /* Entries with commas between, UTF-8: `A.exe`, `A*` for any ending, `package:Family_` for the start of a package's family.
     TARGET_SYSTEM: the programs whose output is recorded; may be empty. */
  char images[IMAGES_BYTES];
};

/* Parses `--target client --images A.exe,B.exe`, `--target everything-but --pid N`, `--target system [--images A.exe,B.exe]`
   and `--sessions`. Returns false for any other words. */
bool arguments_parse(int count, const char *const *words, struct target *target);

struct running_process {
  uint32_t pid, parent;
  char image[IMAGE_BYTES];
  char family[FAMILY_BYTES]; /* of the package; empty without a package, or where the family was not requested */
  bool ours;                 /* a process of the agent itself, whose name begins with '3CX' too */
};

/* Returns the process to record: the first entry of `images` that runs wins; of several processes of that entry the one whose
   parent is another program, since only its tree holds them all (Chromium plays from a child). ASCII letters match in upper
   and lower case. Returns NULL where none runs. */
const struct running_process *target_among(const struct running_process *all, size_t count, const char *images);

/* Returns whether an entry names a package. */
bool names_package(const char *images);

/* Returns whether the process is `root`, or was started by `root` directly or through others. */
bool is_in_tree(const struct running_process *all, size_t count, uint32_t root, uint32_t pid);

#endif
