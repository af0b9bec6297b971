import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventHandle } from '../../../src/base/ids.ts';
import { CalendarQueue } from '../../../src/collections/calendar-queue.ts';
import { type EventQueue, HeapQueue } from '../../../src/collections/event-queue.ts';
import { ReferenceQueue } from '../../../src/collections/reference-queue.ts';

const QUEUES = [
  { name: 'HeapQueue', make: (capacity?: number): EventQueue => new HeapQueue(capacity) },
  { name: 'CalendarQueue', make: (capacity?: number): EventQueue => new CalendarQueue(capacity) },
  { name: 'ReferenceQueue', make: (): EventQueue => new ReferenceQueue() },
];

/** Subjects in the order of popping. */
function drain(queue: EventQueue): number[] {
  const subjects: number[] = [];
  while (queue.pop()) subjects.push(queue.subject);
  return subjects;
}

describe.each(QUEUES)('$name', ({ make }) => {
  it('orders by time, then phase, then sequence of pushing', () => {
    const queue = make();
    queue.push(20, 0, 0, 4);
    queue.push(10, 3, 0, 2);
    queue.push(10, 1, 0, 0);
    queue.push(10, 3, 0, 3);
    queue.push(10, 1, 0, 1);
    expect(drain(queue)).toEqual([0, 1, 2, 3, 4]);
  });

  it('tells instant, kind and subject of what it popped, and what comes next', () => {
    const queue = make();
    queue.push(7, 2, 5, -12);
    expect([queue.size, queue.nextAtUs(), queue.nextPhase()]).toEqual([1, 7, 2]);
    expect(queue.pop()).toBe(true);
    expect([queue.atUs, queue.kind, queue.subject]).toEqual([7, 5, -12]);
    expect([queue.size, queue.nextAtUs(), queue.pop()]).toEqual([0, Infinity, false]);
  });

  it('cancels an event once, and not after it fired', () => {
    const queue = make();
    const early = queue.push(1, 0, 0, 1);
    const late = queue.push(2, 0, 0, 2);
    queue.push(3, 0, 0, 3);
    expect(queue.cancel(late)).toBe(true);
    expect(queue.cancel(late)).toBe(false);
    expect(queue.size).toBe(2);
    expect(queue.pop()).toBe(true);
    expect(queue.cancel(early)).toBe(false);
    expect(drain(queue)).toEqual([3]);
  });

  it('takes no handle for another event that reuses the place', () => {
    const queue = make();
    const first = queue.push(1, 0, 0, 1);
    queue.pop();
    const second = queue.push(1, 0, 0, 2);
    expect(second).not.toBe(first);
    expect(queue.cancel(first)).toBe(false);
    expect(drain(queue)).toEqual([2]);
  });

  it('ignores the handle of no event', () => {
    const queue = make();
    queue.push(1, 0, 0, 1);
    expect(queue.cancel(-1 as EventHandle)).toBe(false);
    expect(queue.size).toBe(1);
  });

  it('skips cancelled events when it looks at the next', () => {
    const queue = make();
    const first = queue.push(1, 1, 0, 1);
    queue.push(5, 4, 0, 2);
    queue.cancel(first);
    expect([queue.nextAtUs(), queue.nextPhase()]).toEqual([5, 4]);
  });

  it('keeps its order beyond the reserved room', () => {
    const queue = make(2);
    for (let i = 999; i >= 0; i--) queue.push(i, 0, 0, i);
    expect(drain(queue)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  });

  it('keeps its order when most events are cancelled', () => {
    const queue = make();
    // 4000 events, of which every fourth stays: 1000 remain.
    const handles = Array.from({ length: 4000 }, (_, i) => queue.push(4000 - i, 0, 0, i));
    for (let i = 0; i < 4000; i++) if (i % 4 !== 0) expect(queue.cancel(handles[i]!)).toBe(true);
    expect(queue.size).toBe(1000);
    expect(drain(queue)).toEqual(Array.from({ length: 1000 }, (_, i) => 3996 - 4 * i));
  });
});

describe('HeapQueue', () => {
  it('compacts when half is cancelled: the places are reused without growth', () => {
    const queue = new HeapQueue(4096);
    const before = queue.bytes;
    for (let round = 0; round < 50; round++) {
      const handles = Array.from({ length: 2000 }, (_, i) => queue.push(1e9 + i, 0, 0, i));
      for (const handle of handles) queue.cancel(handle);
    }
    expect(queue.size).toBe(0);
    // 100,000 events passed through 4,096 places; only the list of free places may have grown, 4 bytes each.
    expect(queue.bytes).toBeLessThan(before + 4096 * 4 * 1.5);
  });

  it('uses 27 bytes an event', () => {
    // Time and order 8 + 8, slot and subject 4 + 4, kind 1, generation 2: 27 bytes; room for 16 free places of 4.
    expect(new HeapQueue(1000).bytes).toBe(27_000 + 64);
  });
});

describe('CalendarQueue', () => {
  it('drops cancelled events when half is cancelled: the places are reused without growth', () => {
    const queue = new CalendarQueue(4096);
    const before = queue.bytes;
    for (let round = 0; round < 50; round++) {
      const handles = Array.from({ length: 2000 }, (_, i) => queue.push(1e9 + i, 0, 0, i));
      for (const handle of handles) queue.cancel(handle);
    }
    expect(queue.size).toBe(0);
    expect(queue.bytes).toBe(before);
  });

  it('uses 24 bytes an event', () => {
    // Instant 8, sequence, link, subject and (kind, phase, sequence) 4 each: 24 bytes.
    const empty = new CalendarQueue(16).bytes;
    expect(new CalendarQueue(1016).bytes - empty).toBe(24_000);
  });

  it('takes instants before its clock, between microseconds and beyond 285 years', () => {
    const queue = new CalendarQueue();
    const instants = [5.5, 1e300, 5.25, 3, -4, 2 ** 53, 2 ** 53 + 2, 0.5, 5];
    for (const [i, atUs] of instants.entries()) queue.push(atUs, 0, 0, i);
    queue.pop();
    expect(queue.atUs).toBe(-4);
    queue.push(-7, 0, 0, 9);
    // -7 (9), 0.5 (7), 3 (3), 5 (8), 5.25 (2), 5.5 (0), 2^53 (5), 2^53 + 2 (6), 1e300 (1).
    expect(drain(queue)).toEqual([9, 7, 3, 8, 2, 0, 5, 6, 1]);
  });
});

describe('what a calendar shows ahead', () => {
  it('are events of the kind that are still to come, each before it comes, and most of them', () => {
    const queue = new CalendarQueue();
    const shown = new Set<number>();
    const popped = new Set<number>();
    const subjects = new Int32Array(64);
    queue.ahead = {
      kind: 1,
      subjects,
      show: (count) => {
        for (const subject of subjects.subarray(0, count)) {
          expect(popped.has(subject)).toBe(false);
          shown.add(subject);
        }
      },
    };
    const next = dice(7);
    for (let i = 0; i < 20_000; i++) queue.push(next(1e8), 0, i % 3 === 0 ? 2 : 1, i);
    let unseen = 0;
    while (queue.pop()) {
      popped.add(queue.subject);
      if (queue.kind === 1 && !shown.has(queue.subject)) unseen++;
    }
    expect([...shown].some((subject) => subject % 3 === 0)).toBe(false);
    expect(unseen).toBe(0);
  });
});

describe.each(QUEUES.slice(0, 2))('$name against the queue of objects', ({ make }) => {
  it('is the same, whatever is pushed, popped and cancelled', () => {
    fc.assert(
      fc.property(operations(), (steps) => playBoth(steps, make(4), new ReferenceQueue())),
      { numRuns: 40 },
    );
  });

  it('is the same over a long run that grows, shrinks and compacts', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 30 }), (seed) => {
        playBoth(longRun(seed), make(16), new ReferenceQueue());
      }),
      { numRuns: 4 },
    );
  });

  it.each(LOADS)('is the same under %s', (load) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 30 }), (seed) => {
        playBoth(aheadOfClock(load, seed), make(16), new ReferenceQueue());
      }),
      { numRuns: 4 },
    );
  });
});

type Step =
  | { readonly do: 'push'; readonly atUs: number; readonly phase: number }
  /** Relative to the instant popped last. */
  | { readonly do: 'push'; readonly afterUs: number; readonly phase: number }
  | { readonly do: 'pop' }
  | { readonly do: 'cancel'; readonly which: number };

const LOADS = ['one scale', 'mixed scales', 'tied instants', 'bursts'] as const;

/** 20,000 steps as a simulation makes them: nothing is pushed before what was popped. */
function aheadOfClock(load: (typeof LOADS)[number], seed: number): Step[] {
  const next = dice(seed);
  const gap = (i: number): number => {
    if (load === 'one scale') return next(1e6);
    if (load === 'mixed scales') return Math.floor(4 ** next(24) * (1 + next(100) / 100));
    if (load === 'tied instants') return 1000 * next(3);
    return i % 2000 < 1500 ? next(2) : 1e9 + next(10);
  };
  let pending = 0;
  return Array.from({ length: 20_000 }, (_, i): Step => {
    const kind = next(20);
    const grows = Math.floor(i / 4000) % 2 === 0;
    if (kind === 0) return { do: 'cancel', which: next(2 ** 30) };
    if (pending > 0 && kind < (grows ? 8 : 13)) {
      pending--;
      return { do: 'pop' };
    }
    pending++;
    return { do: 'push', afterUs: gap(i), phase: next(5) };
  });
}

/** Few instants and phases, so that ties abound. */
function operations(): fc.Arbitrary<Step[]> {
  const push = fc.record({
    do: fc.constant('push' as const),
    atUs: fc.nat({ max: 20 }),
    phase: fc.nat({ max: 4 }),
  });
  const pop = fc.constant({ do: 'pop' as const });
  const cancel = fc.record({ do: fc.constant('cancel' as const), which: fc.nat() });
  return fc.array(fc.oneof({ weight: 5, arbitrary: push }, { weight: 3, arbitrary: pop }, cancel), {
    minLength: 100,
    maxLength: 3000,
    size: 'max',
  });
}

/** 30,000 steps in waves: mostly pushes, then mostly cancels, then mostly pops. */
function longRun(seed: number): Step[] {
  const next = dice(seed);
  return Array.from({ length: 30_000 }, (_, i): Step => {
    const wave = Math.floor(i / 3000) % 3;
    const kind = next(10);
    if (kind < (wave === 0 ? 8 : 2)) return { do: 'push', atUs: i + next(500), phase: next(5) };
    return kind < (wave === 1 ? 9 : 3) ? { do: 'cancel', which: next(2 ** 30) } : { do: 'pop' };
  });
}

/** Whole numbers below a bound, from a linear congruential generator. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 4294967296) * below);
  };
}

/** Plays steps on two queues and compares all that can be seen after each. */
function playBoth(steps: readonly Step[], heap: EventQueue, reference: EventQueue): void {
  const handles: [EventHandle, EventHandle][] = [];
  const see = (queue: EventQueue) =>
    queue.size === 0
      ? [0, queue.nextAtUs()]
      : [queue.size, queue.nextAtUs(), queue.nextPhase(), queue.atUs, queue.kind, queue.subject];
  const same = (a: unknown, b: unknown, i: number): void => {
    if (JSON.stringify(a) !== JSON.stringify(b)) expect({ step: i, heap: a }).toEqual({ heap: b });
  };
  steps.forEach((step, i) => {
    switch (step.do) {
      case 'push': {
        const { phase } = step;
        const atUs = 'atUs' in step ? step.atUs : heap.atUs + step.afterUs;
        handles.push([heap.push(atUs, phase, i % 255, i), reference.push(atUs, phase, i % 255, i)]);
        break;
      }
      case 'pop':
        same(heap.pop(), reference.pop(), i);
        break;
      case 'cancel': {
        if (handles.length === 0) break;
        const [a, b] = handles[step.which % handles.length]!;
        same(heap.cancel(a), reference.cancel(b), i);
        break;
      }
    }
    same(see(heap), see(reference), i);
  });
  same(drain(heap), drain(reference), steps.length);
}
