import type { ShapeTable } from '../model/shapes.ts';
import { ClassTable } from './classes.ts';
import { type GaugeSpan, Gauges } from './integrals.ts';
import { type Window, WindowedWaits } from './waits.ts';

/** What the fleet's recorder must know. */
export interface FleetRecorderParts {
  readonly workloads: number;
  readonly shapes: ShapeTable;
  readonly bucketUs: number;
  readonly windows: readonly Window[];
  /** The placer's clock, microseconds. */
  readonly now: () => number;
}

/** Counts what happens at the fleet's edge: arrivals, placements, pods that no cluster takes. */
export class FleetRecorder {
  readonly classes: ClassTable;
  readonly waits: WindowedWaits;
  /** By workload, from time 0. */
  readonly arrivedPods: Float64Array;
  readonly placedPods: Float64Array;
  /** Pods that were withdrawn before any cluster had them. */
  readonly withdrawnPods: Float64Array;
  readonly arrivedAtWarmup: Float64Array;
  readonly placedAtWarmup: Float64Array;
  /** Arrivals of all workloads by series bucket. */
  readonly arrivedByBucket: number[] = [];
  /** Pods that wait at the fleet, by workload, then all. */
  readonly unplaced = new Gauges();
  /** What waited at the fleet, by series bucket. */
  readonly unplacedByBucket: GaugeSpan[] = [];
  private readonly now: () => number;
  private readonly bucketUs: number;

  constructor(parts: FleetRecorderParts) {
    this.now = parts.now;
    this.bucketUs = parts.bucketUs;
    this.classes = new ClassTable(parts.shapes);
    this.waits = new WindowedWaits(parts.bucketUs, parts.windows);
    const n = parts.workloads;
    this.arrivedPods = new Float64Array(n);
    this.placedPods = new Float64Array(n);
    this.withdrawnPods = new Float64Array(n);
    this.arrivedAtWarmup = new Float64Array(n);
    this.placedAtWarmup = new Float64Array(n);
    for (let i = 0; i <= n; i++) this.unplaced.open();
  }

  arrived(workload: number, pods: number): void {
    this.arrivedPods[workload]! += pods;
    const bucket = Math.floor(this.now() / this.bucketUs);
    while (this.arrivedByBucket.length <= bucket) this.arrivedByBucket.push(0);
    this.arrivedByBucket[bucket]! += pods;
  }

  placed(workload: number, pods: number): void {
    this.placedPods[workload]! += pods;
  }

  withdrawn(workload: number, pods: number): void {
    this.withdrawnPods[workload]! += pods;
  }

  unplacedChanged(workload: number, delta: number): void {
    const now = this.now();
    this.unplaced.add(workload, delta, now);
    this.unplaced.add(this.arrivedPods.length, delta, now);
  }

  /** Ends the present series bucket at the clock's instant. */
  closeBucket(): void {
    const all = this.arrivedPods.length;
    const startUs = this.unplacedByBucket.length * this.bucketUs;
    this.unplaced.closeBucket(startUs, this.now(), (i, span) => {
      if (i === all) this.unplacedByBucket.push(span);
    });
  }

  /** The warm-up ended. */
  warmedUp(nowUs: number): void {
    this.unplaced.startRun(nowUs);
    this.arrivedAtWarmup.set(this.arrivedPods);
    this.placedAtWarmup.set(this.placedPods);
  }
}
