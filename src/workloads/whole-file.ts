/** Readers of small files that must be read whole, because their rows are not in order of time. */
import { BaseReader, rowError, type TraceRow } from './trace-reader.ts';

/** The largest file that is read whole, in bytes of plain text. */
export const WHOLE_FILE_BYTES_MAX = 64 * 1024 * 1024;

/** Collects the file, then takes all its rows at once, sorted. Memory is the text and the rows. */
export abstract class WholeFileReader extends BaseReader {
  private chunks: Uint8Array[] = [];
  private bytes = 0;

  /** All rows of the file, in order of time. */
  protected abstract rows(text: string): readonly TraceRow[];

  push(chunk: Uint8Array): void {
    if (this.isComplete) return;
    this.bytes += chunk.length;
    if (this.bytes > WHOLE_FILE_BYTES_MAX) {
      throw rowError({
        file: this.context.file,
        field: '',
        value: `more than ${WHOLE_FILE_BYTES_MAX} bytes`,
        expected: 'a file small enough to be read whole',
        hint: 'convert it to Orrery CSV, which is read as a stream',
      });
    }
    this.chunks.push(chunk.slice());
  }

  protected flush(): void {
    const text = this.text();
    this.chunks = [];
    for (const row of this.rows(text)) {
      row.endByte = this.bytes;
      this.accept(row);
    }
  }

  private text(): string {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    try {
      const parts = this.chunks.map((chunk) => decoder.decode(chunk, { stream: true }));
      return parts.join('') + decoder.decode();
    } catch {
      throw rowError({
        file: this.context.file,
        field: '',
        expected: 'text in UTF-8',
        hint: 'convert the file, or check that it is a plain or gzip text file',
      });
    }
  }
}
