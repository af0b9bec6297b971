/** The series of one cluster as data: what its measurements write and the end of a run reads. */
import { SeriesStore } from '../metrics/series-store.ts';
import { BASE_UNITS_PER_REPORTED, type ResourceTable } from '../model/resources.ts';
import type { Scenario } from '../scenario/scenario.ts';

/** Sampled at bucket ends: sums and extremes of a ratio since the warm-up. */
export interface SampledRatio {
  n: number;
  sum: number;
  min: number;
  max: number;
  last: number;
}

/** A column of the allocation meter that reports show. */
export interface ResourceColumn {
  readonly name: string;
  readonly unit: string;
  /** Column of the meter: resource index, or the number of resources for GPUs. */
  readonly column: number;
  /** Grains (or GPU thousandths) per unit reported. */
  readonly perUnit: number;
}

/** The resources of a run as reports show them; GPUs only if some node has one. */
export function resourceColumns(resources: ResourceTable, withGpus: boolean): ResourceColumn[] {
  const columns: ResourceColumn[] = resources.all.map((r) => ({
    name: r.name,
    unit: r.name === 'pods' ? 'pods' : r.unit,
    column: r.index,
    perUnit: BASE_UNITS_PER_REPORTED[r.unit] / r.grain,
  }));
  if (withGpus) {
    columns.push({ name: 'gpu', unit: 'gpus', column: resources.count, perUnit: 1000 });
  }
  return columns;
}

/** What is written down of one cluster, bucket by bucket. */
export class ClusterSeries {
  readonly store: SeriesStore;
  /** The trajectory at the end of each bucket. */
  readonly hashes: string[] = [];
  /** By column of `columns`. */
  readonly stranded: SampledRatio[];
  readonly columns: readonly ResourceColumn[];
  /** Buckets that were closed. */
  buckets = 0;

  constructor(scenario: Scenario, columns: readonly ResourceColumn[]) {
    this.columns = columns;
    this.store = new SeriesStore(bucketCount(scenario));
    this.stranded = columns.map(() => ({ n: 0, sum: 0, min: Infinity, max: -Infinity, last: 0 }));
  }
}

/** Series buckets of a whole run. */
export function bucketCount(scenario: Scenario): number {
  return Math.ceil(scenario.horizonUs / scenario.series.everyUs);
}
