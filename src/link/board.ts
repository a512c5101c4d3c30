/** A model on a board, behind the same interface as one in this process. */
import { expectText, planSampling, type SamplingPlan } from '../engine/generate-options.js';
import { LinnetError } from '../errors.js';
import { openImage } from '../image/read.js';
import type { Classification, GenerateOptions, ModelInfo, Score, TextModel, Token } from '../model.js';
import {
  ClassifyReply,
  MessageHeader,
  MessageType,
  ScoreReply,
  ScoreRequest,
  SelfTestReply,
  StatsReply,
} from '../schema/link.js';
import { STATUS } from '../schema/status.js';
import type { Struct, Fields, Values } from '../schema/struct.js';
import { Tokenizer } from '../tokenizer/tokenizer.js';
import { LinkClient, type LinkOptions } from './client.js';
import { CANCEL_TIMING, Generation, type GenerateFields, type GenerationSummary } from './generation.js';
import { sayHello, type BoardFacts } from './hello.js';
import { openSerialPort } from './serial-port.js';
import type { Transport } from './transport.js';
import { expectRoom, uploadImage, type UploadOptions, type UploadReport } from './upload.js';

export interface ConnectOptions extends LinkOptions {
  readonly baudRate?: number;
  /** Turns text into token ids as the board's model does; `score(text)` needs it. */
  readonly tokenize?: (text: string) => ArrayLike<number>;
  readonly signal?: AbortSignal;
}

export interface BoardStats {
  /** Ticks of 1 / `facts.ticksPerSecond` s since reset, modulo 2³². */
  readonly uptimeTicks: number;
  /** Tokens generated since reset. */
  readonly tokens: number;
  readonly requests: number;
  /** Frames the board dropped. */
  readonly badFrames: number;
  readonly receivedBytes: number;
  readonly lostBytes: number;
  /** Engine time and tokens of the last request, prompt too. */
  readonly lastTicks: number;
  readonly lastTokens: number;
}

/** Token ids in one SCORE message: at most, if it is long enough, and on a line that damages much. */
const SCORE_CHUNK = 256;
const SHORTEST_SCORE_CHUNK = 16;
/** 128 steps in one go: a slow board is deaf for that long. */
const SELF_TEST_TIMING = { giveUp: 120_000, stuck: 240_000 };

/**
 * Connects to the board on a serial port.
 * @throws LinnetError no_such_port, port_busy, port_denied, no_answer, unsupported_protocol, no_model
 */
export async function connect(path: string, options: ConnectOptions = {}): Promise<Board> {
  return connectTransport(await openSerialPort(path, options.baudRate), options);
}

/** Connects over any byte stream; closes it if that fails. */
export async function connectTransport(transport: Transport, options: ConnectOptions = {}): Promise<Board> {
  const client = new LinkClient(transport, options);
  try {
    const facts = await sayHello(client, options.signal);
    if (!facts.model) throw facts.modelError!;
    return new Board(client, facts, facts.model, options.tokenize);
  } catch (error) {
    await client.close();
    throw error;
  }
}

/**
 * Connects and uploads a model, also to a board that holds none; closes the line if that fails.
 * @param image a .linnet image
 * @throws LinnetError those of connect() and Board.upload()
 */
export async function connectUploading(
  transport: Transport,
  image: Uint8Array,
  { onProgress, ...options }: ConnectOptions & UploadOptions = {},
): Promise<{ board: Board; report: UploadReport }> {
  const client = new LinkClient(transport, options);
  try {
    expectRoom(openImage(image, 'upload'), await sayHello(client, options.signal), client.name);
    const { report, facts } = await uploadImage(client, image, { onProgress, signal: options.signal });
    return { board: new Board(client, facts, facts.model!, options.tokenize ?? tokenizerOf(image)), report };
  } catch (error) {
    await client.close();
    throw error;
  }
}

export class Board implements TextModel {
  /** Of the last generation that ran to its end. */
  lastGeneration: GenerationSummary | undefined;
  private generating = false;
  /** The board does one thing at a time: the end of the last request queued. */
  private queue: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly client: LinkClient,
    private boardFacts: BoardFacts,
    private model: ModelInfo,
    private tokenize?: (text: string) => ArrayLike<number>,
  ) {}

  /** What the board said about itself, last after connecting or uploading. */
  get facts(): BoardFacts {
    return this.boardFacts;
  }

  get info(): ModelInfo {
    return this.model;
  }

  /** Name of the port. */
  get port(): string {
    return this.client.name;
  }

  /** False once the line is lost or closed. */
  get isOpen(): boolean {
    return this.client.isOpen;
  }

  /** What the line did: frames dropped here, requests repeated. */
  get line(): { readonly badFrames: number; readonly repetitions: number } {
    return { badFrames: this.client.badFrames, repetitions: this.client.repetitions };
  }

  async *generate(prompt: string, options: GenerateOptions = {}): AsyncGenerator<Token, void, undefined> {
    this.expectKind('language_model');
    expectText('prompt', prompt);
    const plan = planSampling(options);
    this.refuseWhileGenerating();
    this.generating = true;
    try {
      await this.queue;
      const bytes = new TextEncoder().encode(prompt);
      const generation = new Generation(this.client, fieldsOf(plan), bytes, this.facts.tokenWindow, plan.signal);
      try {
        const characters = new TextDecoder('utf-8', { ignoreBOM: true });
        for (let token = await generation.next(); token; token = await generation.next())
          yield { id: token.id, text: characters.decode(token.bytes, { stream: true }) };
        this.lastGeneration = generation.summary;
      } finally {
        await generation.cancel();
      }
    } finally {
      this.generating = false;
    }
  }

  async classify(text: string): Promise<Classification> {
    this.expectKind('classifier');
    expectText('text', text);
    const sentence = new TextEncoder().encode(text);
    const payload = await this.exclusive(() => this.client.request(MessageType.classify, sentence, { costly: true }));
    const reply = this.decode(ClassifyReply, payload);
    const { labels } = this.info;
    const scores = new DataView(payload.buffer, payload.byteOffset + ClassifyReply.size);
    if (reply.label >= labels.length || scores.byteLength < 2 * labels.length) throw this.badMessage();
    return {
      label: labels[reply.label]!,
      scores: Object.fromEntries(labels.map((label, i) => [label, scores.getUint16(2 * i, true) / 32768])),
    };
  }

  /** Needs `tokenize` in the options of connect(): the board takes token ids. */
  async score(
    text: string,
    options: { signal?: AbortSignal; onProgress?: (done: number, total: number) => void } = {},
  ): Promise<Score> {
    if (!this.tokenize)
      throw new LinnetError(
        'usage',
        'a board scores token ids, and this connection has no tokenizer',
        this.port,
        'give the image that was flashed too',
      );
    return this.scoreTokens(this.tokenize(text), options);
  }

  /** Perplexity of a run of token ids, each predicted from BOS and those before it. */
  async scoreTokens(
    ids: ArrayLike<number>,
    { signal, onProgress }: { signal?: AbortSignal; onProgress?: (done: number, total: number) => void } = {},
  ): Promise<Score> {
    this.expectKind('language_model');
    if (ids.length === 0) throw LinnetError.fromStatus(STATUS.input_empty.code, this.port);
    return this.exclusive(async () => {
      const most = Math.min(SCORE_CHUNK, (this.facts.maxMessage - MessageHeader.size - ScoreRequest.size) >> 1);
      let chunk = SHORTEST_SCORE_CHUNK;
      const id = this.client.nextId();
      let nllQ16 = 0n;
      try {
        for (let start = 0, end = 0, index = 0; start < ids.length; start = end, index++) {
          end = Math.min(start + chunk, ids.length);
          const { repetitions } = this.client;
          const accept = (bytes: Uint8Array): boolean => ScoreReply.decode(bytes)?.index === index;
          const request = this.scoreRequest(index, ids, start, end);
          const reply = await this.client.request(MessageType.score, request, { signal, id, accept });
          nllQ16 += this.decode(ScoreReply, reply).nll_q16;
          onProgress?.(end, ids.length);
          // A long message is the likelier to be damaged.
          chunk =
            this.client.repetitions > repetitions
              ? Math.max(chunk >> 1, SHORTEST_SCORE_CHUNK)
              : Math.min(2 * chunk, most);
        }
      } catch (error) {
        if (signal?.aborted)
          await this.client
            .request(MessageType.cancel, new Uint8Array(), { id, timing: CANCEL_TIMING })
            .catch(() => undefined);
        throw error;
      }
      const negativeLogLikelihood = Number(nllQ16) / 65536;
      return { tokens: ids.length, negativeLogLikelihood, perplexity: Math.exp(negativeLogLikelihood / ids.length) };
    });
  }

  async selfTest(): Promise<string> {
    const options = { costly: true, timing: SELF_TEST_TIMING };
    const payload = await this.exclusive(() => this.client.request(MessageType.self_test, new Uint8Array(), options));
    const reply = this.decode(SelfTestReply, payload);
    return Buffer.from(reply.digest).toString('hex');
  }

  /**
   * Puts another model onto the board, beside the one that runs, which goes on if anything fails. Afterwards `info`,
   * `facts` and `score(text)` are the new one's, and no generation can go on from its state.
   * @param image a .linnet image
   * @throws LinnetError what is wrong with the image; no_uploads, upload_too_large, out_of_memory, hash_mismatch,
   *   unsupported_layout, …; the signal's reason
   */
  async upload(image: Uint8Array, options: UploadOptions = {}): Promise<UploadReport> {
    expectRoom(openImage(image, 'upload'), this.facts, this.port);
    return this.exclusive(async () => {
      const { report, facts } = await uploadImage(this.client, image, options);
      this.boardFacts = facts;
      this.model = facts.model!;
      this.tokenize = tokenizerOf(image);
      this.lastGeneration = undefined;
      return report;
    });
  }

  /**
   * Says hello again, to a board that was reset: it may hold another model than it did. What it was doing ends.
   * @throws LinnetError no_model, if it holds none now
   */
  async meetAgain(): Promise<void> {
    const facts = await sayHello(this.client);
    if (!facts.model) throw facts.modelError!;
    this.boardFacts = facts;
    this.model = facts.model;
  }

  /** Counters; also while the board is generating. */
  async stats(): Promise<BoardStats> {
    const reply = this.decode(StatsReply, await this.client.request(MessageType.stats, new Uint8Array()));
    return {
      uptimeTicks: reply.uptime_ticks,
      tokens: reply.tokens,
      requests: reply.requests,
      badFrames: reply.bad_frames,
      receivedBytes: reply.received_bytes,
      lostBytes: reply.lost_bytes,
      lastTicks: reply.last_ticks,
      lastTokens: reply.last_tokens,
    };
  }

  /** Round trip of an echo, milliseconds. */
  async ping(): Promise<number> {
    const start = performance.now();
    const echo = new TextEncoder().encode(`linnet ${start}`);
    await this.client.request(MessageType.ping, echo, { accept: (bytes) => Buffer.compare(bytes, echo) === 0 });
    return performance.now() - start;
  }

  async close(): Promise<void> {
    await this.client.close();
  }

  private scoreRequest(index: number, ids: ArrayLike<number>, start: number, end: number): Uint8Array {
    const payload = new Uint8Array(ScoreRequest.size + 2 * (end - start));
    const view = new DataView(payload.buffer);
    ScoreRequest.write(view, 0, { index, count: end - start, reserved: 0 });
    for (let i = start; i < end; i++) {
      const id = ids[i]!;
      if (!(id >= 0 && id < this.info.vocabSize)) throw LinnetError.fromStatus(STATUS.bad_token.code, `token ${i}`);
      view.setUint16(ScoreRequest.size + 2 * (i - start), id, true);
    }
    return payload;
  }

  /** Runs `work` after all that was asked before. */
  private async exclusive<T>(work: () => Promise<T>): Promise<T> {
    this.refuseWhileGenerating();
    const result = this.queue.then(work);
    this.queue = result.catch(() => undefined);
    return result;
  }

  /** Waiting here could be for ever: the loop that takes the tokens may be the one that asks. */
  private refuseWhileGenerating(): void {
    if (this.generating) throw LinnetError.fromStatus(STATUS.busy.code, this.port);
  }

  private expectKind(kind: ModelInfo['kind']): void {
    if (this.info.kind !== kind) throw LinnetError.fromStatus(STATUS.wrong_kind.code, this.port);
  }

  private decode<F extends Fields>(struct: Struct<F>, payload: Uint8Array): Values<F> {
    const values = struct.decode(payload);
    if (!values) throw this.badMessage();
    return values;
  }

  private badMessage(): LinnetError {
    return LinnetError.fromStatus(STATUS.bad_message.code, this.port);
  }
}

/** As the model in an image does it; read when first needed. */
function tokenizerOf(image: Uint8Array): (text: string) => number[] {
  let tokenizer: Tokenizer | undefined;
  return (text) => (tokenizer ??= new Tokenizer(openImage(image, 'upload').tokenizer)).encode(text);
}

function fieldsOf(plan: SamplingPlan): GenerateFields {
  return {
    max_tokens: plan.maxTokens,
    seed: plan.seed,
    temperature_q12: plan.temperatureQ12,
    top_k: plan.topK,
    keep_state: plan.keepState ? 1 : 0,
  };
}
