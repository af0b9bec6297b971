import { describe, expect, it } from 'vitest';
import { HeapQueue } from '../../../src/collections/event-queue.ts';
import { Engine, type SortedLane } from '../../../src/engine/simulation.ts';

/** A lane of known instants that stalls after the given number of deliveries. */
class TestLane implements SortedLane {
  isStalled = false;
  private readonly instants: number[];
  private readonly stallAfter: number;
  private readonly tell: () => void;
  private delivered = 0;

  constructor(instants: readonly number[], tell: () => void, stallAfter = Infinity) {
    this.instants = [...instants];
    this.tell = tell;
    this.stallAfter = stallAfter;
  }

  nextAtUs(): number {
    return this.instants[0] ?? Infinity;
  }

  deliver(): void {
    this.instants.shift();
    this.tell();
    if (++this.delivered >= this.stallAfter) this.isStalled = true;
  }
}

/** An engine with kinds 0, 1 and 2 of phases 0, 2 and 4, and a lane of phase 2; tells `instant:what`. */
function build(lane: readonly number[] = [], stallAfter = Infinity) {
  const told: string[] = [];
  const stream = new TestLane(lane, () => told.push(`${engine.nowUs}:lane`), stallAfter);
  const handler = (kind: number) => (subject: number) =>
    void told.push(`${engine.nowUs}:${kind}/${subject}`);
  const engine: Engine = new Engine(
    new HeapQueue(),
    [handler(0), handler(1), handler(2)],
    [0, 2, 4],
    { stream, phase: 2 },
  );
  return { engine, told, stream };
}

describe('Engine', () => {
  it('dispatches by time, then by the phase of the kind, then in order of scheduling', () => {
    const { engine, told } = build();
    engine.at(5, 2, 1);
    engine.at(5, 1, 2);
    engine.at(5, 1, 3);
    engine.at(5, 0, 4);
    engine.at(4, 2, 5);
    expect(engine.runBefore(Infinity)).toBe(5);
    expect(told).toEqual(['4:2/5', '5:0/4', '5:1/2', '5:1/3', '5:2/1']);
  });

  it('gives what comes soon the place that the queue would give it', () => {
    // Random pushes at three instants, some of them from handlers, the same with and without the short way.
    const run = (isSoon: boolean): string[] => {
      const told: string[] = [];
      let left = 60;
      let state = 1;
      const random = (n: number): number => {
        state = (Math.imul(state, 1664525) + 1013904223) | 0;
        return (state >>> 16) % n;
      };
      const now = (kind: number, subject: number): void => {
        if (isSoon) engine.soon(kind, subject);
        else engine.at(engine.nowUs, kind, subject);
      };
      const act = (kind: number) => (subject: number) => {
        told.push(`${engine.nowUs}:${kind}/${subject}`);
        for (let i = 1 + random(2); i > 0 && left > 0; i--) {
          left--;
          if (random(2) === 0) now(random(3), left);
          else engine.at(engine.nowUs + random(2), random(3), left);
        }
      };
      const stream = new TestLane([5, 6, 6, 7], () => act(9)(0));
      const engine: Engine = new Engine(new HeapQueue(), [act(0), act(1), act(2)], [0, 2, 4], {
        stream,
        phase: 2,
      });
      engine.at(4, 1, 0);
      while (engine.runBefore(Infinity, 3) > 0) told.push(`next ${engine.nextAtUs()}`);
      expect(engine.pending).toBe(0);
      return told;
    };
    expect(run(true).length).toBeGreaterThan(30);
    expect(run(true)).toEqual(run(false));
  });

  it('lets the lane go behind earlier phases of its instant, before equal and later ones', () => {
    const { engine, told } = build([5]);
    engine.at(5, 0, 1);
    engine.at(5, 1, 2);
    engine.at(5, 2, 3);
    engine.runBefore(Infinity);
    expect(told).toEqual(['5:0/1', '5:lane', '5:1/2', '5:2/3']);
  });

  it('runs strictly before its limit, lane and queue alike', () => {
    const { engine, told } = build([3, 10]);
    engine.at(9, 0, 1);
    engine.at(10, 0, 2);
    expect(engine.runBefore(10)).toBe(2);
    expect(told).toEqual(['3:lane', '9:0/1']);
    expect([engine.nowUs, engine.nextAtUs(), engine.pending]).toEqual([9, 10, 1]);
    expect(engine.runBefore(10.5)).toBe(2);
    expect(told.slice(2)).toEqual(['10:0/2', '10:lane']);
  });

  it('stops after the most events that it may dispatch', () => {
    const { engine, told } = build([1, 2]);
    engine.at(3, 0, 1);
    expect(engine.runBefore(Infinity, 2)).toBe(2);
    expect(told).toEqual(['1:lane', '2:lane']);
    expect([engine.runBefore(Infinity, 2), engine.dispatched]).toEqual([1, 3]);
  });

  it('stops when the lane stalls, even if the queue has something to do', () => {
    const { engine, told, stream } = build([1, 4], 1);
    engine.at(2, 0, 1);
    expect(engine.runBefore(Infinity)).toBe(1);
    stream.isStalled = false;
    engine.runBefore(Infinity);
    expect(told).toEqual(['1:lane', '2:0/1', '4:lane']);
  });

  it('ends at once when nothing will ever happen', () => {
    const { engine } = build();
    expect([engine.runBefore(Infinity), engine.nextAtUs(), engine.nowUs]).toEqual([0, Infinity, 0]);
  });

  it('dispatches what a handler schedules for the same instant', () => {
    const told: number[] = [];
    const engine: Engine = new Engine(
      new HeapQueue(),
      [
        (subject) => {
          told.push(subject);
          if (subject < 3) engine.at(engine.nowUs, 0, subject + 1);
        },
      ],
      [0],
      { stream: new TestLane([], () => {}), phase: 0 },
    );
    engine.at(8, 0, 0);
    engine.runBefore(9);
    expect([told, engine.nowUs]).toEqual([[0, 1, 2, 3], 8]);
  });

  it('never dispatches a cancelled event', () => {
    const { engine, told } = build();
    const handle = engine.at(1, 0, 1);
    engine.at(2, 0, 2);
    expect(engine.cancel(handle)).toBe(true);
    engine.runBefore(Infinity);
    expect([told, engine.cancel(handle)]).toEqual([['2:0/2'], false]);
  });

  it('calls the check after each event, deliveries included', () => {
    const { engine } = build([1]);
    let checks = 0;
    engine.afterEach = () => checks++;
    engine.at(2, 0, 1);
    engine.runBefore(Infinity);
    expect(checks).toBe(2);
  });
});
