/**
 * Workloads: what arrives, in order of time.
 *
 * A source is a synchronous buffer of rows: `run/` pulls one arrival ahead; when a source that reads a file runs dry,
 * `runUntil` returns early and `host/` refills it. Synthetic sources never run dry.
 */
import type { ShapeIndex } from '../base/ids.ts';

/** One job as it arrives. The puller owns the object; sources write into it. */
export interface Arrival {
  /** Instant of submission, whole microseconds from the start of the run. */
  atUs: number;
  /** Pods of the job, at least 1, all of one shape. */
  pods: number;
  /** True: all pods start together or none does. */
  gang: boolean;
  shape: ShapeIndex;
  /** Run time of each pod in microseconds; Infinity never ends; NaN is drawn per pod from the workload's law. */
  durationUs: number;
  /** The user's bound on the run time (walltime) in microseconds; NaN where there is none. */
  estimateUs: number;
}

/** What a source can say when asked for the next arrival. */
export type PullResult =
  /** An arrival was written. */
  | 'row'
  /** The buffer is empty but the file goes on: refill and ask again. */
  | 'dry'
  /** No further arrival will come. */
  | 'end';

/** A sorted stream of arrivals: `atUs` never decreases. */
export interface ArrivalSource {
  /** Writes the next arrival into `out`. */
  pull(out: Arrival): PullResult;
}

/** Turns bytes of a trace into rows: fed by `host/`, pulled by `run/`. One row is at most 1 MiB of text. */
export interface RowReader extends ArrivalSource {
  /** Takes the next bytes of the plain (already decompressed) stream. The reader copies what it keeps. */
  push(chunk: Uint8Array): void;
  /** Says that the stream ended; a last line without a line break is read. */
  finish(): void;
  /** Rows that wait to be pulled: `host/` keeps it below a bound. */
  readonly buffered: number;
  /** Rows read so far and byte of the plain stream after the last of them: the trace's position. */
  readonly position: { readonly row: number; readonly byte: number };
}
