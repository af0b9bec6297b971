/** Thresholds with `abort`: looked at while the run goes on, so that a lost run ends at once. */

import { costMetrics, makeBill } from '../cost/bill.ts';
import { CAUSES } from '../model/pods.ts';
import type { Labels, Series } from '../results/bundle.ts';
import { labelText } from '../results/catalog.ts';
import type { Threshold } from '../results/expression.ts';
import { selectResults } from '../results/selector.ts';
import { compares } from '../results/verdicts.ts';
import type { World } from './build.ts';
import { collectCounters, type Gathered } from './collect.ts';
import { feesOf, usagesOf } from './usage.ts';

/** What is known so far of one label set. */
interface Known {
  readonly labels: Labels;
  readonly value: number;
}

/**
 * Watches thresholds with `abort` at the end of each series bucket after the warm-up.
 *
 * *Guarantees*: what it finds missed is missed in the final verdict too, because counts, totals and maxima only grow: gauges
 * are known up to the bucket before, waits once they end, what workloads pay of the costs once their pods end. *Price*: one look at all counters a bucket.
 */
export class ThresholdWatch {
  /** When to look next, microseconds: the end of a bucket; infinite if nothing aborts. */
  atUs: number;
  private readonly world: World;
  private readonly thresholds: readonly Threshold[];

  constructor(world: World, thresholds: readonly Threshold[]) {
    this.world = world;
    this.thresholds = thresholds.filter((threshold) => threshold.abort);
    const { series, warmupUs } = world.scenario;
    const first = (Math.floor(warmupUs / series.everyUs) + 1) * series.everyUs;
    this.atUs = this.thresholds.length === 0 ? Number.POSITIVE_INFINITY : first;
  }

  /**
   * Looks at the run, all events before `atUs` being done, and moves on to the next bucket.
   *
   * @returns the first threshold that is lost, or null
   */
  look(): Threshold | null {
    const lost = this.thresholds.find((threshold) => this.isLost(threshold)) ?? null;
    this.atUs += this.world.scenario.series.everyUs;
    return lost;
  }

  private isLost(threshold: Threshold): boolean {
    const { selector, by, cmp, bound } = threshold;
    const known = selectResults(this.knownOf(threshold), selector, by);
    const isLost = (value: number): boolean =>
      cmp === '==' ? value > bound! : !compares(value, cmp, bound!);
    if (selector.metric.kind === 'gauge' || threshold.stat.name === 'max') {
      return known.some(({ value }) => isLost(value));
    }
    const sums = new Map<string, number>();
    for (const { labels, value } of known) {
      const group = labelText(Object.fromEntries(by.map((l) => [l, labels[l]!])));
      sums.set(group, (sums.get(group) ?? 0) + value);
    }
    return [...sums.values()].some(isLost);
  }

  private knownOf(threshold: Threshold): Known[] {
    const { name, kind } = threshold.selector.metric;
    if (kind === 'counter') return this.counters(name);
    if (kind === 'gauge') return this.gauges(name);
    return this.samples(name, threshold.stat.name === 'max');
  }

  private counters(name: string): Known[] {
    const gathered: Gathered = { metrics: [], distributions: [] };
    if (name === 'cost_dollars') {
      // Sums are exact, so where they are cut does not show.
      for (const { recorder } of this.world.books) {
        recorder.paid.closeBucket(0, this.atUs, () => {});
      }
      const bill = makeBill(usagesOf(this.world), feesOf(this.world, this.atUs));
      gathered.metrics.push(...costMetrics(bill));
    } else collectCounters(this.world, gathered);
    return gathered.metrics
      .filter((m) => m.name === name)
      .map(({ labels, sum }) => ({ labels, value: sum ?? 0 }));
  }

  /** Maxima of the last bucket that was closed, by cluster and over the fleet. */
  private gauges(name: string): Known[] {
    const { series, warmupUs } = this.world.scenario;
    const bucket = (this.world.books[0]?.series.buckets ?? 0) - 1;
    if (bucket < 0 || bucket * series.everyUs < warmupUs) return [];
    const all = this.world.books.map(({ series: own }) =>
      own.store.take(bucket + 1).filter((s) => s.name === name),
    );
    const own = all.flat().filter((s) => !Number.isNaN(s.max[bucket]!));
    const known = own.map((s) => ({ labels: s.labels, value: s.max[bucket]! }));
    if (name.endsWith('_ratio')) return [...known, ...this.fleetRatios(name, own, bucket)];
    const isAlone = this.world.books.length === 1;
    const fleet = new Map<string, Known>();
    const add = (labels: Labels, value: number): void => {
      const key = labelText(labels);
      fleet.set(key, { labels, value: (fleet.get(key)?.value ?? 0) + value });
    };
    for (const s of own) {
      const value = (isAlone ? s.max : s.mean)[bucket]!;
      add(withoutCluster(s.labels), value);
      if (name === 'nodes') add({}, s.mean[bucket]!);
    }
    return [...known, ...fleet.values()];
  }

  private fleetRatios(name: string, own: readonly Series[], bucket: number): Known[] {
    const resources = [...new Set(own.map((s) => s.labels.resource!))];
    const isAlone = this.world.books.length === 1;
    const totals = (of: string, resource: string): number => {
      let sum = 0;
      for (const { series } of this.world.books) {
        for (const s of series.store.take(bucket + 1)) {
          if (s.name === of && s.labels.resource === resource) sum += s.mean[bucket]!;
        }
      }
      return sum;
    };
    return resources.map((resource) => {
      const labels = { resource };
      const mine = own.filter((s) => s.labels.resource === resource).map((s) => s.max[bucket]!);
      if (isAlone || name === 'fragmentation_ratio') return { labels, value: Math.max(...mine) };
      const ratio = totals('allocated', resource) / totals('allocatable', resource);
      return { labels, value: name === 'headroom_ratio' ? 1 - ratio : ratio };
    });
  }

  /** Counts or maxima of samples that have ended, under the label sets of the results. */
  private samples(name: string, isMax: boolean): Known[] {
    const known = new Map<string, Known>();
    const add = (labels: Labels, n: number, maxUs: number | null): void => {
      if (n === 0) return;
      const key = labelText(labels);
      const before = known.get(key)?.value ?? 0;
      const value = isMax ? Math.max(before, (maxUs ?? 0) / 1e6) : before + n;
      known.set(key, { labels, value });
    };
    const { world } = this;
    const { names } = world.fleetRecorder.classes;
    const workloads = world.workloads.facts;
    for (const { name: cluster, recorder } of world.books) {
      if (name === 'pod_startup_seconds') {
        for (const [slot, { n, max }] of recorder.startups) {
          add({}, n, max);
          add({ class: names[Math.floor(slot / workloads.length)]! }, n, max);
        }
        continue;
      }
      recorder.classWaits.forEach((pair, i) => {
        if (pair === undefined) return;
        const { n, max } = pair.full;
        const labels = { class: names[Math.floor(i / CAUSES.length)]! };
        const cause = { cause: CAUSES[i % CAUSES.length]! };
        for (const set of [{}, labels, cause, { ...labels, ...cause }]) add(set, n, max);
        for (const set of [{}, labels]) add({ ...set, cluster }, n, max);
      });
      recorder.waits.forEach((pair, i) => {
        if (pair === undefined) return;
        const workload = workloads[Math.floor(i / CAUSES.length)]!.name;
        add({ workload }, pair.full.n, pair.full.max);
      });
    }
    return [...known.values()];
  }
}

function withoutCluster(labels: Labels): Labels {
  const { cluster: _, ...rest } = labels;
  return rest;
}
