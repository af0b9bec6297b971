/**
 * List positions whose node changed, the last ones in order, for caches that catch up when they are asked.
 *
 * *Guarantees*: a reader that keeps the position it read to sees every later change, or learns that it fell behind and must
 * look at all. *Price*: 4 bytes a node; O(1) a change, whatever the number of readers.
 */
export class PositionLog {
  /** Changes so far. */
  position = 0;
  private readonly ring: Int32Array;
  private readonly mask: number;

  /** @param nodes nodes of the cluster; a reader that missed more changes than nodes is better off looking at all */
  constructor(nodes: number) {
    let size = 16;
    while (size < nodes) size *= 2;
    this.ring = new Int32Array(size);
    this.mask = size - 1;
  }

  /** Notes a change at a list position. */
  add(i: number): void {
    this.ring[this.position & this.mask] = i;
    this.position++;
  }

  /** True if the changes since `position` are no longer all kept. */
  isBehind(position: number): boolean {
    return this.position - position > this.mask;
  }

  /** Sets a bit for every list position that changed since `position`. @param bits 32 positions an element */
  mark(position: number, bits: Int32Array): void {
    const { mask, position: end, ring } = this;
    for (let k = position; k < end; k++) {
      const i = ring[k & mask]!;
      bits[i >> 5]! |= 1 << i;
    }
  }

  /** Bytes of the log. */
  get bytes(): number {
    return this.ring.byteLength;
  }
}
