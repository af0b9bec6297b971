/** Pods that run from the start: the state that a scenario begins in. */
import type { Distribution } from '../base/distribution.ts';
import type { ShapeIndex } from '../base/ids.ts';
import type { Arrival, ArrivalSource, PullResult } from '../contracts/workload.ts';
import { KeyedDraws, keyOf } from '../random/draw.ts';
import { equilibriumResidual } from '../random/residual.ts';

/** What is not said otherwise: workloads mix as they would have, and no instant holds all of them. */
const OVER_US_DEFAULT = 1_000_000;

/** What the initial pods of a workload depend on. */
export interface InitialOptions {
  readonly pods: number;
  /** They arrive evenly over this time, microseconds; absent is a second. */
  readonly overUs?: number;
  /** Law of the run times of which something is left; null: whole run times, drawn as those of any pod. */
  readonly residualOf: Distribution | null;
  readonly shape: ShapeIndex;
  /** Name of the workload: its draws are keyed by it. */
  readonly workload: string;
  readonly seed: number;
  readonly replication: number;
}

/**
 * Makes the source of a workload's initial pods: jobs of one pod, evenly over the time that is given.
 *
 * *Draws*: purpose `arrivals/residual`, entity the workload's key, two draws a pod.
 */
export function initialSource(options: InitialOptions): ArrivalSource {
  return new InitialSource(options);
}

class InitialSource implements ArrivalSource {
  private readonly options: InitialOptions;
  private readonly entity: number;
  private readonly draws: KeyedDraws;
  private readonly residual: ((u: number, v: number) => number) | null;
  private ordinal = 0;

  constructor(options: InitialOptions) {
    const { replication, residualOf, seed, workload } = options;
    this.options = options;
    this.entity = keyOf(`workload/${workload}`);
    this.draws = new KeyedDraws(seed, replication, 'arrivals/residual');
    this.residual = residualOf === null ? null : equilibriumResidual(residualOf);
  }

  pull(out: Arrival): PullResult {
    const { draws, entity, ordinal, residual } = this;
    const { overUs = OVER_US_DEFAULT, pods, shape } = this.options;
    if (ordinal === pods) return 'end';
    out.atUs = Math.floor((ordinal * overUs) / pods);
    out.pods = 1;
    out.gang = false;
    out.shape = shape;
    out.durationUs = Number.NaN;
    if (residual !== null) {
      const u = draws.uniform(entity, 2 * ordinal);
      const v = draws.uniform(entity, 2 * ordinal + 1);
      out.durationUs = Math.max(1, Math.round(residual(u, v)));
    }
    out.estimateUs = Number.NaN;
    this.ordinal++;
    return 'row';
  }
}
