/**
 * OpenB, the GPU cluster trace of the FGD paper: a CSV list of pods with 11 columns, or the first 5.
 *
 * Replay by time takes rows by (creation_time, name); a pod runs from scheduled to deletion time, one that was never
 * scheduled for its whole life; zero lives take one microsecond, the clock's smallest step. Replay as in the paper
 * (`inflateTo`) has its own order, one arrival a second, and no end.
 *
 * *Source*: Weng et al., "Beware of Fragmentation", USENIX ATC 2023, and its artifact.
 */
import type { ShapeIndex } from '../base/ids.ts';
import { GPU_COUNT_MAX } from '../base/units.ts';
import { KeyedDraws } from '../random/draw.ts';
import { csvCells } from './csv.ts';
import { PodRequests } from './pod-request.ts';
import {
  decimal,
  microseconds,
  type ReaderContext,
  rowError,
  type TraceRow,
} from './trace-reader.ts';
import { WholeFileReader } from './whole-file.ts';

/** One pod of an OpenB list. Times are whole seconds from the start of the trace. */
export interface OpenbPod {
  readonly name: string;
  readonly cpuMillicores: number;
  readonly memoryMib: number;
  readonly gpuCount: number;
  /** Thousandths of each device, 0 without GPUs. */
  readonly gpuMilli: number;
  /** Allowed models, sorted; empty allows any. */
  readonly gpuModels: readonly string[];
  /** Null in the lists of five columns. */
  readonly createdAtSeconds: number | null;
  readonly deletedAtSeconds: number | null;
  /** Null if the pod was never scheduled. */
  readonly scheduledAtSeconds: number | null;
}

const COLUMNS = [
  'name',
  'cpu_milli',
  'memory_mib',
  'num_gpu',
  'gpu_milli',
  'gpu_spec',
  'qos',
  'pod_phase',
  'creation_time',
  'deletion_time',
  'scheduled_time',
] as const;
const SHORT = COLUMNS.slice(0, 5);

/**
 * Reads an OpenB pod list.
 *
 * @param text the whole file
 * @param file its name, for messages
 * @returns the pods in the order of the file
 * @throws ScenarioError (exit 3) with file, line, value and what was expected
 */
export function parseOpenbPods(text: string, file = 'OpenB pod list'): OpenbPod[] {
  const lines = text.split('\n');
  const header = cleanLine(lines[0]!);
  if (header !== COLUMNS.join(',') && header !== SHORT.join(',')) {
    throw rowError({
      file,
      line: 1,
      field: 'header',
      value: header,
      expected: `${COLUMNS.join(',')}, or its first five columns`,
    });
  }
  const columns = header.split(',').length;
  const pods: OpenbPod[] = [];
  const names = new Set<string>();
  for (let i = 1; i < lines.length; i++) {
    const row = cleanLine(lines[i]!);
    if (row === '') continue;
    const pod = new PodRow(file, i + 1, row, columns).pod();
    if (names.has(pod.name)) {
      throw rowError({
        file,
        line: i + 1,
        field: 'name',
        value: pod.name,
        expected: 'each pod once',
      });
    }
    names.add(pod.name);
    pods.push(pod);
  }
  return pods;
}

/** One row of a list and where it stands. */
class PodRow {
  private readonly file: string;
  private readonly line: number;
  private readonly cells: readonly string[];

  constructor(file: string, line: number, row: string, columns: number) {
    this.file = file;
    this.line = line;
    this.cells = csvCells(row) ?? this.fail('row', row, 'cells quoted by RFC 4180');
    if (this.cells.length !== columns) this.fail('row', row, `${columns} cells`);
  }

  pod(): OpenbPod {
    const name = this.cells[0]!;
    if (name === '') this.fail('name', name, 'the name of the pod');
    const gpuCount = this.whole(3, GPU_COUNT_MAX)!;
    const gpuMilli = gpuCount === 0 ? 0 : this.whole(4, 1000)!;
    if (gpuCount > 0 && gpuMilli === 0) this.fail('gpu_milli', '0', 'at least 1 per device');
    if (gpuCount > 1 && gpuMilli < 1000) {
      this.fail('gpu_milli', String(gpuMilli), '1000 where num_gpu is above 1');
    }
    const models = gpuCount === 0 ? '' : (this.cells[5] ?? '');
    const created = this.whole(8, SECONDS_MAX);
    const deleted = this.whole(9, SECONDS_MAX);
    const scheduled = this.cells[10] === '' ? null : this.whole(10, SECONDS_MAX);
    if (created !== null && deleted !== null && deleted < (scheduled ?? created)) {
      this.fail('deletion_time', String(deleted), 'a time at or after the pod started');
    }
    return {
      name,
      cpuMillicores: this.whole(1, 1e9)!,
      memoryMib: this.whole(2, 1e9)!,
      gpuCount,
      gpuMilli,
      gpuModels: models === '' ? [] : models.split('|').sort(),
      createdAtSeconds: created,
      deletedAtSeconds: deleted,
      scheduledAtSeconds: scheduled,
    };
  }

  /** A whole number from 0 to `most`; null if the list has no such column. */
  private whole(column: number, most: number): number | null {
    const text = this.cells[column];
    if (text === undefined) return null;
    const value = decimal(text);
    if (Number.isInteger(value) && value >= 0 && value <= most) return value;
    return this.fail(COLUMNS[column]!, text, `a whole number from 0 to ${most}`);
  }

  private fail(field: string, value: string, expected: string): never {
    throw rowError({ file: this.file, line: this.line, field, value, expected });
  }
}

/** Compares names as the paper's artifact does: by code unit. */
function byName(a: OpenbPod, b: OpenbPod): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

/** What the order of the paper's replay depends on. */
export interface FgdOrderOptions {
  /** GPU capacity of the cluster in thousandths of a device. */
  readonly capacityMilli: number;
  /** Requested GPU capacity over the cluster's, where the list stops: 1.3 in the paper. */
  readonly inflateTo: number;
  /** A uniform value in (0, 1) by entity (0 shuffle, 1 resampling or removal) and number of the draw. */
  readonly draws: { uniform(entity: number, draw: number): number };
}

const SHUFFLE = 0;
const RESAMPLE = 1;

/**
 * Draws the arrival list of the FGD experiment: shuffle, then append uniform copies of original pods until the next would
 * pass `inflateTo * capacity` of GPU thousandths; a list that asks for more loses uniform pods instead.
 *
 * The stop rule counts the drawn pod's thousandths per device, not of all its devices, as the paper's artifact does.
 *
 * @param pods the list sorted by name
 * @returns indices into `pods` in order of arrival
 * @throws ScenarioError (exit 3) if no pod of the list asks for a GPU
 *
 * *Draws*: n - 1 for the shuffle, one per copy or removal. *Cost*: O(arrivals).
 */
export function fgdArrivalOrder(pods: readonly OpenbPod[], options: FgdOrderOptions): number[] {
  const { capacityMilli, inflateTo, draws } = options;
  const order = pods.map((_, i) => i);
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(draws.uniform(SHUFFLE, i) * (i + 1));
    const moved = order[i]!;
    order[i] = order[j]!;
    order[j] = moved;
  }
  const target = inflateTo * capacityMilli;
  let requested = pods.reduce((sum, pod) => sum + pod.gpuCount * pod.gpuMilli, 0);
  if (requested === 0) {
    throw rowError({
      file: 'OpenB pod list',
      field: 'num_gpu',
      value: 'no GPU in any row',
      expected: 'GPU pods, since inflateTo is a share of the GPU capacity',
    });
  }
  for (let draw = 0; requested > target; draw++) {
    const at = Math.floor(draws.uniform(RESAMPLE, draw) * order.length);
    const [removed] = order.splice(at, 1);
    const pod = pods[removed!]!;
    requested -= pod.gpuCount * pod.gpuMilli;
    if (requested <= target) return order;
  }
  for (let draw = 0; ; draw++) {
    const copy = Math.floor(draws.uniform(RESAMPLE, draw) * pods.length);
    const pod = pods[copy]!;
    if (requested + pod.gpuMilli > target) return order;
    order.push(copy);
    requested += pod.gpuCount * pod.gpuMilli;
  }
}

/** Reads an OpenB pod list whole. */
export class OpenbReader extends WholeFileReader {
  private readonly requests: PodRequests;
  private counts: ReadonlyMap<ShapeIndex, number> = new Map();

  constructor(context: ReaderContext) {
    super(context);
    this.requests = new PodRequests(context);
  }

  /** Pods of the list itself, before shuffling and resampling: what FGD calls the typical pods comes from these. */
  override get shapeCounts(): ReadonlyMap<ShapeIndex, number> {
    return this.counts;
  }

  protected rows(text: string): readonly TraceRow[] {
    const pods = parseOpenbPods(text, this.context.file).sort(byName);
    const counts = new Map<ShapeIndex, number>();
    for (const pod of pods) {
      const shape = this.shape(pod);
      counts.set(shape, (counts.get(shape) ?? 0) + 1);
    }
    this.counts = counts;
    return this.context.inflateTo === null ? this.byTime(pods) : this.asInPaper(pods);
  }

  private asInPaper(pods: readonly OpenbPod[]): TraceRow[] {
    const { seed, replication, workload, gpuCapacityMilli, file } = this.context;
    const order =
      this.context.arrivalOrder ??
      fgdArrivalOrder(pods, {
        capacityMilli: gpuCapacityMilli,
        inflateTo: this.context.inflateTo!,
        draws: new KeyedDraws(seed, replication, `workloads/openb/${workload}`),
      });
    return order.map((index, i) => {
      const pod = pods[index];
      if (pod === undefined) {
        const expected = `an index from 0 to ${pods.length - 1}`;
        throw rowError({ file, field: `arrivalOrder[${i}]`, value: String(index), expected });
      }
      return this.row(pod, i * 1e6, Number.POSITIVE_INFINITY);
    });
  }

  private byTime(pods: readonly OpenbPod[]): TraceRow[] {
    const rows = pods.map((pod) => {
      const { createdAtSeconds: created, deletedAtSeconds: deleted } = pod;
      if (created === null || deleted === null) {
        throw rowError({
          file: this.context.file,
          line: 1,
          field: 'header',
          value: 'five columns',
          expected: 'columns creation_time, deletion_time and scheduled_time',
          hint: 'this list has no times: set inflateTo to replay it as the FGD paper does',
        });
      }
      const started = pod.scheduledAtSeconds ?? created;
      return this.row(pod, microseconds(created), Math.max(1, microseconds(deleted - started)));
    });
    // Sorted by name before, and the sort is stable: ties are in order of name.
    return rows.sort((a, b) => a.atUs - b.atUs);
  }

  private row(pod: OpenbPod, atUs: number, durationUs: number): TraceRow {
    const estimateUs = Number.NaN;
    return {
      atUs,
      pods: 1,
      gang: false,
      shape: this.shape(pod),
      durationUs,
      estimateUs,
      endByte: 0,
    };
  }

  private shape(pod: OpenbPod): ShapeIndex {
    const { cpuMillicores, memoryMib, gpuCount, gpuMilli, gpuModels } = pod;
    const gpu = { gpuCount, gpuMilli, gpuModels };
    return this.requests.shape({ cpuMillicores, memoryMib, ...gpu, priorityClass: null });
  }
}

function cleanLine(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

const SECONDS_MAX = 9e9;
