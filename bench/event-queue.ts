/**
 * The hold model: n events pend; the earliest is taken and one is pushed behind it. Four loads; the typed queues against each
 * other, and up to 10^6 events against the queue on `fastpriorityqueue` and that library's bare use. Rounds alternate; the
 * ratio is the median of the rounds'.
 */
import FastPriorityQueue from 'fastpriorityqueue';
import { CalendarQueue } from '../src/collections/calendar-queue.ts';
import { type EventQueue, HeapQueue } from '../src/collections/event-queue.ts';
import { ReferenceQueue } from '../src/collections/reference-queue.ts';
import { exponential } from '../src/random/distributions.ts';
import { KeyedDraws } from '../src/random/draw.ts';
import { type BenchOptions, type BenchRow, median, row } from './rows.ts';

/** A queue that holds its number of events through any number of steps. */
interface Holder {
  readonly name: string;
  hold(steps: number): void;
}

/** Where the next event falls: the instant of the one before, and the number of the draw. */
type NextAt = (atUs: number, k: number) => number;

const DRAWS = 1 << 16;
const MASK = DRAWS - 1;
const SECOND = 1e6;

/** Draws made before anything is measured: exponential gaps of mean one second, and uniform ones. */
function makeDraws(): { readonly gaps: Float64Array; readonly uniforms: Float64Array } {
  const law = exponential(SECOND);
  const gaps = new KeyedDraws(1, 0, 'bench/hold');
  const others = new KeyedDraws(1, 0, 'bench/mix');
  return {
    gaps: Float64Array.from({ length: DRAWS }, (_, i) => Math.round(law.at(gaps.uniform(i, 0)))),
    uniforms: Float64Array.from({ length: DRAWS }, (_, i) => others.uniform(i, 0)),
  };
}

/** The loads, each from its name to the instants that it makes. */
function makeLoads(): Readonly<Record<string, NextAt>> {
  const { gaps, uniforms } = makeDraws();
  const scales = [1e-3, 1e-2, 0.1, 1, 10, 100, 1e3, 1e4];
  return {
    exponential: (atUs, k) => atUs + gaps[k & MASK]!,
    // Milliseconds to hours, all as likely.
    'mixed scales': (atUs, k) =>
      atUs + Math.round(gaps[k & MASK]! * scales[Math.floor(uniforms[k & MASK]! * 8)]!),
    // Ten instants a second apart hold all events.
    tied: (atUs, k) => atUs + SECOND * (1 + Math.floor(uniforms[k & MASK]! * 10)),
    // Half follow at once, half fall into the 100 us after the next multiple of ten seconds.
    bursts: (atUs, k) => {
      const u = uniforms[k & MASK]!;
      if (u < 0.5) return atUs + Math.floor(u * 20);
      return (Math.floor(atUs / (10 * SECOND)) + 1) * 10 * SECOND + Math.floor(u * 100);
    },
  };
}

function holderOf(name: string, queue: EventQueue, pending: number, next: NextAt): Holder {
  let k = 0;
  for (let i = 0; i < pending; i++) queue.push(next(0, k++), i & 3, 1, i);
  return {
    name,
    hold: (steps) => {
      for (let i = 0; i < steps; i++) {
        queue.pop();
        queue.push(next(queue.atUs, k++), i & 3, 1, queue.subject);
      }
    },
  };
}

function bareHolder(pending: number, next: NextAt): Holder {
  interface Pending {
    readonly atUs: number;
    readonly subject: number;
  }
  const queue = new FastPriorityQueue<Pending>((a, b) => a.atUs < b.atUs);
  let k = 0;
  for (let i = 0; i < pending; i++) queue.add({ atUs: next(0, k++), subject: i });
  return {
    name: 'bare fastpriorityqueue',
    hold: (steps) => {
      for (let i = 0; i < steps; i++) {
        const { atUs, subject } = queue.poll()!;
        queue.add({ atUs: next(atUs, k++), subject });
      }
    },
  };
}

/** Nanoseconds a step of each holder, by round; every round runs all of them once. */
function measure(holders: readonly Holder[], steps: number, rounds: number): number[][] {
  const times: number[][] = holders.map(() => []);
  for (const holder of holders) holder.hold(steps);
  for (let round = 0; round < rounds; round++) {
    holders.forEach((holder, i) => {
      const start = process.hrtime.bigint();
      holder.hold(steps);
      times[i]!.push(Number(process.hrtime.bigint() - start) / steps);
    });
  }
  return times;
}

/** Objects of more events than these fill the heap of a small machine. */
const OBJECTS_MAX = 1_000_000;

/** Measures at 10^3 to 10^7 pending events. Targets: four times the bare library at 10^6; calendar within 1.3 of the heap. */
export async function benchEventQueue(options: BenchOptions): Promise<BenchRow[]> {
  const ladder = options.nodes !== null ? [options.nodes] : [1e3, 1e4, 1e5, 1e6, 1e7];
  const rows: BenchRow[] = [];
  for (const [load, next] of Object.entries(makeLoads())) {
    for (const pending of options.isSmoke ? [1_000] : ladder) {
      rows.push(...measureLoad(load, next, pending, options.isSmoke));
    }
  }
  return rows;
}

function measureLoad(load: string, next: NextAt, pending: number, isSmoke: boolean): BenchRow[] {
  const holders = [
    holderOf('heap', new HeapQueue(pending), pending, next),
    holderOf('calendar', new CalendarQueue(pending), pending, next),
  ];
  if (pending <= OBJECTS_MAX && load === 'exponential') {
    holders.push(holderOf('fastpriorityqueue', new ReferenceQueue(), pending, next));
    holders.push(bareHolder(pending, next));
  }
  // A large queue moves on by a share of its events in every round: one step is too short to be timed.
  const steps = isSmoke ? 20_000 : Math.max(200_000, pending / 5);
  const times = measure(holders, steps, isSmoke ? 3 : 7);
  return holders.map((holder, i) =>
    row(`${load}, ${pending.toLocaleString('en-US')}`, {
      queue: holder.name,
      eventsPerSecond: 1e9 / median(times[i]!),
      reference: i === 0 ? null : 'time over the heap',
      ratio: i === 0 ? null : median(times[i]!.map((ns, round) => ns / times[0]![round]!)),
    }),
  );
}
