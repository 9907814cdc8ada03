#include "arguments.h"
#include <stdlib.h>
#include <string.h>

static bool parse_pid(const char *word, uint32_t *pid) {
  char *end = NULL;
  const unsigned long long value = strtoull(word, &end, 10);
  *pid = (uint32_t)value;
  return word[0] >= '0' && word[0] <= '9' && *end == 0 && value > 0 && value <= UINT32_MAX;
}

bool arguments_parse(int count, const char *const *words, struct target *target) {
  memset(target, 0, sizeof *target);
  if (count == 2 && strcmp(words[1], "--sessions") == 0) {
    target->kind = TARGET_SESSIONS;
    return true;
  }
  if (count < 3 || strcmp(words[1], "--target") != 0) return false;
  const char *kind = words[2];
  if (count == 3 && strcmp(kind, "system") == 0) {
    target->kind = TARGET_SYSTEM;
    return true;
  }
  if (count != 5) return false;
  if (strcmp(kind, "everything-but") == 0) {
    target->kind = TARGET_EVERYTHING_BUT;
    return strcmp(words[3], "--pid") == 0 && parse_pid(words[4], &target->pid);
  }
  const size_t length = strlen(words[4]);
  if (strcmp(words[3], "--images") != 0 || length == 0 || length >= sizeof target->images) return false;
  memcpy(target->images, words[4], length + 1);
  target->kind = strcmp(kind, "client") == 0 ? TARGET_CLIENT : TARGET_SYSTEM;
  return target->kind == TARGET_CLIENT || strcmp(kind, "system") == 0;
}

static char lower(char letter) { return letter >= 'A' && letter <= 'Z' ? (char)(letter + 32) : letter; }

static bool same_start(const char *text, const char *start, size_t length) {
  for (size_t i = 0; i < length; i++)
    if (text[i] == 0 || lower(text[i]) != lower(start[i])) return false;
  return true;
}

#define PACKAGE "package:"
#define PACKAGE_LENGTH (sizeof PACKAGE - 1)

static bool is_meant(const struct running_process *process, const char *entry, size_t length) {
  if (length > PACKAGE_LENGTH && same_start(entry, PACKAGE, PACKAGE_LENGTH))
    return same_start(process->family, entry + PACKAGE_LENGTH, length - PACKAGE_LENGTH);
  if (length > 1 && entry[length - 1] == '*') return !process->ours && same_start(process->image, entry, length - 1);
  return same_start(process->image, entry, length) && process->image[length] == 0;
}

static const struct running_process *root_meant(const struct running_process *all, size_t count, const char *entry,
                                                size_t length) {
  const struct running_process *any = NULL;
  for (size_t i = 0; i < count; i++) {
    if (!is_meant(&all[i], entry, length)) continue;
    if (any == NULL) any = &all[i];
    bool is_child = false;
    for (size_t k = 0; k < count; k++)
      if (k != i && all[k].pid == all[i].parent && is_meant(&all[k], entry, length)) is_child = true;
    if (!is_child) return &all[i];
  }
  return any;
}

const struct running_process *target_among(const struct running_process *all, size_t count, const char *images) {
  for (const char *entry = images; *entry != 0;) {
    const char *comma = strchr(entry, ',');
    const size_t length = comma ? (size_t)(comma - entry) : strlen(entry);
    const struct running_process *found = length > 0 ? root_meant(all, count, entry, length) : NULL;
    if (found) return found;
    entry += length + (comma ? 1 : 0);
  }
  return NULL;
}

bool names_package(const char *images) { return strstr(images, PACKAGE) != NULL; }

bool is_in_tree(const struct running_process *all, size_t count, uint32_t root, uint32_t pid) {
  /* no deeper than there are processes: a parent's id may have been given to a younger process, which makes circles */
  for (size_t depth = 0; depth <= count; depth++) {
    if (pid == root) return true;
    size_t i = 0;
    while (i < count && all[i].pid != pid) i++;
    if (i == count || all[i].parent == pid) return false;
    pid = all[i].parent;
  }
  return false;
}
