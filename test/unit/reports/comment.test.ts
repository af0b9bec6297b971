import { describe, expect, it } from 'vitest';
import { commentMarkdown, commentStatus, wantsComment } from '../../../src/reports/comment.ts';
import { type CommentFacts, splitExpression } from '../../../src/reports/comment-story.ts';
import type { ThresholdResult } from '../../../src/results/bundle.ts';
import { compareBundles } from '../../../src/results/compare.ts';
import { type Replicated, type Row, replicatedBundle } from '../../builders/replicated.ts';

const threshold = (more: Partial<ThresholdResult> = {}): ThresholdResult => ({
  metric: 'pod_wait_seconds{class="critical"}',
  expr: 'p(99) < 30s',
  verdict: 'pass',
  observed: 8.4,
  observedIsAtLeast: false,
  unit: 'seconds',
  bound: 30,
  ci: null,
  where: null,
  why: null,
  because: null,
  warn: false,
  replicationsNeeded: null,
  ...more,
});

const rows = (factor: number): Row[] => [
  { name: 'cost_dollars', values: [100, 101, 102] },
  { name: 'pod_wait_seconds', values: [4, 5, 6].map((v) => v * factor) },
  {
    name: 'pod_wait_seconds',
    labels: { class: 'critical', cluster: 'c-093' },
    values: [4, 5, 6].map((v) => v * factor),
  },
  { name: 'pod_wait_seconds', labels: { class: 'critical', cluster: 'c-001' }, values: [4, 5, 6] },
  {
    name: 'pod_wait_seconds',
    labels: { cluster: 'c-093' },
    values: [4, 5, 6].map((v) => v * factor),
  },
];

function facts(
  factor: number,
  more: Partial<CommentFacts> = {},
  shape: Partial<Replicated> = {},
): CommentFacts {
  const base = replicatedBundle({ label: 'base', rows: rows(1) });
  const trajectory = factor === 1 ? '00000000000000aa' : '00000000000000bb';
  const head = replicatedBundle({ label: 'head', rows: rows(factor), trajectory, ...shape });
  const tight = {
    ...head.result.metrics[0]!,
    name: 'headroom_ratio',
    kind: 'gauge' as const,
    labels: { cluster: 'c-093', resource: 'memory' },
    min: 0.01,
    minAtSeconds: 0,
  };
  const withTight = {
    ...head,
    result: { ...head.result, metrics: [...head.result.metrics, tight] },
  };
  return {
    head: withTight,
    base,
    thresholds: [threshold()],
    baseThresholds: [threshold()],
    comparison: compareBundles([base, head]),
    ...more,
  };
}

const FAILED = { thresholds: [threshold({ verdict: 'fail', observed: 42 })] };

describe('a comment', () => {
  it('begins with its key and one sentence that names metric, cluster and cause', () => {
    const text = commentMarkdown(facts(3, FAILED, { scheduling: 'worst-fit' }), 'capacity', null);
    const [marker, heading, sentence] = text.split('\n');
    expect(marker).toBe('<!-- orrery:comment:capacity -->');
    expect(heading).toBe('### ❌ Capacity check: 1 threshold failed, 1 regression');
    // (42 - 8.4) / 8.4 = 4
    expect(sentence).toMatch(
      /^\*\*pod_wait_seconds{class="critical"} p\(99\) rises 8.4 s → 42 s \(\+400 %, limit &#60; 30s\)\*\* because c-093 changes most, 5 s → 15 s; the change is scheduling: best-fit → worst-fit; c-093 is tight, 1 % of memory free/,
    );
    expect(text).toContain(
      '| ❌ fail | pod_wait_seconds{class="critical"} p(99) | 8.4 s | 42 s | +400 % | &#60; 30s |',
    );
    expect(text).toMatch(/\| ❌ worse \| pod_wait_seconds avg \| 5 s \| 15 s \| \+200 % /);
    expect(text).toContain('unchanged or undecided');
    expect(text).toContain('orrery run SCENARIO.yaml --seed 42 --reps 3');
  });

  it('tells of a regression without a threshold, and of one without a baseline', () => {
    const regressed = commentMarkdown(facts(3), 'capacity', null);
    expect(regressed).toContain('### ❌ Capacity check: 1 regression');
    expect(regressed).toMatch(
      /\*\*pod_wait_seconds avg rises 5 s → 15 s \(\+200 %.*limit 5 %\)\*\* because c-093 changes most/,
    );
    const alone = { ...FAILED, base: null, baseThresholds: null, comparison: null };
    expect(commentMarkdown(facts(3, alone), 'nightly', null)).toMatch(
      /### ❌ Nightly check: 1 threshold failed\n\*\*.* is 42 s, limit &#60; 30s\*\* because c-093 is tight/,
    );
  });

  it('is one green line where nothing changed', () => {
    const text = commentMarkdown(facts(1), 'capacity', null);
    const [, heading, rest] = text.split('\n');
    expect(heading).toBe('### ✅ Capacity check: 1 threshold holds, nothing got worse');
    expect(rest).toMatch(/^<details><summary>Reproduce/);
  });

  it('keeps what failed before, once, when a clean run takes its place', () => {
    const failed = commentMarkdown(facts(3, FAILED), 'capacity', null);
    const clean = commentMarkdown(facts(1), 'capacity', failed);
    expect(clean).toContain('### ✅ Capacity check');
    expect(clean).toContain('Earlier on this change: 1 failed');
    expect(clean).toMatch(
      /^- ❌ Capacity check: 1 threshold failed, 1 regression: pod&#95;wait&#95;seconds/m,
    );
    const again = commentMarkdown(facts(1), 'capacity', clean);
    expect(again).toContain('Earlier on this change: 1 failed');
    expect(commentMarkdown(facts(3, FAILED), 'capacity', again)).toContain('### ❌');
  });

  it('takes no markup from a comment that somebody else wrote', () => {
    const evil = [
      '<!-- orrery:comment:capacity -->',
      '### ❌ x @all <img src=x> [a](http://b)',
      '**y `z` @all**',
      '- ❌ @all',
      '- ❌ <b>',
      '- ❌ [a](b)',
    ].join('\n');
    const text = commentMarkdown(facts(1), 'capacity', evil);
    expect(text).not.toMatch(/@|<img|<b>|\]\(/);
    expect(text).toContain('Earlier on this change: 1 failed');
  });

  it('calls nobody and opens no cell, whatever names hold', () => {
    const evil = '@org/all | `x` <script>\n# head';
    const bad = threshold({ verdict: 'fail', why: evil, where: evil, metric: evil });
    const text = commentMarkdown(
      facts(3, { thresholds: [bad], baseThresholds: null }),
      'capacity',
      null,
    );
    expect(text).not.toContain('@org');
    expect(text).not.toContain('<script>');
    expect(text).not.toMatch(/^# head/m);
    const row = text.split('\n').find((line) => line.startsWith('| ❌ fail'))!;
    expect(row.split(' | ')).toHaveLength(6);
  });

  it('stays below 60 kB', () => {
    const many = Array.from({ length: 3000 }, (_, i) =>
      threshold({ verdict: 'fail', metric: `metric_${i} ${'ü'.repeat(300)}` }),
    );
    const text = commentMarkdown(
      facts(3, { thresholds: many, baseThresholds: null }),
      'capacity',
      null,
    );
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(60_000);
    expect(text).toMatch(/… and \d+ more in the report\./);
  });
});

describe('the status of a result', () => {
  it('is regressed, changed or clean', () => {
    expect(commentStatus(facts(3))).toBe('regressed');
    expect(commentStatus(facts(1, FAILED))).toBe('regressed');
    expect(commentStatus(facts(1))).toBe('clean');
    expect(commentStatus(facts(1, {}, { trajectory: '00000000000000cc' }))).toBe('changed');
    expect(
      commentStatus(facts(1, { thresholds: [threshold({ verdict: 'fail', warn: true })] })),
    ).toBe('changed');
    expect(commentStatus(facts(1, { thresholds: [threshold({ verdict: 'inconclusive' })] }))).toBe(
      'changed',
    );
  });

  it('decides whether there is a comment; one that is there is always brought up to date', () => {
    const table = (['always', 'changed', 'regressed'] as const).map((when) =>
      (['regressed', 'changed', 'clean'] as const).map((status) =>
        wantsComment(status, when, false),
      ),
    );
    expect(table).toEqual([
      [true, true, true],
      [true, true, false],
      [true, false, false],
    ]);
    expect(wantsComment('clean', 'regressed', true)).toBe(true);
  });
});

describe('an expression', () => {
  it('splits at its comparison, not at that of frac', () => {
    expect(splitExpression('p(99) < 30s during peak')).toEqual({
      stat: 'p(99)',
      limit: '< 30s during peak',
    });
    expect(splitExpression('frac(<30s) >= 99%')).toEqual({ stat: 'frac(<30s)', limit: '>= 99%' });
  });
});
