import type { NodeIndex } from '../base/ids.ts';

/**
 * The last changes of a cluster's nodes, or of a fleet's clusters, in order, for caches that catch up when they are asked.
 *
 * *Guarantees*: a reader that keeps the position it read to sees every later change, or learns that it fell behind and
 * must read all. *Price*: 4 to 8 bytes a node or cluster; O(1) a change, whatever the number of readers.
 */
export class ChangeLog<Index extends number = NodeIndex> {
  /** Changes so far. */
  position = 0;
  private readonly ring: Int32Array;
  private readonly mask: number;

  /** @param count nodes or clusters; a reader that missed more changes than there are is better off reading all */
  constructor(count: number) {
    let size = 16;
    while (size < count) size *= 2;
    this.ring = new Int32Array(size);
    this.mask = size - 1;
  }

  /** Notes that the columns of a node or cluster changed. */
  add(n: Index): void {
    this.ring[this.position & this.mask] = n;
    this.position++;
  }

  /** True if the changes since `position` are no longer all kept. */
  isBehind(position: number): boolean {
    return this.position - position > this.mask;
  }

  /** What changed in change number `i`, which must still be kept. */
  at(i: number): Index {
    return this.ring[i & this.mask]! as Index;
  }
}
