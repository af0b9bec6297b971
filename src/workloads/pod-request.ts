/** From the quantities of a row to an interned pod shape. */
import { assert } from '../base/assert.ts';
import { CPU, MEMORY, type ShapeIndex } from '../base/ids.ts';
import type { ReaderContext } from './trace-reader.ts';

const BYTES_PER_MIB = 1024 * 1024;

/** What a row asks for; a field that the format lacks is null and comes from the workload's own pod. */
export interface PodRequest {
  readonly cpuMillicores: number | null;
  readonly memoryMib: number | null;
  readonly gpuCount: number | null;
  /** Thousandths of each device. */
  readonly gpuMilli: number;
  /** Allowed models, sorted; empty allows any. */
  readonly gpuModels: readonly string[];
  readonly priorityClass: string | null;
}

/**
 * Interns what rows ask for; rows repeat, so that a small cache of keys stands before the table of shapes.
 *
 * *Cost*: one string key and one map look-up per row.
 */
export class PodRequests {
  private readonly context: ReaderContext;
  private readonly byKey = new Map<string, ShapeIndex>();

  constructor(context: ReaderContext) {
    this.context = context;
  }

  /** The shape of the workload's pod with the row's own quantities in place. */
  shape(row: PodRequest): ShapeIndex {
    const models = row.gpuModels.join('|');
    const key = `${row.cpuMillicores},${row.memoryMib},${row.gpuCount},${row.gpuMilli},${models},${row.priorityClass}`;
    let shape = this.byKey.get(key);
    if (shape === undefined) {
      shape = this.intern(row);
      this.byKey.set(key, shape);
    }
    return shape;
  }

  private intern(row: PodRequest): ShapeIndex {
    const { pod, shapes, resources, priorityClasses } = this.context;
    const requests = pod.requests.slice();
    if (row.cpuMillicores !== null) {
      requests[CPU] = inGrains(row.cpuMillicores, resources.all[CPU]!.grain);
    }
    if (row.memoryMib !== null) {
      requests[MEMORY] = inGrains(row.memoryMib * BYTES_PER_MIB, resources.all[MEMORY]!.grain);
    }
    const priorityClass = row.priorityClass ?? pod.priorityClass;
    return shapes.intern({
      ...pod,
      requests,
      gpuCount: row.gpuCount ?? pod.gpuCount,
      gpuMilliPerDevice: row.gpuCount === null ? pod.gpuMilliPerDevice : row.gpuMilli,
      gpuModels: row.gpuCount === null ? pod.gpuModels : row.gpuModels,
      priority: row.priorityClass === null ? pod.priority : priorityClasses[priorityClass]!,
      priorityClass,
    }).index;
  }
}

/** Rows come in whole millicores and MiB: the run lays out its columns in grains that divide these. */
function inGrains(baseUnits: number, grain: number): number {
  assert(
    baseUnits % grain === 0,
    `a trace asks for ${baseUnits}, which is not a whole number of grains of ${grain}`,
  );
  return baseUnits / grain;
}
