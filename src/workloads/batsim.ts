/**
 * Batsim's JSON workload: `jobs` with id, subtime (s), res (hosts), walltime (s), profile; `profiles` by name.
 *
 * Each job is a gang of `res` pods, one whole host each. Only profiles with a fixed `delay` (s) have a run time without
 * simulating networks. As batsim does, a job is killed at its walltime: it runs min(delay, walltime). Without a walltime
 * (absent or not positive) the estimate is the run time. Jobs are sorted by (subtime, order in the file).
 *
 * *Source*: batsim documentation, "Workload"; the pod is the workload's own, and fills a host where it asks for no cpu.
 */
import { CPU, type ShapeIndex } from '../base/ids.ts';
import {
  microseconds,
  PODS_PER_JOB_MAX,
  type ReaderContext,
  rowError,
  type TraceRow,
} from './trace-reader.ts';
import { WholeFileReader } from './whole-file.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Reads a batsim workload whole. */
export class BatsimReader extends WholeFileReader {
  private readonly shape: ShapeIndex;

  constructor(context: ReaderContext) {
    super(context);
    this.shape = hostShape(context);
  }

  protected rows(text: string): readonly TraceRow[] {
    const { jobs, profiles } = this.parse(text);
    const rows = jobs.map((job, i) => this.row(job, profiles, i));
    // Array.prototype.sort is stable: ties keep the order of the file.
    return rows.sort((a, b) => a.atUs - b.atUs);
  }

  private parse(text: string): { jobs: readonly unknown[]; profiles: Fields } {
    let file: unknown;
    try {
      file = JSON.parse(text);
    } catch (cause) {
      const value = cause instanceof Error ? cause.message : String(cause);
      return this.fail('', value, 'JSON', 'check that the file is complete');
    }
    const { jobs, profiles } = asFields(file) ?? {};
    const named = asFields(profiles);
    if (!Array.isArray(jobs)) {
      this.fail('jobs', JSON.stringify(jobs) ?? 'nothing', 'a list of jobs');
    }
    if (named === undefined) {
      this.fail('profiles', JSON.stringify(profiles) ?? 'nothing', 'an object of profiles by name');
    }
    return { jobs, profiles: named };
  }

  private row(raw: unknown, profiles: Fields, i: number): TraceRow {
    const where = `jobs[${i}]`;
    const job = asFields(raw);
    if (job === undefined) return this.fail(where, JSON.stringify(raw), 'an object');
    const pods = this.number(job, 'res', where, 1);
    if (!Number.isInteger(pods) || pods > PODS_PER_JOB_MAX) {
      this.fail(`${where}.res`, String(pods), `a whole number up to ${PODS_PER_JOB_MAX}`);
    }
    const name = job.profile;
    const profile = typeof name === 'string' && Object.hasOwn(profiles, name) ? name : undefined;
    if (profile === undefined) {
      const hint = 'every profile must be listed in "profiles"';
      return this.fail(`${where}.profile`, JSON.stringify(name) ?? 'nothing', 'a profile', hint);
    }
    const delay = this.delay(profiles[profile], profile);
    const walltime = job.walltime === undefined ? -1 : this.number(job, 'walltime', where, -1);
    const durationUs = microseconds(walltime > 0 ? Math.min(delay, walltime) : delay);
    const estimateUs = walltime > 0 ? microseconds(walltime) : durationUs;
    const atUs = microseconds(this.number(job, 'subtime', where, 0));
    return { atUs, pods, gang: true, shape: this.shape, durationUs, estimateUs, endByte: 0 };
  }

  private delay(raw: unknown, name: string): number {
    const where = `profiles.${name}`;
    const profile = asFields(raw);
    if (profile === undefined || profile.type !== 'delay') {
      const type = JSON.stringify(profile?.type) ?? 'nothing';
      this.fail(`${where}.type`, type, '"delay"', 'other profiles need a network model');
    }
    return this.number(profile as Fields, 'delay', where, 1e-6);
  }

  private number(fields: Fields, key: string, where: string, least: number): number {
    const value = fields[key];
    if (typeof value === 'number' && value >= least && value < 9e9) return value;
    return this.fail(
      `${where}.${key}`,
      JSON.stringify(value) ?? 'nothing',
      `a number from ${least}`,
    );
  }

  private fail(field: string, value: string, expected: string, hint?: string): never {
    const problem = { file: this.context.file, field, value, expected };
    throw rowError(hint === undefined ? problem : { ...problem, hint });
  }
}

/** The workload's pod, or all of a host where the pod asks for no cpu. */
function hostShape(context: ReaderContext): ShapeIndex {
  const { pod, wholeHost, shapes } = context;
  if (pod.requests[CPU] !== 0) return shapes.intern(pod).index;
  if (wholeHost === null) {
    throw rowError({
      file: context.file,
      field: `workloads.${context.workload}.pod`,
      expected: 'cpu of the pod that stands for one host',
      hint: 'the hosts of the fleet differ, so that "a whole host" has no size',
    });
  }
  return shapes.intern({ ...pod, requests: wholeHost }).index;
}

function asFields(value: unknown): Fields | undefined {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Fields) : undefined;
}
