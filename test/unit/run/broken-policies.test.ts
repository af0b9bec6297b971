/** Policies that break their contract end the run with an error that names them: never a crash, a hang or a result. */
import { describe, expect, it } from 'vitest';
import { PolicyError, ScenarioError } from '../../../src/base/errors.ts';
import { exitCodeOf } from '../../../src/cli/exit-codes.ts';
import type { Contract } from '../../../src/contracts/policy.ts';
import { registryWith } from '../../../src/run/registry.ts';
import { createSimulation } from '../../../src/run/run.ts';
import type { Scenario } from '../../../src/scenario/scenario.ts';
import { cluster, job, outage, pool, SECOND, scenario } from '../../builders/scenario.ts';

const USES: Readonly<
  Record<Exclude<Contract, 'framework' | 'scaling'>, (use: string) => Partial<Scenario>>
> = {
  scheduling: (use) => ({ policies: { ...scenario().policies, scheduling: { use, params: {} } } }),
  queueing: (use) => ({ policies: { ...scenario().policies, queueing: { use, params: {} } } }),
  placement: (use) => ({ policies: { ...scenario().policies, placement: { use, params: {} } } }),
  failures: (use) => ({
    failures: [{ kind: 'nodes', model: { use, params: {} }, clusters: null, repairers: null }],
  }),
};

/** Two clusters that are too small for what comes, so that every part of a policy is asked. */
const world = (contract: keyof typeof USES): Scenario =>
  scenario({
    clusters: [
      cluster({ name: 'a', pools: [pool({ count: 2 })] }),
      cluster({ name: 'b', zone: 'y', pools: [pool({ count: 2, zone: 'y' })] }),
    ],
    workloads: [job(), job({ name: 'x', podsPerJob: { law: 'constant', value: 3 } })],
    failures: [outage('zone/y', 600 * SECOND, 600 * SECOND)],
    ...USES[contract]('acme/broken'),
  });

function errorOf(contract: keyof typeof USES, fields: object): unknown {
  const policy = { contract, name: 'acme/broken', summary: 'Broken.', ...fields };
  try {
    const simulation = createSimulation(world(contract), {
      seed: 1,
      registry: registryWith([policy as never]),
      check: true,
      manifest: {
        scenarioSha256: '',
        inputs: [],
        overrides: [],
        plugins: [],
        orreryVersion: '0.0.0',
      },
    });
    for (let i = 0; i < 100; i++) if (simulation.runFor(100_000) === 'done') break;
    simulation.finish(null);
  } catch (error) {
    return error;
  }
  throw new Error('it was accepted');
}

const profile = (fields: object) => ({
  create: () => ({ kind: 'profile', ties: 'index', ...fields }),
});
const scored = (fields: object) =>
  profile({
    scores: [{ weight: 1, score: { name: 's', dependsOn: 'own-node', add() {}, ...fields } }],
  });
const filtered = (fields: object) =>
  profile({
    filters: [
      {
        name: 'f',
        reason: 'r',
        dependsOn: 'own-node',
        wakes: [],
        keep: (_: unknown, __: unknown, n: number) => n,
        ...fields,
      },
    ],
  });
const throwing = () => {
  throw new TypeError('x is undefined');
};

type Case = readonly [string, keyof typeof USES, object, RegExp];

/** Found while the world is built or while it runs: exit 7. */
const BROKEN: readonly Case[] = [
  [
    'a scheduling policy that throws when it is made',
    'scheduling',
    { create: throwing },
    /x is undefined/,
  ],
  [
    'a scheduling policy that makes nothing',
    'scheduling',
    { create: () => undefined },
    /create made is undefined/,
  ],
  [
    'a scheduling policy of an unknown kind',
    'scheduling',
    { create: () => ({ kind: 'magic' }) },
    /kind|profile/,
  ],
  ['an unknown order of ties', 'scheduling', profile({ ties: 'coin' }), /ties.*coin/],
  ['ranks that are too few', 'scheduling', profile({ ties: 'rank', ranks: [0] }), /ranks/],
  [
    'ranks that are no permutation',
    'scheduling',
    profile({ ties: 'rank', ranks: [0, 0] }),
    /ranks/,
  ],
  [
    'a score that depends on something unknown',
    'scheduling',
    scored({ dependsOn: 'mood' }),
    /dependsOn.*mood/,
  ],
  ['a score without add', 'scheduling', scored({ add: undefined }), /add/],
  [
    'a weight that is no number',
    'scheduling',
    profile({ scores: [{ weight: 'x', score: { name: 's', dependsOn: 'static', add() {} } }] }),
    /weight/,
  ],
  ['a score that throws', 'scheduling', scored({ add: throwing }), /x is undefined/],
  [
    'a score that is not finite',
    'scheduling',
    scored({
      add: (_p: unknown, _c: unknown, n: number, _v: unknown, s: Float64Array) =>
        s.fill(Number.NaN, 0, n),
    }),
    /finite|NaN/,
  ],
  [
    'a filter that keeps more than it got',
    'scheduling',
    filtered({ keep: (_: unknown, __: unknown, n: number) => n + 1 }),
    /kept|keep/,
  ],
  ['a filter that keeps half a node', 'scheduling', filtered({ keep: () => 0.5 }), /kept|keep/],
  ['a filter that keeps undefined', 'scheduling', filtered({ keep: () => undefined }), /kept|keep/],
  ['a filter that throws', 'scheduling', filtered({ keep: throwing }), /x is undefined/],
  ['a sample of no nodes', 'scheduling', profile({ sample: { size: 0, tries: 1 } }), /sample/],
  [
    'a batch scheduler without decide',
    'scheduling',
    { create: () => ({ kind: 'batch' }) },
    /decide/,
  ],
  [
    'a batch scheduler that throws',
    'scheduling',
    { create: () => ({ kind: 'batch', decide: throwing }) },
    /x is undefined/,
  ],
  [
    'a batch scheduler that starts what is not there',
    'scheduling',
    {
      create: () => ({
        kind: 'batch',
        decide: (s: { start(...a: unknown[]): unknown }) => s.start(99, [0], 1),
      }),
    },
    /./,
  ],
  ['a queueing policy that makes nothing', 'queueing', { create: () => undefined }, /./],
  [
    'a queueing policy that throws',
    'queueing',
    { create: () => ({ blocking: false, rank: throwing }) },
    /rank threw/,
  ],
  [
    'a rank that is no number',
    'queueing',
    { create: () => ({ blocking: true, rank: () => 'first' }) },
    /rank gave first/,
  ],
  [
    'a queueing policy that may or may not block',
    'queueing',
    { create: () => ({ rank: () => 1 }) },
    /blocking/,
  ],
  [
    'parameters that are checked by a throw',
    'queueing',
    { params: throwing, create: () => ({}) },
    /params threw/,
  ],
  [
    'parameters that come to nothing',
    'queueing',
    { params: () => ({}), create: () => ({}) },
    /params/,
  ],
  [
    'a placement that gives out more than there is',
    'placement',
    {
      create: () => ({
        divide: (_r: unknown, _f: unknown, counts: Int32Array) => counts.fill(9).length * 9,
      }),
    },
    /divides 1 pods into 18/,
  ],
  [
    'a placement that miscounts',
    'placement',
    {
      create: () => ({
        divide: (_r: unknown, _f: unknown, counts: Int32Array) => {
          counts[0] = 1;
          return 0;
        },
      }),
    },
    /./,
  ],
  [
    'a placement of less than nothing',
    'placement',
    {
      create: () => ({
        divide: (_r: unknown, _f: unknown, counts: Int32Array) => {
          counts[0] = -1;
          return -1;
        },
      }),
    },
    /places -1/,
  ],
  ['a placement policy that makes nothing', 'placement', { create: () => null }, /./],
  [
    'a placement policy that throws',
    'placement',
    { create: () => ({ divide: throwing }) },
    /x is undefined/,
  ],
  [
    'a failure model that throws',
    'failures',
    { create: () => ({ upUs: throwing, downUs: throwing }) },
    /x is undefined/,
  ],
  ['a failure model without upUs', 'failures', { create: () => ({}) }, /upUs/],
  [
    'a failure model that goes back in time',
    'failures',
    { create: () => ({ upUs: () => -5, downUs: () => 5 }) },
    /upUs.*-5/,
  ],
  [
    'a failure model that gives NaN',
    'failures',
    { create: () => ({ upUs: () => 1e6, downUs: () => Number.NaN }) },
    /downUs.*NaN/,
  ],
];

describe('a policy that breaks its contract', () => {
  it.each(BROKEN)('%s ends with exit code 7', (_, contract, fields, message) => {
    const error = errorOf(contract, fields);
    expect(error).toBeInstanceOf(PolicyError);
    expect(exitCodeOf(error)).toBe(7);
    expect((error as Error).message).toContain('acme/broken');
    expect((error as Error).message).toMatch(message);
  });

  it('that has the name of another one is refused with exit code 2', () => {
    const two = { contract: 'queueing', name: 'acme/two', summary: 's', create: () => ({}) };
    const taken = { ...two, name: 'fifo' };
    for (const policies of [[two, two], [taken]]) {
      let error: unknown;
      try {
        registryWith(policies as never);
      } catch (caught) {
        error = caught;
      }
      expect(error).toBeInstanceOf(ScenarioError);
      expect(exitCodeOf(error)).toBe(2);
    }
  });
});
