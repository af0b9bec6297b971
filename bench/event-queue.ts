/**
 * The hold model: n events pend; the earliest is taken and one is pushed behind it. The typed heap against the same queue
 * on `fastpriorityqueue`, and against that library's bare use. Rounds alternate; the ratio is the median of the rounds'.
 */
import FastPriorityQueue from 'fastpriorityqueue';
import { Bench } from 'tinybench';
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

const GAPS = 1 << 16;

/** Exponential gaps of mean one second, drawn before anything is measured. */
function makeGaps(): Float64Array {
  const draws = new KeyedDraws(1, 0, 'bench/hold');
  const law = exponential(1e6);
  return Float64Array.from({ length: GAPS }, (_, i) => Math.round(law.at(draws.uniform(i, 0))));
}

function holderOf(name: string, queue: EventQueue, pending: number, gaps: Float64Array): Holder {
  let k = 0;
  for (let i = 0; i < pending; i++) queue.push(gaps[k++ & (GAPS - 1)]!, i & 3, 1, i);
  return {
    name,
    hold: (steps) => {
      for (let i = 0; i < steps; i++) {
        queue.pop();
        queue.push(queue.atUs + gaps[k++ & (GAPS - 1)]!, i & 3, 1, queue.subject);
      }
    },
  };
}

function bareHolder(pending: number, gaps: Float64Array): Holder {
  interface Pending {
    readonly atUs: number;
    readonly subject: number;
  }
  const queue = new FastPriorityQueue<Pending>((a, b) => a.atUs < b.atUs);
  let k = 0;
  for (let i = 0; i < pending; i++) queue.add({ atUs: gaps[k++ & (GAPS - 1)]!, subject: i });
  return {
    name: 'bare fastpriorityqueue',
    hold: (steps) => {
      for (let i = 0; i < steps; i++) {
        const { atUs, subject } = queue.poll()!;
        queue.add({ atUs: atUs + gaps[k++ & (GAPS - 1)]!, subject });
      }
    },
  };
}

/** Nanoseconds a step of each holder, by round; every round runs all of them once. */
async function measure(
  holders: readonly Holder[],
  steps: number,
  rounds: number,
): Promise<number[][]> {
  const times: number[][] = holders.map(() => []);
  for (const holder of holders) holder.hold(steps);
  for (let round = 0; round < rounds; round++) {
    const bench = new Bench({ iterations: 1, time: 0, warmup: false });
    for (const holder of holders) bench.add(holder.name, () => holder.hold(steps));
    await bench.run();
    bench.tasks.forEach((task, i) => {
      const { result } = task;
      if (!('latency' in result)) throw new Error(`${task.name} did not run`);
      times[i]!.push((result.latency.mean * 1e6) / steps);
    });
  }
  return times;
}

/** Measures at 10^3, 10^5 and 10^6 pending events. Target: four times the bare library at 10^6. */
export async function benchEventQueue(options: BenchOptions): Promise<BenchRow[]> {
  const ladder = options.nodes !== null ? [options.nodes] : [1_000, 100_000, 1_000_000];
  const gaps = makeGaps();
  const rows: BenchRow[] = [];
  for (const pending of options.isSmoke ? [1_000] : ladder) {
    const holders = [
      holderOf('HeapQueue', new HeapQueue(pending), pending, gaps),
      holderOf('ReferenceQueue', new ReferenceQueue(), pending, gaps),
      bareHolder(pending, gaps),
    ];
    const steps = options.isSmoke ? 20_000 : 200_000;
    const times = await measure(holders, steps, options.isSmoke ? 3 : 9);
    holders.forEach((holder, i) => {
      rows.push(
        row(`hold ${pending.toLocaleString('en-US')}`, {
          queue: holder.name,
          eventsPerSecond: 1e9 / median(times[i]!),
          reference: i === 0 ? null : 'HeapQueue is faster by',
          ratio: i === 0 ? null : median(times[i]!.map((ns, round) => ns / times[0]![round]!)),
        }),
      );
    });
  }
  return rows;
}
