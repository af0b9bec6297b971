/**
 * The folder of a study: its plan, the finished runs by key, and what is made of them.
 *
 * *Guarantees*: a run or a result is there whole or not at all, whenever the process ends (one rename each); damage to a run
 * is found by its checksums. Price: every run is a bundle of five files.
 */
import { createHash, randomBytes } from 'node:crypto';
import { type Dirent, existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ScenarioError } from '../base/errors.ts';
import type { Bundle } from '../results/bundle.ts';
import { type BundleFile, bundleFiles, fileError, makeFolder, writeTextFile } from './files.ts';
import { readBundle } from './read-bundle.ts';
import type { StudyPlan } from './study-plan.ts';
import { PLAN_FILE, STUDY_SCHEMA } from './study-plan.ts';

const SUMS_FILE = 'SHA256SUMS';
const RUNS = 'runs';
/** Folder of the merged bundles, one per point. */
export const POINTS = 'points';
/** Start of the names of what is half written; no key and no result begins so. */
const PARTIAL = '.partial-';

/** Files that a finished study has beside its points, all made of the runs. */
export const RESULT_FILES = [
  'comparison.txt',
  'comparison.md',
  'comparison.tex',
  'comparison.json',
  'results.csv',
  'points.csv',
  'report.html',
] as const;

/** Writes the series of a bundle as `series.parquet`; given by the caller, because views of bundles lie above this layer. */
export type SeriesWriter = (bundle: Bundle) => Uint8Array;

/** Whether a finished run is there, and whole. */
export type RunState = 'missing' | 'whole' | { readonly damaged: string };

/** The folder of one study. */
export class StudyStore {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** True if there is something of that name. */
  isThere(): boolean {
    return existsSync(this.directory);
  }

  /**
   * Takes the folder: it does not exist yet, is empty, or holds a study.
   *
   * @returns the plan that it holds, or null
   * @throws ScenarioError: exit 2 for a folder with other content, 3 where nothing can be written
   */
  async open(): Promise<StudyPlan | null> {
    const { directory } = this;
    let entries: Dirent[] = [];
    try {
      await makeFolder(directory);
      entries = await readdir(directory, { withFileTypes: true });
    } catch (error) {
      throw this.notWritable(error);
    }
    const isOurs = entries.some((entry) => entry.name === PLAN_FILE);
    if (isOurs) return readPlan(directory);
    // A process that ended before it wrote its plan leaves nothing but this.
    if (entries.every(({ name }) => name.startsWith(`.${PLAN_FILE}${PARTIAL}`))) return null;
    const hint = `it holds ${entries.length === 1 ? 'another file' : `${entries.length} other files`}; choose another folder`;
    const expected = 'a new or empty folder, or that of an earlier study';
    throw new ScenarioError([{ path: '--out', value: directory, expected, hint }]);
  }

  /** Writes the plan in one step. @throws ScenarioError (exit 3) */
  async writePlan(plan: StudyPlan): Promise<void> {
    await writeTextFile(join(this.directory, PLAN_FILE), `${JSON.stringify(plan, null, 2)}\n`);
  }

  /** Folder of a run. */
  runFolder(key: string): string {
    return join(this.directory, RUNS, key);
  }

  /** Tells whether a run is there, by the checksums of its files. *Cost*: reads all of it. */
  stateOf(key: string): RunState {
    const folder = this.runFolder(key);
    if (!existsSync(folder)) return 'missing';
    const sums = readSums(folder);
    if (sums === null) return { damaged: join(folder, SUMS_FILE) };
    for (const [name, sha256] of sums) {
      const file = join(folder, name);
      let bytes: Uint8Array;
      try {
        bytes = readFileSync(file);
      } catch {
        // Gone or unreadable is the same to who needs it: the run is damaged, and this file is named.
        return { damaged: file };
      }
      if (sha256Of(bytes) !== sha256) return { damaged: file };
    }
    return 'whole';
  }

  /** The checksums of a run as text; what two copies of it must have in common. */
  sumsOf(key: string): string {
    return readFileSync(join(this.runFolder(key), SUMS_FILE), 'utf8');
  }

  /** Reads a run that is whole. @throws ScenarioError (exit 3) naming the file */
  readRun(key: string): Promise<Bundle> {
    return readBundle(this.runFolder(key));
  }

  /** Writes a run: all files, then one rename. @throws ScenarioError (exit 3), such as for a full disk */
  async writeRun(key: string, bundle: Bundle, seriesBytes: SeriesWriter): Promise<void> {
    const files = [
      ...bundleFiles(bundle),
      { name: 'series.parquet', content: seriesBytes(bundle) },
    ];
    await this.place(key, [...files, { name: SUMS_FILE, content: sumsText(files) }]);
  }

  /** Copies a whole run from another study. @throws ScenarioError (exit 3) */
  async copyRun(key: string, from: StudyStore): Promise<void> {
    const folder = from.runFolder(key);
    const names = [...readSums(folder)!.map(([name]) => name), SUMS_FILE];
    const files: BundleFile[] = [];
    for (const name of names) files.push({ name, content: await readFile(join(folder, name)) });
    await this.place(key, files);
  }

  /** Removes a run. */
  async dropRun(key: string): Promise<void> {
    await rm(this.runFolder(key), { recursive: true, force: true });
  }

  /** Removes what is made of runs, so that nobody takes it for results of a plan that is not finished. */
  async dropResults(): Promise<void> {
    for (const name of [...RESULT_FILES, 'runtime.json', POINTS]) {
      await rm(join(this.directory, name), { recursive: true, force: true });
    }
  }

  /** Removes what processes that were killed left half written. */
  async dropPartials(): Promise<void> {
    for (const folder of [this.directory, join(this.directory, RUNS)]) {
      for (const name of existsSync(folder) ? await readdir(folder) : []) {
        if (!name.includes(PARTIAL) || !name.startsWith('.')) continue;
        await rm(join(folder, name), { recursive: true, force: true });
      }
    }
  }

  private async place(key: string, files: readonly BundleFile[]): Promise<void> {
    const runs = join(this.directory, RUNS);
    const fresh = join(runs, `${PARTIAL}${randomBytes(6).toString('hex')}`);
    try {
      await mkdir(runs, { recursive: true });
      await mkdir(fresh);
      for (const { name, content } of files) await writeFile(join(fresh, name), content);
      await rename(fresh, this.runFolder(key));
    } catch (error) {
      await rm(fresh, { recursive: true, force: true });
      // Two processes may share a folder: the other one's copy is as good.
      if (this.stateOf(key) === 'whole') return;
      throw this.notWritable(error);
    }
  }

  private notWritable(error: unknown): unknown {
    const expected = 'a folder that can be written';
    const hint = 'choose another folder with --out';
    return fileError(error, { path: this.directory, expected, exitCode: 3, hint });
  }
}

/**
 * Reads the plan of a study's folder.
 *
 * @throws ScenarioError (exit 3) where there is none, or it is damaged or of another version
 */
export function readPlan(directory: string): StudyPlan {
  const file = join(directory, PLAN_FILE);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const expected = 'the folder of a study';
    throw fileError(error, { path: file, expected, exitCode: 3 });
  }
  let plan: StudyPlan | null = null;
  try {
    plan = JSON.parse(text) as StudyPlan | null;
  } catch {
    // Told below, with what to do.
  }
  if (plan?.schema === STUDY_SCHEMA && Array.isArray(plan.runs) && Array.isArray(plan.points)) {
    return plan;
  }
  const hint = 'it is damaged or of another version: choose another folder, or remove this one';
  throw new ScenarioError(
    [{ file, path: '', expected: `a plan of schema ${STUDY_SCHEMA}`, hint }],
    3,
  );
}

function sumsText(files: readonly BundleFile[]): string {
  return files.map(({ name, content }) => `${sha256Of(content)}  ${name}\n`).join('');
}

/** The checksums of a run's folder, as `sha256sum` writes them; null where they are missing or not of that form. */
function readSums(folder: string): (readonly [name: string, sha256: string])[] | null {
  let text: string;
  try {
    text = readFileSync(join(folder, SUMS_FILE), 'utf8');
  } catch {
    // The caller names this file as the damaged one.
    return null;
  }
  const lines = text.trimEnd().split('\n');
  const sums = lines.map((line) => /^([0-9a-f]{64}) {2}([\w.-]+)$/.exec(line));
  const names = sums.map((match) => match?.[2]);
  const isWhole = ['manifest.json', 'result.json', 'distributions.json', 'series.parquet'].every(
    (name) => names.includes(name),
  );
  return isWhole ? sums.map((match) => [match![2]!, match![1]!]) : null;
}

function sha256Of(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
