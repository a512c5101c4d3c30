/** Text to token ids and back. Same results as the C++ tokenizer (docs/format.md, Tokenizer). */
import { BpeEncoder } from './bpe.js';
import type { TokenizerTables } from './tables.js';
import { WordEncoder } from './word-level.js';

const SPACE = Uint8Array.of(0x20);

export class Tokenizer {
  private readonly encoder: BpeEncoder | WordEncoder;

  constructor(readonly tables: TokenizerTables) {
    this.encoder = tables.kind === 'bpe' ? new BpeEncoder(tables) : new WordEncoder(tables);
  }

  /** Token ids of a text. Bytes may be any; a string's lone surrogates become U+FFFD. */
  encode(text: string | Uint8Array): number[] {
    return this.encoder.encode(typeof text === 'string' ? new TextEncoder().encode(text) : text);
  }

  /** What a token prints; may be part of a UTF-8 character, and is empty for special tokens. */
  tokenBytes(id: number): Uint8Array {
    return this.tables.tokens[id] ?? new Uint8Array();
  }

  /** The text of a run of ids; bytes that are no UTF-8 become U+FFFD. */
  decode(ids: Iterable<number>): string {
    const decoder = this.decoder();
    let text = '';
    for (const id of ids) text += decoder.push(id);
    return text + decoder.end();
  }

  /** @param followsText there is text before, to be parted by a space where tokens are words */
  decoder(followsText = false): TokenDecoder {
    return new TokenDecoder(this, followsText);
  }
}

/** Decodes token by token, whole characters only. */
export class TokenDecoder {
  private readonly utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

  constructor(
    private readonly tokenizer: Tokenizer,
    private followsText: boolean,
  ) {}

  /** Text that is complete now: "" if the token ends within a character, which the next one then completes. */
  push(id: number): string {
    const bytes = this.tokenizer.tokenBytes(id);
    if (bytes.length === 0) return '';
    const space =
      this.tokenizer.tables.joinWithSpace && this.followsText ? this.utf8.decode(SPACE, { stream: true }) : '';
    this.followsText = true;
    return space + this.utf8.decode(bytes, { stream: true });
  }

  /** What an unfinished character leaves: U+FFFD, or nothing. */
  end(): string {
    return this.utf8.decode();
  }
}
