import type { ClusterIndex } from '../base/ids.ts';
import { blankMessage, copyMessage, type Message } from './messages.ts';

/** A parcel that waits at the fleet. */
interface Unplaced {
  readonly parcel: Message;
  /** True if the placer refused it and would again, until some cluster gives its shape hope. */
  readonly isRefused: boolean;
}

/**
 * Parcels that wait at the fleet, in the order in which they came.
 *
 * *Guarantees*: a retry asks about every parcel but those of which it is known that they would be refused again.
 * *Price*: to know that nothing has hope is O(1), whatever waits; a cluster that gained costs O(shapes that wait).
 */
export class UnplacedPods {
  private waiting: Unplaced[] = [];
  /** Refused parcels by shape. */
  private readonly refused = new Map<number, number>();
  /** Shapes of refused parcels that may be taken now. */
  private readonly hopeful = new Set<number>();
  /** Parcels that are asked about in any case. */
  private restless = 0;

  /** Parcels that wait. */
  get length(): number {
    return this.waiting.length;
  }

  /** True if all that wait would be refused again. */
  get isHopeless(): boolean {
    return this.restless === 0 && this.hopeful.size === 0;
  }

  /** Pods of all parcels. */
  countPods(): number {
    let pods = 0;
    for (const { parcel } of this.waiting) pods += parcel.count;
    return pods;
  }

  /** Visits every parcel. */
  forEach(visit: (parcel: Message) => void): void {
    for (const { parcel } of this.waiting) visit(parcel);
  }

  /** Keeps a copy of a parcel, behind all others. @param isRefused true if it need not be asked about before {@link hope} */
  add(parcel: Message, isRefused: boolean): void {
    this.keep(copyMessage(parcel, blankMessage()), isRefused);
  }

  private keep(parcel: Message, isRefused: boolean): void {
    this.waiting.push({ parcel, isRefused });
    this.tally(parcel.shape, isRefused, 1);
  }

  private tally(shape: number, isRefused: boolean, change: number): void {
    if (!isRefused) {
      this.restless += change;
      return;
    }
    const left = (this.refused.get(shape) ?? 0) + change;
    if (left > 0) this.refused.set(shape, left);
    else this.refused.delete(shape);
  }

  /** A cluster came back or gained capacity: the refused parcels of shapes that it could host are asked about again. */
  hope(cluster: ClusterIndex, couldHost: (shape: number, cluster: ClusterIndex) => boolean): void {
    for (const shape of this.refused.keys()) if (couldHost(shape, cluster)) this.hopeful.add(shape);
  }

  /**
   * Goes through all parcels, first to last, and keeps those that are not placed.
   *
   * @param place gets each parcel, and whether it may be taken now; what it leaves in `count` stays
   * @returns by `place`: true if the parcel would be refused again
   */
  retry(place: (parcel: Message, mayBeTaken: boolean) => boolean): void {
    const parcels = this.waiting;
    this.waiting = [];
    for (const { parcel, isRefused } of parcels) {
      this.tally(parcel.shape, isRefused, -1);
      const wouldBeRefused = place(parcel, !isRefused || this.hopeful.has(parcel.shape));
      if (parcel.count > 0) this.keep(parcel, wouldBeRefused);
    }
    this.hopeful.clear();
  }

  /** Drops up to `count` pods of a workload, the last to come first. @returns pods dropped */
  drop(workload: number, count: number): number {
    let dropped = 0;
    for (let i = this.waiting.length - 1; i >= 0 && dropped < count; i--) {
      const { parcel, isRefused } = this.waiting[i]!;
      if (parcel.workload !== workload) continue;
      const take = Math.min(parcel.count, count - dropped);
      parcel.count -= take;
      dropped += take;
      if (parcel.count > 0) continue;
      this.waiting.splice(i, 1);
      this.tally(parcel.shape, isRefused, -1);
    }
    return dropped;
  }
}
