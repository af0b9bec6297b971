/** The history of the hyperscale ladder: one line per landing in `bench/history.ndjson`. */
import { appendFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BenchRow } from './rows.ts';

/** Appends a line: when it was measured, what it is a measurement of, the rows. */
export function record(name: string, rows: readonly BenchRow[]): void {
  const file = fileURLToPath(new URL('history.ndjson', import.meta.url));
  const day = new Date().toISOString().slice(0, 10);
  appendFileSync(file, `${JSON.stringify({ day, node: process.version, name, rows })}\n`);
}
