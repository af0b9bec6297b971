/** Malformed traces: each ends in one clear error with file, place, value and expectation, and exit code 3. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ScenarioError } from '../../../src/base/errors.ts';
import { describeError, exitCodeOf } from '../../../src/cli/exit-codes.ts';
import { runScenario } from '../../../src/host/simulate.ts';
import { registryWith } from '../../../src/run/registry.ts';
import { loadScenario } from '../../../src/scenario/load.ts';
import type { TraceFormat } from '../../../src/scenario/scenario.ts';
import { orrery } from '../../cli/command.ts';

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'orrery-traces-'));
  mkdirSync(join(cwd, 'folder'));
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const scenarioOf = (format: TraceFormat, file: string, more = ''): string => `name: replay
horizon: 1d
fleet:
  machineTypes: [{name: m, cpu: 8, memory: 32Gi, gpus: {model: T4, count: 2}}]
  clusters: [{name: one, pools: [{machineType: m, count: 4}]}]
workloads:
  - {name: jobs, kind: job, arrivals: {trace: {format: ${format}, path: ${file}${more}}}, pod: {cpu: 1, memory: 1Gi}}
`;

/** Runs a scenario with a trace as the command does. */
async function failureOf(text: string): Promise<ScenarioError> {
  const path = join(cwd, 'replay.yaml');
  writeFileSync(path, text);
  try {
    const { scenario } = loadScenario({ path, readText: (file) => readFileSync(file, 'utf8') });
    await runScenario({
      scenario,
      seed: 1,
      registry: registryWith([]),
      manifest: {
        scenarioSha256: '',
        inputs: [],
        overrides: [],
        plugins: [],
        orreryVersion: '0.0.0',
      },
    });
  } catch (error) {
    if (error instanceof ScenarioError) return error;
    throw error;
  }
  throw new Error('the trace was accepted');
}

/** `[what, content, place after the file name, message]`. */
type Case = readonly [string, string | Uint8Array, string, RegExp];

const OPENB =
  'name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time\n';
const openb = (row: string): string => `${OPENB}p0,1000,1024,0,0,,LS,Running,0,10,0\n${row}\n`;

const OPENB_CASES: readonly Case[] = [
  ['an empty file', '', ':1', /expected .*name/],
  ['another header', 'a,b,c\n1,2,3\n', ':1', /got "a,b,c"/],
  ['a renamed column', OPENB.replace('num_gpu', 'gpus'), ':1', /num_gpu/],
  ['a ragged row', openb('p1,1000,1024,0'), ':3', /11 columns|11 cells|cells/],
  ['a row that is too long', openb('p1,1000,1024,0,0,,LS,Running,0,10,0,9'), ':3', /cells|columns/],
  ['a word for cpu', openb('p1,many,1024,0,0,,LS,Running,0,10,0'), ':3', /cpu_milli: got "many"/],
  ['negative memory', openb('p1,1000,-5,0,0,,LS,Running,0,10,0'), ':3', /memory_mib: got "-5"/],
  ['NaN for GPUs', openb('p1,1000,1024,NaN,0,,LS,Running,0,10,0'), ':3', /num_gpu: got "NaN"/],
  ['half a GPU', openb('p1,1000,1024,1.5,0,,LS,Running,0,10,0'), ':3', /num_gpu: got "1\.5"/],
  [
    'a share above a device',
    openb('p1,1000,1024,1,1500,,LS,Running,0,10,0'),
    ':3',
    /gpu_milli: got "1500"/,
  ],
  [
    'an end before the start',
    openb('p1,1000,1024,0,0,,LS,Running,20,10,20'),
    ':3',
    /deletion_time: got "10"/,
  ],
  [
    'a time that is none',
    openb('p1,1000,1024,0,0,,LS,Running,soon,10,0'),
    ':3',
    /creation_time: got "soon"/,
  ],
  ['an open quote', openb('"p1,1000,1024,0,0,,LS,Running,0,10,0'), ':3', /quote|RFC 4180/],
];

const swf = (row: string): string =>
  `; Version: 2\n1 0 0 10 1 -1 -1 1 10 -1 1 1 1 1 1 1 -1 -1\n${row}\n`;

const SWF_CASES: readonly Case[] = [
  ['too few fields', swf('2 5 0 10 1'), ':3', /18/],
  ['too many fields', swf('2 5 0 10 1 -1 -1 1 10 -1 1 1 1 1 1 1 -1 -1 7'), ':3', /18/],
  ['a word for a time', swf('2 now 0 10 1 -1 -1 1 10 -1 1 1 1 1 1 1 -1 -1'), ':3', /got "now"/],
  ['NaN for a run time', swf('2 5 0 NaN 1 -1 -1 1 10 -1 1 1 1 1 1 1 -1 -1'), ':3', /got "NaN"/],
  ['a run time below -1', swf('2 5 0 -7 1 -1 -1 1 10 -1 1 1 1 1 1 1 -1 -1'), ':3', /got "-7"/],
  [
    'a submission back in time',
    swf('2 -5 0 10 1 -1 -1 1 10 -1 1 1 1 1 1 1 -1 -1'),
    ':3',
    /got "-5"/,
  ],
  ['half a processor', swf('2 5 0 10 1.5 -1 -1 1.5 10 -1 1 1 1 1 1 1 -1 -1'), ':3', /got "1\.5"/],
  ['commas instead of blanks', swf('2,5,0,10,1,-1,-1,1,10,-1,1,1,1,1,1,1,-1,-1'), ':3', /18/],
  ['hexadecimal numbers', swf('2 0x5 0 10 1 -1 -1 1 10 -1 1 1 1 1 1 1 -1 -1'), ':3', /got "0x5"/],
];

const batsim = (jobs: string, profiles = '{"p": {"type": "delay", "delay": 5}}'): string =>
  `{"nb_res": 4, "jobs": [${jobs}], "profiles": ${profiles}}`;
const JOB = '{"id": "1", "subtime": 0, "res": 1, "walltime": 10, "profile": "p"}';

const BATSIM_CASES: readonly Case[] = [
  ['an empty file', '', '', /JSON/],
  ['broken JSON', '{"jobs": [', '', /JSON/],
  ['a list instead of an object', '[]', '', /jobs/],
  ['no jobs', '{"nb_res": 4, "profiles": {}}', '', /jobs/],
  ['jobs that are no list', '{"nb_res": 4, "jobs": 5, "profiles": {}}', '', /jobs/],
  ['no profiles', `{"nb_res": 4, "jobs": [${JOB}]}`, '', /profile/],
  ['an unknown profile', batsim(JOB.replace('"p"', '"q"')), '', /profile: got .*q/],
  ['a text for a time', batsim(JOB.replace('"subtime": 0', '"subtime": "0"')), '', /subtime/],
  [
    'a negative time',
    batsim(JOB.replace('"subtime": 0', '"subtime": -1')),
    '',
    /subtime: got "?-1/,
  ],
  ['half a host', batsim(JOB.replace('"res": 1', '"res": 1.5')), '', /res: got "?1\.5/],
  ['no host', batsim(JOB.replace('"res": 1', '"res": 0')), '', /res: got "?0/],
  ['a negative delay', batsim(JOB, '{"p": {"type": "delay", "delay": -5}}'), '', /delay: got "?-5/],
  [
    'another kind of profile',
    batsim(JOB, '{"p": {"type": "msg_par"}}'),
    '',
    /type: got "?msg_par|delay/,
  ],
  ['a job that is no object', batsim('7'), '', /jobs\[0\]/],
];

const csv = (row: string): string =>
  `submit_s,duration_s,pods,cpu_milli,memory_mib\n10,5,1,1000,1024\n${row}\n`;

const CSV_CASES: readonly Case[] = [
  ['an empty file', '', ':1', /submit_s/],
  [
    'an unknown column',
    'submit_s,duration_s,pods,cpu_milli,memory_mb\n',
    ':1',
    /memory_mb.*memory_mib/,
  ],
  ['a missing column', 'submit_s,duration_s,pods,cpu_milli\n', ':1', /memory_mib/],
  ['a column twice', 'submit_s,submit_s,duration_s,pods,cpu_milli,memory_mib\n', ':1', /submit_s/],
  ['a ragged row', csv('20,5,1,1000'), ':3', /5 cells|5 columns/],
  ['a row back in time', csv('5,5,1,1000,1024'), ':3', /submit_s: got "5"/],
  ['a word for a time', csv('later,5,1,1000,1024'), ':3', /submit_s: got "later"/],
  ['NaN for a duration', csv('20,NaN,1,1000,1024'), ':3', /duration_s: got "NaN"/],
  ['a negative duration', csv('20,-5,1,1000,1024'), ':3', /duration_s: got "-5"/],
  ['infinite submission', csv('inf,5,1,1000,1024'), ':3', /submit_s: got "inf"/],
  ['no pods', csv('20,5,0,1000,1024'), ':3', /pods: got "0"/],
  [
    'a million million pods',
    csv('20,5,1000000000000,1000,1024'),
    ':3',
    /pods: got "1000000000000"/,
  ],
  ['half a millicore', csv('20,5,1,0.5,1024'), ':3', /cpu_milli: got "0\.5"/],
  ['a quantity with a unit', csv('20,5,1,1000,1Gi'), ':3', /memory_mib: got "1Gi"/],
  ['an empty cell where a number must be', csv('20,5,1,,1024'), ':3', /cpu_milli: got ""/],
  ['an open quote', csv('"20,5,1,1000,1024'), ':3', /quote|RFC 4180/],
  ['a number too large for a time', csv('1e300,5,1,1000,1024'), ':3', /submit_s: got "1e300"/],
  [
    'binary junk',
    Uint8Array.from({ length: 4096 }, (_, i) => (i * 37 + 11) % 251),
    ':',
    /UTF-8|header|column|submit_s/,
  ],
  ['UTF-16', Buffer.from(`\ufeff${csv('20,5,1,1000,1024')}`, 'utf16le'), ':1', /UTF-8/],
  ['one endless line', 'x'.repeat(3_000_000), ':1', /line/],
  ['a page of HTML', '<!doctype html>\n<html></html>\n', ':1', /got "<!doctype html>"/],
];

const FORMATS: readonly (readonly [TraceFormat, string, readonly Case[]])[] = [
  ['openb', 'pods.csv', OPENB_CASES],
  ['swf', 'log.swf', SWF_CASES],
  ['batsim', 'jobs.json', BATSIM_CASES],
  ['csv', 'jobs.csv', CSV_CASES],
];

describe.each(FORMATS)('a malformed %s trace', (format, file, cases) => {
  it.each(cases)('with %s ends in one clear error', async (_, content, place, message) => {
    writeFileSync(join(cwd, file), content);
    const error = await failureOf(scenarioOf(format, file));
    expect(error.issues).toHaveLength(1);
    expect(error.exitCode).toBe(3);
    expect(error.message).toContain(`${file}${place}`);
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/expected \S/);
    expect(error.message).not.toMatch(/\n|undefined|\[object/);
    expect(error.message.length).toBeLessThan(400);
  });
});

describe('a trace file that cannot be read', () => {
  const rows = Array.from(
    { length: 5000 },
    (_, i) => `${20 + i},${1 + ((i * 7919) % 1000)},1,1000,1024\n`,
  );
  const zipped = gzipSync(csv('20,5,1,1000,1024') + rows.join(''));
  const damaged = Buffer.from(zipped);
  damaged[damaged.length >> 1]! ^= 0xff;
  const named: readonly (readonly [string, string, Uint8Array | null, RegExp])[] = [
    ['is missing', 'none.csv', null, /no such file/],
    ['is a folder', 'folder', null, /folder/],
    ['is a gzip cut short', 'cut.csv.gz', zipped.subarray(0, zipped.length >> 1), /ends too early/],
    ['is a damaged gzip', 'damaged.csv.gz', damaged, /damaged|RFC 4180|cells|header/],
    ['is a gzip of nothing', 'nothing.csv.gz', gzipSync(''), /submit_s/],
    ['is only called gzip', 'plain.csv.gz', Buffer.from('not a header\n1\n'), /not a header/],
    ['is zstd', 'jobs.zst', Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0), /zstd.*unzstd/],
    ['is a zip', 'jobs.zip', Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0), /zip.*unzip/],
  ];
  it.each(named)('because it %s ends in one clear error', async (_, file, content, message) => {
    if (content !== null) writeFileSync(join(cwd, file), content);
    const error = await failureOf(scenarioOf('csv', file));
    expect(error.issues).toHaveLength(1);
    expect(error.exitCode).toBe(3);
    expect(error.message).toContain(file);
    expect(error.message).toMatch(message);
  });

  it('is told apart from a byte order mark and CRLF, which do no harm', async () => {
    writeFileSync(
      join(cwd, 'bom.csv'),
      `\ufeff${csv('20,5,1,1000,1024').replaceAll('\n', '\r\n')}`,
    );
    await expect(failureOf(scenarioOf('csv', 'bom.csv'))).rejects.toThrow('the trace was accepted');
  });

  it('has the exit code and the words of the command', async () => {
    writeFileSync(join(cwd, 'late.csv'), csv('5,5,1,1000,1024'));
    const error = await failureOf(scenarioOf('csv', 'late.csv'));
    expect(exitCodeOf(error)).toBe(3);
    expect(describeError(error, false)).toMatch(
      /^error: .*late\.csv:3:\d+ submit_s: got "5", expected /,
    );
  });
});

describe('orrery run with a malformed trace', { timeout: 60_000 }, () => {
  it.each([
    ['csv', 'back.csv', csv('5,5,1,1000,1024'), /back\.csv:3:1 submit_s/],
    ['batsim', 'broken.json', '{', /broken\.json.*JSON/],
    ['swf', 'short.swf', swf('1 2 3'), /short\.swf:3/],
  ] as const)('%s ends with 3 and one line on stderr', async (format, file, content, message) => {
    writeFileSync(join(cwd, file), content);
    writeFileSync(join(cwd, `${file}.yaml`), scenarioOf(format, file));
    const done = await orrery(['run', `${file}.yaml`, '--seed', '1', '-q'], { cwd });
    expect(done).toMatchObject({ code: 3, stdout: '' });
    expect(done.stderr).toMatch(message);
    expect(done.stderr.trim().split('\n')).toHaveLength(1);
  });
});
