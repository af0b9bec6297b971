/** What a heap orders: it keeps its own place in it. */
export interface Heaped {
  /** Place in the heap that holds it, -1 outside. */
  heapIndex: number;
}

/** Up to this part of those inside, members are pushed one by one. */
const LOG_FEW = 8;

/**
 * A binary heap whose members know their place, so that any of them can be taken out.
 *
 * *Guarantees*: the head precedes all others by a total order. *Cost*: O(log n) a call; one array.
 */
export class PodHeap<T extends Heaped> {
  private readonly members: T[] = [];
  private readonly precedes: (a: T, b: T) => boolean;

  /** @param precedes a strict total order that does not change while a member is inside */
  constructor(precedes: (a: T, b: T) => boolean) {
    this.precedes = precedes;
  }

  get size(): number {
    return this.members.length;
  }

  /** The first, or null. */
  get head(): T | null {
    return this.members[0] ?? null;
  }

  push(member: T): void {
    this.members.push(member);
    this.siftUp(member, this.members.length - 1);
  }

  /** Adds many at once. *Cost*: O(1) each where they are many compared with those inside. */
  pushAll(members: readonly T[]): void {
    if (members.length * LOG_FEW < this.members.length) {
      for (const member of members) this.push(member);
      return;
    }
    for (const member of members) {
      member.heapIndex = this.members.length;
      this.members.push(member);
    }
    for (let i = (this.members.length >> 1) - 1; i >= 0; i--) this.siftDown(this.members[i]!, i);
  }

  /** Takes all out for which `isTaken` holds, in no order. *Cost*: O(members). */
  takeAll(isTaken: (member: T) => boolean): T[] {
    const taken: T[] = [];
    const left: T[] = [];
    for (const member of this.members) (isTaken(member) ? taken : left).push(member);
    if (taken.length === 0) return taken;
    for (const member of taken) member.heapIndex = -1;
    this.members.length = 0;
    this.pushAll(left);
    return taken;
  }

  /** Visits every member, in no order. */
  forEach(visit: (member: T) => void): void {
    for (const member of this.members) visit(member);
  }

  /** Takes a member out from anywhere. */
  remove(member: T): void {
    const i = member.heapIndex;
    const last = this.members.pop()!;
    member.heapIndex = -1;
    if (last === member) return;
    this.siftUp(last, i);
    this.siftDown(last, last.heapIndex);
  }

  private siftUp(member: T, from: number): void {
    const { members } = this;
    let i = from;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!this.precedes(member, members[parent]!)) break;
      this.put(members[parent]!, i);
      i = parent;
    }
    this.put(member, i);
  }

  private siftDown(member: T, from: number): void {
    const { members } = this;
    let i = from;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= members.length) break;
      if (child + 1 < members.length && this.precedes(members[child + 1]!, members[child]!))
        child++;
      if (!this.precedes(members[child]!, member)) break;
      this.put(members[child]!, i);
      i = child;
    }
    this.put(member, i);
  }

  private put(member: T, i: number): void {
    this.members[i] = member;
    member.heapIndex = i;
  }
}
