/** Malformed scenarios, part 1: YAML, keys, shapes and values. Each ends in exactly one issue, at its line. */
import { describe, expect, it } from 'vitest';
import { type Edits, failureOf, load, scenarioText } from '../../builders/scenario-text.ts';

/** Line, path and expectation (with hint) of the one issue that edits of the base scenario must give. */
type Case = readonly [title: string, edits: Edits, line: number, path: string, says: RegExp];

function table(cases: readonly Case[]): void {
  it.each(cases)('refuses %s', (_title, edits, line, path, says) => {
    const { issues, exitCode } = failureOf(() => load({ 'main.yaml': scenarioText(edits) }));
    const found = issues.map((issue) => `${issue.file}:${issue.line} ${issue.path}`);
    expect(found).toEqual([`main.yaml:${line} ${path}`]);
    expect(`${issues[0]!.expected}; ${issues[0]!.hint ?? ''}`).toMatch(says);
    expect(issues[0]!.column).toBeGreaterThan(0);
    expect(exitCode).toBe(2);
  });
}

const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
// Each list holds the one before nine times: 9^6 = 531,441 values from seven lines.
const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]']
  .concat(
    ['b', 'c', 'd', 'e', 'f'].map((name, i) => {
      const before = 'abcde'[i]!;
      return `${name}: &${name} [${Array(9).fill(`*${before}`).join(', ')}]`;
    }),
  )
  .join('\n');

it('accepts the base scenario, so that each refusal below has one cause', () => {
  expect(load({ 'main.yaml': scenarioText() }).scenario.name).toBe('base');
});

describe('YAML', () => {
  // biome-ignore format: a table reads by lines
  table([
    ['an unclosed list', { 3: 'horizon: [1d' }, 4, '', /valid YAML/],
    ['an unclosed quote', { 31: '  pod_wait_seconds: ["p(99) < 30s]' }, 32, '', /valid YAML/],
    ['a tab as indentation', { 3: '\thorizon: 1d' }, 3, '', /Tabs are not allowed/],
    ['a key twice', { 3: 'horizon: 1d\nhorizon: 2d' }, 4, '', /each key only once/],
    ['two documents', { 3: 'horizon: 1d\n---' }, 4, '', /one YAML document/],
    ['a tag', { 3: 'horizon: !!js/function x' }, 3, '', /without tags/],
    ['a binary', { 3: 'horizon: !!binary aGk=' }, 3, 'horizon', /without tags/],
    ['an alias without anchor', { 20: '    replicas: *nope' }, 20, 'workloads[0].replicas', /anchor/],
    ['an alias inside itself', { 20: '    replicas: &r [*r]' }, 20, 'workloads[0].replicas[0]', /not inside itself/],
    ['an alias bomb', { 32: bomb }, 36, 'e[0]', /at most 10000 values/],
    ['a list as key', { 3: 'horizon: 1d\n? [a]\n: b' }, 4, '', /a plain word as key/],
    ['deep nesting', { 3: `horizon: ${deep(100)}` }, 3, `horizon${'[0]'.repeat(64)}`, /64 levels/],
    ['__proto__', { 3: 'horizon: 1d\n__proto__: {x: 1}' }, 4, '__proto__', /JavaScript/],
    ['constructor as label', { 15: '      labels: {constructor: x}\n      pools:' }, 15, 'fleet.clusters[1].labels.constructor', /JavaScript/],
    ['prototype as extended resource', { 21: '    pod: {cpu: 1, extended: {prototype: 1}}' }, 21, 'workloads[0].pod.extended.prototype', /JavaScript/],
  ]);

  it('refuses nesting that exhausts the stack, without a crash', () => {
    const { issues } = failureOf(() => load({ 'main.yaml': `a: ${deep(100_000)}` }));
    expect(issues).toHaveLength(1);
    expect(issues[0]!.expected).toMatch(/nest/);
  });
  it.each([
    ['an empty file', ''],
    ['a list', '- a\n- b\n'],
    ['a text', 'hello\n'],
  ])('refuses %s as scenario', (_title, text) => {
    const { issues } = failureOf(() => load({ 'main.yaml': text }));
    expect(issues).toHaveLength(1);
    expect(issues[0]).toMatchObject({ file: 'main.yaml', line: 1, path: '' });
    expect(issues[0]!.expected).toMatch(/^a scenario: a map with orrery, name/);
  });
});

describe('keys', () => {
  // biome-ignore format: a table reads by lines
  table([
    ['a typo in a required key', { 3: 'horizont: 1d' }, 3, 'horizont', /did you mean "horizon"/],
    ['a key nobody knows', { 3: 'horizon: 1d\nzzz: 1' }, 4, 'zzz', /fields are orrery, name/],
    ['wrong letter case', { 13: '        - {name: main, machinetype: small, count: 10}' }, 13, 'fleet.clusters[0].pools[0].machinetype', /did you mean "machineType"/],
    ['a law that does not exist', { 25: '    duration: {exponentail: {mean: 5m}}' }, 25, 'workloads[1].duration.exponentail', /did you mean "exponential"/],
    ['an arrival process that does not exist', { 24: '    arrivals: {poison: 1/s}' }, 24, 'workloads[1].arrivals.poison', /did you mean "poisson"/],
    ['a parameter of another law', { 25: '    duration: {exponential: {mean: 5m, sigma: 1}}' }, 25, 'workloads[1].duration.exponential.sigma', /field of the exponential law/],
    ['a price model that does not exist', { 6: '    - {name: small, cpu: 4, memory: 16Gi, prices: {ondemand: "$1/h"}}' }, 6, 'fleet.machineTypes[0].prices.ondemand', /did you mean "on-demand"/],
    ['a field of jobs in a service', { 20: '    replicas: 3\n    duration: 5m' }, 21, 'workloads[0].duration', /field of a service/],
    ['a typo in an outage', { 29: '  - {outage: zone/east, att: 6h, for: 1h}' }, 29, 'failures[1].att', /did you mean "at"/],
    ['a contract that does not exist', { 27: 'policies: {schedulling: x}\nfailures:' }, 27, 'policies.schedulling', /did you mean "scheduling"/],
    ['a label key with a space', { 15: '      labels: {"a b": x}\n      pools:' }, 15, 'fleet.clusters[1].labels.a b', /a key of letters, digits/],
  ]);
});

describe('shapes', () => {
  // biome-ignore format: a table reads by lines
  table([
    ['a missing horizon', { 3: '' }, 1, 'horizon', /a duration.*add horizon/],
    ['an empty value', { 3: 'horizon:' }, 3, 'horizon', /a duration/],
    ['a missing kind', { 19: '' }, 18, 'workloads[0].kind', /one of service, job, gang.*add kind/],
    ['an unknown kind', { 19: '    kind: servce' }, 19, 'workloads[0].kind', /did you mean "service"/],
    ['a text for a list', { 17: 'workloads: web', 18: '', 19: '', 20: '', 21: '', 22: '', 23: '', 24: '', 25: '', 26: '', }, 17, 'workloads', /a list of workloads/],
    ['no workload', { 17: 'workloads: []', 18: '', 19: '', 20: '', 21: '', 22: '', 23: '', 24: '', 25: '', 26: '', }, 17, 'workloads', /at least one workload/],
    ['a cluster without pools', { 15: '      pools: []', 16: '' }, 15, 'fleet.clusters[1].pools', /at least one pool/],
    ['a text for arrivals', { 24: '    arrivals: 1/s' }, 24, 'workloads[1].arrivals', /a map with poisson/],
    ['two arrival processes', { 24: '    arrivals: {poisson: 1/s, regular: {every: 1s}}' }, 24, 'workloads[1].arrivals', /exactly one of/],
    ['no law', { 25: '    duration: {}' }, 25, 'workloads[1].duration', /exactly one of exponential/],
    ['a list for a duration', { 25: '    duration: [5m]' }, 25, 'workloads[1].duration', /a constant such as "5m", or a law/],
    ['a job without duration', { 25: '' }, 22, 'workloads[1].duration', /only a trace can leave out/],
    ['a job without pod', { 26: '' }, 22, 'workloads[1].pod', /only a trace can leave out/],
    ['a failure that is a text', { 29: '  - zone/east' }, 29, 'failures[1]', /a failure: \{model: node/],
    ['a threshold that is a number', { 31: '  pod_wait_seconds: 30' }, 31, 'thresholds.pod_wait_seconds', /a list of thresholds/],
    ['a label that is a number', { 15: '      labels: {tier: 1}\n      pools:' }, 15, 'fleet.clusters[1].labels.tier', /put quotes around/],
    ['another version of the format', { 1: 'orrery: 2' }, 1, 'orrery', /1, the version/],
    ['a flag that is a text', { 26: '    pod: {cpu: 1}\n    durationPerJob: sometimes' }, 27, 'workloads[1].durationPerJob', /true or false/],
    ['both mean and median', { 25: '    duration: {lognormal: {mean: 5m, median: 4m, sigma: 1}}' }, 25, 'workloads[1].duration.lognormal', /either median or mean/],
    ['neither scale nor mean', { 25: '    duration: {weibull: {shape: 1}}' }, 25, 'workloads[1].duration.weibull', /either scale or mean/],
  ]);
});

describe('values', () => {
  // biome-ignore format: a table reads by lines
  table([
    ['a bare number as duration', { 3: 'horizon: 90' }, 3, 'horizon', /write "90s"/],
    ['an unknown unit', { 3: 'horizon: 1y' }, 3, 'horizon', /units are w, d, h/],
    ['a horizon of zero', { 3: 'horizon: 0s' }, 3, 'horizon', /above 0/],
    ['a negative horizon', { 3: 'horizon: -1d' }, 3, 'horizon', /negative/],
    ['a horizon beyond 285 years', { 3: 'horizon: 999999d' }, 3, 'horizon', /below 285 years/],
    ['half a microsecond', { 29: '  - {outage: zone/east, at: 6h, for: 0.5us}' }, 29, 'failures[1].for', /whole number of microseconds/],
    ['bare memory', { 21: '    pod: {cpu: 1, memory: 2}' }, 21, 'workloads[0].pod.memory', /write "2Gi"/],
    ['memory in the wrong case', { 21: '    pod: {cpu: 1, memory: 2gi}' }, 21, 'workloads[0].pod.memory', /did you mean "2Gi"/],
    ['cpu of NaN', { 21: '    pod: {cpu: .nan}' }, 21, 'workloads[0].pod.cpu', /finite/],
    ['cpu of infinity', { 21: '    pod: {cpu: .inf}' }, 21, 'workloads[0].pod.cpu', /finite/],
    ['negative cpu', { 21: '    pod: {cpu: -1}' }, 21, 'workloads[0].pod.cpu', /negative/],
    ['a cpu that overflows', { 6: '    - {name: small, cpu: 1e400, memory: 16Gi}' }, 6, 'fleet.machineTypes[0].cpu', /finite/],
    ['a fraction of a millicore', { 21: '    pod: {cpu: "0.0001"}' }, 21, 'workloads[0].pod.cpu', /whole number of millicores/],
    ['one and a half GPUs', { 21: '    pod: {gpus: 1.5}' }, 21, 'workloads[0].pod.gpus', /a share of one/],
    ['a bare rate', { 24: '    arrivals: {poisson: 40}' }, 24, 'workloads[1].arrivals.poisson', /write "40\/s"/],
    ['a rate of zero', { 24: '    arrivals: {poisson: 0/s}' }, 24, 'workloads[1].arrivals.poisson', /above 0/],
    ['a bare price', { 6: '    - {name: small, cpu: 4, memory: 16Gi, prices: {owned: 0.1}}' }, 6, 'fleet.machineTypes[0].prices.owned', /write "\$0.1\/h"/],
    ['a share above one', { 8: '    - {name: cloud, kind: public, bootFailures: 20}' }, 8, 'fleet.providers[0].bootFailures', /write "20%"/],
    ['power, which nothing uses yet', { 6: '    - {name: small, cpu: 4, memory: 16Gi, watts: {idle: 10W, peak: 20W}}' }, 6, 'fleet.machineTypes[0].watts', /field of a machine type/],
    ['a fraction of a replica', { 20: '    replicas: 2.5' }, 20, 'workloads[0].replicas', /a number of replicas/],
    ['a count that is a text', { 13: '        - {name: main, machineType: small, count: many}' }, 13, 'fleet.clusters[0].pools[0].count', /a whole number from 0/],
    ['more nodes than any pool has', { 13: '        - {name: main, machineType: small, count: 1000000000000}' }, 13, 'fleet.clusters[0].pools[0].count', /a whole number from 0 to 10000000/],
    ['a seed past 2^53', { 3: 'horizon: 1d\nseed: 99999999999999999999' }, 4, 'seed', /a whole number from 0/],
    ['a shape just below zero', { 25: '    duration: {weibull: {mean: 1m, shape: -1e-9}}' }, 25, 'workloads[1].duration.weibull.shape', /0\.01 to 100/],
    ['a peak over twice the mean', { 24: '    arrivals: {diurnal: {mean: 1/s, peakToMean: 3}}' }, 24, 'workloads[1].arrivals.diurnal.peakToMean', /from 1 to 2/],
    ['a name with a space', { 18: '  - name: my web' }, 18, 'workloads[0].name', /a name of at most 63/],
    ['a name that is too long', { 2: `name: ${'x'.repeat(64)}` }, 2, 'name', /a name of at most 63/],
    ['a name that is a number', { 18: '  - name: 7' }, 18, 'workloads[0].name', /a name of at most 63/],
    ['an unknown word', { 27: 'eventQueue: hep\nfailures:' }, 27, 'eventQueue', /did you mean "heap"/],
  ]);

  it('gives no line and no file for a scenario that is an object', async () => {
    const { parseScenario } = await import('../../../src/scenario/load.ts');
    const { issues } = failureOf(() => parseScenario({ name: 'x', horizon: 5 }));
    expect(issues.map((issue) => issue.path)).toEqual(['horizon', 'fleet', 'workloads']);
    expect(issues.some((issue) => issue.line !== undefined)).toBe(false);
  });
});
