/** Parameters and readings that the FGD policies share. */
import { ScenarioError } from '../../../base/errors.ts';
import { asNode, CPU } from '../../../base/ids.ts';
import type { SchedulingProfile } from '../../../contracts/scheduling.ts';
import type { PodShape } from '../../../model/shapes.ts';
import type { ClusterView } from '../../../model/view.ts';
import { type FieldReader, paramsOf } from '../../params.ts';

/** The tie rank of each node, or null to draw a permutation once a run. */
export type Ranks = readonly number[] | null;

/** Parameters of every FGD policy but Random. */
export interface FgdParams {
  readonly ranks: Ranks;
}

/** With the constants that the formulae divide by. */
export interface ScaledParams extends FgdParams {
  /** Millicores of the largest node. */
  readonly cpuMax: number;
  /** GPU thousandths of the largest node. */
  readonly gpuMax: number;
}

/** Help of the parameter `ranks`. */
export const RANKS_HELP =
  'rank of each node in node order, the lowest wins ties; default: a permutation drawn once a run';
/** Help of the constants. */
export const SCALE_HELP = {
  cpuMaxMillicores: 'cpu that counts as a full node, millicores; default 128000',
  gpuMaxMilli: 'GPU thousandths that count as a full node; default 8000',
};

/** Reads `ranks`: a permutation of 0..nodes-1. */
export function readRanks(fields: FieldReader): Ranks {
  const raw = fields.any('ranks');
  if (raw === undefined) return null;
  if (!Array.isArray(raw) || !isPermutation(raw)) {
    fields.fail('ranks', 'a permutation of 0..N-1 with one rank per node, in node order');
    return null;
  }
  return raw as readonly number[];
}

function isPermutation(values: readonly unknown[]): boolean {
  const seen = new Uint8Array(values.length);
  for (const value of values) {
    if (!Number.isInteger(value) || seen[value as number] !== 0) return false;
    seen[value as number] = 1;
  }
  return true;
}

/** Reads `ranks` alone. */
export const readFgdParams = paramsOf<FgdParams>((fields) => ({ ranks: readRanks(fields) }));

/** Reads the GPU constant alone. */
export function readGpuMax(fields: FieldReader): number {
  return fields.integer('gpuMaxMilli', 8000, 1, 1e6);
}

/** Reads `ranks` and both constants. */
export const readScaledParams = paramsOf<ScaledParams>((fields) => ({
  ranks: readRanks(fields),
  cpuMax: fields.integer('cpuMaxMillicores', 128_000, 1, 1e9),
  gpuMax: readGpuMax(fields),
}));

/** Ties by rank, with the ranks of the parameters where they are given. */
export function rankTies(ranks: Ranks): Pick<SchedulingProfile, 'ties' | 'ranks'> {
  return ranks === null ? { ties: 'rank' } : { ties: 'rank', ranks };
}

/**
 * Checks that no node is larger than the constants: beyond them the scores leave 0..100.
 *
 * @throws ScenarioError naming the parameter to raise
 */
export function checkScales(policy: string, params: ScaledParams, cluster: ClusterView): void {
  const { nodes } = cluster;
  const grain = cluster.resources.all[CPU]!.grain;
  let cpu = 0;
  let gpu = 0;
  for (let n = asNode(0); n < nodes.count; n++) {
    cpu = Math.max(cpu, nodes.allocatable[CPU]![n]! * grain);
    gpu = Math.max(gpu, nodes.gpuCount[n]! * 1000);
  }
  const issues = [
    { name: 'cpuMaxMillicores', value: params.cpuMax, least: cpu },
    { name: 'gpuMaxMilli', value: params.gpuMax, least: gpu },
  ]
    .filter(({ value, least }) => value < least)
    .map(({ name, value, least }) => ({
      path: `policies.scheduling.params.${name}`,
      value: String(value),
      expected: `at least ${least}, the largest node of cluster ${cluster.name}`,
      hint: `give ${policy} the parameter ${name}: ${least}`,
    }));
  if (issues.length > 0) throw new ScenarioError(issues);
}

/** Millicores that a pod asks for. */
export function cpuOf(shape: PodShape, cluster: ClusterView): number {
  return shape.requests[CPU]! * cluster.resources.all[CPU]!.grain;
}

/** GPU thousandths that a pod asks for, over all its devices. */
export function gpuMilliOf(shape: PodShape): number {
  return shape.gpuCount * shape.gpuMilliPerDevice;
}

/** True for a pod that takes a share of one device. */
export function isShare(shape: PodShape): boolean {
  return shape.gpuCount > 0 && shape.gpuMilliPerDevice < 1000;
}
