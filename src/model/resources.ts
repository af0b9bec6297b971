import type { ResourceIndex } from '../base/ids.ts';
import { asResource } from '../base/ids.ts';

/**
 * A resource that nodes offer and pods request. Quantities of a column are counted in grains, so that a scenario whose
 * memory is all in whole MiB runs on Int32 columns; ratios and integer scores do not depend on the grain.
 */
export interface Resource {
  readonly index: ResourceIndex;
  /** `cpu`, `memory`, `pods` or an extended name such as `example.com/fpga`. */
  readonly name: string;
  /** `cores`, `bytes` or `count`: the unit of reports. */
  readonly unit: 'cores' | 'bytes' | 'count';
  /** Base units (millicores, bytes, count) in one grain; every quantity of the run is a whole number of grains. */
  readonly grain: number;
  /** True where the largest node quantity needs a Float64 column. */
  readonly wide: boolean;
}

/** What one base unit is in the reports' unit: millicores print as cores. */
export const BASE_UNITS_PER_REPORTED: Readonly<Record<Resource['unit'], number>> = {
  cores: 1000,
  bytes: 1,
  count: 1,
};

/** The resources of a run, cpu, memory and pods first, then extended ones in name order. */
export class ResourceTable {
  readonly all: readonly Resource[];

  /**
   * @param grains base units per grain by resource name: millicores, bytes, counts; cpu, memory and pods must be there
   * @param largest the largest node quantity in base units by name
   */
  constructor(grains: ReadonlyMap<string, number>, largest: ReadonlyMap<string, number>) {
    const extended = [...grains.keys()].filter((n) => !CORE.includes(n)).sort();
    this.all = [...CORE, ...extended].map((name, i) => {
      const grain = grains.get(name) ?? 1;
      return {
        index: asResource(i),
        name,
        unit: name === 'cpu' ? 'cores' : name === 'memory' ? 'bytes' : 'count',
        grain,
        wide: (largest.get(name) ?? 0) / grain > 0x3fffffff,
      };
    });
  }

  get count(): number {
    return this.all.length;
  }

  /** The index of a resource by name, or undefined. */
  find(name: string): ResourceIndex | undefined {
    return this.all.find((r) => r.name === name)?.index;
  }

  /** A column for one quantity per entry, Int32 where it fits. */
  column(resource: ResourceIndex, length: number): Int32Array | Float64Array {
    return this.all[resource]!.wide ? new Float64Array(length) : new Int32Array(length);
  }
}

const CORE = ['cpu', 'memory', 'pods'];
