/** The plug-ins of Kubernetes v1.34's default profile: order, weights, points, and which of ours implements each. */

/** Extension points that a profile can configure. */
export type ExtensionPoint =
  | 'preEnqueue'
  | 'queueSort'
  | 'preFilter'
  | 'filter'
  | 'postFilter'
  | 'preScore'
  | 'score'
  | 'reserve'
  | 'permit'
  | 'preBind'
  | 'bind'
  | 'postBind';

/** One plug-in as a configuration knows it. */
export interface PluginEntry {
  /** As in a configuration. */
  readonly name: string;
  /** Registered framework policy that implements it; null where the engine does, or nothing is to be done. */
  readonly policy: string | null;
  readonly points: readonly ExtensionPoint[];
  /** Weight of its score by default; 0 without a score. */
  readonly weight: number;
  /** Kind of its arguments; null if it takes none. */
  readonly argsKind: string | null;
}

function entry(
  name: string,
  points: readonly ExtensionPoint[],
  more: Partial<PluginEntry> = {},
): PluginEntry {
  const dashed = name.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
  return { name, policy: `kubernetes/${dashed}`, points, weight: 0, argsKind: null, ...more };
}

/**
 * Every plug-in of the default profile in the order of MultiPoint.
 *
 * `DynamicResources` skips pods without resource claims, which are all that are modelled; `PrioritySort`, `DefaultBinder` and
 * `DefaultPreemption` are the engine's.
 */
export const DEFAULT_PLUGINS: readonly PluginEntry[] = [
  entry('SchedulingGates', ['preEnqueue']),
  entry('PrioritySort', ['queueSort'], { policy: null }),
  entry('NodeUnschedulable', ['filter']),
  entry('NodeName', ['filter']),
  entry('TaintToleration', ['filter', 'preScore', 'score'], { weight: 3 }),
  entry('NodeAffinity', ['preFilter', 'filter', 'preScore', 'score'], {
    weight: 2,
    argsKind: 'NodeAffinityArgs',
  }),
  entry('NodePorts', ['preFilter', 'filter']),
  entry('NodeResourcesFit', ['preFilter', 'filter', 'preScore', 'score'], {
    weight: 1,
    argsKind: 'NodeResourcesFitArgs',
  }),
  entry('VolumeRestrictions', ['preFilter', 'filter']),
  entry('NodeVolumeLimits', ['preFilter', 'filter']),
  entry('VolumeBinding', ['preFilter', 'filter', 'reserve', 'preBind', 'preScore', 'score'], {
    weight: 1,
    argsKind: 'VolumeBindingArgs',
  }),
  entry('VolumeZone', ['preFilter', 'filter']),
  entry('PodTopologySpread', ['preFilter', 'filter', 'preScore', 'score'], {
    weight: 2,
    argsKind: 'PodTopologySpreadArgs',
  }),
  entry('InterPodAffinity', ['preFilter', 'filter', 'preScore', 'score'], {
    weight: 2,
    argsKind: 'InterPodAffinityArgs',
  }),
  entry(
    'DynamicResources',
    ['preEnqueue', 'preFilter', 'filter', 'postFilter', 'reserve', 'preBind'],
    { policy: null, argsKind: 'DynamicResourcesArgs' },
  ),
  entry('DefaultPreemption', ['preEnqueue', 'postFilter'], {
    policy: null,
    argsKind: 'DefaultPreemptionArgs',
  }),
  entry('NodeResourcesBalancedAllocation', ['preScore', 'score'], {
    weight: 1,
    argsKind: 'NodeResourcesBalancedAllocationArgs',
  }),
  entry('ImageLocality', ['score'], { weight: 1 }),
  entry('DefaultBinder', ['bind'], { policy: null }),
];

/** Finds a plug-in of the default profile by name. */
export function findPlugin(name: string): PluginEntry | undefined {
  return DEFAULT_PLUGINS.find((plugin) => plugin.name === name);
}
