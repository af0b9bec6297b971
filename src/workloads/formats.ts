/** Names of trace formats and their readers. */
import { BatsimReader } from './batsim.ts';
import { CsvReader } from './csv.ts';
import { OpenbReader } from './openb.ts';
import { SwfReader } from './swf.ts';
import type { ReaderContext, TraceReader } from './trace-reader.ts';

const READERS = {
  batsim: BatsimReader,
  csv: CsvReader,
  openb: OpenbReader,
  swf: SwfReader,
} as const;

/** Name of a trace format. */
export type ReaderFormat = keyof typeof READERS;

/**
 * Makes the reader of a trace file.
 *
 * @param format one of `batsim`, `csv`, `openb`, `swf`
 * @throws ScenarioError (exit 3) for a malformed file: from `push` and `finish`, with file, line, value and expectation
 */
export function makeReader(format: ReaderFormat, context: ReaderContext): TraceReader {
  return new READERS[format](context);
}
