/**
 * Every way the engine, an image or a link can fail, once for both languages.
 * The C++ side returns the code; `message` says what is wrong and `remedy` how to mend it.
 */

export interface StatusEntry {
  readonly code: number;
  readonly message: string;
  readonly remedy: string;
}

const REBUILD = 'make the image again with "linnet quantize"';
const RECOPY = 'copy or download the image again';

function entry(code: number, message: string, remedy: string): StatusEntry {
  return { code, message, remedy };
}

export const STATUS = {
  ok: entry(0, 'ok', ''),

  // The image as a whole.
  image_too_small: entry(1, 'image is shorter than its header', RECOPY),
  bad_magic: entry(2, 'not a .linnet image', 'give a file made by "linnet quantize"'),
  unsupported_version: entry(3, 'image has a format version this engine does not read', REBUILD),
  unsupported_layout: entry(
    4,
    'image is packed for another target',
    'pack it for this board, or use the original image',
  ),
  size_mismatch: entry(5, 'image is cut short or has extra bytes', RECOPY),
  crc_mismatch: entry(6, 'image is damaged (CRC-32 differs)', RECOPY),
  misaligned_image: entry(7, 'image is not at a 16-byte boundary in memory', 'place it at a multiple of 16'),
  bad_header: entry(8, 'header field out of range', REBUILD),
  bad_section: entry(9, 'section lies outside the image, overlaps or is misaligned', REBUILD),

  // Tensors and ops.
  bad_tensor: entry(16, 'tensor has a bad type, shape or place', REBUILD),
  bad_op: entry(17, 'op is unknown or its record is malformed', REBUILD),
  bad_operand: entry(18, 'op refers to a tensor that does not fit it', REBUILD),
  bad_shape: entry(19, 'shapes of an op do not agree', REBUILD),
  bad_multiplier: entry(20, 'multiplier or shift out of range', REBUILD),
  bad_order: entry(21, 'op reads a tensor before it is written, or writes one twice', REBUILD),
  bad_result: entry(22, 'last op does not produce what the model kind needs', REBUILD),
  accumulator_overflow: entry(23, 'a dot product could overflow int32', REBUILD),
  bad_tokenizer: entry(24, 'tokenizer section is malformed', REBUILD),
  bad_strings: entry(25, 'name or labels are malformed', REBUILD),
  missing_op: entry(
    26,
    'firmware was built without an op that the model needs',
    'build and flash it with that op, or with all ("sh firmware/build.sh <board>")',
  ),

  // Running.
  out_of_memory: entry(32, 'model needs more RAM than is there', 'use a smaller model or a board with more RAM'),
  wrong_kind: entry(33, 'model cannot do this', 'generate and score need a language model, classify a classifier'),
  bad_token: entry(34, 'token id outside the vocabulary', 'use ids below the vocabulary size'),
  input_too_long: entry(35, 'text is longer than the model takes', 'shorten it'),
  input_empty: entry(36, 'nothing to work on', 'give at least one word'),
  bad_parameter: entry(37, 'generation parameter out of range', 'see "linnet generate --help"'),
  cancelled: entry(38, 'cancelled', ''),

  // The link.
  bad_frame: entry(48, 'frame is damaged', 'check the cable and the baud rate'),
  bad_message: entry(49, 'message is unknown or malformed', 'use the same linnet version on both sides'),
  busy: entry(50, 'board is busy with another request', 'wait for it or cancel it'),
  unsupported_protocol: entry(51, 'board speaks another protocol version', 'flash it again with this linnet version'),
  no_model: entry(52, 'board holds no valid model', 'flash it with "linnet flash"'),

  // Uploads.
  no_uploads: entry(53, 'board has no room for a second model, so it takes no uploads', 'use "linnet flash"'),
  upload_too_large: entry(54, 'image is larger than the room the board has for uploads', 'use a smaller model'),
  upload_lost: entry(55, 'board knows nothing of this upload', 'start it again'),
  upload_failed: entry(56, 'board could not store the image', 'try again; if it stays so, its memory is worn out'),
  hash_mismatch: entry(57, 'image is not what it was said to be (SHA-256 differs)', 'upload it again'),
} as const satisfies Record<string, StatusEntry>;

export type StatusName = keyof typeof STATUS;

const BY_CODE = new Map(Object.entries(STATUS).map(([name, s]) => [s.code, name as StatusName]));

export function statusName(code: number): StatusName | undefined {
  return BY_CODE.get(code);
}
