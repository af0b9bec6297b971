/** Loads and image pulls as written become data. */
import { parseMemory } from '../../base/units.ts';
import type { Context } from '../context.ts';
import { read } from '../resolve-laws.ts';
import { replicas } from '../resolve-workloads.ts';
import type { RawScenario } from '../schema.ts';
import type { Controller, ImagePulls, Load } from './objects.ts';
import { taggedImage } from './pod.ts';

/** Resolves the loads of workloads. */
export function resolveLoads(
  raws: RawScenario['loads'],
  controllers: readonly Controller[],
  context: Context,
): Load[] {
  return (raws ?? []).map(({ metric = 'cpu', milli, workload }, i) => {
    if (!controllers.some((controller) => controller.workload === workload)) {
      const expected = 'the name of a workload with a controller of Kubernetes';
      context.problems.at(['loads', i, 'workload'], expected);
    }
    return { workload, metric, curve: replicas(milli, context, ['loads', i, 'milli']) };
  });
}

/** Resolves image pulls; null if pods find their images on every node. */
export function resolveImagePulls(raw: RawScenario['imagePulls']): ImagePulls | null {
  if (raw === undefined) return null;
  const bytes = Object.entries(raw.images).map(
    ([name, size]) => [taggedImage(name), read(parseMemory, size)] as const,
  );
  return {
    bytesPerSecond: read(parseMemory, raw.perSecond),
    bytes: Object.fromEntries(bytes),
  };
}
