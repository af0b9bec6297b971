import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InvariantError, PolicyError, ScenarioError } from '../../../src/base/errors.ts';
import { openPool, type RunPool, runAll } from '../../../src/host/pool.ts';
import {
  errorOf,
  progressCell,
  type RunAnswer,
  type RunTask,
  readProgress,
  sentError,
} from '../../../src/host/run-task.ts';
import { runScenario } from '../../../src/host/simulate.ts';
import { registryWith } from '../../../src/run/registry.ts';
import { parseScenario } from '../../../src/scenario/load.ts';

const MANIFEST = {
  scenarioSha256: '',
  inputs: [],
  overrides: [],
  plugins: [],
  orreryVersion: '0',
} as const;

function task(horizon = '1h', more: Partial<RunTask> = {}): RunTask {
  const scenario = parseScenario({
    orrery: 1,
    name: 'small',
    horizon,
    fleet: {
      machineTypes: [{ name: 'm', cpu: 8, memory: '32Gi' }],
      clusters: [{ name: 'one', pools: [{ machineType: 'm', count: 4 }] }],
    },
    workloads: [
      {
        name: 'jobs',
        kind: 'job',
        arrivals: { poisson: '0.1/s' },
        duration: { exponential: { mean: '1m' } },
        pod: { cpu: 1, memory: '1Gi' },
      },
    ],
  });
  return {
    scenario,
    seed: 1,
    replication: 0,
    plugins: [],
    check: false,
    manifest: MANIFEST,
    ...more,
  };
}

describe('a pool of workers', () => {
  let pool: RunPool;
  const folder = mkdtempSync(join(tmpdir(), 'orrery-pool-'));
  beforeAll(async () => {
    pool = await openPool({ threads: 2 });
  });
  afterAll(async () => {
    await pool.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('answers with the very bundle of a run in this thread', async () => {
    const { scenario, seed } = task();
    const options = { scenario, seed, replication: 3, registry: registryWith([]) };
    const here = await runScenario({ ...options, manifest: MANIFEST });
    const there = await pool.run(task('1h', { replication: 3 }));
    expect(there.bundle).toEqual(here.bundle);
    expect(there.events).toBe(here.events);
  });

  it('gives each task its own answer whatever finishes first', async () => {
    const horizons = ['8h', '10m', '4h', '20m', '2h', '30m'];
    const answers = await Promise.all(horizons.map((horizon) => pool.run(task(horizon))));
    // 8 h = 28,800 s, 10 min = 600 s and so on.
    const seconds = answers.map(({ bundle }) => bundle.result.horizonSeconds);
    expect(seconds).toEqual([28_800, 600, 14_400, 1200, 7200, 1800]);
  });

  it('tells how far a run is', async () => {
    const cell = progressCell();
    expect(readProgress(cell).events).toBe(0);
    const { events } = await pool.run(task(), cell);
    expect(readProgress(cell)).toMatchObject({ nowUs: 3600e6, events });
  });

  it('keeps the family of an error and goes on', async () => {
    const thresholds = [{ selector: 'nothing', expr: 'p(', because: null, warn: false, path: 'x' }];
    const broken = { ...task().scenario, thresholds };
    await expect(pool.run(task('1h', { scenario: broken }))).rejects.toThrow(ScenarioError);
    await expect(pool.run(task())).resolves.toMatchObject({ stopped: null });
  });

  it('runs a plug-in, and survives one that ends its process', async () => {
    const file = join(folder, 'quits.js');
    const code = `export default {
      contract: 'queueing', name: 'test/quits', summary: 's',
      create: () => process.exit(3),
    };`;
    writeFileSync(file, code);
    const { loadRegistry } = await import('../../../src/host/plugins.ts');
    const { plugins } = await loadRegistry([file]);
    const scenario = { ...task().scenario };
    const use = { use: 'test/quits', params: {} };
    const policies = { ...scenario.policies, queueing: use };
    const wanted = task('1h', {
      scenario: { ...scenario, policies } as never,
      plugins: [file],
      manifest: { ...MANIFEST, plugins },
    });
    await expect(pool.run(wanted)).rejects.toThrow(/end the process with code 3/);
    const changed = { ...MANIFEST, plugins: [{ name: 'quits.js', sha256: 'another' }] };
    await expect(pool.run({ ...wanted, manifest: changed })).rejects.toThrow(/stays as it is/);
  });
});

describe('a pool that is told to stop', () => {
  it('ends what runs with a partial bundle', async () => {
    const pool = await openPool({ threads: 1 });
    const answer = pool.run(task('5000d'));
    setTimeout(() => pool.stop('time limit'), 50);
    const { bundle, stopped } = await answer;
    expect(stopped).toBe('time limit');
    expect(bundle.result.complete).toBe(false);
    await pool.close();
  });
});

describe('errors between threads', () => {
  it('come back as they were', () => {
    const issue = { path: 'a.b', expected: 'c' };
    const originals = [
      new ScenarioError([issue], 3),
      new PolicyError('acme/x', 'broke', 2e6),
      new InvariantError('lost a pod'),
      new TypeError('x is not a function'),
    ];
    for (const original of originals) {
      const back = errorOf(structuredClone(sentError(original)));
      expect(back.message).toBe(original.message);
      if (original.name !== 'TypeError') expect(back.name).toBe(original.name);
    }
    expect(errorOf(sentError(originals[0]))).toMatchObject({ exitCode: 3, issues: [issue] });
    expect(errorOf(sentError(originals[1]))).toMatchObject({ policy: 'acme/x' });
  });
});

describe('handing out tasks', () => {
  const answerOf = (id: number): RunAnswer => ({ bundle: { id } }) as unknown as RunAnswer;
  /** Answers after as many turns as the task says. */
  const fake = (threads: number, run: (task: RunTask) => Promise<RunAnswer>): RunPool => ({
    threads,
    run,
    stop() {},
    async close() {},
  });
  const taskOf = (id: number): RunTask => ({ replication: id }) as RunTask;

  it('takes answers in the order of tasks, and hands out no more than there are workers', async () => {
    // The first takes longest: 60 ms against 10 ms and 30 ms.
    const waitsMs = [60, 10, 30, 10, 10];
    let running = 0;
    let most = 0;
    const pool = fake(2, async ({ replication }) => {
      most = Math.max(most, ++running);
      await new Promise((resume) => setTimeout(resume, waitsMs[replication]));
      running--;
      return answerOf(replication);
    });
    let handed = 0;
    const taken: number[] = [];
    await runAll(pool, {
      next: () => (handed < waitsMs.length ? taskOf(handed++) : null),
      take: (_, { replication }) => void taken.push(replication),
    });
    expect(taken).toEqual([0, 1, 2, 3, 4]);
    expect(most).toBe(2);
  });

  it('throws the first failure in the order of tasks and hands out nothing more', async () => {
    let handed = 0;
    const taken: number[] = [];
    const pool = fake(2, async ({ replication }) => {
      await new Promise((resume) => setTimeout(resume, replication === 1 ? 20 : 5));
      if (replication === 1 || replication === 2) throw new Error(`run ${replication}`);
      return answerOf(replication);
    });
    const all = runAll(pool, {
      next: () => (handed < 100 ? taskOf(handed++) : null),
      take: (_, { replication }) => void taken.push(replication),
    });
    await expect(all).rejects.toThrow('run 1');
    expect(taken).toEqual([0]);
    expect(handed).toBeLessThan(6);
  });
});
