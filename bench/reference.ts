/**
 * The C++ reference: compiled into a temporary folder, run as often as asked. Its source measures the time on the wall; here its
 * clock is the processor time of the process, as ours is: on a shared machine the only fair one.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What one run of the reference printed. */
export interface ReferenceRun {
  readonly nsPerPod: number;
  readonly evalsPerPod: number;
}

/** A compiled reference. */
export interface Reference {
  /** Fills the fleet, then measures `pods` arrivals. @param policy `sky` or `pow8` */
  run(nodes: number, policy: string, pods: number): ReferenceRun;
  /** Removes the temporary folder. */
  dispose(): void;
}

/** Included before the source: its clock becomes that of the process. */
const PROCESS_CLOCK = `#include <chrono>
#include <ctime>
namespace std { namespace chrono {
struct process_clock {
  using duration = nanoseconds; using rep = duration::rep; using period = duration::period;
  using time_point = chrono::time_point<process_clock>; static constexpr bool is_steady = true;
  static time_point now() {
    timespec t; clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return time_point(seconds(t.tv_sec) + nanoseconds(t.tv_nsec));
  }
};
} }
#define steady_clock process_clock
`;

/** Sizes that the reference has a workload for. */
export const REFERENCE_SIZES: readonly number[] = [1_000, 10_000, 100_000, 1_000_000];

/**
 * Compiles the program of a folder with `g++`.
 *
 * @param folder where `limit.cpp` and `workload.mjs` are
 * @returns null if there is no compiler
 * @throws Error if the folder lacks a file or the program does not compile
 */
export function compileReference(folder: string): Reference | null {
  if (spawnSync('g++', ['--version']).status !== 0) return null;
  const files = ['limit.cpp', 'workload.mjs'];
  for (const file of files) {
    if (!existsSync(join(folder, file))) throw new Error(`${folder} has no ${file}`);
  }
  const cwd = mkdtempSync(join(tmpdir(), 'orrery-reference-'));
  for (const file of files) copyFileSync(join(folder, file), join(cwd, file));
  execFileSync(process.execPath, ['workload.mjs'], { cwd });
  writeFileSync(join(cwd, 'clock.h'), PROCESS_CLOCK);
  const flags = ['-O3', '-march=native', '-include', 'clock.h'];
  execFileSync('g++', [...flags, '-o', 'limit', 'limit.cpp'], { cwd });
  return {
    run: (nodes, policy, pods) => {
      const args = [String(nodes), policy, String(pods)];
      return JSON.parse(execFileSync(join(cwd, 'limit'), args, { cwd, encoding: 'utf8' }));
    },
    dispose: () => rmSync(cwd, { recursive: true, force: true }),
  };
}
