/** Text files in, bundle directories out: atomically, or one clear error. */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, type Dirent, readFileSync, rmSync } from 'node:fs';
import {
  access,
  constants,
  mkdir,
  open,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { ScenarioError } from '../base/errors.ts';
import { type Bundle, MANIFEST_SCHEMA, type Replication } from '../results/bundle.ts';
import { decodeText } from './decode-text.ts';

/** One file of a bundle directory. */
export interface BundleFile {
  readonly name: string;
  readonly content: string | Uint8Array;
}

/**
 * Reads a text file in UTF-8.
 *
 * @param exitCode 2 for scenarios and their parts, 3 for data
 * @throws ScenarioError that says why the file cannot be read and what to do
 */
export function readText(path: string, exitCode: 2 | 3 = 2): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw fileError(error, { path, expected: 'a file that can be read', exitCode });
  }
  const decoded = decodeText(bytes);
  if ('text' in decoded) return decoded.text;
  const issue = { file: path, path: '', expected: 'text in UTF-8', ...decoded.fault };
  throw new ScenarioError([issue], exitCode);
}

/** Hashes the bytes of a file as they lie on disk: 64 hexadecimal digits. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  } catch (error) {
    throw fileError(error, { path, expected: 'a data file that can be read', exitCode: 3 });
  }
  return hash.digest('hex');
}

/** Hashes a text: 64 hexadecimal digits. */
export function sha256OfText(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * Reads all of stdin as text.
 *
 * @throws ScenarioError if it cannot be read or is not UTF-8
 */
export function readStdin(): string {
  const issue = { path: '', value: '-', expected: 'UTF-8 text on stdin' };
  let bytes: Buffer;
  try {
    bytes = readFileSync(0);
  } catch (error) {
    const hint = error instanceof Error ? error.message : String(error);
    throw new ScenarioError([{ ...issue, hint }]);
  }
  const decoded = decodeText(bytes);
  if ('text' in decoded) return decoded.text;
  throw new ScenarioError([{ ...issue, hint: decoded.fault.hint }]);
}

/**
 * Writes a text file in one step: a reader sees the old content or the new.
 *
 * @throws ScenarioError (exit 3) if it cannot be written
 */
export async function writeTextFile(path: string, text: string): Promise<void> {
  const target = resolve(path);
  const fresh = join(
    dirname(target),
    `.${basename(target)}.partial-${randomBytes(6).toString('hex')}`,
  );
  try {
    await makeFolder(dirname(target));
    await writeDurably(fresh, text);
    await rename(fresh, target);
  } catch (error) {
    await dropQuietly(fresh);
    throw fileError(error, { path, expected: 'a file that can be written', exitCode: 3 });
  }
}

/**
 * Writes a text file that must not exist yet; its folder is made.
 *
 * @param advice what to do if something is in the way
 * @throws ScenarioError: exit 2 if there is something of that name, 3 if it cannot be written
 */
export async function writeNewFile(
  path: string,
  text: string,
  advice: { readonly hint: string },
): Promise<void> {
  try {
    await makeFolder(dirname(resolve(path)));
    await writeDurably(path, text);
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST';
    throw isThere
      ? new ScenarioError([{ path: '', value: path, expected: 'a file that is new', ...advice }])
      : fileError(error, { path, expected: 'a file that can be written', exitCode: 3 });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EEXIST: 'a file is in the way',
  EISDIR: 'this is a folder',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left on the device',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would be larger than the system allows',
  EIO: 'the device failed',
  EMFILE: 'too many open files',
  ENAMETOOLONG: 'the path is too long',
  ELOOP: 'the path has a loop of links',
};

/**
 * Turns an error of the file system into the user's terms.
 *
 * @returns a ScenarioError for the codes that a user can do something about; any other error as it is
 */
export function fileError(
  error: unknown,
  what: { path: string; expected: string; exitCode: 2 | 3; hint?: string },
): unknown {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  const reason = code === undefined ? undefined : REASONS[code];
  if (reason === undefined) return error;
  const hint = what.hint === undefined ? reason : `${reason}; ${what.hint}`;
  return new ScenarioError(
    [{ path: '', value: what.path, expected: what.expected, hint }],
    what.exitCode,
  );
}

/**
 * Checks before a run that a bundle may be written to `directory`: it does not exist, is empty, or holds an earlier bundle,
 * and its parent (made if missing) takes new entries.
 *
 * @throws ScenarioError: exit 2 for a folder with other content, 3 where nothing can be written
 */
export async function checkBundleTarget(directory: string): Promise<void> {
  const target = await realTarget(directory);
  const parent = dirname(target);
  try {
    await makeFolder(parent);
    await access(parent, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw notWritable(error, directory);
  }
  await refuseOtherContent(target, directory);
}

/**
 * Writes a bundle directory: all files into a temporary sibling, flushed to disk, then one rename. A reader sees the earlier
 * bundle or the whole new one; an earlier bundle is replaced, any other non-empty folder is refused.
 *
 * @param extras the files that are views or wall-clock facts: series, report, runtime
 * @returns the size of all files, bytes
 * @throws ScenarioError as {@link checkBundleTarget}, or if the disk is full; nothing is left behind then
 */
export async function writeBundle(
  directory: string,
  bundle: Bundle,
  extras: readonly BundleFile[],
): Promise<number> {
  await checkBundleTarget(directory);
  const target = await realTarget(directory);
  const sibling = (what: string) =>
    join(dirname(target), `.${basename(target)}.${what}-${randomBytes(6).toString('hex')}`);
  const fresh = sibling('partial');
  const files = [...bundleFiles(bundle), ...extras];
  // A second signal ends the process at once: what is half written goes with it.
  const drop = () => rmSync(fresh, { recursive: true, force: true });
  process.once('exit', drop);
  try {
    await mkdir(fresh);
    for (const file of files) await writeDurably(join(fresh, file.name), file.content);
    await replace(fresh, target, sibling('replaced'));
  } catch (error) {
    await dropQuietly(fresh);
    throw error instanceof ScenarioError ? error : notWritable(error, directory);
  } finally {
    process.off('exit', drop);
  }
  return files.reduce((bytes, { content }) => bytes + Buffer.byteLength(content), 0);
}

/**
 * The files of a bundle that are plain JSON, as text: two spaces, keys in the order of their declaration. From two
 * replications on the result of each is a line of `replications.ndjson`.
 */
export function bundleFiles(bundle: Bundle): readonly BundleFile[] {
  const { replications } = bundle;
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  const line = ({ result }: Replication) => `${JSON.stringify(result)}\n`;
  return [
    { name: 'manifest.json', content: json(bundle.manifest) },
    { name: 'result.json', content: json(bundle.result) },
    { name: 'distributions.json', content: `${JSON.stringify(bundle.distributions)}\n` },
    ...(replications === undefined
      ? []
      : [{ name: 'replications.ndjson', content: replications.map(line).join('') }]),
  ];
}

/**
 * Makes a folder and those above it, step by step: Node's own recursive way never ends where a file system lists a folder and
 * refuses to make one in it, as /proc does.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return;
    if (code !== 'ENOENT' || dirname(path) === path || (await isFolder(dirname(path)))) throw error;
    await makeFolder(dirname(path));
    await mkdir(path);
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

/** Removes what is half written; why it was not finished is the error to tell, not that it cannot be removed. */
async function dropQuietly(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch(() => undefined);
}

async function writeDurably(path: string, content: string | Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Puts `fresh` in the place of `target`; the earlier bundle comes back if that fails. */
async function replace(fresh: string, target: string, aside: string): Promise<void> {
  const isReplacing = await movedAside(target, aside);
  try {
    await rename(fresh, target);
  } catch (error) {
    if (isReplacing) await rename(aside, target);
    throw error;
  }
  if (isReplacing) await rm(aside, { recursive: true, force: true });
}

async function movedAside(target: string, aside: string): Promise<boolean> {
  try {
    await rename(target, aside);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

async function refuseOtherContent(target: string, shown: string): Promise<void> {
  let entries: Dirent[];
  try {
    entries = await readdir(target, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw notWritable(error, shown);
  }
  if (entries.length === 0 || (await isBundle(target))) return;
  throw new ScenarioError([
    {
      path: '--out',
      value: shown,
      expected: 'a new or empty folder, or an earlier bundle',
      hint: `it holds ${entries.length === 1 ? 'another file' : `${entries.length} other files`}; choose another folder`,
    },
  ]);
}

async function isBundle(directory: string): Promise<boolean> {
  try {
    const manifest = JSON.parse(await readFile(join(directory, 'manifest.json'), 'utf8')) as {
      schema?: unknown;
    } | null;
    return manifest?.schema === MANIFEST_SCHEMA;
  } catch {
    // Unreadable or not ours: then the folder is somebody else's, and is refused by the caller.
    return false;
  }
}

/** Follows a link to a folder, so that the rename replaces the folder and not the link. */
async function realTarget(directory: string): Promise<string> {
  try {
    return await realpath(directory);
  } catch {
    // Not there yet (any other trouble shows again, with its reason, when the parent is made).
    return resolve(directory);
  }
}

function notWritable(error: unknown, directory: string): unknown {
  const hint = 'choose another folder with --out';
  const expected = 'a folder that can be written';
  return fileError(error, { path: directory, expected, exitCode: 3, hint });
}
