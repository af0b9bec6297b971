/** Runs the cases of a folder of ground truth: each by what it looks like, never by a copy of the formula it checks. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ScenarioError } from '../../../src/base/errors.ts';
import type { Contract } from '../../../src/contracts/policy.ts';
import { builtinRegistry } from '../../../src/policies/builtin.ts';
import { replicaCalculator } from './hpa.ts';
import { kubeCase } from './kube.ts';
import { availability, checkpoints, kOfN, repairmen } from './machines.ts';
import { opendcFailure } from './opendc.ts';
import { type Expected, erlangB, mg1, mmc, nonPreemptive, type Params } from './queues.ts';
import {
  type CaseResult,
  type FileResult,
  type GroundTruthReport,
  isRecord,
  skip,
  type Verdict,
} from './report.ts';
import { isSwfCase, swfBackfill } from './swf.ts';

/** What to run. */
export interface GroundTruthOptions {
  readonly folder: string;
  /** Folder of traces; null is `traces` beside `folder`. */
  readonly traces: string | null;
  /** The only file to run; null is all. */
  readonly only: string | null;
  /** Leaves out cases: for fast tests. */
  readonly takes?: (raw: Readonly<Record<string, unknown>>) => boolean;
  readonly onCase: (file: string, done: CaseResult) => void;
}

/** One seed for all: a case that agrees does so on every machine. */
const SEED = 20_260_724;

type Analytic = (params: Params, expected: Expected, seed: number) => Verdict;

/** Kinds of analytic cases by how their name begins. */
const KINDS: readonly (readonly [prefix: string, run: Analytic])[] = [
  ['M/M/c', mmc],
  ['ErlangB', erlangB],
  ['M/G/1 FCFS', mg1],
  ['M/M/1 two classes, non-preemptive priority', nonPreemptive],
  ['machine repairman', repairmen],
  ['renewal availability', availability],
  ['k-of-n independent', kOfN],
  ['checkpoint/restart', checkpoints],
];

/** Runs a folder. @throws ScenarioError (exit 3) for a folder or a file that cannot be read */
export function runGroundTruth(options: GroundTruthOptions): GroundTruthReport {
  const { folder, only } = options;
  if (!existsSync(folder)) throw problem(folder, 'a folder of ground truth');
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.json') && (only === null || name === only))
    .sort();
  if (names.length === 0) throw problem(folder, only ?? 'at least one .json file');
  const files = names.map((name) => runFile(name, options));
  const count = (status: CaseResult['status']): number =>
    files.flatMap((file) => file.cases).filter((done) => done.status === status).length;
  return {
    schema: 'orrery.ground-truth/1',
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    files,
  };
}

function problem(file: string, expected: string, hint?: string): ScenarioError {
  return new ScenarioError([{ file, path: '', expected, hint }], 3);
}

function runFile(file: string, options: GroundTruthOptions): FileResult {
  const path = join(options.folder, file);
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw problem(path, 'JSON', error instanceof Error ? error.message : undefined);
  }
  const raws = isRecord(content) && Array.isArray(content.cases) ? content.cases : null;
  if (raws === null) {
    const done = { index: 0, name: file, ...skip('no list of cases'), expected: null };
    options.onCase(file, done);
    return { file, cases: [done] };
  }
  const cases: CaseResult[] = [];
  raws.forEach((raw: unknown, index) => {
    if (isRecord(raw) && options.takes?.(raw) === false) return;
    const verdict = isRecord(raw) ? runCase(raw, options) : skip('this case is no object');
    const done = { index, name: nameOf(raw, file), ...verdict, expected: expectedOf(raw) };
    options.onCase(file, done);
    cases.push(done);
  });
  return { file, cases };
}

function runCase(raw: Readonly<Record<string, unknown>>, options: GroundTruthOptions): Verdict {
  if ('kind' in raw && 'params' in raw) return runAnalytic(raw);
  if (typeof raw.plugin === 'string') return kubeCase(raw);
  if (isSwfCase(raw)) {
    return swfBackfill(raw, options.traces ?? resolve(options.folder, '..', 'traces'));
  }
  if ('trace_ms' in raw) return opendcFailure(raw);
  if ('metricType' in raw) return replicaCalculator(raw);
  return askRegistry(raw);
}

function runAnalytic(raw: Readonly<Record<string, unknown>>): Verdict {
  const { kind, params, expected, ...rest } = raw;
  const known = KINDS.find(([prefix]) => String(kind).startsWith(prefix));
  if (known === undefined) return skip(`nothing simulates "${String(kind)}"`);
  const strange = Object.keys(rest).filter((field) => field !== 'name');
  if (strange.length > 0) return skip(`nothing reads ${strange.join(', ')}`);
  const isExact =
    isRecord(expected) && Object.values(expected).every((value) => typeof value === 'number');
  if (!isRecord(params) || !isExact) return skip('params and expected are no numbers by name');
  return known[1](params, expected as Expected, SEED);
}

/** Which policy a transcribed test asks for. */
function policyOf(raw: Readonly<Record<string, unknown>>): readonly [Contract, string] {
  if ('expectedPlan' in raw) return ['placement', 'kubefed/rsp'];
  if (typeof raw.op === 'string') return ['placement', `karmada/${raw.op}`];
  return ['placement', 'of an unknown kind'];
}

function askRegistry(raw: Readonly<Record<string, unknown>>): Verdict {
  const [contract, name] = policyOf(raw);
  const isThere = builtinRegistry().find(contract, name) !== undefined;
  return skip(
    isThere
      ? `this tool does not ask ${contract} policy ${name} yet`
      : `${contract} policy ${name} is not registered`,
  );
}

function nameOf(raw: unknown, file: string): string {
  if (!isRecord(raw)) return file;
  if (typeof raw.name === 'string') return raw.name;
  if (typeof raw.kind === 'string') return `${raw.kind} ${JSON.stringify(raw.params)}`;
  if (isSwfCase(raw)) return `${String(raw.trace)}, ${String(raw.policy)}`;
  return file;
}

function expectedOf(raw: unknown): unknown {
  if (!isRecord(raw)) return null;
  if ('expected' in raw) return raw.expected;
  const fields = Object.entries(raw).filter(
    ([field]) => field.startsWith('expected') || isSwfCase(raw),
  );
  return Object.fromEntries(fields);
}
