/** The skylines of classes against twins that sort all nodes after every change. */
import { describe, expect, it } from 'vitest';
import { RowHeaps } from '../../../src/selection/row-heaps.ts';
import { RowMaxima } from '../../../src/selection/row-maxima.ts';
import { BOUND_FIELDS, Skylines, TOP } from '../../../src/selection/skylines.ts';

/** Whole numbers below a bound. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 4294967296) * below);
  };
}

interface Amounts {
  readonly c: number;
  readonly level: number;
  readonly memory: number;
}

/** One of each kind of points, from the most cpu, with the node that stands for it. */
function naive(nodes: readonly (Amounts | null)[], c: number): number[][] {
  const all = nodes
    .map((at, n) => ({ at, n }))
    .filter(({ at }) => at?.c === c)
    .map(({ at, n }) => [at!.level, at!.memory, n] as const)
    .sort((a, b) => b[0] - a[0] || b[1] - a[1] || a[2] - b[2]);
  let most = -1;
  const points: number[][] = [];
  for (const [level, memory, n] of all) {
    if (memory <= most) continue;
    most = memory;
    points.push([level, memory, n]);
  }
  return points;
}

function pointsOf(skylines: Skylines, c: number): number[][] {
  const { counts, firstRows, memories, rows, stride } = skylines;
  return Array.from({ length: counts[c]! }, (_, i) => {
    const at = c * stride + i;
    return [rows[at]! - firstRows[c]!, memories[at]!, skylines.nodeOf(rows[at]!)];
  });
}

interface Story {
  readonly nodes: number;
  readonly levels: number;
  readonly memories: number;
  readonly isWide: boolean;
  /** True if most changes keep cpu plus memory about equal: long skylines. */
  readonly isSteep: boolean;
}

function play(story: Story, changes: number, seed: number): void {
  const next = dice(seed);
  const heaps = new RowHeaps(story.nodes, story.isWide);
  const skylines = new Skylines(heaps, story.isWide);
  // Two classes of one group and one of another: weights 2 a level and 1 a grain of memory, 1 and 3.
  const groups = [1, 0, 1];
  const slopes = [2, 1, 2];
  groups.forEach((group, c) => {
    const memorySlope = group === 1 ? 1 : 3;
    skylines.addClass({
      group,
      levels: story.levels + c,
      levelSlope: slopes[c]!,
      memorySlope,
    });
  });
  const unit = story.isWide ? 2 ** 33 + 1 : 1;
  const nodes: (Amounts | null)[] = new Array(story.nodes).fill(null);
  for (let i = 0; i < changes; i++) {
    const n = next(story.nodes);
    const before = nodes[n] ?? null;
    let now: Amounts | null = null;
    const kind = next(10);
    if (before !== null && kind < 6) {
      // As pods come and go: both amounts fall, or both rise, or one stays.
      const sign = next(2) === 0 ? -1 : 1;
      const level = before.level + sign * next(1 + story.levels / 4);
      const memory = before.memory / unit + sign * next(1 + story.memories / 4);
      if (level >= 0 && level < story.levels && memory >= 0) {
        now = { c: before.c, level, memory: memory * unit };
      }
    } else if (kind < 9) {
      const level = next(story.levels);
      const most = story.isSteep
        ? Math.floor((story.memories * (story.levels - level)) / story.levels)
        : story.memories;
      now = { c: next(3), level, memory: Math.max(0, most - next(3)) * unit };
    }
    nodes[n] = now;
    if (now === null) skylines.drop(n);
    else skylines.put(n, now.c, now.level, now.memory);
    const tops = [0, 1, 2].map((c) => {
      const points = naive(nodes, c);
      expect(pointsOf(skylines, c)).toEqual(points);
      const slope = groups[c] === 1 ? 1 : 3;
      return Math.max(
        -1,
        ...points.map(([level, memory]) => slopes[c]! * level! + slope * memory!),
      );
    });
    expect([...skylines.tops.subarray(0, 3)]).toEqual(tops);
    expect(skylines.bounds[BOUND_FIELDS + TOP]).toBe(Math.max(tops[0]!, tops[2]!));
    expect(skylines.bounds[TOP]).toBe(tops[1]);
  }
}

describe('skylines', () => {
  const even = { nodes: 12, levels: 6, memories: 6, isWide: false, isSteep: false };

  it.each<[string, Story, number]>([
    ['few nodes and amounts, so that many are equal', even, 2000],
    ['one node', { ...even, nodes: 1 }, 300],
    ['one level', { ...even, levels: 1 }, 500],
    ['many levels with gaps of blocks and halls', { ...even, nodes: 30, levels: 3000 }, 1500],
    [
      'long skylines',
      { nodes: 300, levels: 400, memories: 400, isWide: false, isSteep: true },
      1200,
    ],
    ['wide memory', { ...even, nodes: 40, levels: 50, memories: 50, isWide: true }, 1200],
  ])('are what is left when all nodes are sorted: %s', (_, story, changes) => {
    for (let seed = 1; seed <= 2; seed++) play(story, changes, seed * 7919);
  });
});

describe('row maxima', () => {
  it('find what a walk over all rows finds', () => {
    const next = dice(5);
    const maxima = new RowMaxima(false);
    const size = 1000;
    maxima.makeRoom(300, 300);
    maxima.makeRoom(size, size);
    const values = new Array<number>(size).fill(0);
    for (let i = 0; i < 20_000; i++) {
      const row = next(size);
      // Empty stretches, so that blocks and halls are skipped; few values, so that many are equal.
      values[row] = row % 300 > 200 || next(3) === 0 ? 0 : next(5);
      maxima.set(row, values[row]!);
      if (i % 10 > 0) continue;
      const from = next(size);
      const end = next(from + 1) - 1;
      const most = next(4);
      const count = maxima.search(from, end, most);
      expect([...maxima.found.subarray(0, count)]).toEqual(naiveSearch(values, from, end, most));
    }
  });
});

function naiveSearch(values: readonly number[], from: number, end: number, most: number): number[] {
  const found: number[] = [];
  for (let at = from; at > end; at--) {
    if (values[at]! <= most) continue;
    most = values[at]!;
    found.push(at);
  }
  return found;
}
