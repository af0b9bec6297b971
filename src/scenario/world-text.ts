import type { Scenario } from './scenario.ts';

/**
 * Writes down the world of a scenario: everything but how it is decided and judged. Two scenarios of equal text ask their
 * policies about the same fleet, load, failures and luck.
 *
 * Left out: policies and those of single clusters, thresholds, the question, and where files lie: a trace counts by its name, and
 * its content by the hashes of the inputs.
 */
export function worldText(scenario: Scenario): string {
  const { policies: _, question: _question, thresholds: _thresholds, ...world } = scenario;
  const clusters = world.clusters.map(({ queueing: _, scheduling: _scheduling, ...rest }) => rest);
  return JSON.stringify({ ...world, clusters, seed: null }, (key, value: unknown) =>
    key === 'path' && typeof value === 'string' ? value.split(/[\\/]/).at(-1) : value,
  );
}
