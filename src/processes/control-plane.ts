/**
 * What the scheduler and the API server of a cluster cost in virtual time: one attempt at a time, and a token bucket of
 * binds. The ideal control plane is the same path with every duration zero.
 */

/** Limits in microseconds and per second; zero and null cost nothing. */
export interface ControlPlaneLimits {
  readonly attemptUs: number;
  readonly perNodeUs: number;
  readonly bindsPerSecond: number | null;
  readonly bindBurst: number;
}

/** The clockwork of one cluster's control plane. */
export class ControlPlane {
  /** True if some decision takes time, so that assumption and bind are two instants. */
  readonly isTimed: boolean;
  private readonly limits: ControlPlaneLimits;
  private readonly bindGapUs: number;
  /** Instant at which the bucket would be full again, minus its burst: the classic virtual schedule. */
  private bucketUs = 0;

  constructor(limits: ControlPlaneLimits) {
    this.limits = limits;
    this.bindGapUs = limits.bindsPerSecond === null ? 0 : 1e6 / limits.bindsPerSecond;
    this.isTimed = isTimed(limits);
  }

  /** True if the time of an attempt depends on the nodes that it looked at. */
  get chargesExamined(): boolean {
    return this.limits.perNodeUs > 0;
  }

  /** Time of one attempt that looked at `examined` nodes, whole microseconds. */
  attemptUs(examined: number): number {
    return Math.round(this.limits.attemptUs + this.limits.perNodeUs * examined);
  }

  /** When a bind that is ready at `readyUs` gets its token; takes the token. */
  bindAtUs(readyUs: number): number {
    if (this.bindGapUs === 0) return readyUs;
    const earliest = Math.max(
      readyUs,
      this.bucketUs - this.bindGapUs * (this.limits.bindBurst - 1),
    );
    this.bucketUs = Math.max(this.bucketUs, earliest) + this.bindGapUs;
    return Math.round(earliest);
  }
}

/** True if the limits make some decision take time. */
export function isTimed(limits: ControlPlaneLimits): boolean {
  return limits.attemptUs > 0 || limits.perNodeUs > 0 || limits.bindsPerSecond !== null;
}
