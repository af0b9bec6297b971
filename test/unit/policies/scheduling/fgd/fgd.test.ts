import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asNode } from '../../../../../src/base/ids.ts';
import { fgdBestFit } from '../../../../../src/policies/scheduling/fgd/best-fit.ts';
import { fgdDotProduct } from '../../../../../src/policies/scheduling/fgd/dot-product.ts';
import { fgd } from '../../../../../src/policies/scheduling/fgd/fgd.ts';
import { Fragmentation } from '../../../../../src/policies/scheduling/fgd/fragmentation.ts';
import { fgdGpuClustering } from '../../../../../src/policies/scheduling/fgd/gpu-clustering.ts';
import { fgdGpuPacking } from '../../../../../src/policies/scheduling/fgd/gpu-packing.ts';
import { fgdRandom } from '../../../../../src/policies/scheduling/fgd/random.ts';
import {
  type PodClassCount,
  type TypicalPod,
  typicalPods,
} from '../../../../../src/policies/scheduling/fgd/typical-pods.ts';
import { buildCluster, type TestCluster } from '../../../../../src/testing.ts';
import { issuesOf, profileOf, scoresOf } from '../profiles.ts';

const kind = (
  cpuMillicores: number,
  gpuCount: number,
  gpuMilli: number,
  count: number,
  gpuModels: readonly string[] = [],
): PodClassCount => ({ cpuMillicores, gpuCount, gpuMilli, gpuModels, count });

describe('typical pods', () => {
  // 100 pods: 60 + 25 + 10 = 95 reaches 95 %: three classes, weights 60/95, 25/95, 10/95.
  it('take the most frequent classes until the coverage is reached', () => {
    const pods = [kind(1, 0, 0, 3), kind(2, 1, 500, 60), kind(3, 2, 1000, 10), kind(4, 0, 0, 25)];
    const taken = typicalPods([...pods, kind(5, 0, 0, 2)]);
    expect(taken.map((t) => t.cpuMillicores)).toEqual([2, 4, 3]);
    expect(taken.map((t) => t.weight)).toEqual([
      60 / 100 / (95 / 100),
      25 / 100 / (95 / 100),
      10 / 100 / (95 / 100),
    ]);
  });

  it('group equal classes whatever their order, and break ties by larger cpu, share, number and models', () => {
    const pods = [
      kind(1, 1, 500, 1, ['B', 'A']),
      kind(1, 1, 500, 1, ['A', 'B']),
      kind(1, 1, 500, 2, ['B']),
      kind(1, 1, 500, 2),
      kind(1, 1, 600, 2),
      kind(2, 0, 0, 2),
      kind(1, 2, 500, 2),
    ];
    const taken = typicalPods(pods, 1);
    expect(taken.map((t) => [t.cpuMillicores, t.gpuMilli, t.gpuCount, t.count])).toEqual([
      [2, 0, 0, 2],
      [1, 600, 1, 2],
      [1, 500, 2, 2],
      [1, 500, 1, 2],
      [1, 500, 1, 2],
      [1, 500, 1, 2],
    ]);
    // `B` is above `A|B`, which is above the empty text.
    expect(taken.slice(3).map((t) => [...t.gpuModels].sort().join('|'))).toEqual(['B', 'A|B', '']);
  });
});

/** F as the protocol states it, device by device and class by class. */
function naiveF(
  cpuLeft: number,
  lefts: readonly number[],
  model: string,
  typical: readonly TypicalPod[],
) {
  const bins = { q1: 0, q2: 0, q4: 0, xl: 0, xr: 0, no: 0 };
  const all = lefts.reduce((a, b) => a + b, 0);
  for (const m of typical) {
    const cpuFits = cpuLeft >= m.cpuMillicores;
    if (m.gpuCount === 0) bins[cpuFits ? 'xl' : 'xr'] += m.weight * all;
    else if (m.gpuModels.length > 0 && !m.gpuModels.includes(model)) bins.no += m.weight * all;
    else {
      const enough = lefts.filter((left) => left >= m.gpuMilli).length >= m.gpuCount;
      const small = lefts.filter((left) => left < m.gpuMilli).reduce((a, b) => a + b, 0);
      if (enough && cpuFits) bins.q2 += m.weight * small;
      else if (enough) bins.q4 += m.weight * all;
      else if (cpuFits) bins.q2 += m.weight * all;
      else bins.q1 += m.weight * all;
    }
  }
  return bins.q1 + bins.q2 + bins.q4 + bins.xl + bins.xr + bins.no;
}

const classes = fc.array(
  fc.oneof(
    fc.tuple(fc.nat(8), fc.constant(0), fc.constant(0)),
    fc.tuple(fc.nat(8), fc.constant(1), fc.integer({ min: 1, max: 10 })),
    fc.tuple(fc.nat(8), fc.integer({ min: 1, max: 4 }), fc.constant(10)),
  ),
  { minLength: 1, maxLength: 12 },
);

describe('fragmentation', () => {
  it('equals the naive sum bit for bit, now and after any placement', () => {
    const property = fc.property(
      classes,
      fc.array(fc.nat(10), { minLength: 1, maxLength: 8 }),
      fc.nat(7),
      fc.nat(8),
      fc.nat(3),
      (kinds, taken, device, share, cpu) => {
        const typical = typicalPods(
          kinds.map(([c, n, g], i) =>
            kind(c * 1000, n, g * 100, 1 + i, i % 3 === 2 && n > 0 ? ['V100'] : []),
          ),
        );
        const cluster = buildCluster([{ cpuMillicores: 8000, memoryMib: 64, gpus: taken.length }]);
        taken.forEach((tenths, d) => {
          if (tenths > 0) cluster.place({ gpus: 1, gpuMilli: tenths * 100 }, 0, 1 << d);
        });
        const f = new Fragmentation(typical, cluster.view);
        f.read(asNode(0), cluster.view);
        const lefts = taken.map((tenths) => 1000 - tenths * 100);
        expect(f.now()).toBe(naiveF(8000, lefts, 'T4', typical));
        const d = device % taken.length;
        const milli = Math.min(lefts[d]!, share * 100);
        const after = lefts.map((left, i) => (i === d ? left - milli : left));
        expect(f.after(cpu * 1000, 1, lefts[d]!, lefts[d]! - milli)).toBe(
          naiveF(8000 - cpu * 1000, after, 'T4', typical),
        );
        const whole = lefts.filter((left) => left === 1000).length;
        const emptied = lefts.map((left) => (left === 1000 ? 0 : left));
        expect(f.after(0, whole, 1000, 0)).toBe(naiveF(8000, emptied, 'T4', typical));
      },
    );
    fc.assert(property, { numRuns: 300 });
  });

  // Two devices with 1000 and 400 left, T = 1400, cpu plenty; one class of one whole device, one of 500: weights 1/2 each.
  // Whole: one device has 1000: small = 400. 500: one device fits, small = 400. F = 0.5*400 + 0.5*400 = 400.
  it('is what the typical pods cannot use, worked by hand', () => {
    const typical = typicalPods([kind(1000, 1, 1000, 1), kind(1000, 1, 500, 1)]);
    const cluster = buildCluster([{ cpuMillicores: 8000, memoryMib: 64, gpus: 2 }]);
    cluster.place({ gpus: 1, gpuMilli: 600 }, 0, 0b10);
    const f = new Fragmentation(typical, cluster.view);
    f.read(asNode(0), cluster.view);
    expect(f.now()).toBe(400);
    // After 400 on the second device nothing is small any more: 0.
    expect(f.after(0, 1, 400, 0)).toBe(0);
  });
});

const typicalParams = {
  typicalPods: [
    { cpuMillicores: 1000, gpuCount: 1, gpuMilli: 1000, count: 1 },
    { cpuMillicores: 1000, gpuCount: 1, gpuMilli: 500, count: 1 },
  ],
};

describe('fgd/fgd', () => {
  // The node above. A share of 400: on device 0 (1000 -> 600): whole: none fits: T = 1000, 500: small 400: F = 0.5*1000 + 0.5*400
  // = 700, score int(100 / (1 + exp(0.3))) = int(42.55) = 42. On device 1 (400 -> 0): F = 0, score int(100 / (1 + exp(-0.4))) =
  // int(59.87) = 59. The node scores 59 and the share goes to device 1.
  it('scores shares on their best device and puts them there', () => {
    const cluster = buildCluster([{ cpuMillicores: 8000, memoryMib: 64, gpus: 2 }]);
    cluster.place({ gpus: 1, gpuMilli: 600 }, 0, 0b10);
    const made = profileOf(fgd, cluster, typicalParams);
    const share = { cpuMillicores: 100, gpus: 1, gpuMilli: 400 };
    expect(scoresOf(made, cluster, share)).toEqual([59]);
    expect(made.devices!.choose(cluster.attempt(share), asNode(0), cluster.view)).toBe(0b10);
    expect(made.ties).toBe('rank');
  });

  it('scores a node whose fragmentation stays the same exactly 50', () => {
    const cluster = buildCluster([{ cpuMillicores: 8000, memoryMib: 64 }]);
    const made = profileOf(fgd, cluster, typicalParams);
    expect(scoresOf(made, cluster, { cpuMillicores: 100 })).toEqual([50]);
  });

  it('takes typical pods from the trace, else from the declared shapes, else refuses', () => {
    const cluster = buildCluster([{ cpuMillicores: 8000, memoryMib: 64, gpus: 2 }]);
    cluster.place({ gpus: 1, gpuMilli: 600 }, 0, 0b10);
    const share = { cpuMillicores: 100, gpus: 1, gpuMilli: 400 };
    const whole = cluster.shape({ cpuMillicores: 1000, gpus: 1 });
    const half = cluster.shape({ cpuMillicores: 1000, gpus: 1, gpuMilli: 500 });
    const counted = {
      ...cluster.setup(),
      shapeCounts: new Map([
        [whole.index, 7],
        [half.index, 7],
      ]),
    };
    expect(scoresOf(profileOf(fgd, cluster, {}, counted), cluster, share)).toEqual([59]);
    const declared = { ...cluster.setup(), shapes: [whole, half] };
    expect(scoresOf(profileOf(fgd, cluster, {}, declared), cluster, share)).toEqual([59]);
    // Refused at the first decision: before, a trace may not have been read.
    expect(() => scoresOf(profileOf(fgd, cluster, {}), cluster, share)).toThrow(/typicalPods/);
  });

  it('lists what is wrong with ranks and typical pods', () => {
    const params = {
      ranks: [0, 2],
      typicalPods: [{ cpuMillicores: -1, gpuMilli: 2000, gpuCount: 1 }],
    };
    expect(issuesOf(fgd, params).map((i) => i.path)).toEqual([
      'ranks',
      'typicalPods[0].cpuMillicores',
      'typicalPods[0].gpuMilli',
    ]);
    const cluster = buildCluster([{ cpuMillicores: 1, memoryMib: 1, count: 2 }]);
    expect(profileOf(fgd, cluster, { ...typicalParams, ranks: [1, 0] }).ranks).toEqual([1, 0]);
  });
});

/** 64 cores, 4 GPUs, 10 cores and a share of 300 taken: c = 54000, G = 3700. */
function buildUsed(): TestCluster {
  const cluster = buildCluster([{ cpuMillicores: 64_000, memoryMib: 64, gpus: 4 }]);
  cluster.place({ cpuMillicores: 10_000, gpus: 1, gpuMilli: 300 }, 0, 0b1);
  return cluster;
}
const twoGpus = { cpuMillicores: 8000, gpus: 2 };

describe('fgd/dot-product', () => {
  // d = (54000/128000 * 8000/128000 + 3700/8000 * 2000/8000) / 2 = (0.0263672 + 0.115625) / 2 = 0.0709961: int(92.90) = 92.
  it('truncates 100 (1 - d)', () => {
    const cluster = buildUsed();
    expect(scoresOf(profileOf(fgdDotProduct, cluster), cluster, twoGpus)).toEqual([92]);
  });

  it('asks for constants that cover the largest node', () => {
    const cluster = buildCluster([{ cpuMillicores: 192_000, memoryMib: 64, gpus: 9 }]);
    expect(() => profileOf(fgdDotProduct, cluster)).toThrow(/at least 192000/);
    expect(() => profileOf(fgdDotProduct, cluster)).toThrow(/gpuMaxMilli: 9000/);
    const params = { cpuMaxMillicores: 192_000, gpuMaxMilli: 9000 };
    expect(() => profileOf(fgdDotProduct, cluster, params)).not.toThrow();
  });
});

describe('fgd/best-fit', () => {
  // s = 0.5 * 46000/128000 + 0.5 * 1700/8000 = 0.1796875 + 0.10625 = 0.2859375: int(71.40) = 71.
  it('truncates (1 - s) 100', () => {
    const cluster = buildUsed();
    expect(scoresOf(profileOf(fgdBestFit, cluster), cluster, twoGpus)).toEqual([71]);
  });

  it('keeps best and ties under the normalisation of the study', () => {
    const raws = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 20 });
    const property = fc.property(raws, (raw) => {
      const [min, max] = [Math.min(...raw), Math.max(...raw)];
      const normal = raw.map((x) =>
        max === min ? 0 : Math.floor(((x - min) * 100) / (max - min)),
      );
      const winners = (scores: number[]) =>
        scores.flatMap((s, i) => (s === Math.max(...scores) ? [i] : []));
      expect(winners(normal)).toEqual(winners(raw));
    });
    fc.assert(property);
  });
});

describe('fgd/gpu-clustering', () => {
  // Four GPUs: empty: b = int(25 * 4000/8000) = 12, no GPU pods: 37. One share of 300: G = 3700, b = int(25 * 4300/8000) = 13:
  // a share: 13 + 75 = 88; one whole device: absent, 13. Share and a pair: G = 1700, b = int(25 * 6300/8000) = 19: share 69, pair 69.
  it('prefers the class that is there alone, then among others, then nodes without GPU pods', () => {
    const cluster = buildCluster([{ count: 3, cpuMillicores: 64_000, memoryMib: 64, gpus: 4 }]);
    cluster.place({ gpus: 1, gpuMilli: 300 }, 1);
    cluster.place({ gpus: 1, gpuMilli: 300 }, 2);
    cluster.place({ gpus: 2 }, 2, 0b110);
    const made = profileOf(fgdGpuClustering, cluster);
    expect(scoresOf(made, cluster, { gpus: 1, gpuMilli: 500 })).toEqual([37, 88, 69]);
    expect(scoresOf(made, cluster, { gpus: 1 })).toEqual([37, 13, 19]);
    expect(scoresOf(made, cluster, { gpus: 2 })).toEqual([37, 13, 69]);
    expect(scoresOf(made, cluster, { cpuMillicores: 1 })).toEqual([0, 0, 0]);
  });
});

describe('fgd/gpu-packing', () => {
  // Empty four: max(33-4, 4) = 29; empty eight: max(33-8, 8) = 25. Lefts 700,1000,1000,1000: a share of 500 takes 700: R = 70:
  // max(100-7, 50) = 93; two whole: k = 2: max(50-2, 33) = 48; a share of 800 takes a free one: k = 1: 49.
  it('prefers devices in use, then free devices of used nodes, then idle nodes', () => {
    const cluster = buildCluster([
      { cpuMillicores: 64_000, memoryMib: 64, gpus: 4 },
      { cpuMillicores: 64_000, memoryMib: 64, gpus: 8 },
      { cpuMillicores: 64_000, memoryMib: 64, gpus: 4 },
    ]);
    cluster.place({ gpus: 1, gpuMilli: 300 }, 2);
    const made = profileOf(fgdGpuPacking, cluster);
    expect(scoresOf(made, cluster, { gpus: 1, gpuMilli: 500 })).toEqual([29, 25, 93]);
    expect(scoresOf(made, cluster, { gpus: 2 })).toEqual([29, 25, 48]);
    expect(scoresOf(made, cluster, { gpus: 1, gpuMilli: 800 })).toEqual([29, 25, 49]);
    expect(scoresOf(made, cluster, { cpuMillicores: 1 })).toEqual([0, 0, 0]);
  });
});

describe('fgd/random', () => {
  it('draws a device for shares, each fitting one about as often, the same for the same pod', () => {
    const cluster = buildUsed();
    cluster.place({ gpus: 1, gpuMilli: 900 }, 0, 0b100);
    const { devices, ties } = profileOf(fgdRandom, cluster);
    expect(ties).toBe('uniform');
    const counts = new Map<number, number>();
    for (let key = 0; key < 3000; key++) {
      const pod = cluster.attempt({ gpus: 1, gpuMilli: 500 }, key);
      const mask = devices!.choose(pod, asNode(0), cluster.view);
      expect(devices!.choose(pod, asNode(0), cluster.view)).toBe(mask);
      counts.set(mask, (counts.get(mask) ?? 0) + 1);
    }
    // Devices 0, 1 and 3 fit: 1000 each, standard deviation sqrt(3000 * 1/3 * 2/3) = 26: within four of them.
    expect([...counts.keys()].sort()).toEqual([0b1, 0b10, 0b1000].sort());
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(104);
  });
});
