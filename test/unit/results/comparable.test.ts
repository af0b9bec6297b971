import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  changesOf,
  firstDivergence,
  mismatchesOf,
  sharesLuck,
} from '../../../src/results/comparable.ts';
import { replicatedBundle } from '../../builders/replicated.ts';

const ROWS = [{ name: 'cost_dollars', values: [1, 2] }];
const bundle = (shape: object = {}) => replicatedBundle({ rows: ROWS, ...shape });

describe('what makes bundles comparable', () => {
  it('is the same scenario, whatever the policies', () => {
    const base = bundle({ overrides: ['horizon=6h'] });
    const head = bundle({
      scheduling: 'first-fit',
      overrides: [
        'policies.scheduling=first-fit',
        'policies={queueing: fifo}',
        'fleet.clusters[0].scheduling=first-fit',
        'fleet.clusters.c-1.queueing.use=fifo',
        'horizon=6h',
      ],
    });
    expect(mismatchesOf(base, head)).toEqual([]);
    expect(sharesLuck(base, head)).toBe(true);
    expect(changesOf(base, head).map((c) => c.what)).toEqual(['scheduling', 'policy overrides']);
  });

  it('is broken by another file, override, trace, catalogue or an early end', () => {
    const base = bundle();
    const what = (head: ReturnType<typeof bundle>) => mismatchesOf(base, head).map((m) => m.what);
    expect(what(bundle({ sha256: 'cd'.repeat(32) }))).toEqual(['scenario']);
    expect(what(bundle({ overrides: ['horizon=6h'] }))).toEqual(['overrides']);
    expect(what(bundle({ overrides: ['fleet.clusters[0].pools=[]'] }))).toEqual(['overrides']);
    expect(what(bundle({ overrides: ['placement.latency=1s'] }))).toEqual(['overrides']);
    expect(what(bundle({ complete: false }))).toEqual(['completed']);
    const head = bundle();
    const inputs = [{ name: 'trace.csv', sha256: 'ef'.repeat(32) }];
    const catalogs = [{ name: 'x', date: '2026-01-01', source: 'y' }];
    expect(what({ ...head, manifest: { ...head.manifest, inputs, catalogs } })).toEqual([
      'inputs',
      'catalogs',
    ]);
  });

  it('is unknown without a hash, and never given for two stopped runs', () => {
    expect(mismatchesOf(bundle({ sha256: '' }), bundle({ sha256: '' }))).toHaveLength(1);
    const stopped = bundle({ complete: false });
    expect(mismatchesOf(stopped, stopped).map((m) => m.what)).toEqual(['completed']);
  });

  it('does not share luck under another seed or number of replications', () => {
    expect(sharesLuck(bundle(), bundle({ seed: 43 }))).toBe(false);
    const three = bundle({ rows: [{ name: 'cost_dollars', values: [1, 2, 3] }] });
    expect(sharesLuck(bundle(), three)).toBe(false);
    expect(mismatchesOf(bundle(), three)).toEqual([]);
  });
});

describe('the first divergence', () => {
  const manifest = (trajectories: { cluster: string; replication?: number; buckets: string[] }[]) =>
    bundle({ trajectories }).manifest;

  it('is the earliest bucket, and the first cluster by name in it', () => {
    const base = manifest([
      { cluster: 'c', buckets: ['1', '2', '3', '4'] },
      { cluster: 'b', buckets: ['1', '2', '3', '4'] },
      { cluster: 'a', buckets: ['1', '2', '3', '4'] },
    ]);
    const head = manifest([
      { cluster: 'a', buckets: ['1', '2', '3', '9'] },
      { cluster: 'b', buckets: ['1', '2', '8', '8'] },
      { cluster: 'c', buckets: ['1', '2', '7', '7'] },
    ]);
    // Buckets of 300 s: the third is from 600 to 900.
    expect(firstDivergence(base, head, 300)).toEqual({
      cluster: 'b',
      replication: null,
      others: 1,
      fromSeconds: 600,
      untilSeconds: 900,
    });
    expect(firstDivergence(base, base, 300)).toBeNull();
    expect(firstDivergence(base, manifest([]), 300)).toBeNull();
  });

  it('is that of the first replication that differs, however late', () => {
    const of = (hashes: readonly string[]) =>
      manifest(
        hashes.map((text, replication) => ({ cluster: 'a', replication, buckets: [...text] })),
      );
    // Replication 1 parts in bucket 2, replication 2 already in bucket 0.
    const found = firstDivergence(of(['123', '123', '123']), of(['123', '129', '999']), 300);
    expect(found).toMatchObject({ replication: 1, fromSeconds: 600 });
  });

  it('equals the bucket that a walk finds', () => {
    fc.assert(
      fc.property(fc.nat({ max: 30 }), fc.nat({ max: 30 }), (length, parted) => {
        const a = Array.from({ length: length + 1 }, (_, i) => `s${i}`);
        const b = a.map((hash, i) => (i < parted ? hash : `t${i}`));
        const walk = a.findIndex((hash, i) => hash !== b[i]);
        const found = firstDivergence(
          manifest([{ cluster: 'x', buckets: a }]),
          manifest([{ cluster: 'x', buckets: b }]),
          1,
        );
        expect(found?.fromSeconds ?? -1).toBe(walk);
      }),
      { numRuns: 50 },
    );
  });
});
