/** Thresholds by which audio of the agent's channel counts as the caller's, recorded again by the microphone. Uncertain audio is kept. */
export const echoTuning = {
  /** An echo comes this much after the caller's own sound: devices buffer up to half a second … */
  latestMs: 500,
  /** … and the recorder may set the two channels this far apart. */
  earliestMs: -100,
  /** An echo has at most this share of the caller's loudness (-3 dB): audio that is as loud may be anything. */
  maxGain: 0.7,
  /** The least correlation of 256 ms with the caller's audio. Two voices reach 0.3 now and then, a headset's leak has 0.8, a room 0.6. */
  likeness: 0.5,
  /** Less echo than this proves nothing: a syllable may resemble another one. */
  provenMs: 500,
  /** Between proven stretches, audio up to this many times the echo's own level is echo too (sounds without a pitch). */
  margin: 2,
  /** Less voice than this beside the echo is no utterance: the endpointer asks for half of it. */
  ownVoiceMs: 256,

  /** This share of equal words, of at least so many, is an echo whose waveform a room has changed. */
  wordLikeness: 0.8,
  leastWords: 4,
  /** Words prove less than the waveform, so the segment must be quieter (-6 dB). */
  wordsMaxGain: 0.5,
  /** Such an utterance begins at most this much after the caller's: a person who repeats aloud listens first. */
  wordsLatestMs: 600,
}
