/** Services: how many replicas they want over time, asked of the placer as pods to add or to give up. */
import type { Engine } from '../engine/simulation.ts';
import { SERVICE_SCALE } from './kinds.ts';
import type { Placing } from './placing.ts';

/** One service's target as a function of time. */
export interface ServiceTarget {
  readonly workload: number;
  /** Replicas wanted at an instant. */
  at(nowUs: number): number;
  /** Next instant after `nowUs` at which the target may change, Infinity for never. */
  nextChangeUs(nowUs: number): number;
}

/** Follows the targets of all services. */
export class Services {
  private readonly placing: Placing;
  private readonly targets: readonly ServiceTarget[];
  private readonly wanted: number[];
  private readonly engine: () => Engine;

  constructor(placing: Placing, targets: readonly ServiceTarget[], engine: () => Engine) {
    this.placing = placing;
    this.targets = targets;
    this.wanted = targets.map(() => 0);
    this.engine = engine;
  }

  /** Asks for the first replicas at time 0. */
  begin(): void {
    for (let i = 0; i < this.targets.length; i++) this.engine().at(0, SERVICE_SCALE, i);
  }

  /** The target of one service may have changed. */
  scale(i: number): void {
    const engine = this.engine();
    const target = this.targets[i]!;
    const wanted = target.at(engine.nowUs);
    const delta = wanted - this.wanted[i]!;
    this.wanted[i] = wanted;
    if (delta > 0) this.placing.grow(target.workload, delta);
    else if (delta < 0) this.placing.shrink(target.workload, -delta);
    const nextUs = target.nextChangeUs(engine.nowUs);
    if (Number.isFinite(nextUs)) engine.at(nextUs, SERVICE_SCALE, i);
  }
}
