/** When sound of the agent's channel counts as the caller's, heard again by the microphone. In doubt it is kept. */
export const echoTuning = {
  /** An echo comes this much after the caller's own sound: devices buffer up to half a second … */
  latestMs: 500,
  /** … and the recorder may set the two channels this far apart. */
  earliestMs: -100,
  /** At most this share of the caller's loudness (-3 dB): what is as loud may be anything. */
  maxGain: 0.7,
  /** Correlation of 256 ms with the caller's sound. Two voices reach 0.3 now and then, a headset's leak has 0.8, a room 0.6. */
  likeness: 0.5,
  /** Less than this proves nothing: a syllable may resemble another one. */
  provenMs: 500,
  /** Between proven stretches, sound up to this many times the echo's own level is echo too (sounds without a pitch). */
  margin: 2,
  /** Less voice than this beside the echo is no utterance: the cutter asks for half of it. */
  ownVoiceMs: 256,

  /** Words alike, of at least so many, are an echo that a room has made unlike its sound. */
  wordLikeness: 0.8,
  leastWords: 4,
  /** Words prove less than sound, so they must be quieter (-6 dB). */
  wordsMaxGain: 0.5,
  /** Such an utterance begins at most this much behind the caller's: who repeats aloud has listened first. */
  wordsLatestMs: 600,
}
