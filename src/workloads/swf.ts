/**
 * Standard Workload Format: one job a line, 18 numbers between blanks, `;` starts a comment, -1 is unknown.
 *
 * Each job is a gang of one-processor pods. Jobs that never ran (run time or processors not positive) are dropped.
 * Processors are field 8 (requested) if positive, else field 5 (used); the estimate is field 9 (requested time) if
 * positive, else the run time. The pod is the workload's own; where it asks for no cpu, one core.
 *
 * *Source*: Feitelson, Tsafrir and Krakov, "Experience with using the Parallel Workloads Archive", JPDC 74(10), 2014.
 */
import { CPU, type ShapeIndex } from '../base/ids.ts';
import { LineSplitter } from './lines.ts';
import {
  BaseReader,
  decimal,
  microseconds,
  PODS_PER_JOB_MAX,
  type ReaderContext,
  rowError,
} from './trace-reader.ts';

const FIELDS = 18;
const NAMES = [
  'job number',
  'submit time',
  'wait time',
  'run time',
  'processors used',
  'cpu time',
  'memory used',
  'processors requested',
  'time requested',
] as const;
const SUBMIT = 1;
const RUN = 3;
const USED = 4;
const REQUESTED = 7;
const ESTIMATE = 8;

/**
 * Reads SWF line by line; memory is the rows that wait. The archive's logs are sorted by submit time: a line that goes
 * back in time is an error.
 */
export class SwfReader extends BaseReader {
  private readonly splitter: LineSplitter;
  private readonly shape: ShapeIndex;
  private line = 0;
  private lastUs = Number.NEGATIVE_INFINITY;

  constructor(context: ReaderContext) {
    super(context);
    const { pod, resources, shapes } = context;
    const requests = pod.requests.slice();
    if (requests[CPU] === 0) requests[CPU] = 1000 / resources.all[CPU]!.grain;
    this.shape = shapes.intern({ ...pod, requests }).index;
    this.splitter = new LineSplitter(context.file, (text, line, endByte) =>
      this.read(text, line, endByte),
    );
  }

  push(chunk: Uint8Array): void {
    if (!this.isComplete) this.splitter.push(chunk);
  }

  protected flush(): void {
    this.splitter.finish();
  }

  private read(text: string, line: number, endByte: number): void {
    const row = text.trim();
    if (this.isComplete || row === '' || row.startsWith(';')) return;
    this.line = line;
    const cells = row.split(/\s+/);
    if (cells.length !== FIELDS) {
      const hint = `this line has ${cells.length}; comments start with ";"`;
      this.fail('row', row, `${FIELDS} numbers between blanks`, hint);
    }
    const run = this.number(cells, RUN);
    const requested = this.number(cells, REQUESTED);
    const pods = requested > 0 ? requested : this.number(cells, USED);
    const estimate = this.number(cells, ESTIMATE);
    const atUs = this.submit(cells);
    if (run <= 0 || pods <= 0) return;
    if (!Number.isInteger(pods) || pods > PODS_PER_JOB_MAX) {
      this.fail('processors', String(pods), `a whole number up to ${PODS_PER_JOB_MAX}`);
    }
    const durationUs = microseconds(run);
    const estimateUs = estimate > 0 ? microseconds(estimate) : durationUs;
    this.accept({ atUs, pods, gang: true, shape: this.shape, durationUs, estimateUs, endByte });
  }

  private submit(cells: readonly string[]): number {
    const atUs = microseconds(this.number(cells, SUBMIT));
    if (atUs < 0) this.fail(NAMES[SUBMIT], cells[SUBMIT]!, 'a time in seconds, at least 0');
    if (atUs < this.lastUs) {
      const hint = `the line before is at ${this.lastUs / 1e6} s; sort the lines by field 2`;
      this.fail(NAMES[SUBMIT], cells[SUBMIT]!, 'lines sorted by submit time', hint);
    }
    this.lastUs = atUs;
    return atUs;
  }

  private number(cells: readonly string[], field: number): number {
    const value = decimal(cells[field]!);
    const isKnown = value >= 0 && value < SECONDS_MAX;
    if (!isKnown && value !== -1) {
      const expected = 'a number of at least 0, or -1 if unknown';
      this.fail(`${NAMES[field]} (field ${field + 1})`, cells[field]!, expected);
    }
    return value;
  }

  private fail(field: string, value: string, expected: string, hint?: string): never {
    const problem = { file: this.context.file, line: this.line, field, value, expected };
    throw rowError(hint === undefined ? problem : { ...problem, hint });
  }
}

/** Beyond this, microseconds are not exact. */
const SECONDS_MAX = 9e9;
