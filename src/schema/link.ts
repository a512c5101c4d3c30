/** Messages between host and board, protocol version 1. docs/link.md says in prose how they are used. */
import { array, enumeration, struct } from './struct.js';

export const PROTOCOL_VERSION = 1;
export const FRAME_FLAG = 0x7e;
export const FRAME_ESCAPE = 0x7d;
export const FRAME_XOR = 0x20;
/** Longest message, bytes of MessageHeader + payload, FCS and escapes not counted. Every host must accept it. */
export const MAX_MESSAGE = 1024;
/** A board may accept less than MAX_MESSAGE, and says so in HELLO, but not less than this. */
export const MIN_MESSAGE = 256;
/** TOKEN messages a board keeps for resending: the largest credit. */
export const TOKEN_WINDOW = 16;

export const MessageType = enumeration(
  'MessageType',
  'u8',
  'All are control characters a person does not type, so a frame that lost its flag never passes for a console line.',
  {
    hello: [0x01, 'who is there'],
    generate: [0x02, 'start a generation'],
    pull: [0x03, 'acknowledge tokens and grant credit; asks for what was lost'],
    cancel: [0x04, 'stop the running request'],
    classify: [0x05, 'label a sentence'],
    score: [0x06, 'negative log-likelihood of a run of tokens'],
    self_test: [0x07, 'conformance digest'],
    stats: [0x08, 'counters'],
    upload_begin: [0x09, 'an upload starts, or goes on'],
    upload_data: [0x0b, 'some of its bytes'],
    upload_commit: [0x0c, 'all is sent: check it and run it'],
    ping: [0x0e, 'echo'],
  },
);

/** Added to the request's type in every answer. */
export const REPLY = 0x10;

export const ReplyType = enumeration(
  'ReplyType',
  'u8',
  'Answers: REPLY + the request’s type, and the two of a generation.',
  {
    hello: [0x11, 'HelloReply'],
    token: [0x12, 'TokenReply: one generated token'],
    done: [0x13, 'DoneReply: end of a generation, also a cancelled one'],
    cancel: [0x14, 'StatusReply'],
    classify: [0x15, 'ClassifyReply'],
    score: [0x16, 'ScoreReply'],
    self_test: [0x17, 'SelfTestReply'],
    stats: [0x18, 'StatsReply'],
    upload_begin: [0x19, 'UploadReply'],
    upload_data: [0x1b, 'UploadReply'],
    upload_commit: [0x1c, 'UploadReply'],
    ping: [0x1e, 'the same bytes'],
    error: [0x1f, 'StatusReply: the request was refused'],
  },
);

export const MessageHeader = struct('MessageHeader', 'Start of every message.', {
  type: ['u8', 'MessageType or ReplyType'],
  reserved: ['u8', '0'],
  request: ['u16', 'chosen by the host, never 0, copied into every answer'],
});

export const HelloRequest = struct('HelloRequest', 'Payload of hello.', {
  protocol_min: ['u16', 'lowest protocol version the host speaks'],
  protocol_max: ['u16', 'highest'],
});

export const HelloReply = struct(
  'HelloReply',
  'Payload of the answer; then board, firmware version, model name and as many of the labels as fit the message, each NUL-terminated.',
  {
    protocol: ['u16', 'version both will use'],
    max_message: ['u16', 'longest message the board accepts, bytes'],
    token_window: ['u8', 'largest credit'],
    model_kind: ['u8', 'ModelKind, 0 if the board holds no valid model'],
    label_count: ['u16', 'labels of a classifier'],
    vocab_size: ['u32', 'tokens'],
    image_size: ['u32', 'bytes of the image'],
    image_sha256: [array('u8', 32), 'SHA-256 of the image'],
    ram_total: ['u32', 'bytes of RAM the firmware may use for a model'],
    ram_used: ['u32', 'bytes the model takes: state and scratch'],
    ticks_per_second: ['u32', 'unit of the tick counts below'],
    model_status: ['u8', 'Status of the image: 0, or why it was refused'],
    reserved: [array('u8', 3), '0'],
  },
);

export const GenerateRequest = struct('GenerateRequest', 'Payload of generate; then the prompt, UTF-8.', {
  max_tokens: ['u32', '1 … 1000000'],
  seed: ['u32', 'of the sampler'],
  temperature_q12: ['u16', 'temperature · 4096, 0: greedy'],
  top_k: ['u16', '0: all; else 1 … 128'],
  credit: ['u16', 'tokens the board may send before the first pull, 1 … token_window'],
  keep_state: ['u8', '1: go on from the state of the last generation, 0: from the start'],
  reserved: ['u8', '0'],
});

export const PullRequest = struct('PullRequest', 'Payload of pull: sequence numbers below next are acknowledged.', {
  next: ['u32', 'sequence number the host wants next'],
  credit: ['u16', 'tokens it accepts from there, 0 … token_window'],
  reserved: ['u16', '0'],
});

export const TokenReply = struct(
  'TokenReply',
  'Payload of token; then the token’s text, which may end within a UTF-8 character.',
  {
    sequence: ['u32', '0 for the first token of a generation'],
    id: ['u16', 'token id'],
    reserved: ['u16', '0'],
  },
);

export const DoneReply = struct('DoneReply', 'Payload of done. It takes the sequence number after the last token.', {
  sequence: ['u32', 'number of tokens sent before'],
  status: ['u8', 'Status: ok, cancelled, or what went wrong'],
  reserved: [array('u8', 3), '0'],
  prompt_tokens: ['u32', 'tokens of the prompt, BOS counted'],
  ticks: ['u32', 'time inside the engine for all tokens, prompt too, in ticks'],
});

export const ClassifyReply = struct(
  'ClassifyReply',
  'Payload of the answer to classify (payload: the text); then u16 scores (Q0.15), one a label.',
  {
    label: ['u16', 'best label'],
    tokens: ['u16', 'tokens of the text'],
    ticks: ['u32', 'time inside the engine'],
  },
);

export const ScoreRequest = struct('ScoreRequest', 'Payload of score; then u16 token ids.', {
  index: ['u32', 'chunk number: 0 starts from the initial state and BOS, n goes on after n-1'],
  count: ['u16', 'token ids that follow, 1 … 256'],
  reserved: ['u16', '0'],
});

export const ScoreReply = struct('ScoreReply', 'Payload of the answer to score.', {
  index: ['u32', 'of the request'],
  count: ['u32', 'tokens scored'],
  nll_q16: ['u64', 'sum of -ln p over them, 16 fraction bits'],
});

export const SelfTestReply = struct('SelfTestReply', 'Payload of the answer to self_test.', {
  digest: [array('u8', 32), 'SHA-256 as docs/numerics.md defines it'],
  ticks: ['u32', 'time it took'],
});

export const StatsReply = struct('StatsReply', 'Payload of the answer to stats; counters since reset.', {
  uptime_ticks: ['u32', 'since reset, wraps'],
  tokens: ['u32', 'generated'],
  requests: ['u32', 'answered'],
  bad_frames: ['u32', 'dropped: damaged or too long'],
  received_bytes: ['u32', 'from the UART'],
  lost_bytes: ['u32', 'receive buffer overruns'],
  last_ticks: ['u32', 'engine time of the last request'],
  last_tokens: ['u32', 'tokens of the last request, prompt too'],
});

export const UploadRequest = struct('UploadRequest', 'Payload of upload_begin and of upload_commit.', {
  size: ['u32', 'bytes of the image'],
  sha256: [array('u8', 32), 'SHA-256 of the image'],
});

export const UploadData = struct('UploadData', 'Payload of upload_data; then the bytes, at least one.', {
  tag: [array('u8', 4), 'first bytes of the SHA-256 of the image these bytes belong to'],
  offset: ['u32', 'of these bytes in the image'],
});

export const UploadReply = struct('UploadReply', 'Payload of the answers to all three.', {
  next: ['u32', 'offset the board wants next; the size: it has everything'],
  lasts: ['u8', '1: what is committed is kept for good, 0: until the board is reset'],
  deaf: ['u8', '1: the board loses bytes while it stores some, so send one upload_data at a time'],
  reserved: ['u16', '0'],
});

export const StatusReply = struct('StatusReply', 'Payload of error and of the answer to cancel.', {
  status: ['u8', 'Status'],
  reserved: [array('u8', 3), '0'],
});

export const LINK_STRUCTS = [
  MessageHeader,
  HelloRequest,
  HelloReply,
  GenerateRequest,
  PullRequest,
  TokenReply,
  DoneReply,
  ClassifyReply,
  ScoreRequest,
  ScoreReply,
  SelfTestReply,
  StatsReply,
  UploadRequest,
  UploadData,
  UploadReply,
  StatusReply,
];
export const LINK_ENUMS = [MessageType, ReplyType];
