/** Same scenario and seed: the same bytes, whatever the queue, the slices and the checks. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Scenario } from '../../src/scenario/scenario.ts';
import { scenarios } from '../builders/random-scenarios.ts';
import { bytesOf, job, runToEnd, scenario } from '../builders/scenario.ts';

const RUNS = 25;

/** Holds for random scenarios that two ways of running give the same bytes. */
function sameBytes(
  a: (from: Scenario) => string,
  b: (from: Scenario) => string,
  numRuns = RUNS,
): void {
  fc.assert(
    fc.property(scenarios, (from) => {
      if (a(from) !== b(from)) throw new Error('the bundles differ');
    }),
    { numRuns },
  );
}

const quiet = { check: false };
const run = (from: Scenario): string => bytesOf(runToEnd(from, quiet));

describe('a run', () => {
  it('gives the same bytes twice', () => {
    sameBytes(run, run);
  });

  it.each(['heap', 'calendar', 'fastpriorityqueue'] as const)(
    'gives the same bytes on the event queue %s',
    (eventQueue) => {
      sameBytes(run, (from) => run({ ...from, eventQueue }));
    },
  );

  it.each([1, 7, 1000])('gives the same bytes in slices of %i events', (slice) => {
    sameBytes(run, (from) => bytesOf(runToEnd(from, quiet, slice)));
  });

  // Checks go through the queue and try again what is remembered: more cases, as their ways differ most.
  it('gives the same bytes with every check on', () => {
    sameBytes(run, (from) => bytesOf(runToEnd(from, { check: true })), 80);
  });

  it('does not depend on the order of machine types and providers in the file', () => {
    sameBytes(run, (from) =>
      run({
        ...from,
        machineTypes: [...from.machineTypes].reverse(),
        providers: [...from.providers].reverse(),
      }),
    );
  });

  it('differs by seed and by replication', () => {
    const from = scenario({
      workloads: [job({ arrivals: { kind: 'poisson', perSecond: 0.01 } })],
    });
    const trajectories = [
      { seed: 1 },
      { seed: 2 },
      { seed: 1, replication: 1 },
      { seed: 4, replication: 1 },
    ].map((luck) => runToEnd(from, luck).result.trajectory);
    expect(new Set(trajectories).size).toBe(4);
  });

  it('keeps the bytes of a trajectory that has been seen before', () => {
    const { result } = runToEnd(
      scenario({ workloads: [job({ arrivals: { kind: 'poisson', perSecond: 0.1 } })] }),
      { seed: 42 },
    );
    // Changes only when decisions or their hash change: then the changelog says so.
    expect(result.trajectory).toMatchInlineSnapshot(`"ae1aa52501d526d7"`);
  });
});
