/** The worker thread of `pool.ts`: one run after the other, each a function of its task alone. */
import { Tinypool } from 'tinypool';
import { ScenarioError } from '../base/errors.ts';
import type { Registry } from '../run/registry.ts';
import { loadRegistry } from './plugins.ts';
import {
  type RunTask,
  type SentAnswer,
  type SentTask,
  STOP_REASONS,
  sentError,
  writeProgress,
} from './run-task.ts';
import { runScenario } from './simulate.ts';

const flag = Tinypool.workerData as Int32Array;
let known: { readonly key: string; readonly registry: Registry } | null = null;

// It would end the thread without an answer, and the pool would wait for ever.
process.exit = (code) => {
  throw new Error(`a plug-in tried to end the process with code ${code ?? 0}`);
};

/** Runs a task. @returns its bundle, the buffers of its series moved, or its error */
export default async function work({ task, cell }: SentTask): Promise<unknown> {
  try {
    const registry = await registryOf(task);
    const { scenario, seed, replication, check, manifest } = task;
    const answer = await runScenario({
      scenario,
      seed,
      replication,
      registry,
      check,
      manifest,
      shouldStop: () => STOP_REASONS[Atomics.load(flag, 0)]!,
      ...(cell === null ? {} : { onProgress: (progress) => writeProgress(cell, progress) }),
    });
    const buffers = new Set<ArrayBufferLike>();
    for (const { min, mean, max } of answer.bundle.series.series) {
      for (const { buffer } of [min, mean, max]) buffers.add(buffer);
    }
    return moving({ answer }, [...buffers]);
  } catch (error) {
    return { error: sentError(error) } satisfies SentAnswer;
  }
}

function moving(value: SentAnswer, buffers: readonly ArrayBufferLike[]): unknown {
  return Tinypool.move({
    [Tinypool.transferableSymbol]: buffers,
    [Tinypool.valueSymbol]: value,
  } as unknown as ArrayBuffer);
}

/** Loads the plug-ins once per worker, and refuses one that changed since the manifest was made. */
async function registryOf(task: RunTask): Promise<Registry> {
  const { plugins, manifest } = task;
  const key = JSON.stringify([plugins, manifest.plugins]);
  if (known?.key === key) return known.registry;
  const loaded = await loadRegistry(plugins);
  loaded.plugins.forEach(({ name, sha256 }, i) => {
    if (sha256 === manifest.plugins[i]?.sha256) return;
    const issue = { path: '--plugin', value: name, expected: 'a file that stays as it is' };
    throw new ScenarioError([{ ...issue, hint: 'it changed while the runs were under way' }]);
  });
  known = { key, registry: loaded.registry };
  return loaded.registry;
}
