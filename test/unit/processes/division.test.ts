/** What a policy writes is held to the contract. */
import { describe, expect, it } from 'vitest';
import { PolicyError } from '../../../src/base/errors.ts';
import { Division } from '../../../src/processes/division.ts';
import { buildFleet, type TestFleet } from '../../../src/testing.ts';

const CLUSTERS = 19;
const fleet: TestFleet = buildFleet(Array.from({ length: CLUSTERS }, () => ({ nodes: 1 })));

/** A division as a policy left it, and what was asked. */
function written(counts: Readonly<Record<number, number>>): Division {
  const division = new Division('acme/odd', CLUSTERS);
  for (const [c, count] of Object.entries(counts)) division.counts[Number(c)] = count;
  return division;
}

/** Takes all parts out, in order. */
function takeAll(division: Division): [number, number][] {
  return Array.from({ length: division.size }, (_, i) => {
    const c = division.cluster(i);
    return [c, division.take(c)];
  });
}

describe('Division', () => {
  it('lists the clusters that get pods by name, and is blank after they are taken', () => {
    const division = written({ 18: 2, 0: 1, 8: 4 });
    division.close(fleet.request(7), 7, 0);
    expect(takeAll(division)).toEqual([
      [0, 1],
      [8, 4],
      [18, 2],
    ]);
    division.close(fleet.request(7), 0, 0);
    expect(division.size).toBe(0);
  });

  it.each([
    ['negative counts', { 3: -1, 4: 1 }, 0, false, 'places -1 pods'],
    ['the most negative count', { 17: -2147483648 }, 0, false, 'places -2147483648 pods'],
    ['a sum that is not what was said', { 3: 2 }, 3, false, 'into 2 on 1 clusters and says 3'],
    ['pods that nobody asked for', { 3: 4, 18: 4 }, 8, false, 'divides 7 pods into 8'],
    ['a gang on two clusters', { 3: 3, 4: 4 }, 7, true, '7 pods of a gang into 7 on 2 clusters'],
    ['a part of a gang', { 3: 3 }, 3, true, 'into 3 on 1 clusters'],
  ])('refuses %s', (_, counts, said, gang, message) => {
    const close = () => written(counts).close(fleet.request(7, { gang }), said, 5);
    expect(close).toThrow(PolicyError);
    expect(close).toThrow(message);
  });

  it.each([CLUSTERS, -2, 0.5, Number.NaN])('refuses to choose cluster %s', (chosen) => {
    const close = () => written({}).closeWhole(chosen, fleet.request(1), 5);
    expect(close).toThrow(PolicyError);
    expect(close).toThrow(`chooses ${chosen}, which is none of 19 clusters`);
  });

  it('gives all pods to the cluster that was chosen, and none where none was', () => {
    const division = written({});
    division.closeWhole(18, fleet.request(7, { gang: true }), 0);
    expect(takeAll(division)).toEqual([[18, 7]]);
    division.closeWhole(-1, fleet.request(7, { gang: true }), 0);
    expect(takeAll(division)).toEqual([]);
  });

  it('refuses to withdraw pods that a cluster does not have, or another number than was asked for', () => {
    const assigned = new Int32Array(CLUSTERS).fill(2);
    const withdraw = (counts: Readonly<Record<number, number>>) => () =>
      written(counts).closeWithdrawal(fleet.request(3, { assigned }), 5_000_000);
    expect(withdraw({ 2: 3 })).toThrow('at t=5 s: withdraws 3 of 2 pods');
    expect(withdraw({ 2: -1 })).toThrow('withdraws -1 of 2 pods');
    expect(withdraw({ 2: 2 })).toThrow('left 1 pods to withdraw');
    expect(withdraw({ 2: 2, 9: 1 })).not.toThrow();
  });
});
