/**
 * The bill: prices applied to resource-time after the run. total = workload + idle + overhead.
 *
 * workload: requests of each workload at the unit prices of the node they were on. idle: the price of the time that nodes were
 * up or draining, less workload. overhead: node-time booting or down, and cluster fees.
 *
 * *Source*: OpenCost specification 0.1; facts, H1.
 */
import { assert } from '../base/assert.ts';
import { InvariantError } from '../base/errors.ts';
import type { MetricResult } from '../results/bundle.ts';
import { compareLabels, compareText, findMetric } from '../results/catalog.ts';
import { splitPrice, type UnitPrices } from './price-book.ts';
import type { ClusterFee, PoolUsage, ResourceSeconds } from './usage.ts';

/** The parts that a bill's total is the sum of. */
export type Part = 'workload' | 'idle' | 'overhead';

/** One line of the bill; the lines sum to the total. */
export interface BillRow {
  readonly part: Part;
  readonly cluster: string;
  /** Null for a cluster's fee. */
  readonly pool: string | null;
  readonly machineType: string | null;
  /** Price model; `fee` for a cluster's fee. */
  readonly price: string;
  /** Null for idle and overhead. */
  readonly workload: string | null;
  readonly team: string | null;
  readonly dollars: number;
}

/** A whole bill, in dollars. */
export interface Bill {
  /** Exactly workload + idle + overhead, added in this order. */
  readonly total: number;
  readonly workload: number;
  readonly idle: number;
  readonly overhead: number;
  /** By cluster, pool, machine type, then workload rows in name order, idle, overhead; fees last in a cluster. */
  readonly rows: readonly BillRow[];
}

const SECONDS_PER_HOUR = 3600;
/** Rounding of sums of products, relative; what is beyond is a mistake in metering. */
const TOLERANCE = 1e-9;

/**
 * Makes the bill of a run.
 *
 * @param usages one entry per (cluster, pool, machine type)
 * @param fees one entry per cluster that charges a fee
 * @throws InvariantError where requests exceed capacity (negative idle), or capacity does not match node-time
 *
 * *Order*: sums run over the rows in row order, compensated (Neumaier), so they do not depend on the order of the input.
 * *Cost*: O(rows log rows).
 */
export function makeBill(usages: readonly PoolUsage[], fees: readonly ClusterFee[]): Bill {
  const rows: BillRow[] = [];
  const assets = new Sum();
  const sorted = [...usages].sort(
    (a, b) =>
      compareText(a.cluster, b.cluster) ||
      compareText(a.pool, b.pool) ||
      compareText(a.machineType, b.machineType),
  );
  const feesSorted = [...fees].sort((a, b) => compareText(a.cluster, b.cluster));
  const clusters = new Set([...sorted, ...feesSorted].map((entry) => entry.cluster));
  for (const cluster of [...clusters].sort(compareText)) {
    for (const usage of sorted) {
      if (usage.cluster !== cluster) continue;
      rows.push(...poolRows(usage));
      const { booting, up, draining, down } = usage.nodeSeconds;
      assets.add(dollarsOf(booting + up + draining + down, usage.dollarsPerNodeHour));
    }
    for (const fee of feesSorted) {
      if (fee.cluster !== cluster) continue;
      const row = feeRow(fee);
      rows.push(row);
      assets.add(row.dollars);
    }
  }
  const workload = sumOf(rows, (r) => r.part === 'workload');
  const idle = sumOf(rows, (r) => r.part === 'idle');
  const overhead = sumOf(rows, (r) => r.part === 'overhead');
  const total = workload + idle + overhead;
  const isClose = Math.abs(total - assets.value) <= TOLERANCE * Math.max(1, assets.value);
  assert(isClose, `cost: parts sum to ${total} dollars, node-hours and fees to ${assets.value}`);
  return { total, workload, idle, overhead, rows };
}

/** Which label sets `cost_dollars` is reported under. */
const LABEL_SETS: readonly (readonly Label[])[] = [
  ['part'],
  ['price'],
  ['part', 'price'],
  ['cluster'],
  ['cluster', 'part'],
  ['cluster', 'pool'],
  ['workload'],
  ['team'],
];
type Label = 'part' | 'price' | 'cluster' | 'pool' | 'workload' | 'team';

/**
 * Turns a bill into the results of `cost_dollars`: the fleet, and by part, price, cluster, pool, workload and team where the
 * rows have them (idle has no workload, so those do not sum to the total).
 *
 * *Order*: as a bundle's metrics, by labels.
 */
export function costMetrics(bill: Bill): MetricResult[] {
  const results = [costResult({}, bill.total)];
  for (const labels of LABEL_SETS) {
    const known = bill.rows.filter((row) => labels.every((l) => row[l] !== null));
    const sums = new Map<string, { labels: Record<string, string>; sum: Sum }>();
    for (const row of known) {
      const values = labels.map((l) => row[l] as string);
      const key = JSON.stringify(values);
      const group = sums.get(key) ?? {
        labels: Object.fromEntries(labels.map((l, i) => [l, values[i]!])),
        sum: new Sum(),
      };
      group.sum.add(row.dollars);
      sums.set(key, group);
    }
    for (const group of sums.values()) results.push(costResult(group.labels, group.sum.value));
  }
  return results.sort((a, b) => compareLabels(a.labels, b.labels));
}

function poolRows(usage: PoolUsage): BillRow[] {
  const prices = splitPrice(usage.dollarsPerNodeHour, usage.node);
  checkCapacity(usage);
  const { cluster, pool, machineType, price, nodeSeconds } = usage;
  const base = { cluster, pool, machineType, price };
  const workloads = [...usage.workloads].sort((a, b) => compareText(a.workload, b.workload));
  const rows: BillRow[] = workloads.map((w) => ({
    ...base,
    part: 'workload',
    workload: w.workload,
    team: w.team,
    dollars: priced(w, prices),
  }));
  const none = { ...base, workload: null, team: null };
  const idleSeconds = idleOf(usage);
  rows.push({ ...none, part: 'idle', dollars: priced(idleSeconds, prices) });
  const unused = nodeSeconds.booting + nodeSeconds.down;
  const overhead = dollarsOf(unused, usage.dollarsPerNodeHour);
  rows.push({ ...none, part: 'overhead', dollars: overhead });
  return rows;
}

function feeRow(fee: ClusterFee): BillRow {
  return {
    part: 'overhead',
    cluster: fee.cluster,
    pool: null,
    machineType: null,
    price: 'fee',
    workload: null,
    team: null,
    dollars: dollarsOf(fee.seconds, fee.dollarsPerHour),
  };
}

/** Allocatable less requested, per resource; a rounding error may leave a tiny negative number, which is kept. */
function idleOf(usage: PoolUsage): ResourceSeconds {
  const rest = (key: keyof ResourceSeconds): number => {
    const requested = new Sum();
    for (const w of usage.workloads) requested.add(w[key]);
    const capacity = usage.capacity[key];
    const idle = capacity - requested.value;
    if (idle < -TOLERANCE * Math.max(1, capacity)) {
      throw new InvariantError(
        `negative idle: pool ${usage.cluster}/${usage.pool} (${usage.machineType}) has ${capacity} of ${key}, its pods requested ${requested.value}`,
      );
    }
    return idle;
  };
  return {
    cpuCoreSeconds: rest('cpuCoreSeconds'),
    memoryGibSeconds: rest('memoryGibSeconds'),
    gpuSeconds: rest('gpuSeconds'),
  };
}

/** Capacity must be node quantities times the time that nodes were up or draining. */
function checkCapacity(usage: PoolUsage): void {
  const seconds = usage.nodeSeconds.up + usage.nodeSeconds.draining;
  const pairs: readonly (readonly [keyof ResourceSeconds, number])[] = [
    ['cpuCoreSeconds', usage.node.cpuCores],
    ['memoryGibSeconds', usage.node.memoryGib],
    ['gpuSeconds', usage.node.gpus],
  ];
  for (const [key, quantity] of pairs) {
    const expected = quantity * seconds;
    const isClose = Math.abs(usage.capacity[key] - expected) <= TOLERANCE * Math.max(1, expected);
    assert(
      isClose,
      `capacity of pool ${usage.cluster}/${usage.pool}: ${usage.capacity[key]} of ${key}, nodes were there for ${expected}`,
    );
  }
}

function priced(amount: ResourceSeconds, prices: UnitPrices): number {
  return (
    (amount.cpuCoreSeconds * prices.cpuCoreHour +
      amount.memoryGibSeconds * prices.memoryGibHour +
      amount.gpuSeconds * prices.gpuHour) /
    SECONDS_PER_HOUR
  );
}

function dollarsOf(seconds: number, dollarsPerHour: number): number {
  return (seconds * dollarsPerHour) / SECONDS_PER_HOUR;
}

function sumOf(rows: readonly BillRow[], keep: (row: BillRow) => boolean): number {
  const sum = new Sum();
  for (const row of rows) if (keep(row)) sum.add(row.dollars);
  return sum.value;
}

/** Neumaier's compensated sum: the rounding error is carried beside. */
class Sum {
  private sum = 0;
  private lost = 0;

  add(x: number): void {
    const next = this.sum + x;
    this.lost += Math.abs(this.sum) >= Math.abs(x) ? this.sum - next + x : x - next + this.sum;
    this.sum = next;
  }

  get value(): number {
    return this.sum + this.lost;
  }
}

function costResult(labels: Record<string, string>, dollars: number): MetricResult {
  const info = findMetric('cost_dollars')!;
  return {
    name: info.name,
    kind: info.kind,
    unit: info.unit,
    direction: info.direction,
    labels,
    n: 1,
    sum: dollars,
    mean: null,
    min: null,
    max: null,
    stddev: null,
    quantiles: {},
    quantilesAtLeast: [],
    quantileErrorRatio: null,
    censored: 0,
    last: dollars,
    minAtSeconds: null,
    maxAtSeconds: null,
    perReplication: [dollars],
    ci: null,
  };
}
