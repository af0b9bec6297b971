/**
 * Orrery's own CSV of jobs, one a row.
 *
 * A header names the columns, in any order: `submit_s, duration_s, pods, cpu_milli, memory_mib` must be there;
 * `gpus, gpu_milli, gpu_model, priority_class, gang, estimate_s` may be. Rows are sorted by `submit_s`. Cells may be
 * quoted by RFC 4180, without line breaks inside; empty lines are skipped. Times are decimal seconds from the start of
 * the run. An empty cell of an optional column, and `duration_s`, takes the workload's own value; `duration_s` may be `inf`.
 * `gpu_milli` (default 1000) is thousandths of each device; `gpu_model` allows `A|B`; `gang` is `true` or `false`.
 */
import type { ShapeIndex } from '../base/ids.ts';
import { nearest } from '../base/nearest.ts';
import { GPU_COUNT_MAX } from '../base/units.ts';
import { LineSplitter } from './lines.ts';
import { PodRequests } from './pod-request.ts';
import {
  BaseReader,
  decimal,
  microseconds,
  PODS_PER_JOB_MAX,
  type ReaderContext,
  rowError,
} from './trace-reader.ts';

const REQUIRED = ['submit_s', 'duration_s', 'pods', 'cpu_milli', 'memory_mib'] as const;
const OPTIONAL = [
  'gpus',
  'gpu_milli',
  'gpu_model',
  'priority_class',
  'gang',
  'estimate_s',
] as const;
/** Columns that a file may have. */
export const CSV_COLUMNS = [...REQUIRED, ...OPTIONAL] as const;
type Column = (typeof CSV_COLUMNS)[number];

/**
 * Splits one line at commas by RFC 4180: a cell in double quotes may hold commas and doubled quotes.
 *
 * @returns the cells, or undefined if a quote is not closed, stands inside a bare cell or is followed by text
 */
export function csvCells(line: string): string[] | undefined {
  if (!line.includes('"')) return line.split(',');
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    if (line[at] === '"') {
      let text = '';
      let end = line.indexOf('"', at + 1);
      while (end >= 0 && line[end + 1] === '"') {
        text += line.slice(at + 1, end + 1);
        at = end + 1;
        end = line.indexOf('"', at + 1);
      }
      if (end < 0) return undefined;
      cells.push(text + line.slice(at + 1, end));
      at = end + 1;
      if (at < line.length && line[at] !== ',') return undefined;
    } else {
      const comma = line.indexOf(',', at);
      const end = comma < 0 ? line.length : comma;
      const cell = line.slice(at, end);
      if (cell.includes('"')) return undefined;
      cells.push(cell);
      at = end;
    }
    if (at >= line.length) return cells;
    at++;
  }
}

/** Reads Orrery CSV row by row; memory is the rows that wait. */
export class CsvReader extends BaseReader {
  private readonly splitter: LineSplitter;
  private readonly requests: PodRequests;
  private columns: readonly Column[] | undefined;
  private cells: readonly string[] = [];
  private line = 0;
  private lastUs = Number.NEGATIVE_INFINITY;

  constructor(context: ReaderContext) {
    super(context);
    this.requests = new PodRequests(context);
    this.splitter = new LineSplitter(context.file, (text, line, endByte) =>
      this.read(text, line, endByte),
    );
  }

  push(chunk: Uint8Array): void {
    if (!this.isComplete) this.splitter.push(chunk);
  }

  protected flush(): void {
    this.splitter.finish();
    if (this.columns === undefined) {
      throw rowError({
        file: this.context.file,
        line: 1,
        field: 'header',
        expected: `a header with ${REQUIRED.join(',')}`,
        hint: 'the file is empty',
      });
    }
  }

  private read(text: string, line: number, endByte: number): void {
    if (this.isComplete || text === '') return;
    this.line = line;
    const cells = csvCells(text);
    if (cells === undefined) {
      this.fail('row', text, 'cells quoted by RFC 4180', 'close the quote on the same line');
    }
    this.cells = cells.map((cell) => cell.trim());
    if (this.columns === undefined) this.columns = this.header(this.cells);
    else this.row(this.columns, endByte);
  }

  private header(names: readonly string[]): readonly Column[] {
    for (const [i, name] of names.entries()) {
      if (!CSV_COLUMNS.includes(name as Column)) {
        const near = nearest(name, CSV_COLUMNS);
        const hint = near ? `did you mean ${near}?` : 'every column must be known; remove it';
        this.fail('header', name, `one of ${CSV_COLUMNS.join(', ')}`, hint);
      }
      if (names.indexOf(name) !== i) {
        this.fail('header', name, 'each column once', 'remove the second one');
      }
    }
    const missing = REQUIRED.filter((name) => !names.includes(name));
    if (missing.length > 0) {
      const hint = `missing: ${missing.join(', ')}`;
      this.fail('header', names.join(','), `the columns ${REQUIRED.join(', ')}`, hint);
    }
    return names as Column[];
  }

  private row(columns: readonly Column[], endByte: number): void {
    if (this.cells.length !== columns.length) {
      const hint = `the header has ${columns.length} columns, this row ${this.cells.length}`;
      this.fail('row', this.cells.join(','), `${columns.length} cells`, hint);
    }
    const atUs = microseconds(this.number('submit_s', 'a time in seconds, at least 0', 0));
    if (atUs < this.lastUs) {
      const hint = `the row before is at ${this.lastUs / 1e6} s; sort the file by submit_s`;
      this.fail('submit_s', this.cell('submit_s'), 'rows sorted by time', hint);
    }
    this.lastUs = atUs;
    const gang = this.choice('gang', ['true', 'false']);
    this.accept({
      atUs,
      pods: this.whole('pods', 1, PODS_PER_JOB_MAX),
      gang: gang === null ? this.context.gang : gang === 'true',
      shape: this.shape(),
      durationUs: this.span('duration_s'),
      estimateUs: this.span('estimate_s'),
      endByte,
    });
  }

  private shape(): ShapeIndex {
    const gpuCount = this.cell('gpus') === '' ? null : this.whole('gpus', 0, GPU_COUNT_MAX);
    const gpuMilli = this.cell('gpu_milli') === '' ? 1000 : this.whole('gpu_milli', 1, 1000);
    const models = this.cell('gpu_model');
    if (gpuCount === null && (this.cell('gpu_milli') !== '' || models !== '')) {
      this.fail('gpus', '', 'a number of GPUs where gpu_milli or gpu_model is given');
    }
    if (gpuMilli < 1000 && gpuCount !== 1) {
      const hint = 'a share sits on one device: gpus must be 1';
      this.fail('gpu_milli', this.cell('gpu_milli'), '1000 unless gpus is 1', hint);
    }
    const names = Object.keys(this.context.priorityClasses);
    return this.requests.shape({
      cpuMillicores: this.whole('cpu_milli', 0, 1e9),
      memoryMib: this.whole('memory_mib', 0, 1e9),
      gpuCount,
      gpuMilli: gpuCount === 0 ? 0 : gpuMilli,
      gpuModels: gpuCount === 0 || models === '' ? [] : models.split('|').sort(),
      priorityClass: this.choice('priority_class', names),
    });
  }

  /** A duration: NaN where the workload's own law decides, Infinity for `inf`; at least 1 us. */
  private span(column: 'duration_s' | 'estimate_s'): number {
    const text = this.cell(column);
    if (text === '') return Number.NaN;
    if (text === 'inf') return Number.POSITIVE_INFINITY;
    return microseconds(this.number(column, 'a positive number of seconds, or inf', 1e-6));
  }

  private choice(column: Column, names: readonly string[]): string | null {
    const text = this.cell(column);
    if (text === '') return null;
    if (names.includes(text)) return text;
    const near = nearest(text, names);
    const expected = names.length > 0 ? `one of ${names.join(', ')}` : 'no priority class';
    const hint = near ? `did you mean ${near}?` : undefined;
    return this.fail(column, text, expected, hint);
  }

  private number(column: Column, expected: string, least: number): number {
    const text = this.cell(column);
    const value = decimal(text);
    if (!(value >= least && value < SECONDS_MAX)) this.fail(column, text, expected);
    return value;
  }

  private whole(column: Column, least: number, most: number): number {
    const text = this.cell(column);
    const value = decimal(text);
    if (!(Number.isInteger(value) && value >= least && value <= most)) {
      this.fail(column, text, `a whole number from ${least} to ${most}`);
    }
    return value;
  }

  private cell(column: Column): string {
    const i = this.columns!.indexOf(column);
    return i < 0 ? '' : this.cells[i]!;
  }

  private fail(field: string, value: string, expected: string, hint?: string): never {
    const problem = { file: this.context.file, line: this.line, field, value, expected };
    throw rowError(hint === undefined ? problem : { ...problem, hint });
  }
}

/** Beyond this, microseconds are not exact. */
const SECONDS_MAX = 9e9;
