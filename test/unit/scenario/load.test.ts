import { describe, expect, it } from 'vitest';
import { loadScenario, parseScenario } from '../../../src/scenario/load.ts';
import type { JobWorkload } from '../../../src/scenario/scenario.ts';
import { type Edits, failureOf, load, scenarioText } from '../../builders/scenario-text.ts';

const loaded = (edits: Edits = {}, overrides: string[] = []) =>
  load({ 'main.yaml': scenarioText(edits) }, { overrides }).scenario;
const batch = (edits: Edits): JobWorkload => loaded(edits).workloads[1] as JobWorkload;

describe('quantities and defaults', () => {
  it('resolves the base scenario to plain numbers in base units', () => {
    const scenario = loaded();
    // 1 d = 86,400 s
    expect(scenario.horizonUs).toBe(86_400e6);
    expect(scenario.warmupUs).toBe(0);
    expect(scenario.seed).toBeNull();
    expect(scenario.machineTypes).toEqual([
      {
        name: 'small',
        cpuMillicores: 4000,
        memoryBytes: 17_179_869_184,
        pods: 110,
        gpus: null,
        extended: {},
        labels: {},
        prices: { owned: 0.1 },
      },
    ]);
    expect(scenario.policies.scheduling).toEqual({ use: 'least-allocated', params: undefined });
    expect(scenario.workloads[0]).toMatchObject({
      kind: 'service',
      name: 'web',
      team: 'web',
      replicas: { kind: 'constant', count: 3 },
      pod: { cpuMillicores: 500, memoryBytes: 1_073_741_824, gpus: null, priority: 0 },
      onEviction: { kind: 'restart' },
      retryLimit: null,
      retryBackoffUs: { base: 10e6, cap: 600e6 },
      startupUs: { law: 'constant', value: 0 },
    });
    expect(scenario.workloads[1]).toMatchObject({
      arrivals: { kind: 'poisson', perSecond: 1 },
      durationUs: { law: 'exponential', mean: 300e6 },
      podsPerJob: { law: 'constant', value: 1 },
      fromUs: 0,
      untilUs: 86_400e6,
    });
    // 86,400 s / 288 = 300 s
    expect(scenario.series.everyUs).toBe(300e6);
  });

  it('sorts clusters by name and fills in their domains, pools and racks', () => {
    const { clusters } = loaded();
    expect(clusters.map((cluster) => cluster.name)).toEqual(['a', 'b-1', 'b-2']);
    expect(clusters[0]).toMatchObject({ zone: 'east', site: 'east', region: 'local' });
    expect(clusters[1]).toMatchObject({ zone: 'b-1', site: 'b-1', provider: 'private', weight: 1 });
    expect(clusters[1]!.pools[0]).toMatchObject({
      name: 'small',
      count: 5,
      max: 8,
      price: 'owned',
      zone: 'b-1',
      rackSize: 40,
      idleAfterUs: 600e6,
    });
  });

  it('lets placement wait between several clusters, but not with one', () => {
    expect(loaded().placement).toEqual({
      latencyUs: 1e6,
      summaryEveryUs: 10e6,
      returnAfterUs: 60e6,
      failoverAfterUs: 300e6,
    });
    expect(loaded({ 14: '', 15: '', 16: '' }).placement).toEqual({
      latencyUs: 1,
      summaryEveryUs: 10e6,
      returnAfterUs: null,
      failoverAfterUs: null,
    });
    const never = loaded({ 3: 'horizon: 1d\nplacement: {returnAfter: never}' });
    expect(never.placement.returnAfterUs).toBeNull();
  });

  it('turns laws into the parameters that are sampled', () => {
    // median = mean * exp(-sigma^2 / 2) = 100 s * exp(-0.5) = 60.653 s
    const lognormal = batch({ 25: '    duration: {lognormal: {mean: 100s, sigma: 1}}' }).durationUs;
    expect(lognormal).toMatchObject({ law: 'lognormal', sigma: 1 });
    expect((lognormal as { median: number }).median).toBeCloseTo(60_653_065.97, 1);
    // scale = mean / gamma(1 + 1 / 0.5) = 10 s / gamma(3) = 10 s / 2 = 5 s
    const weibull = batch({ 25: '    duration: {weibull: {shape: 0.5, mean: 10s}}' }).durationUs;
    expect((weibull as { scale: number }).scale).toBeCloseTo(5e6, 4);
    expect(batch({ 25: '    duration: forever' }).durationUs).toEqual({
      law: 'constant',
      value: Number.POSITIVE_INFINITY,
    });
    expect(batch({ 25: '    duration: {empirical: [[0, 1s], [1, 1m]]}' }).durationUs).toEqual({
      law: 'empirical',
      points: [
        [0, 1e6],
        [1, 60e6],
      ],
    });
    expect(
      batch({ 26: '    podsPerJob: {exponential: {mean: 4}}\n    pod: {cpu: 1}' }).podsPerJob,
    ).toEqual({ law: 'exponential', mean: 4 });
  });

  it('splits GPU requests into devices and shares', () => {
    const type = '    - {name: small, cpu: 4, memory: 16Gi, gpus: {model: T4, count: 4}}';
    const gpus = (pod: string) => loaded({ 6: type, 21: `    pod: ${pod}` }).workloads[0]!.pod.gpus;
    expect(gpus('{gpus: 2}')).toEqual({ count: 2, milliPerDevice: 1000, models: [] });
    expect(gpus('{gpus: 250m, gpuModels: [T4, A10]}')).toEqual({
      count: 1,
      milliPerDevice: 250,
      models: ['A10', 'T4'],
    });
    expect(gpus('{cpu: 1}')).toBeNull();
  });

  it('gives traces of processors one cpu each, and no end that the file does not give', () => {
    const trace = { 24: '    arrivals: {trace: {format: swf, path: x.swf}}', 25: '', 26: '' };
    const workload = batch(trace);
    expect(workload.pod.cpuMillicores).toBe(1000);
    expect(workload.durationUs).toEqual({ law: 'constant', value: Number.POSITIVE_INFINITY });
    expect(workload.arrivals).toEqual({
      kind: 'trace',
      trace: { format: 'swf', path: 'x.swf', limit: null, speedup: 1, inflateTo: null },
    });
  });

  it('knows the common priority classes and takes those of the file', () => {
    const pod = '    pod: {cpu: 1, priorityClass: CLASS}';
    const priority = (name: string, edits: Edits = {}) =>
      loaded({ ...edits, 21: pod.replace('CLASS', name) }).workloads[0]!.pod.priority;
    expect(priority('critical')).toBe(1_000_000);
    expect(priority('best-effort')).toBe(-10_000);
    expect(priority('gold', { 3: 'horizon: 1d\npriorityClasses: {gold: 7}' })).toBe(7);
  });

  it('names outages by their target and keeps two of one target apart', () => {
    const outage = '  - {outage: zone/east, at: 6h, for: 1h}';
    const { failures } = loaded({ 29: `${outage}\n${outage}` });
    expect(failures.slice(1)).toMatchObject([
      { name: 'zone/east', target: { kind: 'zone', name: 'east' } },
      { name: 'zone/east-2' },
    ]);
    expect(failures[0]).toEqual({
      kind: 'nodes',
      // 30 d and 1 h in microseconds
      model: {
        use: 'exponential',
        params: { mtbf: 2_592_000e6, repair: { law: 'constant', value: 3600e6 } },
      },
      clusters: null,
      repairers: null,
    });
  });

  it('says where a field was written, also for those who read the scenario later', () => {
    const { locate } = load({ 'main.yaml': scenarioText() });
    expect(locate('thresholds.pod_wait_seconds[0]')).toMatchObject({ file: 'main.yaml', line: 31 });
    expect(locate('policies.scheduling.params.d')).toMatchObject({ file: 'main.yaml', line: 1 });
  });
});

describe('imports and catalogues', () => {
  it('joins maps, adds lists up and lets the importing file win', () => {
    const files = {
      'main.yaml': scenarioText({
        3: 'horizon: 1d\nimports: [parts/web]\npolicies: {queueing: fifo}',
      }),
      'parts/web.yaml': `imports: [more.yaml]
horizon: 9d
policies: {scheduling: first-fit, queueing: priority}
workloads:
  - {name: part, kind: service, replicas: 1, pod: {cpu: 1}}
`,
      'parts/more.yaml': 'question: why?\n',
    };
    const { scenario, inputs } = load(files);
    expect(scenario.horizonUs).toBe(86_400e6);
    expect(scenario.question).toBe('why?');
    expect(scenario.policies).toMatchObject({
      scheduling: { use: 'first-fit' },
      queueing: { use: 'fifo' },
    });
    expect(scenario.workloads.map((workload) => workload.name)).toEqual(['part', 'web', 'batch']);
    expect(inputs.map((input) => input.name)).toEqual([
      'main.yaml',
      'parts/web.yaml',
      'parts/more.yaml',
    ]);
  });

  it('uses a part once, however often it is named', () => {
    const files = {
      'main.yaml': scenarioText({ 3: 'horizon: 1d\nimports: [a, b]' }),
      'a.yaml': 'imports: [b]\n',
      'b.yaml': 'workloads: [{name: part, kind: service, replicas: 1, pod: {cpu: 1}}]\n',
    };
    expect(load(files).scenario.workloads).toHaveLength(3);
  });

  const catalog = `catalog: {name: p, date: 2026-07-20, source: s, currency: USD}
machineTypes:
  - {name: small, cpu: 2, memory: 8Gi, prices: {owned: "$9/h"}}
  - {name: big, cpu: 64, memory: 8Gi, prices: {owned: "$9/h", on-demand: "$10/h"}}
providers:
  - {name: private, kind: private, boot: 30s}
`;
  it('takes machine types from a catalogue unless the scenario has its own', () => {
    const edits = {
      4: 'fleet:\n  catalog: prices',
      16: '        - {machineType: big, count: 5}',
    };
    const { scenario } = load({ 'main.yaml': scenarioText(edits), 'prices.yaml': catalog });
    expect(scenario.machineTypes.map((type) => [type.name, type.cpuMillicores])).toEqual([
      ['big', 64_000],
      ['small', 4000],
    ]);
    expect(scenario.catalogs).toEqual([{ name: 'p', date: '2026-07-20', source: 's' }]);
    expect(scenario.providers).toMatchObject([
      { name: 'private', bootUs: { law: 'constant', value: 30e6 } },
    ]);
  });

  it('names inputs without the folders of the machine', () => {
    const files: Record<string, string> = {
      '/home/me/s/main.yaml': scenarioText({ 4: 'fleet:\n  catalog: ../prices' }),
      '/home/me/prices.yaml': catalog,
    };
    const { inputs } = loadScenario({
      path: '/home/me/s/main.yaml',
      readText: (path) => files[path]!,
    });
    // The reader must throw where a file is missing: undefined is no text.
    expect(inputs.map((input) => input.name)).toEqual(['main.yaml', 'prices.yaml']);
  });

  it('reads nodes from a file, with one machine type for each size', () => {
    const dollar = '$' + '{ORRERY_DATA}';
    const edits = {
      16: `        - {name: gpu, nodes: {format: openb, path: "${dollar}/n.csv"}}`,
    };
    const rows =
      'sn,cpu_milli,memory_mib,gpu,model\nn0,8000,1024,2,T4\nn1,8000,1024,2,T4\nn2,500,1500,0,\n';
    const { scenario, inputs } = load(
      { 'main.yaml': scenarioText({ ...edits, 14: '    - name: b' }), '/data/n.csv': rows },
      { env: { ORRERY_DATA: '/data' } },
    );
    expect(scenario.clusters[1]!.pools[0]).toMatchObject({
      count: 3,
      max: 3,
      price: 'owned',
      nodes: [
        { name: 'n0', machineType: 'openb-8000m-1Gi-2xT4' },
        { name: 'n1', machineType: 'openb-8000m-1Gi-2xT4' },
        { name: 'n2', machineType: 'openb-500m-1500Mi' },
      ],
    });
    expect(inputs[1]!.name).toBe(`${dollar}/n.csv`);
  });
});

describe('overrides', () => {
  it('reach fields by name, by number and into what the file leaves out', () => {
    const scenario = loaded({}, [
      'horizon=2d',
      'workloads.web.pod.cpu=1',
      'workloads[1].pod.cpu=2',
      'placement.latency=5s',
      'seed=7',
    ]);
    expect(scenario.horizonUs).toBe(172_800e6);
    expect(scenario.workloads.map((workload) => workload.pod.cpuMillicores)).toEqual([1000, 2000]);
    expect(scenario.placement.latencyUs).toBe(5e6);
    expect(scenario.seed).toBe(7);
  });
  it('take maps and lists in YAML, and find names and keys with dots', () => {
    const scenario = loaded({ 18: '  - name: web.eu.1' }, [
      'workloads.web.eu.1.replicas={steps: [{at: 0, count: 2}, {at: 1h, count: 4}]}',
      'thresholds.pods_pending{reason="a.b=c"}=["max <= 5"]',
      'fleet.clusters.b-{1..2}.pools[0].count=6',
    ]);
    expect(scenario.workloads[0]).toMatchObject({ replicas: { kind: 'steps' } });
    expect(scenario.thresholds[1]).toMatchObject({
      selector: 'pods_pending{reason="a.b=c"}',
      expr: 'max <= 5',
    });
    expect(scenario.clusters[2]!.pools[0]!.count).toBe(6);
  });
  it('take a text with a comma in quotes', () => {
    expect(loaded({}, ['question="why, oh why?"']).question).toBe('why, oh why?');
  });
});

describe('a scenario as an object', () => {
  const raw = {
    name: 'object',
    horizon: '1h',
    fleet: {
      machineTypes: [{ name: 'm', cpu: 4, memory: '8Gi' }],
      clusters: [{ name: 'c', pools: [{ machineType: 'm', count: 2 }] }],
    },
    workloads: [{ name: 'w', kind: 'service', replicas: 1, pod: { cpu: 1 } }],
  };
  it('resolves as a file does, and a type without prices is owned at no cost', () => {
    const scenario = parseScenario(raw);
    expect(scenario.machineTypes[0]!.prices).toEqual({ owned: 0 });
    expect(scenario.clusters[0]!.pools[0]).toMatchObject({ count: 2, max: 2, price: 'owned' });
    expect(JSON.stringify(raw)).toContain('"horizon":"1h"');
  });
  it.each([
    ['a function', { ...raw, question: () => 1 }],
    ['a class instance', { ...raw, question: new Date(0) }],
    ['a reserved key', JSON.parse(`{"__proto__": 1}`)],
    ['a file', { ...raw, fleet: { ...raw.fleet, catalog: 'prices' } }],
  ])('refuses %s', (_title, wrong) => {
    expect(failureOf(() => parseScenario(wrong)).issues).toHaveLength(1);
  });
  it('refuses a cycle', () => {
    const cycle: Record<string, unknown> = { ...raw };
    cycle.policies = cycle;
    expect(failureOf(() => parseScenario(cycle)).issues[0]!.expected).toMatch(/without cycles/);
  });
});
