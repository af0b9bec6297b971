import { describe, expect, it } from 'vitest';
import { byPrecedence, EXIT } from '../../../src/cli/exit-codes.ts';
import { emptyWarning, gateRun, judge, undecidedWarnings } from '../../../src/cli/gate.ts';
import type { ManifestFile } from '../../../src/results/bundle.ts';
import { type Replicated, replicatedBundle } from '../../builders/replicated.ts';
import { load, scenarioText } from '../../builders/scenario-text.ts';

const bundle = (shape: Partial<Replicated> = {}) =>
  replicatedBundle({ rows: [{ name: 'cost_dollars', values: [100] }], ...shape });
const threshold = (selector: string, expr: string, warn = false) => ({
  selector,
  expr,
  warn,
  because: null,
  path: 't',
});
const options = { inconclusive: 'fail' } as const;
const stopped = (why: ManifestFile['stopped']) => {
  const whole = bundle({ complete: false });
  return { ...whole, manifest: { ...whole.manifest, stopped: why } };
};

describe('the precedence of exit codes', () => {
  it('is that of the table', () => {
    const shuffled = [0, 97, 98, 99, 124, 143, 130, 6, 4, 2, 3, 7, 1, 5];
    expect(byPrecedence(shuffled)).toEqual([5, 1, 7, 3, 2, 4, 6, 130, 143, 124, 99, 98, 97, 0]);
    expect(new Set(Object.values(EXIT)).size).toBe(14);
    expect(byPrecedence([])).toEqual([0]);
  });
});

describe('a judgement', () => {
  const fails = threshold('cost_dollars', 'total <= $50');
  const open = threshold('cost_dollars', 'total <= baseline');

  it('lists every code, the strongest first', () => {
    const broken = bundle();
    const conservation = { ...broken.result.conservation, ok: false };
    const result = { ...broken.result, conservation };
    const how = { thresholds: [fails, open], baseline: null, options };
    expect(judge({ ...broken, result }, 'x', how).codes).toEqual([5, 99, 97]);
    expect(judge(stopped('time limit'), 'x', how).codes).toEqual([124, 99, 97]);
    expect(judge(stopped('SIGINT'), 'x', how).exitCode).toBe(130);
    expect(judge(stopped('SIGTERM'), 'x', how).exitCode).toBe(143);
    expect(judge(stopped('threshold cost_dollars total <= $50 abort'), 'x', how).exitCode).toBe(99);
    expect(judge(broken, 'x', { ...how, options: { inconclusive: 'warn' } }).codes).toEqual([99]);
    const warned = {
      ...how,
      thresholds: [
        { ...fails, warn: true },
        { ...open, warn: true },
      ],
    };
    expect(judge(broken, 'x', warned).codes).toEqual([0]);
  });

  it('compares with a baseline, unless the run was cut short', () => {
    const baseline = { bundle: bundle(), label: 'base' };
    const how = { thresholds: [], baseline, options };
    expect(judge(bundle(), 'x', how).comparison?.bundles.map((b) => b.label)).toEqual([
      'base',
      'x',
    ]);
    expect(judge(stopped('time limit'), 'x', how)).toMatchObject({
      comparison: null,
      exitCode: 124,
    });
    const other = bundle({ sha256: 'ff'.repeat(32) });
    expect(() => judge(other, 'x', how)).toThrow(/--allow-different/);
    const allowed = { ...how, options: { ...options, allowDifferent: true } };
    expect(judge(other, 'x', allowed).codes).toEqual([0]);
  });

  it('of a run is not lost to a baseline of something else', () => {
    const { scenario } = load({ 'main.yaml': scenarioText() });
    const gate = { scenario, options, warnings: [] };
    const other = { bundle: bundle({ sha256: 'ff'.repeat(32) }), label: 'base' };
    const found = gateRun(bundle(), 'x', { ...gate, baseline: other });
    expect(found.refusal?.exitCode).toBe(2);
    expect(found.judged.comparison).toBeNull();
    const plain = gateRun(bundle(), 'x', { ...gate, baseline: null });
    expect([plain.refusal, plain.bundle.result.thresholds]).toEqual([
      null,
      bundle().result.thresholds,
    ]);
  });

  it('warns of nothing to check, and of what is undecided', () => {
    const empty = judge(bundle(), 'x', { thresholds: [], baseline: null, options });
    expect(emptyWarning(empty)).toHaveLength(1);
    const { thresholds } = judge(bundle(), 'x', { thresholds: [open], baseline: null, options });
    expect(undecidedWarnings(thresholds, 'warn')).toEqual([
      'warning: inconclusive: cost_dollars total <= baseline: it needs a baseline, give --baseline',
    ]);
    expect(
      undecidedWarnings([{ ...thresholds[0]!, bound: 1, replicationsNeeded: 25 }], 'warn'),
    ).toEqual([
      'warning: inconclusive: cost_dollars total <= baseline, about 25 replications needed',
    ]);
    expect(undecidedWarnings(thresholds, 'pass')).toEqual([]);
  });
});
