/** Releases and maintenance as written become events. */
import { parseDuration } from '../../base/units.ts';
import { checkTarget } from '../check-targets.ts';
import type { Context } from '../context.ts';
import type { Path } from '../located.ts';
import { suggestion } from '../problems.ts';
import { read } from '../resolve-laws.ts';
import { type PodSetting, resolvePod } from '../resolve-pod.ts';
import { targetOf } from '../resolve-policies.ts';
import type { Scenario } from '../scenario.ts';
import type { RawPod, RawScenario } from '../schema.ts';
import type { Controller, KubeEvent } from './objects.ts';
import { both } from './read-controllers.ts';
import { daemonTemplate } from './resolve-controllers.ts';

type RawRollout = NonNullable<RawScenario['rollouts']>[number];
type RawMaintenance = NonNullable<RawScenario['maintenance']>[number];
type RawContainer = NonNullable<RawPod['containers']>[number];

/** What rollouts refer to. */
export interface RolloutSetting extends PodSetting {
  readonly controllers: readonly Controller[];
  /** Pods as written, by workload. */
  readonly raws: ReadonlyMap<string, RawPod>;
}

/** Resolves rollouts in the order of their instants: each changes what the one before left. */
export function resolveRollouts(
  raws: readonly RawRollout[],
  setting: RolloutSetting,
  context: Context,
): KubeEvent[] {
  const current = new Map(setting.raws);
  const inOrder = raws
    .map((raw, i) => ({ raw, path: ['rollouts', i], atUs: read(parseDuration, raw.at) }))
    .filter(({ path }) => !context.problems.isBroken(path))
    .sort((a, b) => a.atUs - b.atUs);
  return inOrder.flatMap(({ raw, path, atUs }): KubeEvent[] => {
    const controller = controllerFor(raw, path, setting, context);
    if (controller === null) return [];
    if ((raw.pod === undefined) === (raw.undo === undefined || raw.undo === false)) {
      context.problems.at(path, 'a rollout with exactly one of pod, undo');
      return [];
    }
    const { workload } = raw;
    if (raw.pod === undefined) {
      const revision = typeof raw.undo === 'number' ? raw.undo : 0;
      return [{ kind: 'rollback', atUs, workload, revision }];
    }
    const changed = changePod(current.get(workload) ?? {}, raw.pod as RawPod);
    current.set(workload, changed);
    const pod = resolvePod(changed, setting, context, [...path, 'pod']);
    const template = controller.kind === 'daemonset' ? daemonTemplate(pod) : pod;
    const { kube } = template;
    const defaultSpreadSelector =
      controller.kind === 'daemonset' || kube === undefined
        ? (kube?.defaultSpreadSelector ?? null)
        : both(kube.defaultSpreadSelector, controller.selector);
    return [
      {
        kind: 'rollout',
        atUs,
        workload,
        template: kube ? { ...template, kube: { ...kube, defaultSpreadSelector } } : template,
        isBroken: raw.broken ?? false,
      },
    ];
  });
}

const ROLLED_OUT: readonly Controller['kind'][] = ['deployment', 'statefulset', 'daemonset'];

function controllerFor(
  raw: RawRollout,
  path: Path,
  { controllers }: RolloutSetting,
  { problems }: Context,
): Controller | null {
  const known = controllers.filter(({ kind }) => ROLLED_OUT.includes(kind));
  const controller = known.find(({ workload }) => workload === raw.workload);
  if (controller !== undefined) return controller;
  const names = known.map(({ workload }) => workload);
  problems.at([...path, 'workload'], 'a deployment, statefulset or daemonset', {
    hint: suggestion(raw.workload, names) ?? `there is ${names.slice(0, 5).join(', ') || 'none'}`,
  });
  return null;
}

/** A pod with some of its fields changed: containers of equal names join, everything else is replaced. */
export function changePod(base: RawPod, changes: RawPod): RawPod {
  const { cpu, memory, containers, ...others } = changes;
  const merged: RawPod = { ...base, ...others };
  if (base.containers === undefined && containers === undefined) {
    return {
      ...merged,
      ...(cpu === undefined ? {} : { cpu }),
      ...(memory === undefined ? {} : { memory }),
    };
  }
  if (containers !== undefined) {
    const { cpu: _, memory: __, extended: ___, ...rest } = merged;
    return { ...rest, containers: joinContainers(base.containers ?? [], containers) };
  }
  const [first, ...more] = base.containers!;
  const requests = {
    ...first!.requests,
    ...(cpu === undefined ? {} : { cpu }),
    ...(memory === undefined ? {} : { memory }),
  };
  return { ...merged, containers: [{ ...first!, requests }, ...more] };
}

function joinContainers(
  base: readonly RawContainer[],
  changes: readonly RawContainer[],
): RawContainer[] {
  const isChange = (one: RawContainer) => (other: RawContainer) => other.name === one.name;
  const joined = base.map((container) => {
    const change = container.name === undefined ? undefined : changes.find(isChange(container));
    if (change === undefined) return container;
    return { ...container, ...change, requests: { ...container.requests, ...change.requests } };
  });
  const added = changes.filter((one) => one.name === undefined || !base.some(isChange(one)));
  return [...joined, ...added];
}

/** Resolves maintenance; targets are checked against the fleet by {@link checkEvents}. */
export function resolveMaintenance(raws: readonly RawMaintenance[], context: Context): KubeEvent[] {
  return raws.flatMap((raw, i): KubeEvent[] => {
    const path = ['maintenance', i];
    if (context.problems.isBroken(path)) return [];
    const target = targetOf(raw.target, [...path, 'target'], context);
    if (target === null) return [];
    const { action = 'drain' } = raw;
    const atUs = read(parseDuration, raw.at);
    const event: KubeEvent =
      action === 'drain'
        ? {
            kind: 'drain',
            atUs,
            target,
            parallel: raw.parallel ?? 1,
            gracePeriodUs:
              raw.gracePeriod === undefined ? null : read(parseDuration, raw.gracePeriod),
            timeoutUs: raw.timeout === undefined ? null : read(parseDuration, raw.timeout),
          }
        : { kind: action, atUs, target };
    for (const field of ['parallel', 'gracePeriod', 'timeout'] as const) {
      if (action !== 'drain' && raw[field] !== undefined) {
        context.problems.at([...path, field], 'no such field without action: drain', {
          atKey: true,
        });
      }
    }
    context.origins.set(event, path);
    return [event];
  });
}

/** Checks that what is maintained exists. */
export function checkEvents(scenario: Scenario, context: Context): void {
  for (const event of scenario.kubernetes?.events ?? []) {
    if (!('target' in event) || !context.isFleetComplete) continue;
    checkTarget(event.target, [...context.originOf(event), 'target'], scenario, context);
  }
}
