/* Exit codes of the helper; HELPER_EXIT of agent/src/main/capture/sources/helperProtocol.ts names those with a meaning for the agent. */
#ifndef NINJA_EXITS_H
#define NINJA_EXITS_H

enum ninja_exit {
  EXIT_ASKED = 0,       /* standard input was closed: the agent ended the helper */
  EXIT_BUG = 1,         /* out of memory, or a call failed that cannot fail */
  EXIT_USAGE = 2,       /* wrong arguments */
  EXIT_UNSUPPORTED = 3, /* this Windows cannot capture that target */
  EXIT_FAILED = 4,      /* the sound system refused, or was lost and did not come back; may work later */
  EXIT_READER_GONE = 5  /* our output has lost its reader */
};

#endif
