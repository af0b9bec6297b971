import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KeyedDraws } from '../../../src/random/draw.ts';
import {
  fgdArrivalOrder,
  type OpenbPod,
  OpenbReader,
  parseOpenbPods,
} from '../../../src/workloads/openb.ts';
import { context, dataFolder, readAll } from './build-context.ts';

const SHORT = 'name,cpu_milli,memory_mib,num_gpu,gpu_milli';
const LONG = `${SHORT},gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time`;

function pod(name: string, gpuCount: number, gpuMilli: number): OpenbPod {
  const times = { createdAtSeconds: null, deletedAtSeconds: null, scheduledAtSeconds: null };
  return { name, cpuMillicores: 1, memoryMib: 1, gpuCount, gpuMilli, gpuModels: [], ...times };
}

const draws = (seed: number) => new KeyedDraws(seed, 0, 'test');

describe('parseOpenbPods', () => {
  it('reads both widths, models sorted', () => {
    expect(parseOpenbPods(`${SHORT}\r\np1,500,1024,0,0\r\n`)[0]).toEqual({
      ...pod('p1', 0, 0),
      cpuMillicores: 500,
      memoryMib: 1024,
    });
    const [p2] = parseOpenbPods(`${LONG}\np2,1,1,1,460,T4|P100,BE,Running,10,50,20\n`);
    expect(p2).toMatchObject({ gpuMilli: 460, gpuModels: ['P100', 'T4'], scheduledAtSeconds: 20 });
  });

  it.each([
    ['name,cpu\n', /list:1:1 header/],
    [`${SHORT}\np,1,1,0\n`, /list:2:1 row.*5 cells/],
    [`${SHORT}\n,1,1,0,0\n`, /name/],
    [`${SHORT}\np,1,1,0,0\np,1,1,0,0\n`, /list:3:1 name: got "p".*once/],
    [`${SHORT}\np,x,1,0,0\n`, /cpu_milli: got "x"/],
    [`${SHORT}\np,1,1,2,500\n`, /gpu_milli.*1000 where num_gpu/],
    [`${SHORT}\np,1,1,1,0\n`, /gpu_milli.*at least 1/],
    [`${SHORT}\np,1,1,1,1001\n`, /gpu_milli.*0 to 1000/],
    [`${LONG}\np,1,1,0,0,,LS,Running,10,9,\n`, /deletion_time: got "9"/],
    [`${LONG}\np,1,1,0,0,,LS,Running,,9,\n`, /creation_time: got ""/],
  ])('refuses %j', (text, message) => {
    expect(() => parseOpenbPods(text, 'list')).toThrow(message);
  });
});

describe('fgdArrivalOrder', () => {
  const pods = [pod('a', 1, 500), pod('b', 2, 1000), pod('c', 0, 0), pod('d', 1, 1000)];

  it('starts with a permutation and appends copies until the next would pass the target', () => {
    for (let seed = 0; seed < 50; seed++) {
      const order = fgdArrivalOrder(pods, {
        capacityMilli: 10_000,
        inflateTo: 1.3,
        draws: draws(seed),
      });
      expect(order.slice(0, 4).sort()).toEqual([0, 1, 2, 3]);
      const asked = order.reduce((sum, i) => sum + pods[i]!.gpuCount * pods[i]!.gpuMilli, 0);
      // Target 13000. The last copy was below it by its per-device thousandths, so one 2-device pod may pass it by 1000;
      // the draw that stopped the list would have passed it by at most 1000 per device.
      expect(asked).toBeGreaterThan(12_000);
      expect(asked).toBeLessThanOrEqual(14_000);
    }
  });

  it('removes pods where the list asks for more than the target', () => {
    for (let seed = 0; seed < 50; seed++) {
      // 3500 asked, target 1000: at least the pod of 2000 must go.
      const order = fgdArrivalOrder(pods, {
        capacityMilli: 1000,
        inflateTo: 1,
        draws: draws(seed),
      });
      const asked = order.reduce((sum, i) => sum + pods[i]!.gpuCount * pods[i]!.gpuMilli, 0);
      expect(asked).toBeLessThanOrEqual(1000);
      expect(new Set(order).size).toBe(order.length);
    }
  });

  it('gives every pod every place equally often', () => {
    // 4 pods, 4000 seeds: each (pod, place) is binomial(4000, 1/4): 1000 +- 4.5 x 27.4
    const counts = pods.map(() => pods.map(() => 0));
    for (let seed = 0; seed < 4000; seed++) {
      const options = { capacityMilli: 3500, inflateTo: 1, draws: draws(seed) };
      fgdArrivalOrder(pods, options)
        .slice(0, 4)
        .forEach((p, place) => {
          counts[p]![place]!++;
        });
    }
    for (const count of counts.flat()) expect(Math.abs(count - 1000)).toBeLessThan(123);
  });

  it('refuses a list without GPUs instead of drawing for ever', () => {
    const options = { capacityMilli: 1000, inflateTo: 1, draws: draws(1) };
    expect(() => fgdArrivalOrder([pod('c', 0, 0)], options)).toThrow(/num_gpu/);
  });
});

describe('OpenbReader', () => {
  const text = [
    LONG,
    'z,1,1,0,0,,LS,Running,5,50,20',
    'b,2,1,0,0,,LS,Pending,5,8,',
    'a,2,1,1,500,T4,LS,Running,0,9,1',
    'y,1,1,0,0,,LS,Pending,9,9,',
  ].join('\n');

  it('replays by (creation, name); a pod that was never scheduled runs for its life', () => {
    const rows = readAll(new OpenbReader(context()), text);
    // a: 9 - 1, b: 8 - 5, z: 50 - 20, y: 9 - 9 = 0, which takes the smallest step
    expect(rows.map((row) => [row.atUs / 1e6, row.durationUs])).toEqual([
      [0, 8e6],
      [5, 3e6],
      [5, 30e6],
      [9, 1],
    ]);
  });

  it('replays a given order of the name-sorted list, one a second, without end', () => {
    const world = context({ inflateTo: 1.3, gpuCapacityMilli: 1000, arrivalOrder: [3, 0, 0] });
    const reader = new OpenbReader(world);
    const rows = readAll(reader, text);
    expect(rows.map((row) => [row.atUs / 1e6, row.durationUs])).toEqual([
      [0, Infinity],
      [1, Infinity],
      [2, Infinity],
    ]);
    // Sorted by name: a b y z; index 3 is z, 0 is a.
    expect(world.shapes.at(rows[0]!.shape).gpuCount).toBe(0);
    expect(world.shapes.at(rows[1]!.shape)).toMatchObject({ gpuCount: 1, gpuModels: ['T4'] });
    // The typical pods come from the list itself: shapes (2 MiB-free) a; b; y and z are equal.
    expect([...reader.shapeCounts.values()].sort()).toEqual([1, 1, 2]);
  });

  it('draws the order from seed, replication and workload', () => {
    const order = (change: object) =>
      readAll(
        new OpenbReader(context({ inflateTo: 1, gpuCapacityMilli: 20_000, ...change })),
        text,
      ).map((row) => row.shape);
    expect(order({})).toEqual(order({}));
    expect(order({})).not.toEqual(order({ seed: 8 }));
    expect(order({})).not.toEqual(order({ replication: 1 }));
    expect(order({})).not.toEqual(order({ workload: 'other' }));
  });

  it('says that a list without times needs inflateTo, and that an index is out of range', () => {
    const short = `${SHORT}\np,1,1,1,1000\n`;
    expect(() => readAll(new OpenbReader(context()), short)).toThrow(/inflateTo/);
    const given = context({ inflateTo: 1, gpuCapacityMilli: 1, arrivalOrder: [1] });
    expect(() => readAll(new OpenbReader(given), short)).toThrow(/arrivalOrder\[0\]: got "1"/);
  });
});

const data = dataFolder();
describe.skipIf(data === undefined)('OpenbReader on the shipped lists', () => {
  const folder = join(data ?? '', 'traces/openb');

  it('reads the 8152 pods of the default list in order of time', () => {
    const bytes = readFileSync(join(folder, 'openb_pod_list_default.csv'));
    const rows = readAll(new OpenbReader(context()), bytes);
    expect(rows).toHaveLength(8152);
    expect(rows.every((row, i) => i === 0 || row.atUs >= rows[i - 1]!.atUs)).toBe(true);
  });

  it('reads every list, and inflates each to 1.3 of 6212 GPUs', () => {
    for (const name of readdirSync(folder).filter((f) => f.startsWith('openb_pod_list'))) {
      const text = readFileSync(join(folder, name), 'utf8');
      const pods = parseOpenbPods(text, name);
      const options = { capacityMilli: 6_212_000, inflateTo: 1.3, draws: draws(42) };
      const order = fgdArrivalOrder(pods, options);
      const asked = order.reduce((sum, i) => sum + pods[i]!.gpuCount * pods[i]!.gpuMilli, 0);
      // The largest pod has 8 whole GPUs.
      expect(Math.abs(asked - 1.3 * 6_212_000)).toBeLessThan(8000);
    }
  });
});
