import { describe, expect, it } from 'vitest';
import { estimate } from '../../../src/run/estimate.ts';
import type { JobWorkload, Pool, Scenario, Workload } from '../../../src/scenario/scenario.ts';

const GI = 1024 * 1024 * 1024;
const HOUR_US = 3600e6;

function pool(name: string, machineType: string, count: number, max = count): Pool {
  return {
    name,
    machineType,
    count,
    max,
    price: 'owned',
    zone: 'z',
    labels: {},
    taints: [],
    rackSize: 40,
    idleAfterUs: 0,
    domains: [],
    nodes: null,
  };
}

const jobs: JobWorkload = {
  name: 'jobs',
  kind: 'job',
  team: 't',
  pod: {
    cpuMillicores: 500,
    memoryBytes: GI,
    gpus: null,
    extended: {},
    nodeSelector: {},
    tolerations: [],
    priorityClass: 'default',
    priority: 0,
  },
  onEviction: { kind: 'restart' },
  retryLimit: null,
  retryBackoffUs: { base: 1, cap: 1 },
  startupUs: { law: 'constant', value: 10e6 },
  arrivals: { kind: 'poisson', perSecond: 2 },
  podsPerJob: { law: 'constant', value: 3 },
  durationUs: { law: 'exponential', mean: 90e6 },
  durationPerJob: false,
  estimateFactor: 1,
  onRefusal: 'wait',
  fromUs: 0,
  untilUs: Number.POSITIVE_INFINITY,
};

/** The fields that an estimate reads. */
function scenario(pools: readonly Pool[], workloads: readonly Workload[]): Scenario {
  const type = (name: string, cores: number, gpus: number) => ({
    name,
    cpuMillicores: cores * 1000,
    memoryBytes: cores * 4 * GI,
    gpus: gpus === 0 ? null : { model: 'A', count: gpus },
    extended: {},
  });
  return {
    horizonUs: HOUR_US,
    series: { everyUs: 60e6 },
    placement: { summaryEveryUs: 10e6 },
    controlPlane: { attemptUs: 0, perNodeUs: 0, bindsPerSecond: null, bindBurst: 1 },
    machineTypes: [type('small', 4, 0), type('gpu', 8, 2)],
    clusters: [{ name: 'c', region: 'r', pools, controlPlane: null }],
    workloads,
    failures: [],
    nodeLifecycle: { detectAfterUs: 40e6, evictAfterUs: 300e6 },
  } as unknown as Scenario;
}

describe('estimate', () => {
  it('counts nodes and capacity, at the start and at most', () => {
    const size = estimate(scenario([pool('a', 'small', 10), pool('b', 'gpu', 0, 5)], []));
    expect(size).toMatchObject({ nodes: 10, nodesMax: 15, nodesOfLargestCluster: 15, clusters: 1 });
    // 10 x 4 cores; with 5 x 8 more and 5 x 2 devices
    expect(size.capacity).toMatchObject({ cpuMillicores: 40_000, gpuMilli: 0 });
    expect(size.capacityMax).toMatchObject({ cpuMillicores: 80_000, gpuMilli: 10_000 });
  });

  it('finds the demand of jobs by Little’s law', () => {
    const size = estimate(scenario([pool('a', 'small', 10)], [jobs]));
    // 2 jobs/s x 3 pods x 3600 s = 21600 pods; 6 pods/s x (90 + 10) s = 600 running, 0.5 cores each
    expect(size.workloads[0]).toMatchObject({ pods: 21_600, runningMean: 600 });
    expect(size.demandMean.cpuMillicores).toBeCloseTo(300_000, 6);
  });

  it('bounds jobs that outlive the window by their number, and raises the peak of a wave', () => {
    const long = { ...jobs, durationUs: { law: 'constant', value: 1e12 } } as const;
    expect(estimate(scenario([], [long])).workloads[0]!.runningMean).toBe(21_600);
    const wave = {
      ...jobs,
      arrivals: { kind: 'diurnal', perSecond: 2, peakToMean: 1.5, peakAtUs: 0, periodUs: HOUR_US },
    } as const;
    expect(estimate(scenario([], [wave])).workloads[0]!.runningPeak).toBeCloseTo(900, 9);
  });

  it('takes pods that run for ever, and services by the time of each step', () => {
    const endless = { ...jobs, durationUs: { law: 'constant', value: Infinity } } as const;
    const steps = [
      { atUs: 0, count: 4 },
      { atUs: HOUR_US / 4, count: 0 },
      { atUs: HOUR_US / 2, count: 10 },
    ];
    const web = { ...jobs, kind: 'service', replicas: { kind: 'steps', steps } } as const;
    const { workloads, events } = estimate(scenario([], [endless, web]));
    expect(workloads[0]).toMatchObject({ pods: 21_600, runningMean: 21_600 });
    // 4 for a quarter and 10 for half of the hour
    expect(workloads[1]).toMatchObject({ runningMean: 6, runningPeak: 10 });
    // 60 buckets, 7200 jobs x 3, starts of 21600 and 4 + 10 pods, 3 changes x 3, no end
    expect(workloads[1]!.pods).toBe(14);
    expect(events).toBe(60 + 21_600 + 21_600 + 14 + 9);
  });

  it('leaves traces out of its sums and names their file', () => {
    const trace = {
      format: 'swf',
      path: 'log.swf',
      limit: null,
      speedup: 1,
      inflateTo: null,
    } as const;
    const replay = { ...jobs, arrivals: { kind: 'trace', trace } } as const;
    const size = estimate(scenario([pool('a', 'small', 1)], [replay]));
    expect(size.workloads[0]).toMatchObject({ trace: 'log.swf', pods: null, runningMean: null });
    expect(size.pods).toBe(0);
  });

  it('counts the events of a run without trouble', () => {
    const world = scenario([pool('a', 'small', 10)], [jobs]);
    // 60 buckets; 7200 jobs x (arrival + message + decision) = 21600; 21600 pods x start = 21600, and their ends for
    // the (3600 - 100) s / 3600 s of them that arrive early enough: 21000
    expect(estimate(world).events).toBe(60 + 21_600 + 21_600 + 21_000);
    // Two clusters publish 2 x 360 summaries, delivered as messages, close 60 buckets more, and take a part of each job both.
    const two = { ...world, clusters: [world.clusters[0]!, world.clusters[0]!] };
    expect(estimate(two).events).toBe(64_260 + 60 + 2 * 2 * 360 + 2 * 7_200);
    // A scheduler that takes time decides and binds pod by pod: 2 x 21600 instead of 7200 decisions.
    const timed = { ...world, controlPlane: { ...world.controlPlane, attemptUs: 1000 } };
    expect(estimate(timed).events).toBe(64_260 - 7_200 + 43_200);
  });
});
