/** A run that is saved at any event and goes on in a run that was built anew gives the bytes of an undisturbed run. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
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

/** Runs with a break after each of the given numbers of events: saved, built anew, restored. */
function runInParts(from: Scenario, breaks: readonly number[], options: TestRunOptions): string {
  let simulation = prepare(from, options);
  let state = new RunState(simulation.stateParts());
  let isOver = false;
  for (const events of breaks) {
    if (!isOver) isOver = simulation.runFor(events) === 'done';
    const saved = deserialize(serialize(state.save())) as Snapshot;
    simulation = prepare(from, options);
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

  it('does not fit a run of another scenario', () => {
    const from = scenario({ workloads: [job()] });
    const saved = new RunState(prepare(from).stateParts()).save();
    const other = scenario({ workloads: [job(), job({ name: 'more' })] });
    expect(new RunState(prepare(other).stateParts()).fits(saved)).toBe(false);
  });
});
