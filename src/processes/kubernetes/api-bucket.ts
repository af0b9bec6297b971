/**
 * A client's token bucket: calls wait for their tokens, first come first served.
 *
 * *Source*: Kubernetes v1.34, client-go flowcontrol; rates and bursts by controller in `docs/sources.md`.
 */
export class ApiBucket {
  private readonly gapUs: number;
  private readonly burst: number;
  /** Instant at which the bucket would be full again: the virtual schedule. */
  private fullAtUs = 0;

  /** @param limits tokens a second and at most; null is an ideal API, where nothing waits */
  constructor(limits: { readonly perSecond: number; readonly burst: number } | null) {
    this.gapUs = limits === null ? 0 : 1e6 / limits.perSecond;
    this.burst = limits === null ? 0 : limits.burst;
  }

  /** Takes `tokens` and gives the instant at which the last of them is there, whole microseconds. */
  takeAtUs(nowUs: number, tokens: number): number {
    if (this.gapUs === 0) return nowUs;
    const fullAtUs = Math.max(this.fullAtUs, nowUs) + tokens * this.gapUs;
    this.fullAtUs = fullAtUs;
    return Math.max(nowUs, Math.round(fullAtUs - this.burst * this.gapUs));
  }
}
