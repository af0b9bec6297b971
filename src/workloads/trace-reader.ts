/** What every reader of a trace has in common: its context, its row queue, the words of its errors. */
import { ScenarioError } from '../base/errors.ts';
import type { ShapeIndex } from '../base/ids.ts';
import type { Arrival, PullResult, RowReader } from '../contracts/workload.ts';
import type { ResourceTable } from '../model/resources.ts';
import type { PodShapeSpec, ShapeTable } from '../model/shapes.ts';

/** Pods of one job at most: a larger number in a trace is a damaged row. */
export const PODS_PER_JOB_MAX = 1_000_000;

/** A reader of a trace file. */
export interface TraceReader extends RowReader {
  /** True when no further byte can add a row: the limit or the end of the window is reached, or the file ended. */
  readonly isComplete: boolean;
  /** Pods of the whole list by shape once it is read; empty for readers that never see the whole file. */
  readonly shapeCounts: ReadonlyMap<ShapeIndex, number>;
}

/** What a reader must know of its workload and of the run. */
export interface ReaderContext {
  /** The file as the user named it, for messages. */
  readonly file: string;
  readonly shapes: ShapeTable;
  readonly resources: ResourceTable;
  /** The workload's own pod, in grains: what a row does not say comes from here. */
  readonly pod: PodShapeSpec;
  /** Requests, in grains by resource, that fill a host of the fleet; null where hosts differ. */
  readonly wholeHost: readonly number[] | null;
  /** True if the workload is a gang: the default of formats that do not say. */
  readonly gang: boolean;
  readonly priorityClasses: Readonly<Record<string, number>>;
  /** First usable rows to read; null is all. */
  readonly limit: number | null;
  /** Divides all instants, positive; durations stay. */
  readonly speedup: number;
  /** Rows outside [fromUs, untilUs), after the speed-up, do not arrive; microseconds. */
  readonly fromUs: number;
  readonly untilUs: number;
  /** OpenB only: replays as the FGD paper, to this share of the GPU capacity; null replays the times of the list. */
  readonly inflateTo: number | null;
  /** GPU capacity of the fleet in thousandths of a device. */
  readonly gpuCapacityMilli: number;
  /** OpenB only: indices into the list sorted by name, in order of arrival; null draws them. */
  readonly arrivalOrder: readonly number[] | null;
  readonly seed: number;
  readonly replication: number;
  readonly workload: string;
}

/** Where a row is and what was wrong with one of its fields. */
export interface RowProblem {
  readonly file: string;
  readonly line?: number;
  /** Name of the column or field. */
  readonly field: string;
  readonly value?: string;
  readonly expected: string;
  readonly hint?: string;
}

/** The error for a malformed trace: exit 3, naming file, line, value and what was expected. */
export function rowError(problem: RowProblem): ScenarioError {
  const { field, value, ...rest } = problem;
  const shown = value === undefined ? {} : { value: shorten(value) };
  return new ScenarioError([{ ...rest, path: field, ...shown }], 3);
}

function shorten(value: string): string {
  const text = JSON.stringify(value);
  return text.length <= 60 ? text : `${text.slice(0, 56)}..."`;
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Reads a decimal number strictly: no hexadecimal, no words, no blanks inside; NaN for anything else. */
export function decimal(text: string): number {
  return NUMBER.test(text) ? Number(text) : Number.NaN;
}

/** Seconds of a file to whole microseconds, rounded to the nearest; NaN and Infinity stay. */
export function microseconds(seconds: number): number {
  return Math.round(seconds * 1e6);
}

/** One row of a trace in the run's own units. */
export interface TraceRow {
  atUs: number;
  pods: number;
  gang: boolean;
  shape: ShapeIndex;
  durationUs: number;
  estimateUs: number;
  /** Byte of the plain stream after the row. */
  endByte: number;
}

/**
 * First-in first-out columns of rows between `push` and `pull`. Memory is the rows that wait, doubled at most; a pull
 * allocates nothing.
 */
export class RowQueue {
  private columns: readonly Float64Array[] = allocate(1024);
  private head = 0;
  private tail = 0;

  get length(): number {
    return this.tail - this.head;
  }

  add(row: TraceRow): void {
    if (this.tail === this.columns[0]!.length) this.makeRoom();
    const [at, pods, gang, shape, duration, estimate, end] = this.columns as Columns;
    const i = this.tail++;
    at[i] = row.atUs;
    pods[i] = row.pods;
    gang[i] = row.gang ? 1 : 0;
    shape[i] = row.shape;
    duration[i] = row.durationUs;
    estimate[i] = row.estimateUs;
    end[i] = row.endByte;
  }

  /**
   * Moves the oldest row into `out`.
   *
   * @returns the byte of the stream after that row, or -1 if the queue is empty
   */
  take(out: Arrival): number {
    if (this.head === this.tail) return -1;
    const [at, pods, gang, shape, duration, estimate, end] = this.columns as Columns;
    const i = this.head++;
    out.atUs = at[i]!;
    out.pods = pods[i]!;
    out.gang = gang[i] === 1;
    out.shape = shape[i] as ShapeIndex;
    out.durationUs = duration[i]!;
    out.estimateUs = estimate[i]!;
    if (this.head === this.tail) {
      this.head = 0;
      this.tail = 0;
    }
    return end[i]!;
  }

  /** Moves the rows to the front, into columns of twice the size if more than half of them are in use. */
  private makeRoom(): void {
    const capacity = this.columns[0]!.length;
    const next = allocate(this.length > capacity / 2 ? capacity * 2 : capacity);
    next.forEach((column, c) => {
      column.set(this.columns[c]!.subarray(this.head, this.tail));
    });
    this.columns = next;
    this.tail -= this.head;
    this.head = 0;
  }
}

type Columns = [
  Float64Array,
  Float64Array,
  Float64Array,
  Float64Array,
  Float64Array,
  Float64Array,
  Float64Array,
];

function allocate(length: number): readonly Float64Array[] {
  return Array.from({ length: 7 }, () => new Float64Array(length));
}

const NO_COUNTS: ReadonlyMap<ShapeIndex, number> = new Map();

/** The common half of a reader: queue, position, window, limit. A format adds how bytes become rows. */
export abstract class BaseReader implements TraceReader {
  protected readonly context: ReaderContext;
  private readonly queue = new RowQueue();
  private accepted = 0;
  private hasEnded = false;
  private pulled = 0;
  private pulledByte = 0;

  constructor(context: ReaderContext) {
    this.context = context;
    this.hasEnded = context.limit === 0;
  }

  abstract push(chunk: Uint8Array): void;
  protected abstract flush(): void;

  finish(): void {
    if (!this.hasEnded) this.flush();
    this.hasEnded = true;
  }

  get isComplete(): boolean {
    return this.hasEnded;
  }

  get shapeCounts(): ReadonlyMap<ShapeIndex, number> {
    return NO_COUNTS;
  }

  get buffered(): number {
    return this.queue.length;
  }

  get position(): { readonly row: number; readonly byte: number } {
    return { row: this.pulled, byte: this.pulledByte };
  }

  pull(out: Arrival): PullResult {
    const byte = this.queue.take(out);
    if (byte < 0) return this.hasEnded ? 'end' : 'dry';
    this.pulled++;
    this.pulledByte = byte;
    return 'row';
  }

  /** Takes the next usable row, in order of time: applies speed-up, limit and window. */
  protected accept(row: TraceRow): void {
    if (this.hasEnded) return;
    this.accepted++;
    row.atUs = Math.round(row.atUs / this.context.speedup);
    if (row.atUs >= this.context.untilUs) this.hasEnded = true;
    else if (row.atUs >= this.context.fromUs) this.queue.add(row);
    if (this.accepted === this.context.limit) this.hasEnded = true;
  }
}
