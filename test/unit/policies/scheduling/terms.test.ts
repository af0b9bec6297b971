import { describe, expect, it } from 'vitest';
import { ScenarioError } from '../../../../src/base/errors.ts';
import { asNodeList } from '../../../../src/base/ids.ts';
import { bestFit } from '../../../../src/policies/scheduling/best-fit.ts';
import { dotProduct } from '../../../../src/policies/scheduling/dot-product.ts';
import { leastAllocated } from '../../../../src/policies/scheduling/least-allocated.ts';
import { mostAllocated } from '../../../../src/policies/scheduling/most-allocated.ts';
import { powerOfD } from '../../../../src/policies/scheduling/power-of-d.ts';
import { profile } from '../../../../src/policies/scheduling/profile.ts';
import { worstFit } from '../../../../src/policies/scheduling/worst-fit.ts';
import { buildCluster } from '../../../../src/testing.ts';
import { issuesOf, profileOf, scoresOf } from './profiles.ts';

/** Node 0: 4000m, 10000 MiB, empty. Node 1: the same with 1000m and 5000 MiB taken. Node 2: 6000m, 10000 MiB, 4 GPUs. */
function build() {
  const cluster = buildCluster([
    { count: 2, cpuMillicores: 4000, memoryMib: 10_000 },
    { cpuMillicores: 6000, memoryMib: 10_000, gpus: 4 },
  ]);
  cluster.place({ cpuMillicores: 1000, memoryMib: 5000 }, 1);
  return cluster;
}
const pod = { cpuMillicores: 3000, memoryMib: 5000 };

describe('least-allocated', () => {
  // Node 0: cpu (4000-3000)*100/4000 = 25, memory (10000-5000)*100/10000 = 50: floor(75/2) = 37.
  // Node 1: cpu (3000-3000)*100/4000 = 0, memory 0: 0. Node 2: cpu 3000*100/6000 = 50, memory 50: 50.
  it("gives Kubernetes' integers with cpu 1, memory 1", () => {
    const cluster = build();
    expect(scoresOf(profileOf(leastAllocated, cluster), cluster, pod)).toEqual([37, 0, 50]);
  });

  // Node 0 with cpu 3, memory 1: floor((3*25 + 50) / 4) = floor(31.25) = 31.
  it('weighs the resources that are asked for', () => {
    const cluster = build();
    const made = profileOf(leastAllocated, cluster, { resources: { cpu: 3, memory: 1 } });
    expect(scoresOf(made, cluster, pod)[0]).toBe(31);
  });

  // gpu counts only for a pod with devices, and not on nodes without any.
  // Node 2, one device: cpu 50, memory 50, gpu (4000-1000)*100/4000 = 75: floor(175/3) = 58. Node 0: as before, 37.
  it('counts GPUs for pods that ask for them, on nodes that have them', () => {
    const cluster = build();
    const made = profileOf(leastAllocated, cluster, { resources: { cpu: 1, memory: 1, gpu: 1 } });
    expect(scoresOf(made, cluster, pod)).toEqual([37, 0, 50]);
    expect(scoresOf(made, cluster, { ...pod, gpus: 1 })).toEqual([37, 0, 58]);
  });

  it('rounds down exactly where the quotient of doubles comes close to a whole number', () => {
    // 1 TiB of which 29 % and one MiB are asked: (1048576-304088)*100/1048576 = 70.99999...: 70, both: 70.
    const cluster = buildCluster([{ cpuMillicores: 1_048_576, memoryMib: 1_048_576 }]);
    const made = profileOf(leastAllocated, cluster);
    const ask = { cpuMillicores: 304_088, memoryMib: 304_088 };
    expect(scoresOf(made, cluster, ask)).toEqual([
      Math.floor(((1_048_576 - 304_088) * 100) / 1_048_576),
    ]);
    expect(scoresOf(made, cluster, ask)).toEqual([70]);
  });
});

describe('most-allocated', () => {
  // Node 0: cpu 3000*100/4000 = 75, memory 50: floor(125/2) = 62. Node 1: cpu 4000*100/4000 = 100, memory 100: 100.
  // Node 2: cpu 50, memory 50: 50.
  it("gives Kubernetes' integers with cpu 1, memory 1", () => {
    const cluster = build();
    expect(scoresOf(profileOf(mostAllocated, cluster), cluster, pod)).toEqual([62, 100, 50]);
  });

  // 5000 of 4000 millicores on node 0 count as 4000: cpu 100, memory 50: 75.
  it('caps what is requested at what there is', () => {
    const cluster = build();
    const big = { cpuMillicores: 5000, memoryMib: 5000 };
    expect(scoresOf(profileOf(mostAllocated, cluster), cluster, big)[0]).toBe(75);
  });
});

describe('best-fit and worst-fit', () => {
  // Left after placing, as ratios: node 0: 0.25, 0.5 -> mean 0.375; node 1: 0, 0 -> 0; node 2: 0.5, 0.5 -> 0.5.
  it('are the mean of what is left and its complement, in percent', () => {
    const cluster = build();
    expect(scoresOf(profileOf(worstFit, cluster), cluster, pod)).toEqual([37.5, 0, 50]);
    expect(scoresOf(profileOf(bestFit, cluster), cluster, pod)).toEqual([62.5, 100, 50]);
  });

  // Node 2 with two of four devices: (0.5 + 0.5 + 0.5) / 3 = 0.5; with a quarter device: gpu (4000-250)/4000 = 0.9375,
  // mean (0.5 + 0.5 + 0.9375) / 3 = 0.645833.
  it('count devices for pods that ask for them', () => {
    const cluster = build();
    const made = profileOf(worstFit, cluster);
    expect(scoresOf(made, cluster, { ...pod, gpus: 2 })[2]).toBe(50);
    expect(scoresOf(made, cluster, { ...pod, gpus: 1, gpuMilli: 250 })[2]).toBeCloseTo(64.5833, 4);
  });

  it('break ties by index and by capacity', () => {
    const cluster = build();
    expect(profileOf(bestFit, cluster).ties).toBe('index');
    expect(profileOf(worstFit, cluster).ties).toBe('capacity');
  });
});

describe('dot-product', () => {
  // Node 0: 3000/4000 * 4000/4000 = 0.75, 0.5 * 1 = 0.5: mean 0.625. Node 1: 0.75 * 0.75 = 0.5625, 0.5 * 0.5 = 0.25: 0.40625.
  // Node 2: 0.5 * 1, 0.5 * 1: 0.5.
  it('multiplies demand and free shares and takes the mean', () => {
    const cluster = build();
    expect(scoresOf(profileOf(dotProduct, cluster), cluster, pod)).toEqual([62.5, 40.625, 50]);
  });
});

describe('power-of-d', () => {
  it('samples d nodes a try and scores as least-allocated', () => {
    const cluster = build();
    const made = profileOf(powerOfD, cluster, { d: 3 });
    expect(made.sample).toEqual({ size: 3, tries: 8 });
    expect(scoresOf(made, cluster, pod)).toEqual([37, 0, 50]);
  });

  it('refuses a d that is no whole number of at least 1', () => {
    for (const d of [0, 2.5, 65, '2']) {
      expect(issuesOf(powerOfD, { d }).map((i) => i.path)).toEqual(['d']);
    }
  });
});

describe('profile', () => {
  // least-allocated [37, 0, 50] + 2 * dot-product [62.5, 40.625, 50] = [162, 81.25, 150].
  it('adds its terms by weight', () => {
    const cluster = build();
    const params = { scores: { 'least-allocated': 1, 'dot-product': { weight: 2 } } };
    const made = profileOf(profile, cluster, params);
    expect(scoresOf(made, cluster, pod)).toEqual([162, 81.25, 150]);
    expect(made.ties).toBe('capacity');
  });

  it('lists every problem at once, with the nearest term', () => {
    const params = {
      scores: { 'best-fti': 1, 'worst-fit': 0, 'dot-product': { weight: 1, resource: {} } },
      filters: ['headroom', 'nothing'],
      ties: 'lowest',
    };
    const issues = issuesOf(profile, params);
    expect(issues.map((i) => i.path).sort()).toEqual([
      'filters[1].use',
      'scores.best-fti',
      'scores.dot-product.resource',
      'scores.worst-fit.weight',
      'ties',
    ]);
    expect(issues.find((i) => i.path === 'scores.best-fti')?.expected).toContain('"best-fit"');
    expect(issuesOf(profile, {}).map((i) => i.path)).toEqual(['scores']);
  });

  // Headroom 0.2 for 3000m, 5000 MiB: node 0 keeps 1000 of 4000 (0.25) and 0.5: stays. Node 1 keeps 0: goes.
  // gpu-nodes-for-gpu-pods: node 2 goes for a pod without devices, stays for one with.
  it('filters in the order of the list', () => {
    const cluster = build();
    const made = profileOf(profile, cluster, {
      scores: { 'best-fit': 1 },
      filters: [{ use: 'headroom', ratio: 0.2 }, 'gpu-nodes-for-gpu-pods'],
    });
    const kept = (build: object, filter: number) => {
      const nodes = asNodeList(Int32Array.of(0, 1, 2));
      const count = made.filters![filter]!.keep(cluster.attempt(build), nodes, 3, cluster.view);
      return Array.from({ length: count }, (_, i) => nodes[i]);
    };
    expect(kept(pod, 0)).toEqual([0, 2]);
    expect(kept(pod, 1)).toEqual([0, 1]);
    expect(kept({ ...pod, gpus: 1 }, 1)).toEqual([0, 1, 2]);
  });
});

describe('resource weights', () => {
  it('must name resources of the run', () => {
    const cluster = build();
    const make = () => profileOf(leastAllocated, cluster, { resources: { cpus: 1 } });
    expect(make).toThrow(ScenarioError);
    expect(make).toThrow(/did you mean "cpu"/);
  });

  it('must be whole, from 1 to 100, and at least one', () => {
    expect(issuesOf(leastAllocated, { resources: {} }).map((i) => i.path)).toEqual(['resources']);
    expect(
      issuesOf(leastAllocated, { resources: { cpu: 0, memory: 1.5 } }).map((i) => i.path),
    ).toEqual(['resources.cpu', 'resources.memory']);
  });

  it('count an extended resource only for pods that ask for it', () => {
    const cluster = buildCluster([
      { cpuMillicores: 1000, memoryMib: 1000, extended: { 'example.com/fpga': 4 } },
    ]);
    const weights = { resources: { cpu: 1, memory: 1, 'example.com/fpga': 2 } };
    const made = profileOf(leastAllocated, cluster, weights);
    // cpu 50, memory 0 (all taken): floor(50 / 2) = 25. With one of four: floor((50 + 0 + 2 * 75) / 4) = 50.
    const ask = { cpuMillicores: 500, memoryMib: 1000 };
    expect(scoresOf(made, cluster, ask)).toEqual([25]);
    expect(scoresOf(made, cluster, { ...ask, extended: { 'example.com/fpga': 1 } })).toEqual([50]);
  });
});
