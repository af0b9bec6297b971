/** Cuts a stream of bytes into lines of text, with bounded memory. */
import { rowError } from './trace-reader.ts';

/** The longest line in bytes, without its break. */
export const LINE_BYTES_MAX = 1024 * 1024;

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** Takes one line: its text without the break, its 1-based number, the byte of the stream after its break. */
export type LineSink = (text: string, line: number, endByte: number) => void;

/**
 * Splits UTF-8 bytes at line feeds; a carriage return before one belongs to the break, a byte order mark at the start
 * is dropped, chunks may end anywhere (inside a character or a break too), the last line needs no break.
 *
 * Memory is the unfinished line, at most {@link LINE_BYTES_MAX}; chunks are not kept.
 */
export class LineSplitter {
  private readonly file: string;
  private readonly sink: LineSink;
  private readonly decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  private rest = new Uint8Array(0);
  private lines = 0;
  private endByte = 0;

  /**
   * @param file the file as the user named it, for messages
   * @param sink takes each line in order
   */
  constructor(file: string, sink: LineSink) {
    this.file = file;
    this.sink = sink;
  }

  /** @throws ScenarioError (exit 3) for a line over the bound or bytes that are not UTF-8 */
  push(chunk: Uint8Array): void {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(LINE_FEED, start);
      if (end < 0) break;
      this.emit(chunk.subarray(start, end), 1);
      start = end + 1;
    }
    if (start < chunk.length) this.keep(chunk.subarray(start));
  }

  /** Reads a last line without a break. */
  finish(): void {
    if (this.rest.length > 0) this.emit(new Uint8Array(0), 0);
  }

  private keep(bytes: Uint8Array): void {
    this.checkLength(this.rest.length + bytes.length);
    this.rest = concatenate(this.rest, bytes);
  }

  private emit(bytes: Uint8Array, breakBytes: number): void {
    const whole = this.rest.length === 0 ? bytes : concatenate(this.rest, bytes);
    this.checkLength(whole.length);
    this.rest = new Uint8Array(0);
    this.lines++;
    this.endByte += whole.length + breakBytes;
    const length = whole.length;
    const isCrLf = length > 0 && whole[length - 1] === CARRIAGE_RETURN;
    this.sink(
      this.decode(isCrLf ? whole.subarray(0, length - 1) : whole),
      this.lines,
      this.endByte,
    );
  }

  private decode(bytes: Uint8Array): string {
    let text: string;
    try {
      text = this.decoder.decode(bytes);
    } catch {
      throw rowError({
        file: this.file,
        line: this.lines,
        field: '',
        expected: 'text in UTF-8',
        hint: 'convert the file, or check that it is a plain or gzip text file',
      });
    }
    return this.lines === 1 && text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  }

  private checkLength(length: number): void {
    if (length <= LINE_BYTES_MAX) return;
    throw rowError({
      file: this.file,
      line: this.lines + 1,
      field: '',
      value: `${length} bytes or more without a line break`,
      expected: `lines of at most ${LINE_BYTES_MAX} bytes`,
      hint: 'check that this is a text file',
    });
  }
}

function concatenate(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}
