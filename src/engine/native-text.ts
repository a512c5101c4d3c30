/** Text of generated tokens, fast: most are whole characters and become strings only once a model. */
import type { Token } from '../model.js';
import type { NativeImage } from './native-addon.js';

interface Entry {
  readonly bytes: Uint8Array;
  /** Absent if the bytes are not whole characters. */
  readonly text: string | undefined;
}

const SPACE = Uint8Array.of(0x20);

/** Texts of a model's tokens, shared by its generations. */
export class TokenTexts {
  readonly joinsWithSpace: boolean;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  readonly #entries: (Entry | undefined)[];

  constructor(private readonly image: NativeImage) {
    this.joinsWithSpace = image.info.joinsWithSpace;
    this.#entries = new Array<Entry | undefined>(image.info.vocabSize);
  }

  entry(id: number): Entry {
    return (this.#entries[id] ??= this.#read(id));
  }

  #read(id: number): Entry {
    const bytes = this.image.tokenText(id);
    try {
      return { bytes, text: this.#decoder.decode(bytes) };
    } catch {
      return { bytes, text: undefined };
    }
  }
}

/** The running text of one generation: the same, token by token, as a TextDecoder over all of it. */
export class TokenTextStream {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  /** The decoder may hold the start of a character. */
  #pending = false;

  /** @param followsText there is text before the first token, to be parted by a space where tokens are words */
  constructor(
    private readonly texts: TokenTexts,
    private followsText: boolean,
  ) {}

  token(id: number): Token {
    const { bytes, text } = this.texts.entry(id);
    if (bytes.length === 0) return { id, text: '' };
    const space = this.texts.joinsWithSpace && this.followsText;
    this.followsText = true;
    if (text !== undefined && !this.#pending) return { id, text: space ? ` ${text}` : text };
    return { id, text: (space ? this.#decode(SPACE) : '') + this.#decode(bytes) };
  }

  #decode(bytes: Uint8Array): string {
    this.#pending = bytes.at(-1)! >= 0x80;
    return this.#decoder.decode(bytes, { stream: true });
  }
}
