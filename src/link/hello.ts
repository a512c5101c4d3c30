/** What a board says about itself. */
import { LinnetError } from '../errors.js';
import { ModelKind } from '../schema/image.js';
import { HelloReply, HelloRequest, MessageType, PROTOCOL_VERSION } from '../schema/link.js';
import { STATUS, statusName } from '../schema/status.js';
import type { ModelInfo } from '../model.js';
import type { LinkClient } from './client.js';

export interface BoardFacts {
  /** Name of the board, as in firmware/boards/. */
  readonly board: string;
  /** Version of the firmware. */
  readonly firmware: string;
  /** RAM the firmware may use for a model, bytes. */
  readonly ramTotal: number;
  readonly ticksPerSecond: number;
  /** Longest message it accepts, bytes. */
  readonly maxMessage: number;
  /** Largest credit, tokens. */
  readonly tokenWindow: number;
  /** The model it holds, or undefined if there is none it accepts. */
  readonly model: ModelInfo | undefined;
  /** Why it refuses the image it holds; ok if it does not. */
  readonly modelError: LinnetError | undefined;
}

/** The answer takes no thought, and the first question may meet a port or board that is just starting. */
const HELLO_TIMING = { firstTimeout: 100, maxTimeout: 400 };

/** Asks a board who it is. Whatever it was doing for an earlier host ends. */
export async function sayHello(client: LinkClient, signal?: AbortSignal): Promise<BoardFacts> {
  const payload = HelloRequest.encode({ protocol_min: PROTOCOL_VERSION, protocol_max: PROTOCOL_VERSION });
  const reply = await client.request(MessageType.hello, payload, { signal, timing: HELLO_TIMING });
  const hello = HelloReply.decode(reply);
  if (!hello || hello.token_window < 1) throw LinnetError.fromStatus(STATUS.bad_message.code, client.name);
  if (hello.protocol !== PROTOCOL_VERSION) throw LinnetError.fromStatus(STATUS.unsupported_protocol.code, client.name);
  client.maxMessage = hello.max_message;

  const [board = '', firmware = '', name = '', ...labels] = strings(reply.subarray(HelloReply.size));
  const kind = ModelKind.nameOf(hello.model_kind);
  const model: ModelInfo | undefined = kind && {
    name,
    kind,
    vocabSize: hello.vocab_size,
    labels: Array.from({ length: hello.label_count }, (_, i) => labels[i] ?? `label ${i}`),
    imageBytes: hello.image_size,
    sha256: Buffer.from(hello.image_sha256).toString('hex'),
    ramBytes: hello.ram_used,
  };
  return {
    board,
    firmware,
    ramTotal: hello.ram_total,
    ticksPerSecond: hello.ticks_per_second,
    maxMessage: hello.max_message,
    tokenWindow: hello.token_window,
    model,
    modelError: model ? undefined : modelError(hello.model_status, client.name),
  };
}

function modelError(status: number, where: string): LinnetError {
  const why = statusName(status);
  if (why === undefined || why === 'ok' || why === 'no_model')
    return LinnetError.fromStatus(STATUS.no_model.code, where);
  return new LinnetError(
    'no_model',
    `board refuses the model it holds: ${STATUS[why].message}`,
    where,
    why === 'missing_op' ? STATUS.missing_op.remedy : STATUS.no_model.remedy,
  );
}

/** NUL-terminated strings, one after another. */
function strings(bytes: Uint8Array): string[] {
  return new TextDecoder().decode(bytes).split('\0').slice(0, -1);
}
