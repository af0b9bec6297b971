import { Histogram } from '../collections/histogram.ts';

/** A named stretch of time for which distributions are kept apart. */
export interface Window {
  readonly name: string;
  /** Disjoint stretches that belong to it. */
  readonly spans: readonly { readonly fromUs: number; readonly untilUs: number }[];
}

/** A distribution and its lower bounds: samples of what had not ended when the run did. */
export interface CensoredHistogram {
  readonly full: Histogram;
  readonly censored: Histogram;
}

/** Makes an empty pair. */
export function censoredHistogram(): CensoredHistogram {
  return { full: new Histogram(), censored: new Histogram() };
}

/**
 * Waiting times of the whole fleet by (class, cause), for each series bucket and each named window. Samples are dated by
 * the start of their episode, so a bucket may still grow after its end.
 *
 * *Guarantees*: merging is order-free, because counts and sums are whole numbers. *Price*: one narrow histogram per
 * (class, cause, bucket) that was touched.
 */
export class WindowedWaits {
  /** By group (class x cause), then by bucket. */
  readonly buckets: (CensoredHistogram | undefined)[][] = [];
  /** By group, then by window. */
  readonly windows: CensoredHistogram[][] = [];
  private readonly bucketUs: number;
  private readonly named: readonly Window[];

  /**
   * @param bucketUs length of a bucket
   * @param named windows; a sample may fall into several
   */
  constructor(bucketUs: number, named: readonly Window[]) {
    this.bucketUs = bucketUs;
    this.named = named;
  }

  /** An empty one for the same buckets and windows. */
  emptyTwin(): WindowedWaits {
    return new WindowedWaits(this.bucketUs, this.named);
  }

  /** Adds all that another one of the same buckets and windows recorded. */
  merge(other: WindowedWaits): void {
    other.buckets.forEach((buckets, group) => {
      this.reach(group);
      const own = this.buckets[group]!;
      while (own.length < buckets.length) own.push(undefined);
      buckets.forEach((pair, b) => {
        if (pair === undefined) return;
        own[b] ??= censoredHistogram();
        addPair(own[b], pair);
      });
      other.windows[group]!.forEach((pair, w) => {
        addPair(this.windows[group]![w]!, pair);
      });
    });
  }

  private reach(group: number): void {
    while (this.buckets.length <= group) {
      this.buckets.push([]);
      this.windows.push(this.named.map(() => censoredHistogram()));
    }
  }

  /** Names of the windows, in the order of `windows`. */
  get windowNames(): readonly string[] {
    return this.named.map((window) => window.name);
  }

  /** Records one episode of `group` that began at `sinceUs`. */
  record(group: number, sinceUs: number, waitUs: number, censored: boolean): void {
    if (this.buckets.length <= group) this.reach(group);
    const buckets = this.buckets[group]!;
    const b = Math.floor(sinceUs / this.bucketUs);
    while (buckets.length <= b) buckets.push(undefined);
    let bucket = buckets[b];
    if (bucket === undefined) {
      bucket = censoredHistogram();
      buckets[b] = bucket;
    }
    (censored ? bucket.censored : bucket.full).record(waitUs);
    for (let w = 0; w < this.named.length; w++) {
      if (!isWithin(this.named[w]!, sinceUs)) continue;
      const pair = this.windows[group]![w]!;
      (censored ? pair.censored : pair.full).record(waitUs);
    }
  }
}

function addPair(to: CensoredHistogram, from: CensoredHistogram): void {
  to.full.merge(from.full);
  to.censored.merge(from.censored);
}

function isWithin(window: Window, atUs: number): boolean {
  for (const span of window.spans) if (atUs >= span.fromUs && atUs < span.untilUs) return true;
  return false;
}
