/** The data of the FGD study: node list, pod lists, given orders of arrival, published values. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ScenarioError } from '../../../src/base/errors.ts';
import { type NodeList, readNodeList } from '../../../src/scenario/node-list.ts';
import { type OpenbPod, parseOpenbPods } from '../../../src/workloads/openb.ts';

/** One run of the study as it was published: the value of each column. */
export interface ExpectedRun {
  readonly variant: string;
  readonly policy: string;
  readonly seed: number;
  readonly values: ReadonlyMap<string, number>;
}

/** The order of arrival and the tie ranks of one seed. */
export interface GivenOrder {
  /** Indices into the pod list sorted by name. */
  readonly arrival: readonly number[];
  /** Rank of each node, nodes sorted by name. */
  readonly nodeTieRank: readonly number[];
}

/** A pod list: its bytes for the reader of the engine, its pods by name for the measurement. */
export interface PodList {
  readonly bytes: Uint8Array;
  readonly pods: readonly OpenbPod[];
}

/** What a column of the published table measures, and at which arrived percentage. */
export interface Column {
  readonly metric: 'alloc' | 'frag_total' | 'frag_idle';
  readonly arrivedPercent: number;
}

const KEYS = ['workload', 'policy', 'seed', 'total_gpus'];

/** The error for data that are missing or malformed: exit 3. */
export function dataError(file: string, expected: string, hint?: string): ScenarioError {
  return new ScenarioError([{ file, path: '', expected, hint }], 3);
}

/** Reads a file of the data; @throws ScenarioError (exit 3) if it is not there */
export function readData(path: string): Buffer {
  if (!existsSync(path)) throw dataError(path, 'this file of the data');
  return readFileSync(path);
}

/** Reads a column's name; null for the keys of a row. @throws ScenarioError (exit 3) for an unknown one */
export function columnOf(name: string, file: string): Column | null {
  if (KEYS.includes(name)) return null;
  const match = /^(alloc|frag_total|frag_idle)_at_(\d+)$/.exec(name);
  if (match === null) throw dataError(file, `a known column instead of "${name}"`);
  return { metric: match[1] as Column['metric'], arrivedPercent: Number(match[2]) };
}

/** Reads the published runs of `expected/per_seed_alloc.csv`. */
export function readExpected(folder: string): ExpectedRun[] {
  const file = join(folder, 'expected', 'per_seed_alloc.csv');
  const [header, ...rows] = readData(file).toString('utf8').trim().split(/\r?\n/);
  const names = header!.split(',');
  for (const name of names) columnOf(name, file);
  return rows.map((row, i) => {
    const cells = row.split(',');
    if (cells.length !== names.length)
      throw dataError(file, `${names.length} cells in row ${i + 2}`);
    const cell = (name: string): string => cells[names.indexOf(name)] ?? '';
    const values = new Map<string, number>();
    names.forEach((name, c) => {
      if (KEYS.includes(name) || cells[c] === '') return;
      const value = Number(cells[c]);
      if (!Number.isFinite(value))
        throw dataError(file, `a number in row ${i + 2}, column ${name}`);
      values.set(name, value);
    });
    return {
      variant: cell('workload'),
      policy: cell('policy'),
      seed: Number(cell('seed')),
      values,
    };
  });
}

/** Names of the variants that have an order of arrival. *Order*: by name. */
export function variantsWithOrders(folder: string): string[] {
  const orders = join(folder, 'orders');
  if (!existsSync(orders)) throw dataError(orders, 'a folder with the orders of arrival');
  return readdirSync(orders)
    .flatMap((name) => /^(.+)\.json(?:\.gz)?$/.exec(name)?.[1] ?? [])
    .sort();
}

/** Reads the orders of one variant, by seed. */
export function readOrders(folder: string, variant: string): ReadonlyMap<number, GivenOrder> {
  const plain = join(folder, 'orders', `${variant}.json`);
  const file = existsSync(plain) ? plain : `${plain}.gz`;
  const bytes = readData(file);
  try {
    const text = file === plain ? bytes : gunzipSync(bytes);
    const orders = JSON.parse(text.toString('utf8')) as Record<string, GivenOrder>;
    return new Map(Object.entries(orders).map(([seed, order]) => [Number(seed), order]));
  } catch {
    throw dataError(file, 'a complete JSON file of orders by seed');
  }
}

/** Reads the pod list of one variant. */
export function readPodList(folder: string, variant: string): PodList {
  const file = join(folder, `openb_pod_list_${variant}.csv`);
  const bytes = readData(file);
  const pods = parseOpenbPods(bytes.toString('utf8'), file).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
  return { bytes, pods };
}

/** Reads the node list of the study, sorted by name. @param file null takes the one in `folder` */
export function readNodes(folder: string, file: string | null): NodeList {
  const path = file ?? join(folder, 'openb_node_list_gpu_node.csv');
  if (!existsSync(path)) {
    throw dataError(path, 'the list of GPU nodes', 'give the list with --nodes FILE');
  }
  const list = readNodeList(readFileSync(path, 'utf8'), path);
  if (list.issues.length > 0) throw new ScenarioError(list.issues, 3);
  return { ...list, nodes: [...list.nodes].sort((a, b) => (a.name < b.name ? -1 : 1)) };
}
