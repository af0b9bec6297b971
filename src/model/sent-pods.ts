/** Numbers of an entry: instant, shape, pods. */
const FIELDS = 3;

/**
 * What was sent to one cluster and its last summary may not know yet, oldest first.
 *
 * *Guarantees*: no object an entry; pods of one shape sent in one instant share an entry. *Price*: 24 bytes an entry, in a
 * ring that grows by doubling; each entry is forgotten once.
 */
export class SentPods {
  private ring = new Float64Array(0);
  /** Places for entries less one: their number is a power of two. */
  private mask = -1;
  private head = 0;
  private count = 0;

  /** Entries, numbered from 0, the oldest. */
  get length(): number {
    return this.count;
  }

  /** Index of the shape of entry `i`. */
  shape(i: number): number {
    return this.ring[this.placeOf(i) + 1]!;
  }

  /** Pods of entry `i`. */
  pods(i: number): number {
    return this.ring[this.placeOf(i) + 2]!;
  }

  /** Notes pods that are sent now. @param nowUs never before that of the last entry */
  add(nowUs: number, shape: number, pods: number): void {
    if (this.count > 0) {
      const last = this.placeOf(this.count - 1);
      if (this.ring[last] === nowUs && this.ring[last + 1] === shape) {
        this.ring[last + 2]! += pods;
        return;
      }
    }
    if (this.count > this.mask) this.grow();
    const place = this.placeOf(this.count++);
    this.ring[place] = nowUs;
    this.ring[place + 1] = shape;
    this.ring[place + 2] = pods;
  }

  /** Forgets the entries that were sent at an instant or before. */
  forgetUntil(atUs: number): void {
    while (this.count > 0 && this.ring[this.head * FIELDS]! <= atUs) {
      this.head = (this.head + 1) & this.mask;
      this.count--;
    }
  }

  private placeOf(i: number): number {
    return ((this.head + i) & this.mask) * FIELDS;
  }

  private grow(): void {
    const places = Math.max(16, 2 * (this.mask + 1));
    const larger = new Float64Array(places * FIELDS);
    const fromHead = this.ring.subarray(this.head * FIELDS);
    larger.set(fromHead);
    larger.set(this.ring.subarray(0, this.head * FIELDS), fromHead.length);
    this.ring = larger;
    this.mask = places - 1;
    this.head = 0;
  }
}
