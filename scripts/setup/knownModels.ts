/** A stock Whisper model in ggml form. Checksums and sizes were published with the files and verified at several places in 2026. */
export interface KnownModel {
  readonly sha256: string
  readonly bytes: number
  readonly about: string
}

export const KNOWN_MODELS: Readonly<Record<string, KnownModel>> = {
  'large-v3-turbo': {
    sha256: '1fc70f774d38eb169993ac391eea357ef47c88757ef72ee5943879b7e8e2bc69',
    bytes: 1_624_555_275,
    about: 'recommended with a GPU',
  },
  'large-v3-turbo-q5_0': {
    sha256: '394221709cd5ad1f40c46e6031ca61bce88931e6e088c188294c6d5a55ffa7e2',
    bytes: 574_041_195,
    about: 'the same, quantized: less memory, slightly less accurate',
  },
  'large-v3': {
    sha256: '64d182b440b98d5203c4f9bd541544d84c605196c4f7b845dfa11fb23594d1e2',
    bytes: 3_095_033_483,
    about: 'most accurate, several times slower than turbo',
  },
  'large-v3-q5_0': {
    sha256: 'd75795ecff3f83b5faa89d1900604ad8c780abd5739fae406de19f23ecd98ad1',
    bytes: 1_081_140_203,
    about: 'the same, quantized',
  },
  medium: {
    sha256: '6c14d5adee5f86394037b4e4e8b59f1673b6cee10e3cf0b11bbdbee79c156208',
    bytes: 1_533_763_059,
    about: 'slower and less exact than turbo; for older GPUs that cannot run it',
  },
  small: {
    sha256: '1be3a9b2063867b937e64e2ec7483364a79917e157fa98c5d94b5c1fffea987b',
    bytes: 487_601_967,
    about: 'small GPUs; on processors for after-call text only',
  },
  base: {
    sha256: '60ed5bc3dd14eea856493d334349b405782ddcaf0028d4b5df4088345fba2efe',
    bytes: 147_951_465,
    about: 'to try out: weak in French',
  },
}
