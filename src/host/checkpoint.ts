/**
 * Checkpoints on disk: the state of one run in one file, written to a temporary sibling, flushed and renamed, so that a
 * reader finds the earlier one or the whole new one, whenever the process dies.
 *
 * The file is a line of text that names the format, eight bytes with the length of the header, the header as JSON, and the
 * state as Node's structured clone writes it: that of the run, then that of each further thread. The header says which run it is
 * and holds the hash of the state.
 */
import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { ScenarioError } from '../base/errors.ts';
import type { Snapshot } from '../run/snapshot-forms.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { fileError, makeFolder, sha256OfText } from './files.ts';
import type { TracePosition } from './streams.ts';

/** Changes whenever an old file could be misread. */
const FORMAT = 2;
const MAGIC = Buffer.from('orrery checkpoint\n');

/** What a run must have in common with a checkpoint to go on from it. */
export interface CheckpointKey {
  readonly orreryVersion: string;
  readonly scenario: string;
  /** Of the resolved scenario, so that overrides, parts and catalogues count. */
  readonly scenarioSha256: string;
  readonly seed: number;
  /** Each thread saves its own clusters. */
  readonly threads: number;
  readonly isChecked: boolean;
  /** Traces and imported files. */
  readonly inputs: readonly { readonly name: string; readonly sha256: string }[];
  readonly plugins: readonly { readonly name: string; readonly sha256: string }[];
}

/** How far the saved run is. */
export interface CheckpointFacts {
  readonly nowUs: number;
  readonly events: number;
  /** By input of the run. */
  readonly traces: readonly TracePosition[];
}

/** A checkpoint that was read. */
export interface Checkpoint {
  readonly path: string;
  readonly key: CheckpointKey;
  readonly facts: CheckpointFacts;
  readonly state: SavedState;
}

/** The state of a run. */
export interface SavedState {
  readonly snapshot: Snapshot;
  /** Clusters that run in threads of their own, by thread, as Node's structured clone writes them; empty if none do. */
  readonly threads: readonly Uint8Array[];
}

interface Header {
  readonly format: number;
  readonly key: CheckpointKey;
  readonly facts: CheckpointFacts;
  /** Bytes of each part of the state. */
  readonly bytes: readonly number[];
  readonly sha256: string;
}

/** Hashes a resolved scenario. */
export function scenarioKey(scenario: Scenario): string {
  // JSON has no infinite numbers: they would be equal to null.
  const text = JSON.stringify(scenario, (_, value: unknown) =>
    value === Number.POSITIVE_INFINITY ? 'infinite' : value,
  );
  return sha256OfText(text);
}

/**
 * Writes a checkpoint in one step.
 *
 * @returns its size, bytes
 * @throws ScenarioError (exit 3) if it cannot be written; the earlier checkpoint stays
 */
export async function writeCheckpoint(
  path: string,
  key: CheckpointKey,
  facts: CheckpointFacts,
  { snapshot, threads }: SavedState,
): Promise<number> {
  const parts = [serialize(snapshot), ...threads];
  const hash = createHash('sha256');
  for (const part of parts) addToHash(hash, part);
  const bytes = parts.map(({ length }) => length);
  const header: Header = { format: FORMAT, key, facts, bytes, sha256: hash.digest('hex') };
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const fresh = siblingOf(path);
  try {
    await makeFolder(dirname(resolve(path)));
    const file = await open(fresh, 'w');
    try {
      for (const part of [MAGIC, length, text, ...parts]) await file.writeFile(part);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(fresh, path);
    await flushFolder(dirname(resolve(path)));
  } catch (error) {
    await rm(fresh, { force: true }).catch(() => undefined);
    throw fileError(error, { path, expected: 'a checkpoint that can be written', exitCode: 3 });
  }
  const head = MAGIC.length + length.length + text.length;
  return bytes.reduce((sum, part) => sum + part, head);
}

/** The next checkpoint while it is written: one name, so that a process that was killed leaves one file at most. */
function siblingOf(path: string): string {
  const target = resolve(path);
  return join(dirname(target), `.${basename(target)}.partial`);
}

/** Makes a rename last through a loss of power. */
async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Removes a checkpoint, and what is left of one that was being written. */
export async function removeCheckpoint(path: string): Promise<void> {
  for (const file of [path, siblingOf(path)]) {
    try {
      await rm(file, { force: true });
    } catch (error) {
      throw fileError(error, { path, expected: 'a checkpoint that can be removed', exitCode: 3 });
    }
  }
}

/**
 * Reads a checkpoint whole and checks it.
 *
 * @returns null if there is none
 * @throws ScenarioError (exit 3) if it is truncated, damaged, of another format, or no checkpoint at all
 */
export async function readCheckpoint(path: string): Promise<Checkpoint | null> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw unreadable(error, path);
  }
  try {
    return await readOpen(file, path);
  } catch (error) {
    throw error instanceof ScenarioError ? error : unreadable(error, path);
  } finally {
    await file.close();
  }
}

function unreadable(error: unknown, path: string): unknown {
  return fileError(error, { path, expected: 'a checkpoint that can be read', exitCode: 3 });
}

async function readOpen(file: FileHandle, path: string): Promise<Checkpoint> {
  const start = MAGIC.length + 8;
  const first = await bytesOf(file, start);
  if (!first.subarray(0, MAGIC.length).equals(MAGIC)) throw refusal(path, 'this is no checkpoint');
  const { size } = await file.stat();
  const length = first.length < start ? 0 : Number(first.readBigUInt64LE(MAGIC.length));
  const header = headerOf(await bytesOf(file, Math.min(length, size)), path);
  const { facts, format, key, sha256 } = header;
  if (format !== FORMAT) {
    throw refusal(path, `it has format ${format}, this version reads ${FORMAT}`);
  }
  const expected = header.bytes.reduce((sum, part) => sum + part, 0);
  const present = size - start - length;
  if (present !== expected) {
    throw refusal(path, `it is truncated: ${present} of ${expected} bytes of its state`);
  }
  const hash = createHash('sha256');
  const parts: Buffer[] = [];
  for (const bytes of header.bytes) {
    const part = await bytesOf(file, bytes);
    addToHash(hash, part);
    parts.push(part);
  }
  if (hash.digest('hex') !== sha256) {
    throw refusal(path, 'it is damaged: its state does not have the hash that it says');
  }
  const [own, ...threads] = parts as [Buffer, ...Buffer[]];
  return { path, key, facts, state: { snapshot: stateOf(own, path), threads } };
}

/** Most bytes of one call: files are read, and hashes are fed, by less than 2 GiB at a time. */
const CHUNK_BYTES = 1 << 30;

/** Feeds bytes of any number to a hash. @param most bytes of one call */
export function addToHash(hash: Hash, bytes: Uint8Array, most = CHUNK_BYTES): void {
  for (let from = 0; from < bytes.length; from += most) {
    hash.update(bytes.subarray(from, from + most));
  }
}

/** Reads the next bytes of a file; fewer only at its end. */
async function bytesOf(file: FileHandle, count: number): Promise<Buffer> {
  const bytes = Buffer.alloc(count);
  let done = 0;
  while (done < count) {
    const { bytesRead } = await file.read(bytes, done, Math.min(count - done, CHUNK_BYTES));
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}

function headerOf(bytes: Buffer, path: string): Header {
  try {
    return JSON.parse(bytes.toString('utf8')) as Header;
  } catch {
    throw refusal(path, 'it is truncated or damaged: its header cannot be read');
  }
}

function stateOf(body: Buffer, path: string): Snapshot {
  try {
    return deserialize(body) as Snapshot;
  } catch {
    throw refusal(path, 'it was written by a newer Node, whose form this one does not read');
  }
}

/**
 * Holds a checkpoint against the run that wants to go on from it.
 *
 * @throws ScenarioError (exit 3) that says what differs
 */
export function requireSameRun({ key, path }: Checkpoint, wanted: CheckpointKey): void {
  const differs = (what: string, saved: string | number, own: string | number): void => {
    if (saved !== own) throw refusal(path, `it is of ${what} ${saved}, this run of ${own}`);
  };
  differs('version', key.orreryVersion, wanted.orreryVersion);
  differs('scenario', key.scenario, wanted.scenario);
  if (key.scenarioSha256 !== wanted.scenarioSha256) {
    throw refusal(path, `scenario ${key.scenario} or its overrides changed since`);
  }
  differs('seed', key.seed, wanted.seed);
  if (key.threads !== wanted.threads) {
    throw refusal(
      path,
      `it was written with --threads ${key.threads}, this run has ${wanted.threads}`,
    );
  }
  if (key.isChecked !== wanted.isChecked) {
    throw refusal(path, `it was written ${key.isChecked ? 'with' : 'without'} --check`);
  }
  requireSameFiles(path, 'plug-in', key.plugins, wanted.plugins);
  requireSameFiles(path, 'input', key.inputs, wanted.inputs);
}

type Files = CheckpointKey['inputs'];

function requireSameFiles(path: string, what: string, saved: Files, own: Files): void {
  for (const { name, sha256 } of saved) {
    const now = own.find((file) => file.name === name);
    if (now === undefined) throw refusal(path, `it used the ${what} ${name}, this run does not`);
    if (now.sha256 !== sha256) throw refusal(path, `the ${what} ${name} changed since`);
  }
  const added = own.find(({ name }) => saved.every((file) => file.name !== name));
  if (added !== undefined) throw refusal(path, `it did not use the ${what} ${added.name}`);
}

/** The error for a checkpoint that this run cannot go on from. */
export function refusal(path: string, why: string): ScenarioError {
  return new ScenarioError(
    [
      {
        path: '--resume',
        value: path,
        expected: 'a checkpoint of this run',
        hint: `${why}; leave --resume out to start anew`,
      },
    ],
    3,
  );
}
