/** Builders of reader contexts and small helpers for the tests of readers. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asShape } from '../../../src/base/ids.ts';
import type { Arrival, ArrivalSource, RowReader } from '../../../src/contracts/workload.ts';
import { ResourceTable } from '../../../src/model/resources.ts';
import { ShapeTable } from '../../../src/model/shapes.ts';
import type { ReaderContext } from '../../../src/workloads/trace-reader.ts';

export const MIB = 1024 * 1024;

/** A context whose pod asks for 1000 millicores and 64 MiB, in grains of 1 millicore and 1 MiB. */
export function context(change: Partial<ReaderContext> = {}): ReaderContext {
  return {
    file: 'jobs.trace',
    shapes: new ShapeTable(),
    resources: new ResourceTable(
      new Map([
        ['cpu', 1],
        ['memory', MIB],
        ['pods', 1],
      ]),
      new Map(),
    ),
    pod: {
      requests: [1000, 64, 1],
      gpuCount: 0,
      gpuMilliPerDevice: 0,
      gpuModels: [],
      nodeSelector: [],
      tolerations: [],
      priority: 0,
      priorityClass: 'default',
    },
    wholeHost: null,
    gang: false,
    priorityClasses: { critical: 1000, batch: -10 },
    limit: null,
    speedup: 1,
    fromUs: 0,
    untilUs: Number.POSITIVE_INFINITY,
    inflateTo: null,
    gpuCapacityMilli: 0,
    arrivalOrder: null,
    seed: 7,
    replication: 0,
    workload: 'jobs',
    ...change,
  };
}

export function emptyArrival(): Arrival {
  return { atUs: 0, pods: 0, gang: false, shape: asShape(0), durationUs: 0, estimateUs: 0 };
}

/** Pulls everything that a source has now. */
export function drain(source: ArrivalSource, most = 1_000_000): Arrival[] {
  const rows: Arrival[] = [];
  for (let i = 0; i < most; i++) {
    const out = emptyArrival();
    if (source.pull(out) !== 'row') break;
    rows.push(out);
  }
  return rows;
}

/** Feeds a text in chunks of `size` bytes and ends it. */
export function feed(reader: RowReader, text: string | Uint8Array, size = 65536): void {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
  reader.finish();
}

/** All rows of a text. */
export function readAll(reader: RowReader, text: string | Uint8Array, size?: number): Arrival[] {
  feed(reader, text, size);
  return drain(reader);
}

/** The folder of shared data, or undefined (and a failure in CI) where it is not there. */
export function dataFolder(): string | undefined {
  const checkout = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
  const folder = process.env.ORRERY_DATA ?? join(checkout, '..', 'shared');
  if (existsSync(join(folder, 'traces'))) return folder;
  if (process.env.CI === 'true') throw new Error(`no data in ${folder}: set ORRERY_DATA`);
  console.warn(`SKIPPED: no data in ${folder}; set ORRERY_DATA`);
  return undefined;
}
