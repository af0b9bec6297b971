/** "Accepted" is not "applied": each field of a study file must change its plan, or be refused. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { headOf, planStudy } from '../../src/cli/sweep-plan.ts';
import { readStudy } from '../../src/cli/sweep-study.ts';
import { loadRegistry } from '../../src/host/plugins.ts';
import type { StudyPlan } from '../../src/host/study-plan.ts';
import { studyJsonSchema } from '../../src/scenario/study-schema.ts';
import { DUEL } from '../cli/sweep-folder.ts';
import { leavesOf } from './fields.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'orrery-study-'));
  writeFileSync(join(folder, 'duel.yaml'), DUEL);
  writeFileSync(join(folder, 'other.yaml'), DUEL.replace('name: duel', 'name: other'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function planOf(text: string): Promise<StudyPlan> {
  const file = join(folder, 'study.yaml');
  writeFileSync(file, text);
  const none = { assignments: [], seed: null, replications: null, baseline: null, metrics: null };
  const study = readStudy({ file, ...none });
  const { name, seed } = headOf(study);
  const { registry } = await loadRegistry([]);
  return (await planStudy(study, { name, seed: seed ?? 1 }, { registry, files: [], plugins: [] }))
    .plan;
}

const HEAD = `orrery-study: 1
name: s
scenario: duel.yaml
`;
const POLICIES = 'axes: {policies.scheduling: [best-fit, worst-fit]}\n';
const PLAIN = `${HEAD}${POLICIES}`;
const LHS = `${HEAD}axes: {policies.scheduling: [best-fit, worst-fit], l: {key: workloads.small.arrivals.poisson, values: "range(0.1/s,0.3/s)"}}\n`;
const RATE = 'workloads.small.arrivals.poisson';

type Show = ((plan: StudyPlan) => unknown) | RegExp;
const overrides = (plan: StudyPlan) => plan.points.map((point) => point.overrides);
const keys = (plan: StudyPlan) => plan.runs.map(({ key }) => key);

/** Field, what shows the change, the study without and with it. */
const CASES: readonly (readonly [field: string, shows: Show, before: string, after: string])[] = [
  ['orrery-study', /orrery-study: got 2/, PLAIN, PLAIN.replace('study: 1', 'study: 2')],
  ['name', (plan) => plan.name, PLAIN, PLAIN.replace('name: s', 'name: t')],
  ['question', (plan) => plan.question, PLAIN, `${PLAIN}question: Why?`],
  ['scenario', (plan) => plan.scenarios, PLAIN, PLAIN.replace('duel', 'other')],
  ['scenario[]', (plan) => plan.axes, PLAIN, PLAIN.replace('duel.yaml', '[duel.yaml, other.yaml]')],
  ['set', overrides, PLAIN, `${PLAIN}set: {horizon: 30m}`],
  ['axes.*', overrides, PLAIN, `${HEAD}axes: {horizon: "range(1h,2h,1h)"}`],
  ['axes.*[]', overrides, PLAIN, PLAIN.replace('worst', 'first')],
  ...(['name', 'set'] as const).map((part) => {
    const point = (name: string, rate: string) =>
      `${HEAD}axes: {l: [{name: ${name}, set: {${RATE}: ${rate}}}]}`;
    const after = part === 'name' ? point('b', '1/s') : point('a', '2/s');
    const shows = part === 'name' ? (plan: StudyPlan) => plan.points[0]!.name : overrides;
    return [`axes.*[].${part}`, shows, point('a', '1/s'), after] as const;
  }),
  [
    'axes.*.key',
    overrides,
    `${HEAD}axes: {l: {key: ${RATE}, values: [1/s]}}`,
    `${HEAD}axes: {l: {key: workloads.large.arrivals.poisson, values: [1/s]}}`,
  ],
  [
    'axes.*.values',
    overrides,
    `${HEAD}axes: {l: {key: ${RATE}, values: "range(1/s,2/s,1/s)"}}`,
    `${HEAD}axes: {l: {key: ${RATE}, values: "range(1/s,3/s,1/s)"}}`,
  ],
  [
    'axes.*.values[]',
    overrides,
    `${HEAD}axes: {l: {key: ${RATE}, values: [1/s]}}`,
    `${HEAD}axes: {l: {key: ${RATE}, values: [2/s]}}`,
  ],
  [
    'axes.*.values[].name',
    (plan) => plan.points[0]!.name,
    `${HEAD}axes: {l: {key: x, values: [{name: a, set: {${RATE}: 1/s}}]}}`,
    `${HEAD}axes: {l: {key: x, values: [{name: b, set: {${RATE}: 1/s}}]}}`,
  ],
  [
    'axes.*.values[].set',
    overrides,
    `${HEAD}axes: {l: {key: x, values: [{name: a, set: {${RATE}: 1/s}}]}}`,
    `${HEAD}axes: {l: {key: x, values: [{name: a, set: {${RATE}: 2/s}}]}}`,
  ],
  ['design', /range\(from,to,step\)/, `${LHS}design: {lhs: {points: 2}}`, `${LHS}design: grid`],
  [
    'design.lhs.points',
    overrides,
    `${LHS}design: {lhs: {points: 2}}`,
    `${LHS}design: {lhs: {points: 3}}`,
  ],
  [
    'design.lhs.seed',
    overrides,
    `${LHS}design: {lhs: {points: 2}}`,
    `${LHS}design: {lhs: {points: 2, seed: 9}}`,
  ],
  ['replications', (plan) => plan.runs.length, PLAIN, `${PLAIN}replications: 3`],
  ['seed', keys, PLAIN, `${PLAIN}seed: 9`],
  ['baseline', (plan) => plan.comparison, PLAIN, `${PLAIN}baseline: worst-fit`],
  ['metrics[]', (plan) => plan.metrics, PLAIN, `${PLAIN}metrics: [cost_dollars]`],
];

describe('the fields of a study', () => {
  it('all have a case here, and no case is left of a field that is gone', () => {
    const leaves = leavesOf(studyJsonSchema());
    const covered = new Set(CASES.map(([field]) => field));
    expect(leaves.filter((leaf) => !covered.has(leaf))).toEqual([]);
    expect([...covered].filter((field) => !leaves.includes(field))).toEqual([]);
  });

  it.each(CASES)('%s', async (_, shows, before, after) => {
    const first = await planOf(before);
    if (shows instanceof RegExp) await expect(planOf(after)).rejects.toThrow(shows);
    else expect(shows(await planOf(after))).not.toEqual(shows(first));
  });
});

describe('a steady scenario', () => {
  it('needs one warm-up for all points', async () => {
    const text = `${PLAIN}set: {study: steady}\n`;
    await expect(planOf(text)).rejects.toThrow(/warmup: expected the warm-up of a steady study/);
    const plan = await planOf(text.replace('steady', 'steady, warmup: 10m'));
    expect(plan.points).toHaveLength(2);
  });
});

describe('what is wrong in a study', () => {
  it.each([
    [
      'a policy',
      `${HEAD}axes: {policies.scheduling: [best-fit, wurst-fit]}`,
      /study\.yaml:4:40 policies\.scheduling: got "wurst-fit".*did you mean worst-fit/,
    ],
    [
      'a field',
      `${HEAD}axes: {polices.scheduling: [best-fit]}`,
      /study\.yaml:4:29 polices: expected a field of a scenario \(did you mean "policies"\?\)/,
    ],
    [
      'a value',
      `${HEAD}${POLICIES}set: {horizon: soon}`,
      /study\.yaml:5:16 horizon: got "soon", expected a duration/,
    ],
    [
      'a baseline',
      `${PLAIN}baseline: best`,
      /study\.yaml:5:11 baseline: got "best", expected the label of a value of an axis/,
    ],
    [
      'a metric',
      `${PLAIN}metrics: [cost_dolars]`,
      /study\.yaml:5:11 metrics, character 1: got cost_dolars.*cost_dollars/,
    ],
    ['a scenario', PLAIN.replace('duel', 'dual'), /dual\.yaml.*expected a (readable )?file/],
  ])('%s is told once, at its place in the study', async (_, text, message) => {
    const error = await planOf(text).catch((caught: Error) => caught);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message.split('\n')).toHaveLength(1);
  });

  it('a baseline that two axes have is one of them by its axis', async () => {
    const text = `${HEAD}axes: {policies.scheduling: [best-fit, worst-fit], q: {key: policies.queueing, values: [{name: best-fit, set: {policies.queueing: fifo}}]}}\n`;
    await expect(planOf(`${text}baseline: best-fit`)).rejects.toThrow(
      /write policies\.scheduling=best-fit or q=best-fit/,
    );
    const plan = await planOf(`${text}baseline: policies.scheduling=best-fit`);
    expect(plan.comparison).toEqual({
      axis: 'policies.scheduling',
      baseline: 'best-fit',
      allowsDifferent: false,
    });
  });
});
