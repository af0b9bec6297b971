import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ScenarioError } from '../../../src/base/errors.ts';
import { isStudyText, loadStudy, readAssignments } from '../../../src/scenario/study-load.ts';
import { studyJsonSchema } from '../../../src/scenario/study-schema.ts';

const HEAD = `orrery-study: 1
name: s
scenario: ../a.yaml
`;
const study = (text: string) => loadStudy('studies/s.yaml', HEAD + text);

function issuesOf(read: () => unknown): string[] {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(ScenarioError);
    expect((error as ScenarioError).exitCode).toBe(2);
    return (error as Error).message.split('\n');
  }
  throw new Error('nothing was refused');
}

describe('a study file', () => {
  it('is told from a scenario by its first key, or by its axes', () => {
    expect(isStudyText(HEAD)).toBe(true);
    expect(isStudyText('name: s\naxes: {a: [1]}')).toBe(true);
    expect(isStudyText('orrery: 1\nname: s\nhorizon: 1h')).toBe(false);
    expect(isStudyText('[1, 2]')).toBe(false);
  });

  it('gives axes of values, of ranges, of named points and of keys with a name of their own', () => {
    const { axes, ...rest } = study(
      `question: Why?
set: {horizon: 1h}
axes:
  policies.scheduling: [best-fit, 'first-fit']
  placement.latency: range(1s,3s,1s)
  load: {key: workloads.w.arrivals.poisson, values: [0.1/s]}
  both:
    - {name: few, set: {fleet.clusters.a.pools.p.count: 4, policies.queueing: {use: x, params: {d: 1}}}}
`,
    );
    expect(rest).toMatchObject({
      name: 's',
      question: 'Why?',
      scenarios: [{ text: 'a.yaml' }],
      set: [{ key: 'horizon', value: '1h' }],
      design: { kind: 'grid' },
      replications: 1,
      seed: null,
      baseline: null,
      metrics: null,
    });
    const shown = axes.map((axis) =>
      axis.kind === 'list'
        ? [
            axis.name,
            axis.points.map((p) => [p.label, ...p.settings.map((s) => `${s.key}=${s.value}`)]),
          ]
        : null,
    );
    expect(shown).toEqual([
      [
        'policies.scheduling',
        [
          ['best-fit', 'policies.scheduling=best-fit'],
          ['first-fit', 'policies.scheduling=first-fit'],
        ],
      ],
      [
        'placement.latency',
        ['1s', '2s', '3s'].map((value) => [value, `placement.latency=${value}`]),
      ],
      ['load', [['0.1/s', 'workloads.w.arrivals.poisson=0.1/s']]],
      [
        'both',
        [
          [
            'few',
            'fleet.clusters.a.pools.p.count=4',
            'policies.queueing={"use":"x","params":{"d":1}}',
          ],
        ],
      ],
    ]);
  });

  it('keeps ranges whole for a Latin hypercube', () => {
    const { axes, design } = study(
      'axes: {a: "range(0,1)", b: [x, y]}\ndesign: {lhs: {points: 5, seed: 3}}',
    );
    expect(design).toEqual({ kind: 'lhs', points: 5, seed: 3 });
    expect(axes.map(({ kind }) => kind)).toEqual(['range', 'list']);
  });

  it('is refused with all that is wrong, each at its place', () => {
    const text = `axes:
  a: [1, 1]
  b: range(2,1)
  c: range(0,1)
  d: {key: x.y, valeus: [1]}
  e: [{name: p, set: {}}]
  seed: [1, 2]
  scenario: [b.yaml]
  f: []
replicatons: 3
metrics: []
`;
    expect(issuesOf(() => study(text))).toEqual([
      'studies/s.yaml:5:10 axes.a[1]: got 1, expected values that differ',
      'studies/s.yaml:6:6 axes.b: got "range(2,1)", expected a range whose first number is below the second',
      'studies/s.yaml:7:6 axes.c: got "range(0,1)", expected range(from,to,step) (a grid needs the step; without one there is design: {lhs: {points: 20}})',
      'studies/s.yaml:8:17 axes.d.valeus: expected a field of an axis (did you mean "values"?)',
      'studies/s.yaml:9:22 axes.e[0].set: got {}, expected at least one field',
      'studies/s.yaml:10:3 axes.seed: expected a field other than seed (the study has one seed; replications differ in their luck)',
      'studies/s.yaml:11:3 axes.scenario: expected another name (several scenarios are listed as scenario: [a.yaml, b.yaml])',
      'studies/s.yaml:12:6 axes.f: got a list of 0, expected at least one value',
      'studies/s.yaml:13:1 replicatons: expected a field of a study (did you mean "replications"?)',
      'studies/s.yaml:14:10 metrics: got a list of 0, expected at least one metric',
    ]);
  });

  it('is refused where two parts set one field, or a sample has no range', () => {
    expect(
      issuesOf(() => study('set: {a: 1}\naxes:\n  a: [2]\n  n: {key: b, values: [1]}\n  b: [2]')),
    ).toEqual([
      'studies/s.yaml:6:3 axes.a: expected fields that nothing else sets (a is also set by set)',
      'studies/s.yaml:8:3 axes.b: expected fields that nothing else sets (b is also set by axis n)',
    ]);
    expect(issuesOf(() => study('axes: {a: [1]}\ndesign: {lhs: {points: 3}}'))).toEqual([
      'studies/s.yaml:5:15 design.lhs: got {points}, expected at least one axis that is a range (such as growth: range(0,0.4); lists alone are a grid)',
    ]);
    expect(issuesOf(() => study('axes: {}'))).toEqual([
      'studies/s.yaml:4:7 axes: got {}, expected at least one axis',
    ]);
    expect(issuesOf(() => loadStudy('s.yaml', 'orrery-study: 2'))).toEqual([
      's.yaml:1:1 name: expected a name of at most 63 letters, digits and . _ - /, starting with a letter or digit (add name, which is required)',
      's.yaml:1:1 scenario: expected the path of a scenario file, or a list of them (add scenario, which is required)',
      's.yaml:1:1 axes: expected axes by name (add axes, which is required)',
      's.yaml:1:15 orrery-study: got 2, expected 1, the version of the format',
    ]);
  });
});

describe('the words after the file', () => {
  it('make an axis of several values, and set a field to one', () => {
    const { axes, set } = readAssignments([
      'a.b=x,y',
      'c=1',
      'd=range(0,2,1)',
      'e="x,y"',
      'f={g: 1}',
    ]);
    expect(
      axes.map(({ name, ...axis }) => [
        name,
        axis.kind === 'list' && axis.points.map((p) => p.label),
      ]),
    ).toEqual([
      ['a.b', ['x', 'y']],
      ['d', ['0', '1', '2']],
    ]);
    expect(set.map(({ key, value }) => `${key}=${value}`)).toEqual(['c=1', 'e="x,y"', 'f={"g":1}']);
  });

  it('are refused all at once', () => {
    const words = ['a', 'b=1,,2', 'c=1,1', 'd=range(0,1)', 'e=1', 'e=2', 'seed=1,2'];
    expect(issuesOf(() => readAssignments(words))).toEqual([
      'got "a", expected key=values after the file (such as policies.scheduling=best-fit,first-fit or horizon=6h)',
      'b: got 1,,2, expected values with one comma between them',
      'c: got 1,1, expected values that differ',
      'd: got range(0,1), expected range(from,to,step) (a range without a step is for a Latin hypercube, in a study file)',
      'e: expected each field only once',
      'seed: got 1,2, expected one seed (the study has one seed; replications differ in their luck)',
    ]);
  });
});

describe('the JSON Schema of studies', () => {
  it('lies in the project as the command prints it', () => {
    const file = new URL('../../../schema/study.schema.json', import.meta.url);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(studyJsonSchema());
  });
});
