/** Series buckets: what each cluster writes down at the end of a bucket, and the laws that are checked there. */
import { assert } from '../base/assert.ts';
import type { ShapeIndex } from '../base/ids.ts';
import {
  COMPLETED,
  CREATED,
  ENTERED,
  EVICTED_BY_DRAIN,
  EVICTED_BY_NODE_FAILURE,
  EVICTED_BY_OUTAGE,
  EVICTED_BY_PREEMPTION,
  LOST,
  RETURNED,
} from '../contracts/observer.ts';
import type { ClusterRecorder } from '../metrics/recorder.ts';
import { addStranded } from '../metrics/stranding.ts';
import { checkTotals } from '../model/invariants.ts';
import { ASSUMED } from '../model/pods.ts';
import type { PodShape, ShapeTable } from '../model/shapes.ts';
import { NODE_STATES } from '../model/view.ts';
import type { ClusterRun } from '../processes/cluster-run.ts';
import { MEASURE } from '../processes/kinds.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { ClusterSeries } from './cluster-series.ts';

/** Subjects of the measurement event. */
const BUCKET = 0;
const WARMUP = 1;

/** The evictions that reports tell apart, by cause. */
export const EVICTION_COUNTERS = [
  { cause: 'node-failure', counter: EVICTED_BY_NODE_FAILURE },
  { cause: 'outage', counter: EVICTED_BY_OUTAGE },
  { cause: 'preemption', counter: EVICTED_BY_PREEMPTION },
  { cause: 'drain', counter: EVICTED_BY_DRAIN },
] as const;

/** What is measured, and where it is written down. */
export interface MeasureParts {
  readonly run: ClusterRun;
  readonly recorder: ClusterRecorder;
  readonly series: ClusterSeries;
  readonly scenario: Scenario;
  readonly shapes: ShapeTable;
}

/** Writes the series of one cluster. */
export class ClusterMeasure {
  private readonly parts: MeasureParts;
  private bucketStartUs = 0;
  private readonly opened = new Map<string, number>();
  private readonly before = new Map<string, number>();

  constructor(parts: MeasureParts) {
    this.parts = parts;
  }

  /** Plans the first measurements. */
  begin(): void {
    const { run, scenario } = this.parts;
    const { engine } = run;
    if (scenario.series.everyUs < scenario.horizonUs) {
      engine.at(scenario.series.everyUs, MEASURE, BUCKET);
    }
    if (scenario.warmupUs > 0) engine.at(scenario.warmupUs, MEASURE, WARMUP);
  }

  /** The measurement event. */
  measured(subject: number): void {
    const { recorder, run, scenario, series } = this.parts;
    if (subject === WARMUP) {
      recorder.warmedUp();
      for (const s of series.stranded)
        Object.assign(s, { n: 0, sum: 0, min: Infinity, max: -Infinity });
      return;
    }
    this.closeBucket();
    const nextUs = run.nowUs + scenario.series.everyUs;
    if (nextUs < scenario.horizonUs) run.engine.at(nextUs, MEASURE, BUCKET);
  }

  /** Ends the bucket at the clock's instant; the laws are checked. */
  closeBucket(): void {
    const { recorder, run, series } = this.parts;
    const now = run.nowUs;
    this.checkLaws();
    const bucket = series.buckets++;
    const start = this.bucketStartUs;
    this.bucketStartUs = now;
    recorder.paid.flush(now);
    const cluster = run.cluster.name;
    recorder.gauges.closeBucket(start, now, (i, span) => {
      if (i === recorder.running) this.put('pods_running', { cluster }, bucket, span);
      else if (i === recorder.pending) this.put('pods_pending', { cluster }, bucket, span);
      else {
        const state = recorder.nodesBy.indexOf(i);
        if (state > 0) {
          this.put('nodes', { state: NODE_STATES[state]!, cluster }, bucket, span);
        }
        for (const [reason, gauge] of recorder.reasons) {
          if (gauge === i) this.put('pods_pending', { cluster, reason }, bucket, span);
        }
      }
    });
    this.putAllocation(start, now, bucket);
    this.putStranding(bucket);
    this.putRates(bucket, now - start);
    series.hashes.push(recorder.trajectory.hex());
  }

  private putAllocation(start: number, now: number, bucket: number): void {
    const { recorder, run, series } = this.parts;
    const cluster = run.cluster.name;
    recorder.allocation.closeBucket(start, now, (column, span) => {
      const resource = series.columns.find((c) => c.column === column);
      if (resource === undefined) return;
      const labels = { cluster, resource: resource.name };
      const absolute = (mean: number) => ({
        min: mean / resource.perUnit,
        mean: mean / resource.perUnit,
        max: mean / resource.perUnit,
      });
      this.put('allocated', labels, bucket, absolute(span.allocatedMean), resource.unit);
      this.put('allocatable', labels, bucket, absolute(span.allocatableMean), resource.unit);
      if (span.min > span.max) return;
      const mean = span.allocatedMean / span.allocatableMean;
      this.put('allocation_ratio', labels, bucket, { min: span.min, mean, max: span.max });
      this.put('headroom_ratio', labels, bucket, {
        min: 1 - span.max,
        mean: 1 - mean,
        max: 1 - span.min,
      });
    });
  }

  /** Samples what the reference pod (the largest shape by cpu so far) leaves stranded. */
  private putStranding(bucket: number): void {
    const { run, series } = this.parts;
    const { cluster } = run;
    const shape = this.referenceShape();
    if (shape === null) return;
    const stranded = new Float64Array(cluster.resources.count + 1);
    const free = new Float64Array(cluster.resources.count + 1);
    addStranded(cluster, shape, stranded, free);
    series.columns.forEach((resource, i) => {
      const amount = free[resource.column]!;
      const ratio = amount === 0 ? 0 : stranded[resource.column]! / amount;
      const sample = series.stranded[i]!;
      sample.n++;
      sample.sum += ratio;
      sample.min = Math.min(sample.min, ratio);
      sample.max = Math.max(sample.max, ratio);
      sample.last = ratio;
      const labels = { cluster: cluster.name, resource: resource.name };
      this.put('fragmentation_ratio', labels, bucket, { min: ratio, mean: ratio, max: ratio });
    });
  }

  private referenceShape(): PodShape | null {
    const { shapes } = this.parts;
    let best: PodShape | null = null;
    for (let s = 0; s < shapes.count; s++) {
      const shape = shapes.at(s as ShapeIndex);
      if (best === null || shape.requests[0]! > best.requests[0]!) best = shape;
    }
    return best;
  }

  private putRates(bucket: number, spanUs: number): void {
    const { recorder, run } = this.parts;
    const cluster = run.cluster.name;
    const totals: [string, number][] = [
      ['placements_total', recorder.countedFromStart(ENTERED)],
      ['pods_completed_total', recorder.countedFromStart(COMPLETED)],
      ['pods_lost_total', recorder.countedFromStart(LOST)],
      ['pods_returned_total', recorder.countedFromStart(RETURNED)],
      ['node_failures_total', recorder.nodeFailures],
    ];
    for (const [name, total] of totals) this.putRate(name, { cluster }, total, { bucket, spanUs });
    let evicted = 0;
    for (const { cause, counter } of EVICTION_COUNTERS) {
      const total = recorder.countedFromStart(counter);
      evicted += total;
      if (total > 0) {
        this.putRate('pods_evicted_total', { cause, cluster }, total, { bucket, spanUs });
      }
    }
    this.putRate('pods_evicted_total', { cluster }, evicted, { bucket, spanUs });
  }

  private putRate(
    name: string,
    labels: Readonly<Record<string, string>>,
    total: number,
    at: { readonly bucket: number; readonly spanUs: number },
  ): void {
    const key = `${name}|${labels.cause ?? ''}`;
    const delta = total - (this.before.get(key) ?? 0);
    this.before.set(key, total);
    if (at.spanUs === 0) return;
    const rate = delta / (at.spanUs / 1e6);
    const unit = name.startsWith('node') ? 'failures' : 'pods';
    this.parts.series.store.put(
      this.seriesOf(name, 'counter', unit, labels),
      at.bucket,
      rate,
      rate,
      rate,
    );
  }

  private put(
    name: string,
    labels: Readonly<Record<string, string>>,
    bucket: number,
    span: { readonly min: number; readonly mean: number; readonly max: number },
    unit = name.endsWith('_ratio') ? 'ratio' : name === 'nodes' ? 'nodes' : 'pods',
  ): void {
    const series = this.seriesOf(name, 'gauge', unit, labels);
    this.parts.series.store.put(series, bucket, span.min, span.mean, span.max);
  }

  private seriesOf(
    name: string,
    kind: 'gauge' | 'counter',
    unit: string,
    labels: Readonly<Record<string, string>>,
  ): number {
    const key = `${name}|${labels.resource ?? ''}|${labels.state ?? ''}|${labels.reason ?? labels.cause ?? ''}`;
    let series = this.opened.get(key);
    if (series === undefined) {
      series = this.parts.series.store.open(name, kind, unit, labels);
      this.opened.set(key, series);
    }
    return series;
  }

  private checkLaws(): void {
    const { recorder, run } = this.parts;
    checkTotals(run.cluster);
    const live =
      recorder.countedFromStart(ENTERED) +
      recorder.countedFromStart(CREATED) -
      recorder.countedFromStart(COMPLETED) -
      recorder.countedFromStart(LOST) -
      recorder.countedFromStart(RETURNED);
    assert(
      live === run.cluster.pods.count,
      `${run.cluster.name}: ${live} pods should live, ${run.cluster.pods.count} do`,
    );
    const { gauges, running, pending } = recorder;
    const seen = gauges.value(running) + gauges.value(pending) + this.assumedPods();
    assert(seen === live, `${run.cluster.name}: running + pending = ${seen}, live = ${live}`);
  }

  /** Pods between assumption and bind: neither pending nor running. */
  private assumedPods(): number {
    const { pods } = this.parts.run.cluster;
    if (!pods.timed) return 0;
    let count = 0;
    for (let p = 0; p < pods.end; p++) if (pods.state(p) === ASSUMED) count++;
    return count;
  }
}
