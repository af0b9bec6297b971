/** A run that is saved at any event and goes on in a run that was built anew gives the bytes of an undisturbed run. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hyperscaleScenario } from '../../../bench/hyperscale-workload.ts';
import { defineQueueing } from '../../../src/contracts/policy.ts';
import type { Queueing } from '../../../src/contracts/queueing.ts';
import type { Registry } from '../../../src/contracts/registry.ts';
import { registryWith } from '../../../src/run/registry.ts';
import { createSimulation, type Simulation } from '../../../src/run/run.ts';
import { RunState } from '../../../src/run/snapshot.ts';
import type { Snapshot } from '../../../src/run/snapshot-forms.ts';
import { loadScenario } from '../../../src/scenario/load.ts';
import { scaleScenario } from '../../../src/scenario/scale.ts';
import type { Scenario } from '../../../src/scenario/scenario.ts';
import { scenarios } from '../../builders/random-scenarios.ts';
import {
  bytesOf,
  job,
  prepare,
  runToEnd,
  scenario,
  type TestRunOptions,
} from '../../builders/scenario.ts';

function prepareWith(from: Scenario, { registry, ...options }: PartOptions): Simulation {
  if (registry === undefined) return prepare(from, options);
  const manifest = {
    scenarioSha256: '',
    inputs: [],
    overrides: [],
    plugins: [],
    orreryVersion: '0',
  };
  return createSimulation(from, { seed: 1, ...options, registry, manifest });
}

/** Runs with a break after each of the given numbers of events: saved, built anew, restored. */
function runInParts(from: Scenario, breaks: readonly number[], options: PartOptions): string {
  let simulation = prepareWith(from, options);
  let state = new RunState(simulation.stateParts());
  let isOver = false;
  for (const events of breaks) {
    if (!isOver) isOver = simulation.runFor(events) === 'done';
    const saved = deserialize(serialize(state.save())) as Snapshot;
    simulation = prepareWith(from, options);
    state = new RunState(simulation.stateParts());
    expect(state.fits(saved)).toBe(true);
    state.restore(saved);
    // What was restored is what was saved.
    const again = deserialize(serialize(state.save())) as Snapshot;
    if (!isDeepStrictEqual(again, saved)) throw new Error('the snapshots differ');
  }
  while (!isOver) isOver = simulation.runFor(Number.MAX_SAFE_INTEGER) === 'done';
  return bytesOf(simulation.finish(null));
}

function shipped(name: string): Scenario {
  const path = fileURLToPath(new URL(`../../../scenarios/${name}.yaml`, import.meta.url));
  const readText = (file: string) => readFileSync(file, 'utf8');
  return loadScenario({ path, readText, overrides: [], env: {} }).scenario;
}

const breaks = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 3 });

interface PartOptions extends TestRunOptions {
  readonly registry?: Registry;
}

function holds(numRuns: number, change: Partial<Scenario>, options: TestRunOptions): void {
  fc.assert(
    fc.property(scenarios, breaks, (drawn, at) => {
      const from = { ...drawn, ...change };
      if (runInParts(from, at, options) !== bytesOf(runToEnd(from, options))) {
        throw new Error('the bundles differ');
      }
    }),
    { numRuns },
  );
}

const MINE = { use: 'acme/turns', params: {} };

/** Last in, first out, by a counter. */
function countsInClosure() {
  let count = 0;
  return {
    blocking: true,
    rank: () => -count++,
    save: () => count,
    restore: (saved: unknown) => {
      count = saved as number;
    },
  };
}

class CountsInField {
  readonly blocking = true;
  private count = 0;

  rank(): number {
    return -this.count++;
  }
}

const queueingOf = (create: () => Queueing) =>
  defineQueueing({ name: 'acme/turns', summary: 'By turns.', create });

/** More pods than one node holds, so that a queue forms. */
const crowded = (): Scenario =>
  scenario({ workloads: [job({ arrivals: { kind: 'poisson', perSecond: 0.3 } })] });

describe('a snapshot of a run', () => {
  it.each(['heap', 'calendar', 'fastpriorityqueue'] as const)(
    'goes on to the same bytes on the event queue %s',
    (eventQueue) => holds(100, { eventQueue }, { check: false }),
    180_000,
  );

  it.each(['seedrandom:arc4', 'seedrandom:alea', 'seedrandom:tychei', 'sfc32'] as const)(
    'goes on to the same bytes with the stream %s',
    (arrivalStream) => holds(20, { arrivalStream }, { check: false }),
    180_000,
  );

  it('goes on to the same bytes with every check on', () => {
    holds(10, {}, { check: true });
  }, 180_000);

  it.each([
    ['quickstart', '1/400', [3_000, 9_000]],
    ['outage', '1/40', [2_000, 5_000]],
    ['preemption', '1', [700]],
    ['rolling-update', '1', [150, 300]],
    ['zone-dark', '1', [900, 1_500]],
    ['kubectl-snapshot', '1', [40, 120]],
  ] as const)(
    'of the scenario %s (part %s) goes on to the same bytes',
    (name, scale, at) => {
      const from = scaleScenario(shipped(name), scale);
      const options = { check: false };
      expect(runInParts(from, at, options)).toBe(bytesOf(runToEnd(from, options)));
    },
    120_000,
  );

  it.each(['first-fit', 'round-robin', 'most-allocated'])(
    'of 100 nodes under %s goes on to the same bytes, check mode or not',
    (use) => {
      const policy = { use, params: {} };
      const from = hyperscaleScenario({ nodes: 100, policy, eventQueue: 'auto', pods: 200 });
      // Before the first decision, while the fleet fills, and in equilibrium.
      const at = [1, 2_600, 2_700];
      expect(runInParts(from, at, { check: false })).toBe(bytesOf(runToEnd(from, { check: true })));
    },
    120_000,
  );

  it('carries what a policy of a plug-in saves, or keeps in its fields', () => {
    for (const made of [countsInClosure, () => new CountsInField()]) {
      const registry = registryWith([queueingOf(made)]);
      const from = { ...crowded(), policies: { ...crowded().policies, queueing: MINE } };
      const run = (at: readonly number[]) => runInParts(from, at, { check: false, registry });
      expect(run([100, 50])).toBe(run([]));
      // The order of the queue matters here.
      expect(run([])).not.toBe(runInParts(crowded(), [], { check: false }));
    }
  });

  it('refuses what a plug-in makes in the middle of a run and cannot be saved', () => {
    const lazy = { blocking: false, later: [] as unknown[], rank: () => lazy.later.push(() => 1) };
    const registry = registryWith([queueingOf(() => lazy)]);
    const from = { ...crowded(), policies: { ...crowded().policies, queueing: MINE } };
    expect(() => runInParts(from, [100], { check: false, registry })).toThrow(
      /--checkpoint: got a function that was made during the run, in Array\[0\]/,
    );
  });

  it('does not fit a run of another scenario', () => {
    const from = scenario({ workloads: [job()] });
    const saved = new RunState(prepare(from).stateParts()).save();
    const other = scenario({ workloads: [job(), job({ name: 'more' })] });
    expect(new RunState(prepare(other).stateParts()).fits(saved)).toBe(false);
  });
});
