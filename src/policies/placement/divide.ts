/** Dividing seats one at a time among parties with falling priorities, without doing it one at a time. */

/** Who competes. Parties are numbered 0..count-1. */
export interface Parties {
  readonly count: number;
  /**
   * The priority with which a party asks for its next seat when it got `given` of this division; it must never rise with
   * `given`. Higher goes first; -Infinity asks for none.
   */
  priority(party: number, given: number): number;
  /** The most that a party may get in this division; Infinity for no bound. */
  cap(party: number): number;
  /** Negative if `a` goes before `b` at equal priority, given what each got so far; must be a total order. */
  tie(a: number, b: number, given: Float64Array): number;
}

/** Up to so many seats per party are given one by one; of more, most are given at once first. */
const SEATS_PER_PARTY = 4;
/** Halvings of the priority range at most: enough for doubles. Few are needed until the rest is small enough. */
const HALVINGS = 64;

/**
 * Divides seats exactly as if each went, one at a time, to the party with the highest priority.
 *
 * Large divisions first give, in one step, every seat whose priority is above a level that leaves none too many: those come
 * before all others in any order of ties, so the result is the same.
 *
 * @param given zeroed, one entry per party; receives the seats
 * @returns seats given, fewer than `seats` only if every party reached its cap
 *
 * *Order*: priority, then `tie`. *Cost*: O(seats x log parties), or O(parties x halvings x log seats) for large divisions.
 */
export function divideSeats(seats: number, parties: Parties, given: Float64Array): number {
  let done = 0;
  if (seats > parties.count * SEATS_PER_PARTY) done = giveAboveLevel(seats, parties, given);
  if (done < seats) done += giveOneByOne(seats - done, parties, given);
  return done;
}

function giveAboveLevel(seats: number, parties: Parties, given: Float64Array): number {
  let high = Number.NEGATIVE_INFINITY;
  let low = Number.POSITIVE_INFINITY;
  for (let i = 0; i < parties.count; i++) {
    const cap = Math.min(seats, parties.cap(i));
    if (cap < 1) continue;
    high = Math.max(high, parties.priority(i, 0));
    const last = parties.priority(i, cap - 1);
    if (last > Number.NEGATIVE_INFINITY) low = Math.min(low, last);
  }
  if (!(low < high)) return 0;
  for (let k = 0; k < HALVINGS; k++) {
    const level = low + (high - low) / 2;
    if (level <= low || level >= high) break;
    const above = countAbove(level, seats, parties, null);
    if (above > seats) low = level;
    else {
      high = level;
      // What is left then goes one by one: as much of it as is cheaper than to halve on.
      if (seats - above <= parties.count * SEATS_PER_PARTY) break;
    }
  }
  return countAbove(high, seats, parties, given);
}

/** Seats whose priority is above a level, over all parties; writes them into `given` if it is there. */
function countAbove(
  level: number,
  seats: number,
  parties: Parties,
  given: Float64Array | null,
): number {
  let total = 0;
  for (let i = 0; i < parties.count; i++) {
    // The first seat at or below the level, by halving: priorities fall with every seat.
    let from = 0;
    let to = Math.min(seats, parties.cap(i));
    while (from < to) {
      const middle = from + Math.floor((to - from) / 2);
      if (parties.priority(i, middle) > level) from = middle + 1;
      else to = middle;
    }
    if (given !== null) given[i] = from;
    total += from;
  }
  return total;
}

function giveOneByOne(seats: number, parties: Parties, given: Float64Array): number {
  const heap = new Int32Array(parties.count);
  const priority = new Float64Array(parties.count);
  let size = 0;
  const goesFirst = (a: number, b: number): boolean =>
    priority[a]! > priority[b]! || (priority[a] === priority[b] && parties.tie(a, b, given) < 0);
  const sink = (at: number): void => {
    const party = heap[at]!;
    for (let child = 2 * at + 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && goesFirst(heap[child + 1]!, heap[child]!)) child++;
      if (!goesFirst(heap[child]!, party)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = party;
  };
  const canTake = (i: number): boolean => {
    if (given[i]! >= parties.cap(i)) return false;
    priority[i] = parties.priority(i, given[i]!);
    return priority[i]! > Number.NEGATIVE_INFINITY;
  };
  for (let i = 0; i < parties.count; i++) if (canTake(i)) heap[size++] = i;
  for (let at = (size >> 1) - 1; at >= 0; at--) sink(at);
  let done = 0;
  while (done < seats && size > 0) {
    const first = heap[0]!;
    given[first]!++;
    done++;
    if (!canTake(first)) heap[0] = heap[--size]!;
    if (size > 0) sink(0);
  }
  return done;
}
