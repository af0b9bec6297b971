/** The worker thread of `pool.ts`: one run after the other, each a function of its task alone. */
import { Tinypool } from 'tinypool';
import type { Registry } from '../run/registry.ts';
import { registryFor } from './plugins.ts';
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

/** Loads the plug-ins once per worker. */
async function registryOf(task: RunTask): Promise<Registry> {
  const key = JSON.stringify([task.plugins, task.manifest.plugins]);
  if (known?.key !== key) known = { key, registry: await registryFor(task) };
  return known.registry;
}
