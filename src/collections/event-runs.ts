/** Parallel columns of events by (time, order): a run that is sorted once, and a heap for what comes late. */

/** 2^48: phases above it, sequences below; an order is phase * 2^48 + sequence. */
export const PHASE_SHIFT = 0x1000000000000;

/** Runs up to this length are sorted by insertion. */
const INSERTION_MAX = 32;

/**
 * Events that are sorted once and then read from the front.
 *
 * *Guarantees*: after `sort`, ascending (time, order). *Price*: O(k log k) once, O(k) where the events come in ascending or
 * in descending order; 20 bytes an event of the longest run, twice that once a run was longer than 32.
 */
export class SortedRun {
  times = new Float64Array(64);
  orders = new Float64Array(64);
  slots = new Int32Array(64);
  /** The event that is next; at `count` the run is used up. */
  head = 0;
  count = 0;
  private spareTimes = new Float64Array(0);
  private spareOrders = new Float64Array(0);
  private spareSlots = new Int32Array(0);

  /** Bytes of its columns. */
  get bytes(): number {
    return 20 * (this.times.length + this.spareTimes.length);
  }

  /** Forgets all events. */
  clear(): void {
    this.head = 0;
    this.count = 0;
  }

  /** Appends an event, in any order. */
  append(atUs: number, order: number, slot: number): void {
    if (this.count === this.times.length) this.grow();
    const i = this.count++;
    this.times[i] = atUs;
    this.orders[i] = order;
    this.slots[i] = slot;
  }

  /** Sorts all events; none may have been read. */
  sort(): void {
    const { count } = this;
    if (count < 2) return;
    if (count > INSERTION_MAX && this.precedes(count - 1, 0)) this.reverse();
    for (let from = 0; from < count; from += INSERTION_MAX) {
      this.sortByInsertion(from, Math.min(from + INSERTION_MAX, count));
    }
    for (let width = INSERTION_MAX; width < count; width *= 2) {
      for (let from = 0; from + width < count; from += 2 * width) {
        const middle = from + width;
        if (this.precedes(middle, middle - 1)) {
          this.merge(from, middle, Math.min(middle + width, count));
        }
      }
    }
  }

  private precedes(a: number, b: number): boolean {
    const { times, orders } = this;
    return times[a]! < times[b]! || (times[a] === times[b] && orders[a]! < orders[b]!);
  }

  private reverse(): void {
    const { count } = this;
    this.times.subarray(0, count).reverse();
    this.orders.subarray(0, count).reverse();
    this.slots.subarray(0, count).reverse();
  }

  private sortByInsertion(from: number, end: number): void {
    const { times, orders, slots } = this;
    for (let i = from + 1; i < end; i++) {
      const atUs = times[i]!;
      const order = orders[i]!;
      const slot = slots[i]!;
      let k = i - 1;
      while (k >= from && (times[k]! > atUs || (times[k] === atUs && orders[k]! > order))) {
        times[k + 1] = times[k]!;
        orders[k + 1] = orders[k]!;
        slots[k + 1] = slots[k]!;
        k--;
      }
      times[k + 1] = atUs;
      orders[k + 1] = order;
      slots[k + 1] = slot;
    }
  }

  /** Merges two sorted neighbours; the left one is moved aside. */
  private merge(from: number, middle: number, end: number): void {
    const { times, orders, slots } = this;
    if (this.spareTimes.length < times.length) this.growSpare();
    const { spareTimes, spareOrders, spareSlots } = this;
    const left = middle - from;
    for (let i = 0; i < left; i++) {
      spareTimes[i] = times[from + i]!;
      spareOrders[i] = orders[from + i]!;
      spareSlots[i] = slots[from + i]!;
    }
    let l = 0;
    let r = middle;
    let to = from;
    while (l < left && r < end) {
      const t = times[r]!;
      const s = spareTimes[l]!;
      if (t < s || (t === s && orders[r]! < spareOrders[l]!)) {
        times[to] = t;
        orders[to] = orders[r]!;
        slots[to++] = slots[r++]!;
      } else {
        times[to] = s;
        orders[to] = spareOrders[l]!;
        slots[to++] = spareSlots[l++]!;
      }
    }
    for (; l < left; l++) {
      times[to] = spareTimes[l]!;
      orders[to] = spareOrders[l]!;
      slots[to++] = spareSlots[l]!;
    }
  }

  private grow(): void {
    const capacity = this.times.length * 2;
    this.times = widen(this.times, new Float64Array(capacity));
    this.orders = widen(this.orders, new Float64Array(capacity));
    this.slots = widen(this.slots, new Int32Array(capacity));
  }

  private growSpare(): void {
    this.spareTimes = new Float64Array(this.times.length);
    this.spareOrders = new Float64Array(this.times.length);
    this.spareSlots = new Int32Array(this.times.length);
  }
}

/**
 * A four-ary heap of events by (time, order).
 *
 * *Price*: O(log n) push and removal; 20 bytes an event, growth by doubling.
 */
export class LateHeap {
  times = new Float64Array(64);
  orders = new Float64Array(64);
  slots = new Int32Array(64);
  count = 0;

  /** Bytes of its columns. */
  get bytes(): number {
    return 20 * this.times.length;
  }

  /** Adds an event. */
  push(atUs: number, order: number, slot: number): void {
    if (this.count === this.times.length) this.grow();
    const { times, orders, slots } = this;
    let i = this.count++;
    while (i > 0) {
      const parent = (i - 1) >> 2;
      const t = times[parent]!;
      if (t < atUs || (t === atUs && orders[parent]! < order)) break;
      times[i] = t;
      orders[i] = orders[parent]!;
      slots[i] = slots[parent]!;
      i = parent;
    }
    times[i] = atUs;
    orders[i] = order;
    slots[i] = slot;
  }

  /** Removes the first event; only if there is one. */
  removeTop(): void {
    const count = --this.count;
    const { times, orders, slots } = this;
    const atUs = times[count]!;
    const order = orders[count]!;
    let i = 0;
    for (;;) {
      const first = (i << 2) + 1;
      if (first >= count) break;
      const end = Math.min(first + 4, count);
      let best = first;
      let bestAtUs = times[first]!;
      for (let c = first + 1; c < end; c++) {
        const t = times[c]!;
        if (t < bestAtUs || (t === bestAtUs && orders[c]! < orders[best]!)) {
          best = c;
          bestAtUs = t;
        }
      }
      if (atUs < bestAtUs || (atUs === bestAtUs && order < orders[best]!)) break;
      times[i] = bestAtUs;
      orders[i] = orders[best]!;
      slots[i] = slots[best]!;
      i = best;
    }
    times[i] = atUs;
    orders[i] = order;
    slots[i] = slots[count]!;
  }

  private grow(): void {
    const capacity = this.times.length * 2;
    this.times = widen(this.times, new Float64Array(capacity));
    this.orders = widen(this.orders, new Float64Array(capacity));
    this.slots = widen(this.slots, new Int32Array(capacity));
  }
}

function widen<T extends Float64Array | Int32Array>(from: T, larger: T): T {
  larger.set(from);
  return larger;
}
