/**
 * Calibration: `npm run calibrate -- [coverage|alarms|luck|all] [--experiments N] [--minutes N] [--jobs N] [--seed N]
 * [--json FILE]`.
 *
 * Do intervals cover the truth as often as they say, do comparisons of equals raise as few alarms as they say, and how much
 * does shared luck save? The default is a sketch of 100 experiments; `--experiments 2000` is what docs/calibration.md
 * reports. Work is spread over processes; the figures depend on seed and number alone, but where `--minutes` ends a study
 * early: then they are those of what was done. Exit code 1 where a figure misses its goal beyond its interval.
 */
import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type AlarmOutcome, alarmFindings } from './calibrate-alarms.ts';
import { type CoverageOutcome, coverageFindings } from './calibrate-coverage.ts';
import { type LuckOutcome, luckFindings, PAIRS } from './calibrate-luck.ts';
import { type Finding, findingLine } from './calibrate-parts.ts';

const STUDIES = ['coverage', 'alarms', 'luck'] as const;
/** What is measured. */
export type Study = (typeof STUDIES)[number];

/** Work of one process: experiments `from` up to, but not including, `until`. */
export interface Share {
  readonly study: Study;
  readonly seed: number;
  readonly from: number;
  readonly until: number;
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    experiments: { type: 'string', default: '100' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    minutes: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    json: { type: 'string' },
  },
});
const asked = positionals.length === 0 || positionals[0] === 'all' ? STUDIES : positionals;
const unknown = asked.filter((name) => !STUDIES.some((study) => study === name));
if (unknown.length > 0) {
  console.error(`calibrate: expected ${STUDIES.join(', ')} or all, got ${unknown.join(' ')}`);
  process.exit(2);
}
const experiments = wholeNumber('--experiments', values.experiments, 2);
const jobs = wholeNumber('--jobs', values.jobs, 1);
const minutes = wholeNumber('--minutes', values.minutes, 1);
const seed = wholeNumber('--seed', values.seed, 0);

function wholeNumber(option: string, text: string, least: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least) return value;
  console.error(`calibrate: ${option} got ${text}, expected a whole number from ${least}`);
  process.exit(2);
}

/** Runs the experiments of a study on all processes, and gives the outcomes of those that were done, by number. */
async function outcomesOf<T>(study: Study, count: number): Promise<readonly T[]> {
  const outcomes = new Array<T | undefined>(count).fill(undefined);
  let done = 0;
  const startedMs = performance.now();
  const processes = Math.min(jobs, count);
  const work = Array.from({ length: processes }, (_, k) => {
    const border = (part: number): number => Math.floor((count * part) / processes);
    const share: Share = { study, seed, from: border(k), until: border(k + 1) };
    const worker = fork(fileURLToPath(new URL('calibrate-worker.ts', import.meta.url)), [], {
      execArgv: ['--import', 'tsx'],
    });
    worker.send(share);
    const timer = setTimeout(() => worker.connected && worker.send('stop'), minutes * 60_000);
    return new Promise<void>((resolve, reject) => {
      worker.on('message', ({ i, outcome }: { i: number; outcome: T }) => {
        outcomes[i] = outcome;
        done++;
        if (done % Math.ceil(count / 20) === 0) {
          const seconds = Math.round((performance.now() - startedMs) / 1000);
          console.error(`${study}: ${done} of ${count} experiments, ${seconds} s`);
        }
      });
      worker.on('exit', (code) => {
        clearTimeout(timer);
        if (code === 0) resolve();
        else reject(new Error(`a worker of ${study} ended with ${code}`));
      });
    });
  });
  await Promise.all(work);
  return outcomes.filter((outcome) => outcome !== undefined);
}

const findings: Finding[] = [];
for (const study of STUDIES.filter((name) => asked.includes(name))) {
  const found =
    study === 'coverage'
      ? coverageFindings(await outcomesOf<CoverageOutcome>(study, experiments))
      : study === 'alarms'
        ? alarmFindings(await outcomesOf<AlarmOutcome>(study, experiments))
        : luckFindings(await outcomesOf<LuckOutcome>(study, PAIRS));
  for (const finding of found) console.log(findingLine(finding));
  findings.push(...found);
}
if (values.json !== undefined) {
  const file = { schema: 'orrery.calibration/1', seed, experiments, findings };
  writeFileSync(values.json, `${JSON.stringify(file, null, 1)}\n`);
}
process.exitCode = findings.some(({ verdict }) => verdict === 'missed') ? 1 : 0;
