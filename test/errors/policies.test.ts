/** Malformed policies and parameters, as the command reads them: with file, line and path, before anything runs. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { checkPolicies, readScenario } from '../../src/cli/inputs.ts';
import { registryWith } from '../../src/run/registry.ts';
import { scenarioText } from '../builders/scenario-text.ts';
import { refuses } from './expect.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'orrery-policies-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function check(policies: string): string {
  const file = join(folder, 'main.yaml');
  writeFileSync(file, scenarioText({ 32: `policies: ${policies}` }));
  return file;
}

const scheduling = (use: string, params: string) =>
  `{scheduling: {use: ${use}, params: ${params}}}`;
const placement = (params: string) => `{placement: {use: spill-over, params: ${params}}}`;

/** `[title, policies, path below policies, expectation and remedy]`. */
type Case = readonly [string, string, string, RegExp];

// biome-ignore format: a table reads by lines
const CASES: readonly Case[] = [
  ['a text for all', 'spill-over', '', /a map with placement, scheduling, queueing/],
  ['an unknown contract', '{scheduler: first-fit}', '.scheduler', /did you mean "scheduling"/],
  ['an unknown name', '{scheduling: nope}', '.scheduling', /one of best-fit.*--plugin/],
  ['a mistyped name', '{scheduling: bestfit}', '.scheduling', /did you mean best-fit/],
  ['a name of another contract', '{queueing: best-fit}', '.queueing', /one of fifo, priority/],
  ['an empty name', '{scheduling: ""}', '.scheduling', /a name of at most 63/],
  ['a number', '{scheduling: 5}', '.scheduling', /the name of a policy, or \{use/],
  ['a list', '{placement: [spill-over]}', '.placement', /the name of a policy/],
  ['parameters without a name', '{scheduling: {params: {}}}', '.scheduling.use', /add use/],
  ['a name of JavaScript', '{scheduling: {use: constructor}}', '.scheduling', /a name|a scheduling policy/],
  ['a mistyped key', '{scheduling: {use: power-of-d, param: {d: 1}}}', '.scheduling.param', /did you mean "params"/],
  ['parameters where none are', scheduling('first-fit', '{x: 1}'), '.scheduling.params', /takes no parameters.*remove/],
  ['a list of parameters', scheduling('power-of-d', '[1]'), '.scheduling.params', /an object of parameters.*orrery policies power-of-d/],
  ['a number as parameters', scheduling('power-of-d', '2'), '.scheduling.params', /parameters/],
  ['a mistyped parameter', scheduling('power-of-d', '{trie: 2}'), '.scheduling.params.trie', /one of d, tries.*did you mean "tries"/],
  ['an unknown parameter', scheduling('power-of-d', '{colour: 2}'), '.scheduling.params.colour', /one of d, tries.*remove it/],
  ['too small a number', scheduling('power-of-d', '{d: 0}'), '.scheduling.params.d', /from 1 to 64/],
  ['a negative number', scheduling('power-of-d', '{d: -1}'), '.scheduling.params.d', /from 1 to 64/],
  ['too large a number', scheduling('power-of-d', '{d: 1e9}'), '.scheduling.params.d', /from 1 to 64/],
  ['a fraction', scheduling('power-of-d', '{d: 2.5}'), '.scheduling.params.d', /a whole number/],
  ['NaN', scheduling('power-of-d', '{d: .nan}'), '.scheduling.params.d', /a whole number/],
  ['infinity', scheduling('power-of-d', '{tries: .inf}'), '.scheduling.params.tries', /from 1 to 32/],
  ['a number in quotes', scheduling('power-of-d', '{d: "2"}'), '.scheduling.params.d', /a whole number/],
  ['nothing as number', scheduling('power-of-d', '{d: null}'), '.scheduling.params.d', /a whole number/],
  ['a word for yes', '{queueing: {use: fifo, params: {blocking: "yes"}}}', '.queueing.params.blocking', /true or false/],
  ['an unknown choice', scheduling('easy-backfill', '{reserve: host}'), '.scheduling.params.reserve', /one of hosts, count/],
  ['a list as choice', scheduling('easy-backfill', '{estimate: [actual]}'), '.scheduling.params.estimate', /one of requested, actual/],
  ['a share above one', scheduling('fgd/fgd', '{coverage: 2}'), '.scheduling.params.coverage', /from 0.01 to 1/],
  ['a share as percent', placement('{fillTo: 95}'), '.placement.params.fillTo', /from 0 to 1/],
  ['classes that are no list', scheduling('fgd/fgd', '{typicalPods: 5}'), '.scheduling.params.typicalPods', /a list of at least one/],
  ['no classes', scheduling('fgd/fgd', '{typicalPods: []}'), '.scheduling.params.typicalPods', /at least one/],
  ['a class that is a text', scheduling('fgd/fgd', '{typicalPods: [x]}'), '.scheduling.params.typicalPods[0]', /an object \{cpuMillicores/],
  ['a class with half a GPU', scheduling('fgd/fgd', '{typicalPods: [{gpuCount: 0.5}]}'), '.scheduling.params.typicalPods[0].gpuCount', /a whole number from 0 to 32/],
  ['models that are no list', scheduling('fgd/fgd', '{typicalPods: [{gpuModels: T4}]}'), '.scheduling.params.typicalPods[0].gpuModels', /a list of GPU model names/],
  ['a negative weight', scheduling('best-fit', '{resources: {cpu: -1}}'), '.scheduling.params.resources.cpu', /from 1 to 100/],
  ['an infinite weight', scheduling('best-fit', '{resources: {cpu: .inf}}'), '.scheduling.params.resources.cpu', /from 1 to 100/],
  ['no weight', scheduling('best-fit', '{resources: {}}'), '.scheduling.params.resources', /at least one resource/],
  ['weights that are a number', scheduling('best-fit', '{resources: 7}'), '.scheduling.params.resources', /such as \{cpu: 1\}/],
  ['a profile without scores', scheduling('profile', '{}'), '.scheduling.params.scores', /at least one term/],
  ['a list of scores', scheduling('profile', '{scores: [{use: x}]}'), '.scheduling.params.scores', /at least one term/],
  ['an unknown score', scheduling('profile', '{scores: {nope: 1}}'), '.scheduling.params.scores', /least-allocated/],
  ['an unknown order of ties', scheduling('profile', '{scores: {least-allocated: 1}, ties: coin}'), '.scheduling.params.ties', /one of index/],
  ['tiers that are a number', placement('{order: 3}'), '.placement.params.order', /private-first, or a list/],
  ['a tier twice', placement('{order: [a, a]}'), '.placement.params.order', /each once/],
  ['no tiers', placement('{order: []}'), '.placement.params.order', /private-first, or a list/],
];

describe('a policy', () => {
  it.each(CASES)('with %s is refused at its line', async (_, policies, below, says) => {
    const file = check(policies);
    const wanted = { code: 2, place: `${file}:32:`, path: `policies${below}`, says } as const;
    await refuses(() => checkPolicies(readScenario(file, []), registryWith([])), wanted);
  });
});

// biome-ignore format: a table reads by lines
const OVERRIDES: readonly Case[] = [
  ['nothing', '', '', /key=value.*such as horizon=6h/],
  ['no equals sign', 'horizon', '', /key=value/],
  ['no key', '=5', '', /key=value/],
  ['a blank before the key', ' horizon=2d', '', /key=value/],
  ['a flag of one dash', '-seed', '', /key=value/],
  ['an open quote in the key', '"horizon=1d', '', /an override such as/],
  ['no value', 'horizon=', 'horizon', /a value/],
  ['two equals signs', 'horizon==1d', 'horizon', /a duration/],
  ['a value that is none', 'horizon=x', 'horizon', /units are w, d/],
  ['a value in a list', 'horizon=[1d]', 'horizon', /a duration/],
  ['a tag', 'horizon=!!js/function x', 'horizon', /without tags/],
  ['an alias', 'horizon=*a', 'horizon', /an alias whose anchor/],
  ['an open brace', 'workloads.web.pod={cpu: 1', 'workloads.web.pod', /valid YAML/],
  ['two documents', 'horizon=1d\n---\n2d', 'horizon', /one YAML document/],
  ['values of a sweep', 'horizon=1d,2d', 'horizon', /only in sweep/],
  ['a choice', 'horizon=choice(1d,2d)', 'horizon', /only in sweep/],
  ['an escape', 'name="\\e[0m"', 'name', /without control/],
  ['a negative seed', 'seed=-1', 'seed', /from 0 to 2\^53/],
  ['a seed with exponent', 'seed=1e5', 'seed', /from 0 to 2\^53/],
  ['a hexadecimal seed', 'seed=0x10', 'seed', /from 0 to 2\^53/],
  ['half a seed', 'seed=1.5', 'seed', /from 0 to 2\^53/],
  ['no seed', 'seed=', 'seed', /from 0 to 2\^53/],
  ['a seed past 2^53', 'seed=9007199254740992', 'seed', /from 0 to 2\^53/],
  ['an index past the end', 'workloads[99999999999].kind=job', 'workloads[99999999999].kind', /\[0\] to \[1\]/],
  ['a negative index', 'workloads[-1].kind=job', 'workloads[-1]', /a field of a scenario/],
  ['an empty index', 'workloads[].kind=job', 'workloads[]', /did you mean "workloads"/],
  ['a key that nobody knows', 'a.b.c=1', 'a', /a field of a scenario/],
  ['a prototype', '__proto__.x=1', '__proto__.x', /a path of fields/],
  ['a prototype inside', 'fleet.__proto__.x=1', 'fleet.__proto__.x', /a path of fields/],
  ['a constructor', 'constructor.prototype.x=1', 'constructor.prototype.x', /a path of fields/],
  ['a prototype in the value', 'fleet={__proto__: {x: 1}}', 'fleet', /JavaScript/],
  ['imports', 'imports=[a]', 'imports', /a field other than imports/],
  ['a whole part as number', 'fleet=5', 'fleet', /a fleet: a map/],
  ['a negative count', 'fleet.clusters.a.pools.main.count=-3', 'fleet.clusters[0].pools[0].count', /from 0 to 10000000/],
  ['a count of 10^12', 'fleet.clusters.a.pools.main.count=1000000000000', 'fleet.clusters[0].pools[0].count', /from 0 to 10000000/],
  ['a count of NaN', 'fleet.clusters.a.pools.main.count=.nan', 'fleet.clusters[0].pools[0].count', /from 0 to 10000000/],
  ['a negative rate', 'workloads.batch.arrivals.poisson=-5/s', 'workloads[1].arrivals.poisson', /negative/],
  ['a rate past all numbers', 'workloads.batch.arrivals.poisson=1e400/s', 'workloads[1].arrivals.poisson', /a rate such as/],
  ['bare memory', 'workloads.web.pod.memory=2', 'workloads[0].pod.memory', /write "2Gi"/],
  ['a threshold cut short', 'thresholds.pods_pending=["max < "]', 'thresholds.pods_pending', /a plain number/],
];

describe('an override', () => {
  it.each(OVERRIDES)('with %s is refused by its path', async (_, override, path, says) => {
    const file = check('{placement: most-free}');
    const place = path === '' ? '' : `${path}`;
    await refuses(() => readScenario(file, [override]), { code: 2, place, path, says });
  });
});
