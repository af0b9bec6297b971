/** "Accepted" is not "applied": each field of a scenario must change some result, or be refused. */
import { afterAll, describe, expect, it } from 'vitest';
import { scenarioJsonSchema } from '../src/scenario/schema.ts';
import type { Case } from './options/case.ts';
import { CASES } from './options/cases.ts';
import { leavesOf } from './options/fields.ts';
import { Laboratory } from './options/outcome.ts';

const laboratory = new Laboratory();
afterAll(() => laboratory.dispose());

describe('the fields of a scenario', () => {
  const leaves = leavesOf(scenarioJsonSchema());

  it('all have a case here, and no case is left of a field that is gone', () => {
    const covered = new Set(CASES.map(({ field }) => field));
    expect(leaves.filter((leaf) => !covered.has(leaf))).toEqual([]);
    expect([...covered].filter((field) => !leaves.includes(field))).toEqual([]);
  });

  it.each(CASES.map((one): [string, Case] => [titleOf(one), one]))('%s', async (_, one) => {
    const before = await laboratory.outcomeOf(one.base, one.given);
    const after = laboratory.outcomeOf(one.base, [...one.given, ...one.change]);
    if (one.shows instanceof RegExp) await expect(after).rejects.toThrow(one.shows);
    else if (one.shows === 'same') expect((await after).bundle).toBe(before.bundle);
    else expect((await after)[one.shows]).not.toBe(before[one.shows]);
  });
});

describe('the imports of a scenario file', () => {
  it('add their workloads', async () => {
    const [without, withParts] = await Promise.all([
      laboratory.outcomeOf('one', []),
      laboratory.outcomeOf('parts', []),
    ]);
    expect(withParts.trajectory).not.toBe(without.trajectory);
  });
});

describe('the currency of a catalogue', () => {
  it('is refused unless it is the one of bills', async () => {
    const euro = laboratory.outcomeOf('stock', ['fleet.catalog=euro']);
    await expect(euro).rejects.toThrow(/euro\.yaml:1:\d+ catalog\.currency.*expected USD/);
  });
});

function titleOf({ field, shows, change }: Case): string {
  const said = change.join(' ');
  const effect =
    shows instanceof RegExp
      ? 'is refused'
      : shows === 'same'
        ? 'changes nothing'
        : `changes ${shows}`;
  return `${field}: ${said.length > 60 ? `${said.slice(0, 60)}…` : said} ${effect}`;
}
