/** The `.linnet` image, format version 1. docs/format.md says in prose what this file says in fields. */
import { array, enumeration, struct } from './struct.js';

export const IMAGE_MAGIC = 0x54454e4c; // "LNET"
export const IMAGE_VERSION = 1;
/** Constant tensors and sections start on this boundary, so vector loads and DMA need no fix-up. */
export const IMAGE_ALIGNMENT = 16;
/** "No tensor", "no token": in every u16 id. */
export const NONE = 0xffff;

/** Bounds every reader may rely on; the validator refuses what exceeds them. */
export const LIMITS = {
  max_tensors: 1024,
  max_ops: 256,
  max_labels: 256,
  max_vocab: 65534,
  max_tokens: 4096,
  max_dim: 1 << 20,
  max_concat_inputs: 8,
  /** Keeps every dot product in int32: 127 · 127 · 65536 < 2³⁰. */
  max_columns: 65536,
  max_hidden: 4096,
  /** Largest kernel, stride, dilation and upsampling of a convolution or pool over time, and largest min_tokens. */
  max_width: 64,
  max_padding: 4096,
  /** Elements of a pooling window: keeps 2·128·Σ and its rounding in int32. */
  max_pool_window: 1 << 15,
  /** Most fraction bits an average may gain. */
  max_gain: 7,
  /** Highest order of an Lp pool: keeps Σ|x|^p · 2^(8p) in uint64. */
  max_order: 3,
  /** Longest word n-gram that is hashed. */
  max_word_ngrams: 5,
  max_top_k: 128,
  /** Longest token, model name and label, so that each fits a link message. */
  max_text_bytes: 255,
} as const;

export const Layout = enumeration('Layout', 'u16', 'How weight matrices are stored.', {
  row_major: [0, 'canonical: one output row after another'],
  packed_pairs: [1, 'for Cortex-M with DSP instructions: halfwords of two rows'],
  packed_quads: [2, 'for Cortex-M without: words of four rows'],
});

export const ModelKind = enumeration('ModelKind', 'u8', 'What the model does.', {
  language_model: [1, 'one token in, logits of the next token out, state kept'],
  classifier: [2, 'a sentence in, one probability a label out'],
});

export const DType = enumeration('DType', 'u8', 'Element type of a tensor.', {
  i8: [1, 'int8, weights and activations'],
  i16: [2, 'int16, logits'],
  i32: [3, 'int32, biases, multipliers and wide states'],
  u8: [4, 'uint8, shifts'],
  u16: [5, 'uint16, token ids and probabilities (Q0.15)'],
  packed: [6, 'int8 weights in groups of four rows, stored as Header.layout says; not in row_major'],
  packed_gates: [7, 'the same with the rows of an LSTM in another order: i, f, g, o of one unit make a group'],
});

export const TensorKind = enumeration('TensorKind', 'u8', 'Where a tensor lives.', {
  constant: [1, 'in the image, read in place'],
  activation: [2, 'in scratch memory, planned'],
  state: [3, 'in a session, kept from step to step'],
});

export const OpType = enumeration('OpType', 'u16', 'Operations. docs/numerics.md defines each one exactly.', {
  embedding: [1, 'token ids → rows of a table'],
  lstm: [2, 'LSTM layer over time'],
  conv: [3, 'convolution over time and width, plain, dilated, grouped or transposed'],
  pool: [4, 'maximum, average or Lp norm of windows over time and width'],
  concat: [5, 'join channels'],
  linear: [6, 'fully connected layer'],
  softmax: [7, 'logits → probabilities'],
  gru: [8, 'GRU layer over time'],
  rnn: [9, 'simple tanh RNN layer over time'],
  last_step: [10, 'where a recurrent layer ended'],
  add: [11, 'weighted sum of two activations'],
  mul: [12, 'product of two activations'],
});

export const Direction = enumeration('Direction', 'u8', 'How a recurrent layer walks through time.', {
  forward: [0, 'from the first step to the last'],
  reverse: [1, 'from the last step to the first'],
});

export const GruReset = enumeration('GruReset', 'u8', 'Where the reset gate of a GRU acts.', {
  after: [0, 'on the product of recurrent matrix and h: PyTorch; linear_before_reset = 1 in ONNX'],
  before: [1, 'on h, before the product; linear_before_reset = 0'],
});

export const Activation = enumeration('Activation', 'u8', 'Fused after requantization.', {
  none: [0, 'clamp to the output type only'],
  relu: [1, 'clamp to [0, maximum]'],
  tanh: [2, 'the row is Q3.12; the table, to Q0.7. int8 only'],
  sigmoid: [3, 'likewise'],
});

export const OverTime = enumeration('OverTime', 'u8', 'What a convolution leaves of its steps, once activated.', {
  every_step: [0, 'all of them'],
  largest: [1, 'the largest result of each filter at each position of the width: no time is left'],
});

export const PoolMode = enumeration('PoolMode', 'u8', 'What becomes of a window.', {
  max: [0, 'its largest element'],
  average: [1, 'its mean'],
  lp: [2, '(Σ|x|^order)^(1/order)'],
});

export const Section = struct('Section', 'A byte range of the image; offset 0 and size 0 if absent.', {
  offset: ['u32', 'from the start of the image, a multiple of 16'],
  size: ['u32', 'bytes, padding not counted'],
});

export const Header = struct('Header', 'First bytes of every image.', {
  magic: ['u32', '0x54454e4c, the bytes "LNET"'],
  version: ['u16', 'format version, 1'],
  layout: ['u16', 'Layout of the weights'],
  size: ['u32', 'bytes of the whole image, a multiple of 16'],
  crc32: ['u32', 'CRC-32 (IEEE 802.3) of bytes 16 … size-1'],
  kind: ['u8', 'ModelKind'],
  reserved: ['u8', '0'],
  op_count: ['u16', 'ops, in execution order'],
  tensor_count: ['u16', 'tensors; ids are positions in the table'],
  label_count: ['u16', 'labels of a classifier, else 0'],
  vocab_size: ['u32', 'token ids run from 0 to vocab_size-1'],
  min_tokens: ['u16', 'shorter inputs are padded with pad_id (classifier); 1 for a language model'],
  max_tokens: ['u16', 'longer inputs are refused (classifier); 0 for a language model'],
  bos_id: ['u16', 'fed before the prompt, or NONE'],
  eos_id: ['u16', 'ends a generation, or NONE'],
  pad_id: ['u16', 'padding token, or NONE'],
  logit_frac: ['u8', 'fraction bits of the int16 logits, 0 … 10'],
  reserved2: ['u8', '0'],
  state_bytes: ['u32', 'RAM a session keeps: the extent of all state tensors'],
  scratch_bytes: ['u32', 'RAM one run needs besides: the extent of all activations'],
  tensors: [Section, 'tensor_count × Tensor'],
  ops: [Section, 'op records, one after another'],
  tokenizer: [Section, 'TokenizerHeader and what it points to'],
  strings: [Section, 'UTF-8, NUL-terminated: model name, then the labels'],
  metadata: [Section, 'JSON (UTF-8) for people and host tools; engines do not read it'],
});

export const Tensor = struct('Tensor', 'One tensor: a constant in the image, an activation, or a state.', {
  dtype: ['u8', 'DType'],
  kind: ['u8', 'TensorKind'],
  rank: ['u8', '1 … 4'],
  time: ['u8', '1: the first dimension is time; dims[0] is then the most steps there can be (1 in a language model)'],
  dims: [array('u32', 4), 'outermost first; unused ones are 1'],
  offset: [
    'u32',
    'a multiple of 16; constant: from the start of the image, activation: in scratch, state: in the state block',
  ],
  scale: ['u32', 'float32 bits of the real value of one unit, 0 if per row; for people, engines do not read it'],
  time_factor: [
    'u16',
    'with n tokens of input there are ⌊(time_factor · n + time_offset) / time_divisor⌋ steps; 0 without time',
  ],
  time_divisor: ['u16', '1 … 65535; 0 without time'],
  time_offset: ['i32', '0 without time'],
});

export const Dense = struct('Dense', 'A quantized matrix: tensor ids of its four parts.', {
  weight: ['u16', 'i8 [rows, columns] in [-127, 127]'],
  bias: ['u16', 'i32 [rows], added to the accumulator; or NONE'],
  multiplier: ['u16', 'i32 [rows], 0 or in [2^30, 2^31)'],
  shift: ['u16', 'u8 [rows], 17 … 62'],
});

export const EmbeddingOp = struct('EmbeddingOp', 'output[t] = rescale(table[ids[t]]).', {
  type: ['u16', 'OpType.embedding'],
  size: ['u16', 'bytes of this record'],
  output: ['u16', 'i8 [time, embedding_size]'],
  table: ['u16', 'i8 [vocab_size, embedding_size]'],
  multiplier: ['u16', 'i32 [vocab_size], or NONE: copy the row as it is'],
  shift: ['u16', 'u8 [vocab_size], or NONE'],
});

export const LstmOp = struct('LstmOp', 'One LSTM layer over all time steps.', {
  type: ['u16', 'OpType.lstm'],
  size: ['u16', 'bytes of this record'],
  input: ['u16', 'i8 [time, input_size]'],
  output: ['u16', 'i8 [time, hidden_size]'],
  input_weights: [Dense, '[4·hidden_size, input_size], gate order i, f, g, o; with the bias'],
  recurrent_weights: [Dense, '[4·hidden_size, hidden_size], same order; no bias'],
  hidden: ['u16', 'state i8 [hidden_size], Q0.7'],
  cell: ['u16', 'state i32 [hidden_size], Q15.16'],
  direction: ['u8', 'Direction'],
  reserved: ['u8', '0'],
  reserved2: ['u16', '0'],
});

export const GruOp = struct('GruOp', 'One GRU layer over all time steps.', {
  type: ['u16', 'OpType.gru'],
  size: ['u16', 'bytes of this record'],
  input: ['u16', 'i8 [time, input_size]'],
  output: ['u16', 'i8 [time, hidden_size]'],
  input_weights: [Dense, '[3·hidden_size, input_size], gate order r, z, n; with a bias'],
  recurrent_weights: [Dense, '[3·hidden_size, hidden_size], same order; with or without a bias'],
  hidden: ['u16', 'state i8 [hidden_size], Q0.7'],
  wide: ['u16', 'state i32 [hidden_size], Q1.30'],
  direction: ['u8', 'Direction'],
  reset: ['u8', 'GruReset'],
  reserved: ['u16', '0'],
});

export const RnnOp = struct('RnnOp', 'One layer h = tanh(W·x + R·h + b) over all time steps.', {
  type: ['u16', 'OpType.rnn'],
  size: ['u16', 'bytes of this record'],
  input: ['u16', 'i8 [time, input_size]'],
  output: ['u16', 'i8 [time, hidden_size]'],
  input_weights: [Dense, '[hidden_size, input_size]; with the bias'],
  recurrent_weights: [Dense, '[hidden_size, hidden_size]; no bias'],
  hidden: ['u16', 'state i8 [hidden_size], Q0.7'],
  direction: ['u8', 'Direction'],
  reserved: ['u8', '0'],
});

export const ConvOp = struct(
  'ConvOp',
  'Convolution; arrays are [time, width]. The features of a step are seen as [width, channels].',
  {
    type: ['u16', 'OpType.conv'],
    size: ['u16', 'bytes of this record'],
    input: ['u16', 'i8 [time, width·channels] or [width·channels], one step'],
    output: ['u16', 'i8 [time, width·filters], or [width·filters] if the input is one step or over_time is largest'],
    window: ['u16', 'i8 [kernel[0]·kernel[1]·channels/groups], scratch for one window; NONE if all lie in one piece'],
    weights: [Dense, '[filters, kernel[0]·kernel[1]·channels/groups], in this order within a row'],
    kernel: [array('u16', 2), 'time: 1 … 64; width: 1 …'],
    stride: [array('u16', 2), '1 … 64'],
    dilation: [array('u16', 2), 'distance of the elements of a window, 1 … 64'],
    upsample: [
      array('u16', 2),
      'the input is spread this far apart, zeros between: 1, or the stride of a transposed one',
    ],
    pad_begin: [array('u16', 2), 'zeros before the first element'],
    pad_end: [array('u16', 2), 'zeros after the last'],
    groups: ['u16', 'filters and channels split into so many parts; a batch norm has as many as channels'],
    channels: ['u32', 'of the input'],
    activation: ['u8', 'Activation'],
    over_time: ['u8', 'OverTime; every_step in a language model'],
    reserved: ['u16', '0'],
  },
);

export const PoolOp = struct('PoolOp', 'Pooling; arrays are [time, width], the features of a step [width, channels].', {
  type: ['u16', 'OpType.pool'],
  size: ['u16', 'bytes of this record'],
  input: ['u16', 'i8 [time, width·channels] or [width·channels], one step'],
  output: ['u16', 'i8 [time, width·channels] or, if kernel[0] is 0 or the input is one step, [width·channels]'],
  channels: ['u32', 'of input and output'],
  kernel: [array('u16', 2), 'time: 1 … 64, or 0 for all steps there are; width: 1 …'],
  stride: [array('u16', 2), '1 … 64'],
  pad_begin: [array('u16', 2), 'positions before the first element, less than the kernel'],
  pad_end: [array('u16', 2), 'positions after the last, less than the kernel'],
  mode: ['u8', 'PoolMode'],
  order: ['u8', 'of an Lp pool, 1 … 3; else 0'],
  gain: ['u8', 'fraction bits an average has more than the input, 0 … 7; else 0'],
  count_padding: ['u8', '1: an average divides by the size of the window, padding and all; else 0'],
  multiplier: ['u32', 'of an Lp pool, 0 or 2^30 … 2^31-1; else 0'],
  shift: ['u8', 'of an Lp pool, 17 … 62; else 0'],
  reserved: ['u8', '0'],
  reserved2: ['u16', '0'],
});

export const AddOp = struct('AddOp', 'output = round_shift(a · multipliers[0] + b · multipliers[1], shift).', {
  type: ['u16', 'OpType.add'],
  size: ['u16', 'bytes of this record'],
  inputs: [array('u16', 2), 'a, b: i8 [time, features] or [features]'],
  output: ['u16', 'i8, of the same shape'],
  activation: ['u8', 'Activation'],
  reserved: ['u8', '0'],
  multipliers: [array('i32', 2), 'more than -2^31'],
  shift: ['u8', '17 … 62'],
  reserved2: ['u8', '0'],
  reserved3: ['u16', '0'],
});

export const MulOp = struct('MulOp', 'output = requantize(a · b).', {
  type: ['u16', 'OpType.mul'],
  size: ['u16', 'bytes of this record'],
  inputs: [array('u16', 2), 'a, b: i8 [time, features] or [features]'],
  output: ['u16', 'i8, of the same shape'],
  activation: ['u8', 'Activation'],
  reserved: ['u8', '0'],
  multiplier: ['u32', '0 or 2^30 … 2^31-1'],
  shift: ['u8', '17 … 62'],
  reserved2: ['u8', '0'],
  reserved3: ['u16', '0'],
});

export const LastStepOp = struct('LastStepOp', 'output = the last step of input; the first of a reverse layer.', {
  type: ['u16', 'OpType.last_step'],
  size: ['u16', 'bytes of this record'],
  input: ['u16', 'i8 [time, channels]'],
  output: ['u16', 'i8 [channels]'],
  direction: ['u8', 'Direction'],
  reserved: ['u8', '0'],
  reserved2: ['u16', '0'],
});

export const ConcatOp = struct('ConcatOp', 'output = inputs one after another, at every step; all have one scale.', {
  type: ['u16', 'OpType.concat'],
  size: ['u16', 'bytes of this record'],
  output: ['u16', 'i8 [sum of channels] or [time, sum of channels]'],
  count: ['u16', 'inputs, 1 … 8'],
  inputs: [array('u16', 8), 'i8 [channels] or [time, channels] each, as the output; NONE past count'],
});

export const LinearOp = struct('LinearOp', 'output[t] = requantize(weights · input[t] + bias).', {
  type: ['u16', 'OpType.linear'],
  size: ['u16', 'bytes of this record'],
  input: ['u16', 'i8 [columns] or [time, columns]'],
  output: ['u16', 'i8 or i16, [rows] or [time, rows] as the input'],
  weights: [Dense, '[rows, columns]'],
  activation: ['u8', 'Activation'],
  reserved: ['u8', '0'],
  reserved2: ['u16', '0'],
});

export const SoftmaxOp = struct('SoftmaxOp', 'Probabilities in Q0.15 from logits with Header.logit_frac bits.', {
  type: ['u16', 'OpType.softmax'],
  size: ['u16', 'bytes of this record'],
  input: ['u16', 'i16 [labels]'],
  output: ['u16', 'u16 [labels], Q0.15: 32768 is 1'],
});

export const TokenizerKind = enumeration('TokenizerKind', 'u8', 'How text becomes token ids.', {
  bpe: [1, 'byte-fallback byte-pair encoding'],
  word_level: [2, 'one id a word, unk_id for the unknown'],
});

export const TokenizerFlag = enumeration('TokenizerFlag', 'u8', 'Bits of TokenizerHeader.flags.', {
  lowercase: [1, 'fold case before anything else'],
  split_punctuation: [2, 'punctuation marks are words of their own'],
  join_with_space: [4, 'decode: a space before every token but the first'],
  append_eos: [8, 'a text ends with the word </s>'],
  ascii_spaces: [16, 'only NUL and the spaces of ASCII part words'],
  line_feed: [32, 'a line feed is a word of its own'],
});

export const TokenizerHeader = struct('TokenizerHeader', 'Start of the tokenizer section; offsets count from it.', {
  kind: ['u8', 'TokenizerKind'],
  flags: ['u8', 'TokenizerFlag bits'],
  unk_id: ['u16', 'token of what has no other, or NONE'],
  token_count: ['u32', 'tokens that have text; token_count + bucket_count = Header.vocab_size'],
  sorted_count: ['u32', 'tokens that text can match'],
  merge_count: ['u32', 'BPE merges, 0 for word_level'],
  token_offsets: ['u32', 'u32 [token_count+1]: where each token’s bytes start in token_bytes'],
  token_bytes: ['u32', 'the text of the tokens, UTF-8, spaces as spaces; special tokens are empty'],
  sorted_ids: ['u32', 'u16 [sorted_count]: ids by ascending bytes, for binary search'],
  merges: ['u32', 'Merge [merge_count], by ascending (left, right)'],
  byte_ids: ['u32', 'u16 [256]: token of a byte that no character token covers, or NONE; BPE only'],
  bucket_count: ['u32', 'hash buckets of word n-grams, their ids after those of the tokens; 0 if word_ngrams is 1'],
  word_ngrams: ['u16', 'longest n-gram of words that is hashed, 1: none'],
  reserved: ['u16', '0'],
});

export const Merge = struct('Merge', 'A BPE merge: left + right → id; lower rank first.', {
  left: ['u16', 'token id'],
  right: ['u16', 'token id'],
  rank: ['u16', 'priority, 0 first'],
  id: ['u16', 'merged token'],
});

/** Every op record by its OpType name. */
export const OP_STRUCTS = {
  embedding: EmbeddingOp,
  lstm: LstmOp,
  conv: ConvOp,
  pool: PoolOp,
  concat: ConcatOp,
  linear: LinearOp,
  softmax: SoftmaxOp,
  gru: GruOp,
  rnn: RnnOp,
  last_step: LastStepOp,
  add: AddOp,
  mul: MulOp,
} as const;

export const IMAGE_STRUCTS = [
  Section,
  Header,
  Tensor,
  Dense,
  EmbeddingOp,
  LstmOp,
  GruOp,
  RnnOp,
  ConvOp,
  PoolOp,
  AddOp,
  MulOp,
  LastStepOp,
  ConcatOp,
  LinearOp,
  SoftmaxOp,
  TokenizerHeader,
  Merge,
];
export const IMAGE_ENUMS = [
  Layout,
  ModelKind,
  DType,
  TensorKind,
  OpType,
  Direction,
  GruReset,
  Activation,
  OverTime,
  PoolMode,
  TokenizerKind,
  TokenizerFlag,
];
