/** A run on several threads gives the bytes of a run on one: for worlds of all kinds, with whatever goes wrong. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PolicyError, ScenarioError } from '../../../src/base/errors.ts';
import { loadRegistry } from '../../../src/host/plugins.ts';
import { type RunOptions, runScenario } from '../../../src/host/simulate.ts';
import type { Bundle } from '../../../src/results/bundle.ts';
import { registryWith } from '../../../src/run/registry.ts';
import { loadScenario, parseScenario } from '../../../src/scenario/load.ts';
import { scaleScenario } from '../../../src/scenario/scale.ts';
import type { Scenario } from '../../../src/scenario/scenario.ts';
import { scenarios } from '../../builders/random-scenarios.ts';
import { bytesOf } from '../../builders/scenario.ts';

const MANIFEST = { scenarioSha256: '', inputs: [], overrides: [], plugins: [], orreryVersion: '0' };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'orrery-threads-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const readText = (file: string): string => readFileSync(file, 'utf8');

function shipped(name: string, scale: string, overrides: readonly string[]): Scenario {
  const path = fileURLToPath(new URL(`../../../scenarios/${name}.yaml`, import.meta.url));
  const { scenario } = loadScenario({ path, readText, overrides: [...overrides], env: {} });
  return scale === '1' ? scenario : scaleScenario(scenario, scale);
}

async function runOn(
  count: number,
  scenario: Scenario,
  more: Partial<RunOptions> & { readonly files?: readonly string[] } = {},
): Promise<Bundle> {
  const { files = [], ...rest } = more;
  const loaded = await loadRegistry(files);
  const { bundle } = await runScenario({
    scenario,
    seed: 5,
    registry: files.length === 0 ? registryWith([]) : loaded.registry,
    manifest: { ...MANIFEST, plugins: loaded.plugins },
    threads: { count, plugins: files },
    ...rest,
  });
  return bundle;
}

/** Holds runs on 2 and 3 threads to one on a single thread. */
async function holds(scenario: Scenario, more: Parameters<typeof runOn>[2] = {}): Promise<Bundle> {
  const one = await runOn(1, scenario, more);
  for (const threads of [2, 3]) {
    const many = await runOn(threads, scenario, more);
    expect(many.result.trajectory).toBe(one.result.trajectory);
    if (bytesOf(many) !== bytesOf(one)) throw new Error(`${threads} threads: the bundles differ`);
  }
  return one;
}

/** Clusters of Kubernetes and others, a provider with a quota, services, gangs that wait, nodes that fail. */
function federation(more: Readonly<Record<string, unknown>> = {}): Scenario {
  return parseScenario({
    name: 'federation',
    horizon: '3h',
    fleet: {
      machineTypes: [
        { name: 'm', cpu: 8, memory: '32Gi', prices: { owned: '$1/h', 'on-demand': '$2/h' } },
      ],
      providers: [{ name: 'cloud', kind: 'public', quota: 6, boot: '90s' }],
      clusters: [
        { name: 'kube', scheduling: 'kubernetes/default', pools: [{ machineType: 'm', count: 3 }] },
        { name: 'plain', pools: [{ machineType: 'm', count: 3 }] },
        { name: 'burst-{a,b}', provider: 'cloud', pools: [{ machineType: 'm', max: 5 }] },
      ],
    },
    workloads: [
      { name: 'web', kind: 'service', replicas: { steps: STEPS }, pod: { cpu: 1 } },
      {
        name: 'batch',
        kind: 'job',
        arrivals: { poisson: '0.03/s' },
        duration: { exponential: { mean: '10m' } },
        pod: { cpu: 2, memory: '4Gi' },
      },
      {
        name: 'gangs',
        kind: 'gang',
        arrivals: { poisson: '3/h' },
        podsPerJob: 4,
        duration: '15m',
        pod: { cpu: 3, priorityClass: 'high' },
      },
    ],
    priorityClasses: { high: 10 },
    policies: { placement: 'most-free' },
    placement: { returnAfter: '2m', failoverAfter: '5m' },
    failures: [
      { model: 'node', mtbf: '20h', repair: '10m' },
      { outage: 'cluster/plain', at: '1h', for: '30m' },
    ],
    series: { every: '15m' },
    ...more,
  });
}

const STEPS = [
  { at: '0s', count: 10 },
  { at: '40m', count: 60 },
  { at: '80m', count: 15 },
];

describe('a run on several threads', { timeout: 300_000 }, () => {
  it('is that of one thread for the quickstart', async () => {
    await holds(shipped('quickstart', '1/100', ['horizon=15h']));
  });

  it.each(['heap', 'calendar', 'fastpriorityqueue'])(
    'is that of one thread on the event queue %s',
    async (eventQueue) => {
      await holds(federation({ eventQueue }));
    },
  );

  it('is that of one thread through an outage with returns and quotas', async () => {
    await holds(scaleScenario(shipped('outage', '1', ['horizon=12h']), '1/10'));
  });

  it('is that of one thread for a thousandth of the Borg week', async () => {
    await holds(shipped('borg-week', '1/1000', ['horizon=20m', 'warmup=10m']));
  });

  it('is that of one thread for a federation with Kubernetes, every law checked', async () => {
    const bundle = await holds(federation(), { check: true });
    const returned = bundle.result.metrics.find(({ name }) => name === 'pods_returned_total');
    expect(returned!.sum).toBeGreaterThan(0);
    const quota = bundle.result.metrics.find(
      ({ labels, name }) => name === 'nodes' && labels.cluster === 'burst-a',
    );
    expect(quota).toBeDefined();
  });

  it('is that of one thread for a trace, which brings shapes as it is read', async () => {
    const rows = ['submit_s,duration_s,pods,cpu_milli,memory_mib'];
    for (let i = 0; i < 900; i++) rows.push(`${i * 9},${60 + i},1,${500 + (i % 40) * 50},512`);
    const path = join(folder, 'old.csv');
    writeFileSync(path, `${rows.join('\n')}\n`);
    const arrivals = { trace: { format: 'csv', path } };
    const old = { name: 'old', kind: 'job', arrivals, pod: { cpu: 1 } };
    await holds(federation({ workloads: [old] }));
  });

  it('is that of one thread for a policy that counts the pods of a trace', async () => {
    const rows = ['name,cpu_milli,memory_mib,num_gpu,gpu_milli'];
    for (let i = 0; i < 60; i++) rows.push(`p${i},1000,512,1,${100 * (1 + (i % 7))}`);
    const path = join(folder, 'gpus.csv');
    writeFileSync(path, `${rows.join('\n')}\n`);
    const arrivals = { trace: { format: 'openb', path, inflateTo: '130%' } };
    const machineTypes = [{ name: 'g', cpu: 64, memory: '64Gi', gpus: { model: 'T4', count: 4 } }];
    const clusters = [{ name: '{a,b,c}', pools: [{ machineType: 'g', count: 4 }] }];
    await holds(
      federation({
        fleet: { machineTypes, clusters },
        workloads: [{ name: 'gpus', kind: 'job', arrivals, pod: { cpu: 1 } }],
        policies: { placement: 'round-robin', scheduling: 'fgd/fgd' },
        failures: [],
      }),
    );
  });

  it.each([
    'pods_evicted_total count < 5 abort',
    'cost_dollars total < 9 abort',
    'allocation_ratio{resource="cpu"} max < 90% abort',
    'pod_wait_seconds max < 2m abort',
  ])('ends where that of one thread ends, if %s is lost', async (text) => {
    const at = text.indexOf(' ');
    const name = text.slice(0, at);
    const expr = text.slice(at + 1);
    const bundle = await holds(federation({ thresholds: { [name]: [expr] } }));
    expect(bundle.manifest.stopped).toMatch(/^threshold /);
  });

  it('is that of one thread for random worlds', async () => {
    const drawn = fc.sample(scenarios, { numRuns: 40, seed: 7 });
    const many = drawn.filter(({ clusters }) => clusters.length > 1).slice(0, 12);
    expect(many.length).toBe(12);
    for (const scenario of many) await holds(scenario);
  });

  it('takes one thread for one cluster', async () => {
    const scenario = shipped('mmc', '1', ['horizon=1h']);
    const threads = { count: 4, plugins: [] };
    const run = { scenario, seed: 1, registry: registryWith([]), manifest: MANIFEST, threads };
    expect((await runScenario(run)).threads).toBe(1);
  });
});

/** A score that does something when it is asked for the n-th time. */
const plugin = (n: number, body: string): string => `let asked = 0;
export default { contract: 'scheduling', name: 'acme/turn', summary: 'Turns.',
  create: () => ({ kind: 'profile', ties: 'index', scores: [{ weight: 1, score: {
    name: 'none', dependsOn: 'own-node', add(pod, candidates, count) {
      if (++asked === ${n}) { ${body} } } } }] }) };\n`;

describe('what goes wrong in a thread', { timeout: 120_000 }, () => {
  async function wrong(n: number, body: string, threads: number): Promise<unknown> {
    const file = join(folder, `turn-${threads}.mjs`);
    writeFileSync(file, plugin(n, body));
    const scenario = federation({
      policies: { placement: 'most-free', scheduling: 'acme/turn' },
      failures: [],
    });
    return runOn(threads, scenario, { files: [file] }).then(
      () => null,
      (error: unknown) => error,
    );
  }

  it.each([2, 3])('reaches a run on %i threads with its family', async (threads) => {
    const error = await wrong(20, "throw new Error('my bug');", threads);
    expect(error).toBeInstanceOf(PolicyError);
    expect((error as Error).message).toMatch(/acme\/turn.*my bug/s);
  });

  it('is a broken policy that wants to end the process', async () => {
    expect(await wrong(20, 'process.exit(0);', 2)).toBeInstanceOf(PolicyError);
  });

  it('ends the run if the thread dies', async () => {
    // As the engine ends it for want of memory: without another word.
    const body = 'process.reallyExit(9);';
    const error = await wrong(20, body, 2);
    expect(error).toBeInstanceOf(Error);
    expect((error as Error).message).toMatch(/memory|thread of the run ended/);
  });

  it('is told before the first event if it is in the scenario', async () => {
    const lost = { name: 'lost', kind: 'job', arrivals: { poisson: '1/h' }, duration: '1m' };
    const scenario = federation({
      workloads: [{ ...lost, pod: { cpu: 1 }, onRefusal: 'lose' }],
      policies: { placement: 'most-free', scheduling: 'easy-backfill' },
    });
    await expect(runOn(2, scenario)).rejects.toThrow(ScenarioError);
  });
});
