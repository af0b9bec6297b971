import { describe, expect, it } from 'vitest';
import { summaryText, verdictLine } from '../../../src/reports/text.ts';
import { syntheticBundle } from '../../builders/bundle.ts';

const OPTIONS = { width: 120, color: false, bundleDir: 'reports/quickstart', bundleBytes: 3.8e7 };

describe('the summary at the end of a run', () => {
  const text = summaryText(syntheticBundle(), OPTIONS);

  it('says what ran, each verdict with sign, value and unit, and why', () => {
    expect(text).toContain('RESULT quickstart: 24 clusters, 101 k nodes; 1d, seed 42');
    expect(text).toContain('✗ 1 of 4 thresholds failed, 1 warning');
    expect(text).toMatch(/✓ pod_wait_seconds\{class="critical"\} +p\(99\) < 15m .* 38.4 s/);
    expect(text).toMatch(/✗ headroom_ratio +min >= 5% by cluster +3.1 %/);
    expect(text).toMatch(/! cost_dollars +total <= \$500000 +\$512,300/);
    expect(text).toContain('WHY    c-');
  });

  it('shows the identities with their sides', () => {
    // 146,900 / 512,300 = 28.7 %
    expect(text).toContain(
      'COST   $512,300 = workload $356,100 + idle $146,900 (28.7 %) + overhead $9,300  identity ✓',
    );
    expect(text).toContain(
      'pods 2.01 M in = 1.5 M done + 512 k running + 1,204 pending + 0 lost ✓',
    );
    // |498,000 - 499,400| / 499,400 = 0.28 %
    expect(text.replace(/\n +/g, ' ')).toContain("Little's law within 0.28 %");
    expect(text).toContain('open reports/quickstart/report.html · bundle (38 MB)');
  });

  it.each([40, 60, 80, 100])('stays within %i columns', (width) => {
    const lines = summaryText(syntheticBundle(), { ...OPTIONS, width }).split('\n');
    const long = lines.filter((line) => line.length > width && line.trim().split(' ').length > 2);
    expect(long).toEqual([]);
  });

  it('uses colour only when asked', () => {
    expect(text).not.toContain('\u001b');
    expect(summaryText(syntheticBundle(), { ...OPTIONS, color: true })).toContain('\u001b[31m✗');
  });

  it('does not let a name steer the terminal', () => {
    const hostile = summaryText(syntheticBundle({ prefix: '\u001b[2J\u0007' }), OPTIONS);
    expect(hostile).not.toContain('\u001b');
    expect(hostile).not.toContain('\u0007');
  });
});

describe('the summary of several replications', () => {
  const single = syntheticBundle();
  const manifest = {
    ...single.manifest,
    study: 'steady' as const,
    effort: {
      warmup: 'mser5' as const,
      precision: {
        goal: 'pod_wait_seconds 5%',
        gamma: 0.05,
        relative: 0.079,
        isReached: false,
        replicationsNeeded: 24,
      },
    },
  };
  const [first, ...others] = single.result.thresholds;
  const thresholds = [{ ...first!, ci: [-1, 40.5] as const }, ...others];
  const result = { ...single.result, replications: 10, warmupSeconds: 3600, thresholds };

  it('says how many, of which kind, and shows intervals', () => {
    const text = summaryText({ ...single, manifest, result }, OPTIONS);
    expect(text).toContain('101 k nodes; 10 reps, steady 1d, 95 % CI, seed 42');
    expect(text).toMatch(/38\.4 s {2}\[-1 s, 40\.5 s\]/);
    expect(text).toContain('REPS   warm-up 1h cut off by MSER-5; pod_wait_seconds 5%: ±7.9 %,');
    expect(text.replace(/\n +/g, ' ')).toContain('not reached: about 24 reps needed');
    // The laws are summed over ten: $512,300 / 10 each.
    expect(text).toContain('COST   $51,230 on average = workload $35,610 + idle $14,690 (28.7 %)');
  });

  it('says after how many it was stopped', () => {
    const stopped = { ...manifest, complete: false, stopped: 'SIGINT' };
    const text = summaryText(
      { ...single, manifest: stopped, result: { ...result, complete: false } },
      OPTIONS,
    );
    expect(text).toContain('STOP   stopped after 10 replications (SIGINT): more were wanted');
  });
});

describe('the verdict line', () => {
  const { result } = syntheticBundle();
  const [first] = result.thresholds;

  it('counts what holds', () => {
    expect(verdictLine({ ...result, thresholds: [first!] })).toBe('✓ the threshold holds');
    expect(verdictLine({ ...result, thresholds: [first!, first!] })).toBe('✓ both thresholds hold');
    expect(verdictLine({ ...result, thresholds: [] })).toBe('✓ no thresholds');
    const open = { ...first!, verdict: 'inconclusive' as const };
    expect(verdictLine({ ...result, thresholds: [first!, open] })).toBe(
      '~ 1 of 2 thresholds hold, 1 inconclusive',
    );
  });

  it('never passes an incomplete run or a broken law', () => {
    const part = { ...result, complete: false, thresholds: [first!, first!] };
    expect(verdictLine(part)).toBe('~ both thresholds hold, run incomplete');
    const broken = { ...result, conservation: { ...result.conservation, ok: false } };
    expect(verdictLine(broken)).toContain('✗ a conservation law broke');
  });
});
