/**
 * Random scenarios with every check on. The seed and the number of runs are printed first; a failure prints the shrunk
 * scenario, and `SWARM_SEED=... npx vitest run test/swarm` plays it again. `SWARM_RUNS` asks for more.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Scenario } from '../../src/scenario/scenario.ts';
import { scenarios } from '../builders/random-scenarios.ts';
import { prepare } from '../builders/scenario.ts';
import { checkWorld } from '../builders/world-laws.ts';

const RUNS = Number(process.env.SWARM_RUNS ?? 60);
const SEED = Number(process.env.SWARM_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** Five minutes of a few pods a second take some thousand events; much more is a loop that time hardly moves in. */
const EVENTS_MOST = 50_000;

/** The profile's own filters may refuse what fits. */
const hasOwnFilters = (from: Scenario): boolean =>
  ['profile', 'fgd'].some((name) => from.policies.scheduling.use.startsWith(name));

/** Runs a scenario in slices and checks the laws between them. */
function swarm(from: Scenario, seed: number): void {
  const simulation = prepare(from, { seed, check: true });
  for (let slice = 1; simulation.runFor(slice) !== 'done'; slice = (slice % 7) + 1) {
    if (!hasOwnFilters(from)) checkWorld(simulation);
    if (simulation.progress().events > EVENTS_MOST) throw new Error('runs in circles');
  }
  const { conservation, metrics } = simulation.finish(null).result;
  const { arrived, completed, lost, pending, running } = conservation.pods;
  expect(arrived).toBe(completed + lost + pending + running);
  for (const value of [arrived, completed, lost, pending, running]) {
    expect(value).toBeGreaterThanOrEqual(0);
  }
  // Extremes of a fleet of several clusters are those of whole buckets, one of which the warm-up may cut.
  const isExact = from.warmupUs === 0 || from.clusters.length === 1;
  for (const { name, mean, min, max } of isExact ? metrics : []) {
    if (mean === null || min === null || max === null) continue;
    const slack = Math.abs(max) * 1e-9 + 1e-12;
    if (!(mean >= min - slack && mean <= max + slack)) {
      expect({ name, mean, min, max }).toBe('a mean between its extremes');
    }
  }
}

describe('the swarm', () => {
  it(`lives through ${RUNS} random scenarios with every check on`, { timeout: 3_600_000 }, () => {
    process.stdout.write(`swarm: SWARM_SEED=${SEED} SWARM_RUNS=${RUNS}\n`);
    fc.assert(
      fc.property(scenarios, fc.integer({ min: 1, max: 1000 }), (from, seed) => {
        swarm(from, seed);
      }),
      { numRuns: RUNS, seed: SEED },
    );
  });
});
