import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SchedulingPolicy } from '../../../../src/contracts/policy.ts';
import { easyBackfill } from '../../../../src/policies/scheduling/easy-backfill.ts';
import { type BatchJob, buildCluster, runBatch } from '../../../../src/testing.ts';
import { dataFile } from '../data.ts';

const SECOND = 1_000_000;
const pod = { cpuMillicores: 1000, memoryMib: 1 };

/** [submit, size, estimate, run] in seconds. */
type Row = readonly [submit: number, size: number, estimate: number, run: number];

function jobsOf(rows: readonly Row[]): BatchJob[] {
  return rows.map(([submit, size, estimate, run]) => ({
    submitUs: Math.round(submit * SECOND),
    size,
    estimateUs: Math.round(estimate * SECOND),
    runUs: Math.round(run * SECOND),
    pod,
  }));
}

function run(hosts: number, jobs: readonly BatchJob[], params: unknown, isOneNode = false) {
  const policy: SchedulingPolicy = easyBackfill;
  const cluster = isOneNode
    ? buildCluster([{ cpuMillicores: hosts * 1000, memoryMib: hosts, pods: hosts }])
    : buildCluster([{ count: hosts, cpuMillicores: 1000, memoryMib: 1 }]);
  const checked = policy.params!(params);
  if ('issues' in checked) throw new Error(JSON.stringify(checked.issues));
  const outcomes = runBatch(policy.create(checked.value, cluster.setup()), cluster, jobs);
  return outcomes.map((o) => ({ start: o.startUs / SECOND, nodes: o.nodes }));
}

const startsOf = (hosts: number, rows: readonly Row[], params: unknown) =>
  run(hosts, jobsOf(rows), params).map((o) => o.start);

/** Ten hosts; estimates are exact. */
const EXACT: readonly Row[] = [
  [0, 5, 50, 50],
  [1, 6, 50, 50],
  [2, 3, 20, 20],
  [3, 4, 50, 50],
  [4, 2, 20, 20],
];
/** Ten hosts; job 1 ends 20 s early, job 4 160 s. */
const EARLY: readonly Row[] = [
  [0, 6, 100, 80],
  [1, 8, 50, 50],
  [2, 4, 60, 60],
  [3, 4, 200, 40],
  [4, 2, 500, 500],
];

describe('easy-backfill', () => {
  // At 1 five hosts are free and j2 wants six: reserved at 50, when five more come back: extra 10 - 6 = 4.
  // j3 (3 hosts, 2..22) and j5 (2 hosts, 4..24) end before 50; j4 (4 hosts) fits when j5 ends: 5 - 0 >= 4 at 24, and 24 + 50 > 50
  // needs extra: 4 <= 4.
  it('starts the jobs of the exact example as computed by hand, in both forms', () => {
    expect(startsOf(10, EXACT, { reserve: 'count' })).toEqual([0, 50, 2, 24, 4]);
    expect(startsOf(10, EXACT, {})).toEqual([0, 50, 2, 24, 4]);
  });

  // j2 wants 8 of the 4 free: planned at 100 (extra 10 - 8 = 2), starts at 80 because j1 ends early. j3 ends at 62 <= 100.
  // j5 (2 hosts, to 562) fits at 62 with extra 2. At 80: j1's six + two free = 8 = j2. j4 follows when j2 ends: 130.
  it('starts the jobs of the early-ending example as computed by hand', () => {
    expect(startsOf(10, EARLY, { reserve: 'count' })).toEqual([0, 80, 2, 130, 62]);
    expect(startsOf(10, EARLY, {})).toEqual([0, 80, 2, 130, 62]);
  });

  // Knowing that j1 ends at 80, the reservation of j2 is exact; nothing else changes here.
  it('plans with actual run times where asked to', () => {
    const rows: readonly Row[] = [
      [0, 2, 100, 10],
      [1, 3, 10, 10],
      [2, 1, 100, 8],
    ];
    // Requested: j2 is planned at 100, so j3 (2 + 100 > 100) needs extra 3 - 3 = 0: waits for j2, which starts at 10, ends at 20.
    expect(startsOf(3, rows, {})).toEqual([0, 10, 20]);
    // Actual: j2 is planned at 10 and j3 ends at 2 + 8 = 10: it starts at once.
    expect(startsOf(3, rows, { estimate: 'actual' })).toEqual([0, 10, 2]);
  });

  // j1 holds host 0 to 5, j2 hosts 1-3 to 20. At 6 j3 wants two: planned at 20, when all four are free, extra 2; it reserves the
  // lowest, {0, 1}. j4 (one host, 7 to 107) outlasts that. By count 1 <= extra: it takes the free host 0 at once. By hosts host 0
  // is reserved: it waits, j3 takes {0, 1} at 20 and j4 host 2.
  it('protects exact hosts, not numbers, with reserve: hosts', () => {
    const rows: readonly Row[] = [
      [0, 1, 5, 5],
      [0, 3, 20, 20],
      [6, 2, 10, 10],
      [7, 1, 100, 100],
    ];
    expect(run(4, jobsOf(rows), { reserve: 'count' }).slice(2)).toEqual([
      { start: 20, nodes: [1, 2] },
      { start: 7, nodes: [0] },
    ]);
    expect(run(4, jobsOf(rows), {}).slice(2)).toEqual([
      { start: 20, nodes: [0, 1] },
      { start: 20, nodes: [2] },
    ]);
  });

  it('refuses parameters by name', () => {
    const checked = easyBackfill.params!({ reserve: 'host', estimates: 'actual' });
    expect('issues' in checked && checked.issues.map((i) => i.path).sort()).toEqual([
      'estimates',
      'reserve',
    ]);
  });

  it('gives the same starts by count on one large node as on many small ones', () => {
    fc.assert(
      fc.property(fc.array(jobRow(8), { maxLength: 30 }), (rows) => {
        const jobs = jobsOf([...rows].sort((a, b) => a[0] - b[0]));
        const many = run(8, jobs, { reserve: 'count' }).map((o) => o.start);
        const one = run(8, jobs, { reserve: 'count' }, true).map((o) => o.start);
        expect(one).toEqual(many);
      }),
      { numRuns: 60 },
    );
  });

  it('equals a naive twin, whose head never starts later than it was promised', () => {
    fc.assert(
      fc.property(fc.array(jobRow(8), { maxLength: 30 }), (rows) => {
        const jobs = jobsOf([...rows].sort((a, b) => a[0] - b[0]));
        for (const params of [{}, { reserve: 'count' }]) {
          const eased = run(8, jobs, params).map((o) => o.start);
          expect(eased).toEqual(naiveEasy(8, jobs, params).map((us) => us / SECOND));
        }
      }),
      { numRuns: 60 },
    );
  });
});

function jobRow(hosts: number) {
  return fc
    .tuple(
      fc.nat(60),
      fc.integer({ min: 1, max: hosts }),
      fc.integer({ min: 1, max: 50 }),
      fc.nat(49),
    )
    .map(
      ([submit, size, estimate, less]): Row => [
        submit,
        size,
        estimate,
        Math.max(1, estimate - less),
      ],
    );
}

/** EASY in thirty lines, every job tried at every instant; also asserts that the head keeps its promise. */
function naiveEasy(
  hosts: number,
  jobs: readonly BatchJob[],
  params: { reserve?: string },
): number[] {
  const starts = jobs.map(() => -1);
  const on: number[][] = jobs.map(() => []);
  const promise = jobs.map(() => Number.POSITIVE_INFINITY);
  const endOf = (j: number) => starts[j]! + jobs[j]!.runUs;
  const plannedOf = (j: number) => starts[j]! + jobs[j]!.estimateUs!;
  const instants = new Set(jobs.map((j) => j.submitUs));
  for (let done = -1; ; ) {
    const now = Math.min(...[...instants].filter((t) => t > done));
    if (now === Number.POSITIVE_INFINITY) return starts;
    done = now;
    const isRunning = (j: number) => starts[j]! >= 0 && endOf(j) > now;
    const all = Array.from({ length: hosts }, (_, h) => h);
    const free = () => all.filter((h) => !jobs.some((_, j) => isRunning(j) && on[j]!.includes(h)));
    const start = (j: number, nodes: number[]) => {
      starts[j] = now;
      on[j] = nodes.slice(0, jobs[j]!.size);
      instants.add(endOf(j));
      if (now > promise[j]!) throw new Error(`head ${j} was promised ${promise[j]}`);
    };
    const waiting = () => jobs.flatMap((j, i) => (j.submitUs <= now && starts[i]! < 0 ? [i] : []));
    while (waiting()[0] !== undefined && jobs[waiting()[0]!]!.size <= free().length) {
      start(waiting()[0]!, free());
    }
    const [head, ...rest] = waiting();
    if (head === undefined) continue;
    const at = (h: number) =>
      free().includes(h)
        ? now
        : Math.max(...jobs.map((_, j) => (isRunning(j) && on[j]!.includes(h) ? plannedOf(j) : 0)));
    const { size } = jobs[head]!;
    const shadow = all.map(at).sort((a, b) => a - b)[size - 1]!;
    const then = all.filter((h) => at(h) <= shadow);
    promise[head] = Math.min(promise[head]!, shadow);
    let extra = then.length - size;
    for (const j of rest) {
      const isShort = now + jobs[j]!.estimateUs! <= shadow;
      const kept = params.reserve === 'count' || isShort ? [] : then.slice(0, size);
      const usable = free().filter((h) => !kept.includes(h));
      if (jobs[j]!.size > usable.length) continue;
      if (params.reserve === 'count' && !isShort) {
        if (jobs[j]!.size > extra) continue;
        extra -= jobs[j]!.size;
      }
      start(j, usable);
    }
  }
}

describe('easy-backfill on published and reference schedules', () => {
  const batsim = dataFile('traces/batsim-easy/easy/out_jobs.csv');
  const workload = dataFile('traces/batsim-easy/medium_late.json');
  it.skipIf(!batsim || !workload)('gives all 801 starts and hosts of batsim', () => {
    const rows = readFileSync(batsim!, 'utf8').trim().split('\n').slice(1);
    const expected = rows
      .map((row) => row.split(','))
      .map((c) => ({
        id: Number(c[0]),
        submit: Number(c[3]),
        size: Number(c[4]),
        wall: Number(c[5]),
        start: Number(c[7]),
        run: Number(c[8]),
        hosts: hostsOf(c[14]!),
      }))
      .sort((a, b) => a.submit - b.submit || a.id - b.id);
    const jobs = jobsOf(expected.map((e): Row => [e.submit, e.size, e.wall, e.run]));
    const outcomes = run(32, jobs, {});
    const late = expected.filter((e, i) => Math.abs(e.start - outcomes[i]!.start) > 2e-6);
    const moved = expected.filter((e, i) => e.hosts.join() !== outcomes[i]!.nodes.join());
    expect(expected).toHaveLength(801);
    expect(late.map((e) => e.id)).toEqual([]);
    expect(moved.map((e) => e.id)).toEqual([]);
  });

  const reference = dataFile('ground-truth/swf-backfill-reference.json');
  const files: readonly (readonly [trace: string, file: string, limit: number])[] = [
    ['NASA-iPSC-1993-3.1-cln', 'traces/swf/NASA-iPSC-1993-3.1-cln.swf.gz', 1e9],
    ['lublin_256 first 3000 usable jobs', 'traces/swf/lublin_256.swf.gz', 3000],
    ['hpc2n-alea', 'traces/swf/hpc2n-alea.swf', 1e9],
  ];
  for (const [trace, file, limit] of files) {
    const path = dataFile(file);
    it.skipIf(!reference || !path)(`gives the reference waits of ${trace} by count`, () => {
      const { cases } = JSON.parse(readFileSync(reference!, 'utf8')) as {
        cases: {
          trace: string;
          policy: string;
          machines: number;
          jobs: number;
          meanWait_s: number;
          maxWait_s: number;
          makespan_s: number;
        }[];
      };
      const expected = cases.find((c) => c.trace === trace && c.policy === 'easy')!;
      const jobs = swfJobs(path!).slice(0, limit);
      expect(jobs).toHaveLength(expected.jobs);
      const outcomes = run(expected.machines, jobs, { reserve: 'count', estimate: 'actual' }, true);
      const waits = outcomes.map((o, i) => o.start - jobs[i]!.submitUs / SECOND);
      const mean = waits.reduce((a, b) => a + b, 0) / waits.length;
      // The reference is rounded to 1e-4 s.
      expect(Math.abs(mean - expected.meanWait_s)).toBeLessThan(1e-4);
      expect(Math.max(...waits)).toBe(expected.maxWait_s);
    });
  }
});

/** `1-3 7` is 1, 2, 3, 7. */
function hostsOf(text: string): number[] {
  return text.split(' ').flatMap((part) => {
    const [from, to = from] = part.split('-').map(Number);
    return Array.from({ length: to! - from! + 1 }, (_, i) => from! + i);
  });
}

/** Jobs of an SWF file as the reference note reads them. */
function swfJobs(path: string): BatchJob[] {
  const raw = readFileSync(path);
  const text = (path.endsWith('.gz') ? gunzipSync(raw) : raw).toString('latin1');
  return text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith(';'))
    .map((line) => line.trim().split(/\s+/).map(Number))
    .map((f) => ({ submit: f[1]!, run: f[3]!, size: f[7]! > 0 ? f[7]! : f[4]! }))
    .filter((job) => job.run > 0 && job.size > 0)
    .sort((a, b) => a.submit - b.submit)
    .map((job) => ({
      submitUs: job.submit * SECOND,
      size: job.size,
      runUs: job.run * SECOND,
      pod,
    }));
}
