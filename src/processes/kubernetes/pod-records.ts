import type { PodIndex } from '../../base/ids.ts';
import type { QueuedPod } from './queued-pod.ts';

/** Places at first; a power of two. */
const PLACES = 16;
/** 2^32 divided by the golden ratio: multiplied by it, neighbouring numbers stand far apart. */
const SPREAD = 0x9e3779b1;

/**
 * The pods of a queue by slot, in the order in which they entered.
 *
 * A table of its own, because a `Map` that few entries pass through is made anew every few of them. *Guarantees*: O(1) a call;
 * the list is in the order of entering. *Price*: 16 bytes a pod that waits at the busiest instant.
 */
export class PodRecords {
  size = 0;
  private table: (QueuedPod | null)[] = new Array(PLACES).fill(null);
  /** 32 less the logarithm of the places. */
  private shift = 28;
  private first: QueuedPod | null = null;
  private last: QueuedPod | null = null;

  /** The record of a slot, or null. */
  find(p: PodIndex): QueuedPod | null {
    return this.size === 0 ? null : this.table[this.placeOf(p)]!;
  }

  /** Adds the record of a slot that has none, last in order. */
  add(pod: QueuedPod): void {
    if (2 * (this.size + 1) > this.table.length) this.grow();
    this.table[this.placeOf(pod.p)] = pod;
    this.size++;
    pod.before = this.last;
    pod.after = null;
    if (this.last === null) this.first = pod;
    else this.last.after = pod;
    this.last = pod;
  }

  /** Takes out the record of a slot; nothing if there is none. */
  delete(p: PodIndex): void {
    const { table } = this;
    let hole = this.placeOf(p);
    const pod = table[hole]!;
    if (pod === null) return;
    this.size--;
    this.unlink(pod);
    table[hole] = null;
    // Who stands behind the hole and belongs at or before it moves into it, so that a search may stop at a gap.
    const mask = table.length - 1;
    for (let i = (hole + 1) & mask; table[i] !== null; i = (i + 1) & mask) {
      const home = this.homeOf(table[i]!.p);
      if (((i - home) & mask) < ((i - hole) & mask)) continue;
      table[hole] = table[i]!;
      table[i] = null;
      hole = i;
    }
  }

  /** The records as they are now, in order. */
  list(): QueuedPod[] {
    const pods: QueuedPod[] = [];
    for (let pod = this.first; pod !== null; pod = pod.after) pods.push(pod);
    return pods;
  }

  private unlink(pod: QueuedPod): void {
    const { after, before } = pod;
    if (before === null) this.first = after;
    else before.after = after;
    if (after === null) this.last = before;
    else after.before = before;
    pod.before = null;
    pod.after = null;
  }

  private homeOf(p: number): number {
    return Math.imul(p, SPREAD) >>> this.shift;
  }

  /** Where the record of a slot is, or would be. */
  private placeOf(p: number): number {
    const { table } = this;
    const mask = table.length - 1;
    let i = this.homeOf(p);
    while (table[i] !== null && table[i]!.p !== p) i = (i + 1) & mask;
    return i;
  }

  private grow(): void {
    const old = this.table;
    this.table = new Array(2 * old.length).fill(null);
    this.shift--;
    for (const pod of old) if (pod !== null) this.table[this.placeOf(pod.p)] = pod;
  }
}
