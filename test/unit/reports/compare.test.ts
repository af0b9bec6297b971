import { describe, expect, it } from 'vitest';
import { comparisonLatex } from '../../../src/reports/compare-latex.ts';
import { comparisonMarkdown } from '../../../src/reports/compare-markdown.ts';
import { comparisonText } from '../../../src/reports/compare-text.ts';
import { escapeLatex, escapeMarkdown } from '../../../src/reports/escape.ts';
import { compareBundles } from '../../../src/results/compare.ts';
import { replicatedBundle } from '../../builders/replicated.ts';

const buckets = (last: string) => [{ cluster: 'c-1', buckets: ['1', '2', last] }];
const rows = (costs: number[], shares: number[], evicted: number[]) => [
  { name: 'cost_dollars', values: costs },
  { name: 'allocation_ratio', labels: { resource: 'gpu' }, values: shares },
  { name: 'pods_evicted_total', values: evicted },
  { name: 'pods_lost_total', values: evicted.map(() => 0) },
];
const base = replicatedBundle({
  label: 'base',
  trajectories: buckets('3'),
  rows: rows([1000, 1020, 1010], [0.93, 0.94, 0.931], [5, 9, 7]),
});
const head = replicatedBundle({
  label: 'head',
  scheduling: 'first-fit',
  trajectory: '00000000000000bb',
  trajectories: buckets('4'),
  rows: rows([1100, 1120.5, 1110.2], [0.955, 0.9651, 0.956], [8, 7, 7]),
});
const comparison = compareBundles([base, head]);

describe('the table of a comparison', () => {
  const text = comparisonText(comparison);

  it('says how it came about, what changed, and what came of it', () => {
    expect(text).toMatch(/^COMPARE {2}base → head {4}scenario quickstart\n/);
    expect(text).toContain('4 metrics · 3 paired replications · shared luck: mean correlation');
    expect(text).toContain('95 % intervals each, verdicts by Holm at 0.05');
    expect(text).toContain('CHANGED  scheduling: best-fit → first-fit');
    expect(text).toContain('RESULT   1 worse, 1 better, 1 unclear, 1 identical; decisions differ');
    // Buckets of the synthetic series are 86,400 / 4 s = 6 h; the third is the first that differs.
    expect(text).toContain('first in cluster c-1 within 6h from day 1 12:00');
  });

  it('has a row per metric with values, difference, interval and verdict', () => {
    const row = (name: string) => text.split('\n').find((line) => line.startsWith(`  ${name}`));
    // 100, 100.5, 100.2 over a mean of 1,010: (300.7 / 3) / 1010 = 9.92 %
    expect(row('cost_dollars')).toMatch(
      /\$1,010 +\$1,110 +\+9\.92 % \[\+9\.\d+, \+9\.\d+\] +✗ worse$/,
    );
    // 0.025, 0.0251, 0.025: 2.5 points
    expect(row('allocation_ratio{resource="gpu"} twavg')).toMatch(
      /93\.4 % +95\.9 % +\+2\.5 pp \[\+2\.49, \+2\.52\] +✓ better$/,
    );
    expect(row('pods_evicted_total')).toMatch(
      /~ not significant, p [\d.]+, about \d+ replications$/,
    );
    expect(row('pods_lost_total')).toMatch(/0 pods +0 pods +0 \(identical\) +. identical$/);
  });

  it('keeps columns in line', () => {
    const table = text.split('\n').filter((line) => /^ {2}(?! {7}\d)/.test(line));
    const at = table[0]!.indexOf('verdict');
    for (const line of table.slice(1)) expect(line.slice(at)).toMatch(/^[✗✓~=] [a-z]/);
  });

  it('has a part for each challenger', () => {
    const three = comparisonText(compareBundles([base, head, { ...base, label: 'again' }]));
    expect(three).toContain('base → again');
    expect(three).toContain('4 identical; same decisions (trajectories are equal)');
    expect(comparisonLatex(compareBundles([base, head, head]))).toContain('{lrrrrr}');
  });

  it('promises nothing from single runs', () => {
    const one = (label: string, dollars: number) =>
      replicatedBundle({ label, rows: [{ name: 'cost_dollars', values: [dollars] }] });
    const single = comparisonText(compareBundles([one('a', 100), one('b', 110)]));
    expect(single).toContain('no interval and no verdict');
    expect(single).toMatch(/\+10 % +~ one replication/);
    expect(single).not.toMatch(/% CI|worse|better/);
  });

  it('puts a banner over different scenarios', () => {
    const other = { ...head, manifest: { ...head.manifest, overrides: ['horizon=6h'] } };
    const different = compareBundles([base, other], { allowDifferent: true });
    expect(comparisonText(different)).toMatch(
      /!! {7}DIFFERENT SCENARIOS.*\n!! {7}overrides: none → /,
    );
    expect(comparisonText(different)).toContain('3 and 3 independent replications (Welch)');
    expect(comparisonMarkdown(different)).toContain('> [!WARNING]\n> **DIFFERENT SCENARIOS');
    expect(comparisonLatex(different)).toMatch(/^% .*\n% DIFFERENT SCENARIOS/);
  });
});

describe('Markdown', () => {
  it('shows changes first and folds the rest', () => {
    const md = comparisonMarkdown(comparison);
    expect(md).toMatch(/^### base → head: 1 worse, 1 better, 1 unclear, 1 identical\n/);
    const worse = md.indexOf('| ❌ | cost_dollars |');
    const better = md.indexOf('| ✅ | allocation_ratio{resource="gpu"} twavg |');
    const folded = md.indexOf('<details><summary>2 without a verdict or identical</summary>\n\n|');
    expect(worse).toBeGreaterThan(0);
    expect(better).toBeGreaterThan(worse);
    expect(folded).toBeGreaterThan(better);
    expect(md.indexOf('| 🟰 | pods_lost_total |')).toBeGreaterThan(folded);
    // Seven cells a row, whatever is in them.
    const table = md.split('\n').filter((line) => line.startsWith('|'));
    for (const line of table) expect(line.match(/\|/g)).toHaveLength(8);
  });

  it('takes the sting out of names', () => {
    const name =
      '| `x` @org/team <img src=x onerror=alert(1)> [a](http://b) #1 $x$ \\ www.evil.org\n';
    const escaped = escapeMarkdown(name);
    const bare = escaped.replace('<!-- -->', '');
    expect(bare).not.toMatch(/[|`\\[\]$\n<>@]|http:\/\/|www\.| #1/);
    expect(escaped).toContain('&#64;<!-- -->org/team');
    const md = comparisonMarkdown(compareBundles([{ ...base, label: name }, head]));
    expect(md).not.toMatch(/<img|@org|`/);
  });

  it('leaves what needs no escape', () => {
    expect(escapeMarkdown('pod_wait_seconds{class="a-b"} 00:15, 5 %')).toBe(
      'pod_wait_seconds{class="a-b"} 00:15, 5 %',
    );
    expect(escapeMarkdown('_it_ :tada:')).toBe('&#95;it&#95; &#58;tada:');
  });
});

describe('LaTeX', () => {
  it('is a table with as many cells in each row', () => {
    const tex = comparisonLatex(comparison);
    expect(tex).toContain(
      '\\begin{tabular}{lrrr}\n\\toprule\nmetric & base & head & difference \\\\',
    );
    const body = tex.split('\n').filter((line) => line.endsWith(' \\\\'));
    expect(body).toHaveLength(5);
    for (const line of body) expect(line.match(/(?<!\\)&/g)).toHaveLength(3);
    expect(tex).toContain('& $1,110$^{\\dagger}$'.replace('$1', '\\$1'));
    expect(tex).toContain('\\textbf{95.9 \\%} & +2.5 pp {[}+2.49, +2.52{]}');
  });

  it('prints minus signs', () => {
    const swapped = comparisonLatex(compareBundles([head, base]));
    expect(swapped).toContain('$-$2.5 pp {[}$-$2.52, $-$2.49{]}');
  });

  it('escapes what LaTeX would run', () => {
    expect(escapeLatex('\\input{x} 5% a_b $c$ #1 & ~^"`<|>')).toBe(
      '\\textbackslash{}input\\{x\\} 5\\% a\\_b \\$c\\$ \\#1 \\& \\textasciitilde{}\\textasciicircum{}{\\char34}\\`{}\\textless{}\\textbar{}\\textgreater{}',
    );
    const tex = comparisonLatex(compareBundles([{ ...base, label: '%\n\\input{x}' }, head]));
    expect(tex).not.toContain('\\input');
  });
});
