import { describe, expect, it } from 'vitest';
import { pointsCsv, resultsCsv } from '../../../src/reports/study-csv.ts';
import { studyLatex } from '../../../src/reports/study-latex.ts';
import { studyMarkdown } from '../../../src/reports/study-markdown.ts';
import { studyComparisonText, studyText } from '../../../src/reports/study-text.ts';
import { parseChoices } from '../../../src/results/compare-rows.ts';
import { compareStudy, hasWorsePoint } from '../../../src/results/study-comparison.ts';
import { type PointBundle, studyTable } from '../../../src/results/study-table.ts';
import { replicatedBundle } from '../../builders/replicated.ts';

const GPU = { resource: 'gpu' };

/** A point at a policy and a load, with its values per replication. */
function point(
  policy: string,
  load: string,
  values: readonly number[],
  costs = [5, 5, 5],
): PointBundle {
  const name = `${policy},${load}`;
  const bundle = replicatedBundle({
    label: name,
    scheduling: policy,
    overrides: [`policies.scheduling=${policy}`, `load=${load}`],
    trajectory: `${policy}${load}`.padEnd(16, '0').slice(0, 16),
    rows: [
      { name: 'allocation_ratio', labels: GPU, values },
      { name: 'cost_dollars', values: costs },
    ],
  });
  return { name, at: { policy, load }, bundle };
}

const POINTS = [
  point('base', '1', [0.5, 0.51, 0.49]),
  point('base', '2', [0.7, 0.71, 0.69]),
  point('good', '1', [0.6, 0.61, 0.59]),
  point('good', '2', [0.7, 0.71, 0.69], [9, 9.1, 9.05]),
];
const CHOICES = parseChoices(['allocation_ratio{resource="gpu"}', 'cost_dollars']);
const TABLE = studyTable(POINTS, { axes: ['policy', 'load'], choices: CHOICES, level: 0.95 });
const OPTIONS = {
  study: 's',
  axis: 'policy',
  baseline: 'base',
  allowsDifferent: false,
  choices: CHOICES,
  level: 0.95,
};
const COMPARED = compareStudy(POINTS, OPTIONS);
const HEAD = { name: 's', question: 'Why?', seed: 42, replications: 3 };

describe('the comparison of a study', () => {
  it('compares along one axis, once for every value of the other', () => {
    expect(COMPARED.groups.map(({ at }) => at)).toEqual([{ load: '1' }, { load: '2' }]);
    const [first, second] = COMPARED.groups.map(({ comparison }) => comparison);
    expect(first!.bundles.map(({ label }) => label)).toEqual(['base', 'good']);
    expect(first!.metrics[0]!.contrasts[0]).toMatchObject({ verdict: 'better' });
    // 5 dollars become 9: far above the floor of 1 %.
    expect(second!.metrics.map((m) => m.contrasts[0]!.verdict)).toEqual(['identical', 'worse']);
    expect(hasWorsePoint(COMPARED)).toBe(true);
    expect(hasWorsePoint({ ...COMPARED, groups: COMPARED.groups.slice(0, 1) })).toBe(false);
  });

  it('puts the baseline first, wherever its point is', () => {
    const { groups } = compareStudy(POINTS, { ...OPTIONS, baseline: 'good' });
    expect(groups[0]!.comparison.bundles.map(({ label }) => label)).toEqual(['good', 'base']);
  });

  it('refuses other scenarios unless they are allowed, under a banner', () => {
    const along = { ...OPTIONS, axis: 'load', baseline: '1' };
    expect(() => compareStudy(POINTS, along)).toThrow(/overrides/);
    const { groups } = compareStudy(POINTS, { ...along, allowsDifferent: true });
    expect(groups[0]!.comparison.challengers[0]!.mismatches).toHaveLength(1);
  });
});

describe('the texts of a study', () => {
  // t(0.975; 2) = 4.3027, s = 0.01: 4.3027 * 0.01 / sqrt(3) = 0.0248.
  it('show means with half their interval and a sign for the verdict', () => {
    const text = studyText(HEAD, TABLE, COMPARED);
    expect(text).toContain('STUDY    s    4 points x 3 replications, seed 42\n         Why?\n');
    expect(text).toMatch(/GROUP {4}load=1\n.*3 paired replications/);
    expect(text).toMatch(
      /^ {2}allocation_ratio\{resource="gpu"\} twavg +50\.0 % ±2\.5 +60\.0 % ±2\.5 ✓$/m,
    );
    expect(text).toMatch(/^ {2}cost_dollars +\$5\.00 ±\$0 +\$9\.05 ±\$0\.124 ✗$/m);
    expect(studyComparisonText(COMPARED)).toMatch(/^GROUP {4}load=1\nCOMPARE {2}base → good/);
  });

  it('have a plain table of all points where nothing is compared, none where they are too many', () => {
    const text = studyText({ ...HEAD, question: '' }, TABLE, null);
    expect(text).toMatch(/base,1 +base,2 +good,1 +good,2/);
    expect(text).not.toMatch(/✓|compared/);
    const many = Array.from({ length: 25 }, () => POINTS[0]!);
    const large = studyTable(many, { axes: [], choices: CHOICES, level: 0.95 });
    expect(studyText(HEAD, large, null)).toContain(
      'too many points for a table here: see points.csv',
    );
  });

  it('count verdicts where groups are too many', () => {
    const many = Array.from({ length: 26 }, (_, i) => [
      point('base', `${i}`, [0.5, 0.51, 0.49]),
      point('good', `${i}`, [0.6, 0.61, 0.59], i < 5 ? [9, 9.1, 9.05] : [5, 5, 5]),
    ]).flat();
    const compared = compareStudy(many, OPTIONS);
    const text = studyText(HEAD, TABLE, compared);
    // 26 groups, in 5 of which costs rise.
    expect(text).toMatch(/verdicts in 26 groups/);
    expect(text).toMatch(/^ +✗ worse +✓ better +≠? ?= identical$/m);
    expect(text).toMatch(/^ {2}allocation_ratio\{resource="gpu"\} twavg +good +0 +26 +0$/m);
    expect(text).toMatch(/^ {2}cost_dollars +good +5 +0 +21$/m);
    expect(studyMarkdown(HEAD, TABLE, compared)).toContain('Too many points for tables here');
    expect(studyLatex(TABLE, compared)).toBe('');
  });

  it('cannot steer a terminal, a page or a table by their names', () => {
    const evil = '\u001b[31m|<b>`_%';
    const harmful = (text: string) => ['<b>', '\u001b'].filter((part) => text.includes(part));
    const head = { ...HEAD, name: evil, question: evil };
    expect(studyText(head, TABLE, null)).not.toContain('\u001b');
    expect(harmful(studyMarkdown(head, TABLE, null))).toEqual([]);
    const named = compareStudy(
      POINTS.map((p) => ({ ...p, at: { ...p.at, load: evil } })).filter((_, i) => i % 2 === 0),
      OPTIONS,
    );
    expect(studyLatex(TABLE, named)).toContain('% load=');
    expect(harmful(studyMarkdown(HEAD, TABLE, named))).toEqual([]);
  });

  it('are Markdown tables with the word of the verdict', () => {
    const text = studyMarkdown(HEAD, TABLE, COMPARED);
    expect(text).toContain('| metric | base | good |\n|--|--:|--:|\n');
    expect(text).toMatch(/\| 50\.0 % ±2\.5 \| 60\.0 % ±2\.5 \(better\) \|/);
    expect(text).toContain('<details><summary>Every comparison, load=1</summary>');
  });

  it('are LaTeX tables that mark only what is better or worse', () => {
    const text = studyLatex(TABLE, COMPARED);
    expect(text).toContain('50.0 \\% $\\pm$ 2.5 & \\textbf{60.0 \\%} $\\pm$ 2.5 \\\\');
    expect(text).toContain('\\$9.05$^{\\dagger}$ $\\pm$ \\$0.124');
    expect(text.match(/begin\{tabular\}\{lrr\}/g)).toHaveLength(2);
  });
});

describe('the tables of a study', () => {
  it('have a row per point, metric and replication', () => {
    expect(resultsCsv(TABLE).split('\n').slice(0, 5)).toEqual([
      'point,policy,load,replication,metric,resource,stat,value,unit,at_least',
      '"base,1",base,1,0,allocation_ratio,gpu,twavg,0.5,ratio,false',
      '"base,1",base,1,1,allocation_ratio,gpu,twavg,0.51,ratio,false',
      '"base,1",base,1,2,allocation_ratio,gpu,twavg,0.49,ratio,false',
      '"base,1",base,1,0,cost_dollars,,total,5,dollars,false',
    ]);
    // 4 points, 2 metrics, 3 replications, a head and the end of the last line.
    expect(resultsCsv(TABLE).split('\n')).toHaveLength(4 * 2 * 3 + 2);
  });

  it('have a row per point and metric, with its interval', () => {
    const [head, first] = pointsCsv(TABLE).split('\n');
    expect(head).toBe(
      'point,policy,load,metric,resource,stat,n,mean,ci_low,ci_high,unit,direction',
    );
    expect(first).toMatch(
      /^"base,1",base,1,allocation_ratio,gpu,twavg,3,0\.5,0\.475\d+,0\.524\d+,ratio,higher$/,
    );
  });

  it('never have two columns of one name', () => {
    const table = studyTable(POINTS, {
      axes: ['resource', 'metric'],
      choices: CHOICES,
      level: 0.95,
    });
    expect(resultsCsv(table).split('\n')[0]).toMatch(
      /^point,axis_resource,axis_metric,replication,metric,resource/,
    );
  });

  it('leave out what was not observed', () => {
    const points = [point('base', '1', [0.5, 0.5, 0.5])];
    const rows = points[0]!.bundle.result.metrics.map((m) => ({
      ...m,
      perReplication: [null, 1, null],
    }));
    const bundle = { ...points[0]!.bundle, result: { ...points[0]!.bundle.result, metrics: rows } };
    const table = studyTable([{ ...points[0]!, bundle }], { axes: [], choices: null, level: 0.95 });
    expect(resultsCsv(table).trim().split('\n')).toHaveLength(1 + 2);
    expect(pointsCsv(table)).toMatch(/twavg,1,1,,,ratio/);
  });
});
