/** Trace files as streams of plain bytes, and the feeder that keeps readers full. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ScenarioError } from '../base/errors.ts';
import type { TraceReader } from '../workloads/trace-reader.ts';
import { fileError } from './files.ts';

/** Rows that a refill aims at; the readers hold little more than these. */
export const ROWS_PER_FEED = 65_536;

const CHUNK_BYTES = 256 * 1024;

/** First bytes of compressed files that are not gzip, for a better message than "malformed row". */
const OTHER_FORMATS: readonly (readonly [magic: readonly number[], name: string, tool: string])[] =
  [
    [[0x28, 0xb5, 0x2f, 0xfd], 'zstd', 'unzstd'],
    [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'xz', 'unxz'],
    [[0x42, 0x5a, 0x68], 'bzip2', 'bunzip2'],
    [[0x50, 0x4b, 0x03, 0x04], 'zip', 'unzip'],
  ];

/**
 * Opens a trace, plain or gzip (told by its first bytes, not its name), as a stream of plain bytes.
 *
 * Memory is a few chunks; a consumer that stops early closes the file.
 *
 * @throws ScenarioError (exit 3), also while iterating: missing, a folder, truncated or damaged gzip, another compression
 */
export async function* openTrace(path: string): AsyncGenerator<Uint8Array, void, void> {
  try {
    const facts = await stat(path);
    if (!facts.isFile()) {
      const what = facts.isDirectory() ? 'a folder' : 'a device or pipe';
      throw traceError(path, 'a file', `this is ${what}`);
    }
    for await (const chunk of await plainStream(path)) yield chunk as Uint8Array;
  } catch (error) {
    throw asTraceError(error, path);
  }
}

/**
 * Checks that a trace can be opened and starts as it should, without reading it.
 *
 * @throws ScenarioError (exit 3) as {@link openTrace}
 */
export async function checkTrace(path: string): Promise<void> {
  for await (const _ of openTrace(path)) return;
}

async function plainStream(path: string): Promise<Readable> {
  const magic = await firstBytes(path);
  const other = OTHER_FORMATS.find(([bytes]) => bytes.every((byte, i) => magic[i] === byte));
  if (other !== undefined) {
    throw traceError(
      path,
      'a plain or gzip file',
      `this is ${other[1]}; unpack it with ${other[2]}`,
    );
  }
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const isGzip = magic[0] === 0x1f && magic[1] === 0x8b;
  if (!isGzip) return file;
  // No action at the end: errors of either stream reach the consumer through the iteration.
  return pipeline(file, createGunzip({ chunkSize: CHUNK_BYTES }), () => {});
}

async function firstBytes(path: string): Promise<Uint8Array> {
  for await (const chunk of createReadStream(path, { start: 0, end: 7 })) return chunk as Buffer;
  return new Uint8Array(0);
}

function traceError(path: string, expected: string, hint: string): ScenarioError {
  return new ScenarioError([{ path: 'trace', value: path, expected, hint }], 3);
}

const GZIP_CODES = new Set(['Z_BUF_ERROR', 'Z_DATA_ERROR']);

function asTraceError(error: unknown, path: string): unknown {
  const code = (error as NodeJS.ErrnoException | null)?.code ?? '';
  if (GZIP_CODES.has(code)) {
    const hint =
      code === 'Z_BUF_ERROR'
        ? 'it ends too early; fetch it again'
        : 'it is damaged; fetch it again';
    return traceError(path, 'a complete gzip file', hint);
  }
  const hint = 'set ORRERY_DATA to the folder of traces, or give another path';
  return fileError(error, { path, expected: 'a trace file that can be read', exitCode: 3, hint });
}

/** What feeding needs of a reader; one that does not say that it is complete is fed to the end of its file. */
export type FedReader = Pick<TraceReader, 'push' | 'finish' | 'buffered'> & {
  readonly isComplete?: boolean;
};

/** A reader and where its bytes come from. */
export interface FedInput {
  readonly trace: { readonly path: string };
  readonly reader: FedReader;
}

/** How much of a trace its reader has got. */
export interface TracePosition {
  /** Bytes of the plain stream. */
  readonly bytes: number;
  /** True if it was told that no more will come. */
  readonly isEnded: boolean;
}

/** Refills readers from their files. One per run; `close` it. */
export class InputFeeder {
  private readonly inputs: readonly FedInput[];
  private readonly fedBytes = new Map<FedReader, number>();
  private readonly streams = new Map<FedReader, AsyncGenerator<Uint8Array, void, void>>();
  private readonly ended = new Set<FedReader>();

  constructor(inputs: readonly FedInput[]) {
    this.inputs = inputs;
  }

  /**
   * Pushes bytes until the reader holds {@link ROWS_PER_FEED} rows, needs no more, or the file ends (then it is told).
   *
   * @throws ScenarioError (exit 3) for the file or for a row in it
   */
  async feed(reader: FedReader): Promise<void> {
    if (this.ended.has(reader)) return;
    const stream = this.streamOf(reader);
    while (reader.buffered < ROWS_PER_FEED) {
      const next = reader.isComplete === true ? undefined : await stream.next();
      if (next === undefined || next.done === true) {
        this.ended.add(reader);
        reader.finish();
        await stream.return();
        return;
      }
      this.push(reader, next.value);
    }
  }

  private push(reader: FedReader, chunk: Uint8Array): void {
    this.fedBytes.set(reader, (this.fedBytes.get(reader) ?? 0) + chunk.length);
    reader.push(chunk);
  }

  /** By input, where its reader stands. */
  positions(): readonly TracePosition[] {
    return this.inputs.map(({ reader }) => ({
      bytes: this.fedBytes.get(reader) ?? 0,
      isEnded: this.ended.has(reader),
    }));
  }

  /**
   * Goes on from positions of a feeder of the same files: what readers had got is read again and dropped.
   *
   * *Cost*: reading each file up to its position.
   *
   * @throws ScenarioError (exit 3) for a file that cannot be read that far
   */
  async skipTo(positions: readonly TracePosition[]): Promise<void> {
    for (const [i, { bytes, isEnded }] of positions.entries()) {
      const { reader, trace } = this.inputs[i]!;
      this.fedBytes.set(reader, bytes);
      if (isEnded) {
        this.ended.add(reader);
        continue;
      }
      const stream = this.streamOf(reader);
      for (let left = bytes; left > 0; ) {
        const next = await stream.next();
        if (next.done === true) {
          throw traceError(trace.path, `a file of at least ${bytes} bytes`, 'it is shorter now');
        }
        if (next.value.length > left) this.push(reader, next.value.subarray(left));
        left -= next.value.length;
      }
    }
  }

  /** Feeds every reader that has no row left. */
  async feedDry(): Promise<void> {
    for (const { reader } of this.inputs) if (reader.buffered === 0) await this.feed(reader);
  }

  /** Closes the files. */
  async close(): Promise<void> {
    for (const stream of this.streams.values()) await stream.return();
  }

  private streamOf(reader: FedReader): AsyncGenerator<Uint8Array, void, void> {
    let stream = this.streams.get(reader);
    if (stream === undefined) {
      const input = this.inputs.find((candidate) => candidate.reader === reader)!;
      stream = openTrace(input.trace.path);
      this.streams.set(reader, stream);
    }
    return stream;
  }
}
