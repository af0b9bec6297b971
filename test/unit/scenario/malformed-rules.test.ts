/** Malformed scenarios, part 2: names, references, rules across fields, imports, catalogues, node lists and overrides. */
import { describe, expect, it } from 'vitest';
import { type Edits, failureOf, load, scenarioText } from '../../builders/scenario-text.ts';

type Case = readonly [title: string, edits: Edits, line: number, path: string, says: RegExp];

function table(cases: readonly Case[]): void {
  it.each(cases)('refuses %s', (_title, edits, line, path, says) => {
    const { issues } = failureOf(() => load({ 'main.yaml': scenarioText(edits) }));
    const found = issues.map((issue) => `${issue.file}:${issue.line} ${issue.path}`);
    expect(found).toEqual([`main.yaml:${line} ${path}`]);
    expect(`${issues[0]!.expected}; ${issues[0]!.hint ?? ''}`).toMatch(says);
  });
}

describe('names and sets', () => {
  // biome-ignore format: a table reads by lines
  table([
    ['a range that falls', { 14: '    - name: b-{2..1}' }, 14, 'fleet.clusters[1].name', /lower bound first/],
    ['an open brace', { 14: '    - name: "b-{1..2"' }, 14, 'fleet.clusters[1].name', /a set such as/],
    ['a set of one', { 14: '    - name: "b-{x}"' }, 14, 'fleet.clusters[1].name', /a set such as/],
    ['a range of 10^15', { 14: '    - name: b-{1..1000000000000000}' }, 14, 'fleet.clusters[1].name', /at most 100000 names/],
    ['a set whose members are no names', { 14: '    - name: "b-{x y,z}"' }, 14, 'fleet.clusters[1].name', /a name of at most 63/],
    ['two clusters of one name', { 14: '    - name: a' }, 14, 'fleet.clusters[1].name', /"a" is there twice/],
    ['a set that meets another name', { 14: '    - name: "{a,b}"' }, 14, 'fleet.clusters[1].name', /"a" is there twice/],
    ['two workloads of one name', { 22: '  - name: web' }, 22, 'workloads[1].name', /"web" is there twice/],
    ['two pools of one name', { 16: '        - {machineType: small, count: 5}\n        - {machineType: small, count: 6}' }, 17, 'fleet.clusters[1].pools[1].machineType', /give them names/],
    ['two machine types of one name', { 7: '    - {name: small, cpu: 4, memory: 16Gi}\n  providers:' }, 7, 'fleet.machineTypes[1].name', /differ within a file/],
    ['two providers of one name', { 9: '    - {name: cloud, kind: public}\n  clusters:' }, 9, 'fleet.providers[1].name', /differ within a file/],
    ['two outages of one name', { 29: '  - {outage: zone/east, at: 6h, for: 1h, name: x}\n  - {outage: cluster/a, at: 9h, for: 1h, name: x}', }, 30, 'failures[2].name', /differ/],
  ]);
});

describe('references', () => {
  // biome-ignore format: a table reads by lines
  table([
    ['an unknown machine type', { 13: '        - {name: main, machineType: smal, count: 10}' }, 13, 'fleet.clusters[0].pools[0].machineType', /did you mean "small"/],
    ['an unknown provider', { 15: '      provider: clod\n      pools:' }, 15, 'fleet.clusters[1].provider', /did you mean "cloud"/],
    ['an unknown priority class', { 21: '    pod: {cpu: 1, priorityClass: critcal}' }, 21, 'workloads[0].pod.priorityClass', /did you mean "critical"/],
    ['toString as priority class', { 21: '    pod: {cpu: 1, priorityClass: toString}' }, 21, 'workloads[0].pod.priorityClass', /declare it in priorityClasses/],
    ['an outage of an unknown zone', { 29: '  - {outage: zone/eest, at: 6h, for: 1h}' }, 29, 'failures[1].outage', /did you mean "east"/],
    ['an outage of an unknown kind', { 29: '  - {outage: town/east, at: 6h, for: 1h}' }, 29, 'failures[1].outage', /kinds are node, rack/],
    ['an outage without a name', { 29: '  - {outage: zone/, at: 6h, for: 1h}' }, 29, 'failures[1].outage', /such as zone\/idc-b/],
    ['an outage of an unknown pool', { 29: '  - {outage: pool/a/mian, at: 6h, for: 1h}' }, 29, 'failures[1].outage', /did you mean "a\/main"/],
    ['a rack past the last', { 29: '  - {outage: rack/a/main/1, at: 6h, for: 1h}' }, 29, 'failures[1].outage', /a rack from 0 to 0/],
    ['a node past the last', { 29: '  - {outage: node/b-1/small/8, at: 6h, for: 1h}' }, 29, 'failures[1].outage', /a node from 0 to 7/],
    ['an outage of an unknown domain', { 29: '  - {outage: domain/ups, at: 6h, for: 1h}' }, 29, 'failures[1].outage', /there is no domain/],
    ['failures of an unknown cluster', { 28: '  - {model: node, mtbf: 30d, repair: 1h, clusters: [c]}' }, 28, 'failures[0].clusters', /names of clusters/],
    ['a selector that no pool has', { 21: '    pod: {cpu: 1, nodeSelector: {disk: ssd}}' }, 21, 'workloads[0].pod.nodeSelector', /labels that some pool has/],
  ]);
});

describe('rules across fields', () => {
  // biome-ignore format: a table reads by lines
  table([
    ['a warm-up as long as the run', { 3: 'horizon: 1d\nwarmup: 24h' }, 4, 'warmup', /below the horizon/],
    ['a million buckets', { 3: 'horizon: 1d\nseries: {every: 10ms}' }, 4, 'series.every', /at most 20000 buckets/],
    ['a pod with too much cpu', { 21: '    pod: {cpu: 5, memory: 1Gi}' }, 21, 'workloads[0].pod.cpu', /at most 4.*largest is small/],
    ['a pod with too much memory', { 21: '    pod: {cpu: 1, memory: 17Gi}' }, 21, 'workloads[0].pod.memory', /at most 16Gi/],
    ['a pod with a GPU where none is', { 21: '    pod: {gpus: 1}' }, 21, 'workloads[0].pod.gpus', /at most 0 GPUs/],
    ['a pod with an unknown resource', { 21: '    pod: {extended: {fpga: 1}}' }, 21, 'workloads[0].pod.extended.fpga', /some machine type has/],
    ['models without GPUs', { 21: '    pod: {cpu: 1, gpuModels: [T4]}' }, 21, 'workloads[0].pod.gpuModels', /no models without gpus/],
    ['max below count', { 16: '        - {machineType: small, count: 5, max: 4}' }, 16, 'fleet.clusters[1].pools[0].max', /at least count/],
    ['a pool without a number', { 16: '        - {machineType: small}' }, 16, 'fleet.clusters[1].pools[0].count', /add count, or max/],
    ['a pool without a machine type', { 16: '        - {name: x, count: 5}' }, 16, 'fleet.clusters[1].pools[0].machineType', /add machineType, or nodes/],
    ['a price that the type does not have', { 16: '        - {machineType: small, count: 5, price: spot}' }, 16, 'fleet.clusters[1].pools[0].price', /a price model of small: owned/],
    ['the default price where it is missing', { 15: '      provider: cloud\n      pools:' }, 17, 'fleet.clusters[1].pools[0].price', /a price model of small: owned/],
    // b-1 and b-2 with 5 nodes each are 10 nodes of 9
    ['more nodes than the quota', { 8: '    - {name: cloud, kind: private, quota: 9}', 15: '      provider: cloud\n      pools:', }, 17, 'fleet.clusters[1].pools', /at most 9 nodes of cloud/],
    ['an outage after the end', { 29: '  - {outage: zone/east, at: 25h, for: 1h}' }, 29, 'failures[1].at', /before the horizon/],
    ['steps that go back', { 20: '    replicas: {steps: [{at: 2h, count: 1}, {at: 1h, count: 2}]}' }, 20, 'workloads[0].replicas.steps[1].at', /after that of the step before/],
    ['arrivals that end before they start', { 26: '    pod: {cpu: 1}\n    from: 6h\n    until: 5h' }, 28, 'workloads[1].until', /after from/],
    ['weights that do not sum to 1', { 25: '    duration: {hyperexponential: {means: [1m, 2m], weights: [0.5, 0.4]}}' }, 25, 'workloads[1].duration.hyperexponential.weights', /sum to 1/],
    ['weights without means', { 25: '    duration: {hyperexponential: {means: [1m], weights: [0.5, 0.5]}}' }, 25, 'workloads[1].duration.hyperexponential.weights', /1 weights, one for each/],
    ['quantiles that do not reach 1', { 25: '    duration: {empirical: [[0, 1s], [0.5, 2m]]}' }, 25, 'workloads[1].duration.empirical', /quantile 0 to quantile 1/],
    ['values that fall', { 25: '    duration: {empirical: [[0, 2m], [1, 1m]]}' }, 25, 'workloads[1].duration.empirical[1]', /do not fall/],
    ['a maximum below the minimum', { 25: '    duration: {truncatedPareto: {alpha: 1, min: 5m, max: 1m}}' }, 25, 'workloads[1].duration.truncatedPareto.max', /at least min/],
    ['gaps of zero', { 24: '    arrivals: {renewal: {gap: 0s}}' }, 24, 'workloads[1].arrivals.renewal.gap', /gaps above 0/],
    ['a backoff cap below its base', { 26: '    pod: {cpu: 1}\n    retryBackoff: {base: 1m, cap: 1s}' }, 27, 'workloads[1].retryBackoff.cap', /at least base/],
    ['a toleration without key', { 21: '    pod: {cpu: 1, tolerations: [{value: x}]}' }, 21, 'workloads[0].pod.tolerations[0]', /with a key, or/],
    ['a Weibull failure without shape', { 28: '  - {model: node, law: weibull, mtbf: 30d, repair: 1h}' }, 28, 'failures[0].shape', /add shape/],
    ['a shape without Weibull', { 28: '  - {model: node, shape: 2, mtbf: 30d, repair: 1h}' }, 28, 'failures[0].shape', /no shape without law/],
    ['a node failure without repair', { 28: '  - {model: node, mtbf: 30d}' }, 28, 'failures[0].repair', /add repair/],
    ['a mistyped failure model', { 28: '  - {model: nod, mtbf: 30d, repair: 1h}' }, 28, 'failures[0].model', /"node".*mtbf belongs to/],
  ]);
});

describe('files', () => {
  it('refuses a scenario file that is not there', () => {
    const { issues, exitCode } = failureOf(() => load({}));
    expect(issues).toMatchObject([{ file: 'main.yaml', expected: 'a readable file' }]);
    expect(exitCode).toBe(2);
  });
  it('refuses an import that is not there, at its line', () => {
    const text = scenarioText({ 3: 'horizon: 1d\nimports: [parts/web]' });
    const { issues } = failureOf(() => load({ 'main.yaml': text }));
    expect(issues).toMatchObject([{ line: 4, path: 'imports[0]', expected: 'a file that exists' }]);
  });
  it('refuses imports that go round, and shows the circle', () => {
    const files = {
      'main.yaml': scenarioText({ 3: 'horizon: 1d\nimports: [a.yaml]' }),
      'a.yaml': 'imports: [b.yaml]\n',
      'b.yaml': 'imports:\n  - ./a.yaml\n',
    };
    const { issues } = failureOf(() => load(files));
    expect(issues).toMatchObject([
      { file: 'b.yaml', line: 2, path: 'imports[0]', hint: 'a.yaml imports b.yaml imports a.yaml' },
    ]);
  });
  it('refuses a path that leads out to nothing', () => {
    const text = scenarioText({ 3: 'horizon: 1d\nimports: ["../../../etc/passwd"]' });
    const { issues } = failureOf(() => load({ 'main.yaml': text }));
    expect(issues).toMatchObject([{ line: 4, path: 'imports[0]', expected: 'a file that exists' }]);
  });
  it('names the imported file where its part is wrong', () => {
    const files = {
      'main.yaml': scenarioText({ 3: 'horizon: 1d\nimports: [part.yaml]' }),
      'part.yaml': 'workloads:\n  - {name: x, kind: service, replicas: 1, pod: {cpuu: 1}}\n',
    };
    const { issues } = failureOf(() => load(files));
    expect(issues).toMatchObject([{ file: 'part.yaml', line: 2, path: 'workloads[0].pod.cpuu' }]);
  });
  it('refuses a catalogue that is not there as a data file', () => {
    const text = scenarioText({ 4: 'fleet:\n  catalog: catalog/2026-08' });
    const { issues, exitCode } = failureOf(() => load({ 'main.yaml': text }));
    expect(issues).toMatchObject([{ line: 5, path: 'fleet.catalog' }]);
    expect(exitCode).toBe(3);
  });
  it('refuses a wrong price in a catalogue, at its line there', () => {
    const files = {
      'main.yaml': scenarioText({ 4: 'fleet:\n  catalog: prices' }),
      'prices.yaml':
        'catalog: {name: p, date: 2026-07-20, source: s, currency: USD}\nmachineTypes:\n  - {name: x, cpu: 1, memory: 1Gi, prices: {spot: 5}}\n',
    };
    const { issues, exitCode } = failureOf(() => load(files));
    expect(issues).toMatchObject([
      { file: 'prices.yaml', line: 3, path: 'machineTypes[0].prices.spot' },
    ]);
    expect(exitCode).toBe(3);
  });
  it('says once how to get the data, where the data folder is not set', () => {
    const dollar = '$' + '{ORRERY_DATA}';
    const text = scenarioText({
      16: `        - {name: gpu, nodes: {format: openb, path: "${dollar}/openb/nodes.csv"}}`,
      24: `    arrivals: {trace: {format: openb, path: "${dollar}/openb/pods.csv"}}`,
    });
    const { issues, exitCode } = failureOf(() => load({ 'main.yaml': text }));
    expect(issues).toHaveLength(1);
    expect(issues[0]).toMatchObject({ line: 16, path: 'fleet.clusters[1].pools[0].nodes.path' });
    expect(issues[0]!.hint).toMatch(/alibaba\/clusterdata/);
    expect(exitCode).toBe(3);
  });
  it('refuses other variables in a path', () => {
    const text = scenarioText({ 24: '    arrivals: {trace: {format: swf, path: "$HOME/x.swf"}}' });
    const { issues } = failureOf(() => load({ 'main.yaml': text }));
    expect(issues).toMatchObject([{ line: 24, path: 'workloads[1].arrivals.trace.path' }]);
  });

  const nodes = (rows: string) => ({
    'main.yaml': scenarioText({ 16: '        - {name: gpu, nodes: {format: openb, path: n.csv}}' }),
    'n.csv': rows,
  });
  const header = 'sn,cpu_milli,memory_mib,gpu,model\n';
  it.each([
    ['a missing column', 'sn,cpu_milli,gpu,model\nn0,1000,0,\n', 1, '', /memory_mib/],
    ['no rows', header, 1, '', /at least one row/],
    ['a short row', `${header}n0,1000,1024\n`, 2, '', /5 cells/],
    ['a node without cpu', `${header}n0,0,1024,0,\n`, 2, 'cpu_milli', /above 0/],
    ['memory that is no number', `${header}n0,1000,lots,0,\n`, 2, 'memory_mib', /whole MiB/],
    ['a GPU without model', `${header}n0,1000,1024,1,\n`, 2, 'model', /the model/],
    ['more GPUs than a node has', `${header}n0,1000,1024,99,T4\n`, 2, 'gpu', /0 to 31/],
    ['a node twice', `${header}n0,1000,1024,0,\nn0,1000,1024,0,\n`, 3, 'sn', /only once/],
  ] as const)('refuses a node list with %s', (_title, rows, line, path, says) => {
    const { issues, exitCode } = failureOf(() => load(nodes(rows)));
    expect(issues).toHaveLength(1);
    expect(issues[0]).toMatchObject({ file: 'n.csv', line, path });
    expect(`${issues[0]!.expected} ${issues[0]!.hint ?? ''}`).toMatch(says);
    expect(exitCode).toBe(3);
  });
});

describe('overrides', () => {
  it.each([
    ['no equals sign', 'horizon', '', /an override such as/],
    ['an empty value', 'horizon=', 'horizon', /a value/],
    [
      'a list for a sweep',
      'policies.scheduling=fgd,best-fit',
      'policies.scheduling',
      /only in sweep/,
    ],
    ['a range', 'workloads.web.replicas=range(1,5,1)', 'workloads.web.replicas', /only in sweep/],
    ['an unknown field', 'horizont=2d', 'horizont', /did you mean "horizon"/],
    ['an unknown item', 'workloads.wbe.replicas=2', 'workloads.wbe.replicas', /did you mean "web"/],
    ['an index past the end', 'workloads[7].replicas=2', 'workloads[7].replicas', /\[0\] to \[1\]/],
    ['a field of a value', 'horizon.x=2d', 'horizon.x', /which is a single value/],
    ['a value that is wrong', 'horizon=2', 'horizon', /write "2s"/],
    ['broken YAML', 'horizon=[1', 'horizon', /a value in YAML/],
    ['a reserved name', '__proto__.x=1', '__proto__.x', /a path of fields/],
    ['empty steps', 'workloads..cpu=1', 'workloads..cpu', /a path such as/],
  ] as const)('refuses %s', (_title, override, path, says) => {
    const { issues, exitCode } = failureOf(() =>
      load({ 'main.yaml': scenarioText() }, { overrides: [override] }),
    );
    expect(issues.map((issue) => issue.path)).toEqual([path]);
    expect(`${issues[0]!.expected}; ${issues[0]!.hint ?? ''}`).toMatch(says);
    expect(issues[0]!.line).toBeUndefined();
    expect(exitCode).toBe(2);
  });
});

it('reports problems of every kind at once, in the order of the file', () => {
  const text = scenarioText({
    3: 'horizon: 1x',
    8: '    - {name: cloud, kind: public, qouta: 100}',
    13: '        - {name: main, machineType: small, count: many}',
    21: '    pod: {cpu: 500m, memory: 1}',
    28: '  - {model: node, mtbf: 30d, repair: 1h, clusters: [a, c]}',
  });
  const { issues } = failureOf(() => load({ 'main.yaml': text }));
  expect(issues.map((issue) => `${issue.line} ${issue.path}`)).toEqual([
    '3 horizon',
    '8 fleet.providers[0].qouta',
    '13 fleet.clusters[0].pools[0].count',
    '21 workloads[0].pod.memory',
    '28 failures[0].clusters',
  ]);
});
