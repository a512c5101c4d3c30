/**
 * A board for tests of the protocol's rare turns, which a real one cannot be told to take. It speaks a fixed text.
 * What a board really does is tested with the firmware (firmware.test.ts).
 */
import { encodeFrame, FrameDecoder } from '../../src/link/frame.js';
import type { Transport } from '../../src/link/transport.js';
import {
  DoneReply,
  GenerateRequest,
  HelloReply,
  MAX_MESSAGE,
  MessageHeader,
  MessageType,
  PullRequest,
  REPLY,
  ReplyType,
  StatusReply,
  TOKEN_WINDOW,
  TokenReply,
} from '../../src/schema/link.js';
import { STATUS } from '../../src/schema/status.js';
import type { SimulatedSlot } from './simulated-slot.js';

export interface Behaviour {
  readonly protocol?: number;
  readonly modelKind?: number;
  readonly modelStatus?: number;
  /** Says nothing to messages of these types. */
  readonly deafTo?: readonly number[];
  /** Forgets the request after sending so many tokens, as after a reset. */
  readonly resetAfter?: number;
  /** Ends with this status. */
  readonly doneStatus?: number;
  /** Takes uploads; without it the firmware is one that knows none. */
  readonly slot?: SimulatedSlot;
}

export class SimulatedBoard {
  readonly received: number[] = [];
  /** GENERATE messages that started something. */
  runs = 0;
  cancelled = false;
  /** Highest number of tokens sent and not acknowledged. */
  mostOutstanding = 0;
  private readonly decoder = new FrameDecoder();
  private request = 0;
  private length = 0;

  constructor(
    private readonly line: Transport,
    private readonly tokens: readonly Uint8Array[],
    private readonly behaviour: Behaviour = {},
  ) {
    line.onData((bytes) => {
      for (const event of this.decoder.push(bytes)) if (event.type === 'message') this.take(event.message);
    });
  }

  print(text: string): void {
    this.line.write(new TextEncoder().encode(text));
  }

  send(type: number, id: number, ...parts: readonly Uint8Array[]): void {
    this.line.write(encodeFrame(Buffer.concat([MessageHeader.encode({ type, reserved: 0, request: id }), ...parts])));
  }

  private take(message: Uint8Array): void {
    const { type, request } = MessageHeader.decode(message)!;
    const payload = message.subarray(MessageHeader.size);
    this.received.push(type);
    if (this.behaviour.deafTo?.includes(type)) return;
    if (type === MessageType.hello) this.hello(request);
    else if (type === MessageType.generate) this.generate(request, GenerateRequest.decode(payload)!);
    else if (type === MessageType.pull) this.pull(request, PullRequest.decode(payload)!);
    else if (type === MessageType.ping) this.send(ReplyType.ping, request, payload);
    else if (this.behaviour.slot?.knows(type)) this.upload(this.behaviour.slot, type, request, payload);
    else if (type === MessageType.cancel) {
      this.cancelled = true;
      this.request = 0;
      this.send(type + REPLY, request, StatusReply.encode({ status: 0, reserved: [] }));
    } else this.refuse(request, STATUS.bad_message.code);
  }

  private upload(slot: SimulatedSlot, type: number, request: number, payload: Uint8Array): void {
    const answer = slot.take(type, payload);
    if (answer === 'silence') return;
    if (typeof answer === 'number') this.refuse(request, answer);
    else this.send(type + REPLY, request, answer);
  }

  private refuse(request: number, status: number): void {
    this.send(ReplyType.error, request, StatusReply.encode({ status, reserved: [] }));
  }

  private hello(request: number): void {
    const reply = HelloReply.encode({
      protocol: this.behaviour.protocol ?? 1,
      max_message: MAX_MESSAGE,
      token_window: TOKEN_WINDOW,
      model_kind: this.behaviour.modelKind ?? 1,
      label_count: 0,
      vocab_size: 100,
      image_size: 1000,
      image_sha256: [...(this.behaviour.slot?.live ?? [])],
      ram_total: this.behaviour.slot?.ram ?? 1000,
      ram_used: 100,
      ticks_per_second: 1000,
      model_status: this.behaviour.modelStatus ?? 0,
      reserved: [],
    });
    this.send(ReplyType.hello, request, reply, Buffer.from('sim\0' + '1.2.3\0' + 'tale\0'));
  }

  private generate(request: number, { max_tokens: most, credit }: { max_tokens: number; credit: number }): void {
    if (request !== this.request) {
      this.runs++;
      this.request = request;
      this.length = Math.min(most, this.tokens.length);
    }
    this.serve(0, credit);
  }

  private pull(request: number, { next, credit }: { next: number; credit: number }): void {
    if (request !== this.request) return this.refuse(request, STATUS.bad_message.code);
    this.serve(next, credit);
  }

  private serve(next: number, credit: number): void {
    const end = Math.min(next + credit, this.length);
    this.mostOutstanding = Math.max(this.mostOutstanding, end - next);
    for (let sequence = next; sequence < end; sequence++) {
      if (sequence === this.behaviour.resetAfter) {
        this.request = 0;
        return;
      }
      const header = TokenReply.encode({ sequence, id: sequence % 100, reserved: 0 });
      this.send(ReplyType.token, this.request, header, this.tokens[sequence]!);
    }
    if (end !== this.length) return;
    const done = { sequence: end, status: this.behaviour.doneStatus ?? 0, reserved: [], prompt_tokens: 3, ticks: 99 };
    this.send(ReplyType.done, this.request, DoneReply.encode(done));
  }
}
