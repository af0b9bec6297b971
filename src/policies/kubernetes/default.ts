import { type Issue, ScenarioError } from '../../base/errors.ts';
import type {
  FrameworkPlugin,
  FrameworkProfile,
  FrameworkScheduler,
} from '../../contracts/framework.ts';
import { defineScheduling } from '../../contracts/policy.ts';
import type { SchedulingSetup } from '../../contracts/scheduling.ts';
import { argsCheckOf } from './plugin-args.ts';
import { DEFAULT_PLUGINS, type ExtensionPoint, findPlugin } from './plugin-list.ts';
import {
  ConfigReader,
  expandPoint,
  type NamedPlugin,
  POINTS,
  type ProfileConfig,
  type SchedulerConfig,
} from './profile-config.ts';

const KNOWN = DEFAULT_PLUGINS.map(({ name, policy, weight }) => ({
  name,
  weight,
  args: argsCheckOf(policy),
}));

/** The scheduler of Kubernetes v1.34, its profiles configured as a KubeSchedulerConfiguration does. */
export const kubernetesDefault = defineScheduling<SchedulerConfig>({
  name: 'kubernetes/default',
  summary: 'The scheduler of Kubernetes v1.34: its filters, scores, queue and preemption.',
  formula:
    'sum of weight x score over TaintToleration 3, NodeAffinity 2, NodeResourcesFit 1, PodTopologySpread 2, InterPodAffinity 2, NodeResourcesBalancedAllocation 1, ImageLocality 1, each 0..100; ties drawn',
  paramsHelp: {
    profiles:
      'list of {schedulerName, percentageOfNodesToScore, plugins, pluginConfig}; default one named default-scheduler',
    'profiles[].plugins':
      'multiPoint and each extension point: enabled [{name, weight}], disabled [{name}], * for all',
    'profiles[].pluginConfig': 'arguments of plug-ins: [{name, args}]',
    percentageOfNodesToScore: 'feasible nodes to find before the search stops; 0 adapts, default 0',
    podInitialBackoffSeconds: 'first backoff of a refused pod, default 1',
    podMaxBackoffSeconds: 'longest backoff, default 10',
    podMaxInUnschedulablePodsSeconds: 'retry without an event after this long, default 300',
    parallelism: '1 or 16: both search in the order of 1, since the races of 16 have none',
    apiVersion: 'kubescheduler.config.k8s.io/v1, if given',
    kind: 'KubeSchedulerConfiguration, if given',
  },
  params: (raw) => new ConfigReader(KNOWN).read(raw),
  create: makeScheduler,
});

function makeScheduler(config: SchedulerConfig, setup: SchedulingSetup): FrameworkScheduler {
  const issues: Issue[] = [];
  const profiles = config.profiles.map((profile, i) => {
    const maker = new ProfileMaker(profile, setup, `profiles[${i}].plugins`);
    const made = maker.make();
    issues.push(...maker.issues);
    return made;
  });
  if (issues.length > 0) throw new ScenarioError(issues);
  const { podInitialBackoffUs, podMaxBackoffUs, poolTimeoutUs } = config;
  return { kind: 'framework', profiles, podInitialBackoffUs, podMaxBackoffUs, poolTimeoutUs };
}

/** Makes the plug-ins of one profile and puts them into its points. */
class ProfileMaker {
  readonly issues: Issue[] = [];
  private readonly profile: ProfileConfig;
  private readonly setup: SchedulingSetup;
  private readonly path: string;
  private readonly made = new Map<string, FrameworkPlugin>();

  constructor(profile: ProfileConfig, setup: SchedulingSetup, path: string) {
    this.profile = profile;
    this.setup = setup;
    this.path = path;
  }

  make(): FrameworkProfile {
    const { profile } = this;
    const lists = Object.fromEntries(
      POINTS.map((point) => [point, this.expand(point)]),
    ) as unknown as Record<ExtensionPoint, readonly NamedPlugin[]>;
    this.check(lists);
    const pluginsAt = (point: ExtensionPoint): FrameworkPlugin[] =>
      lists[point].flatMap(({ name }) => this.pluginOf(name) ?? []);
    return {
      schedulerName: profile.schedulerName,
      percentageOfNodesToScore: profile.percentageOfNodesToScore,
      preEnqueue: pluginsAt('preEnqueue').filter((plugin) => plugin.preEnqueue !== undefined),
      preFilters: pluginsAt('preFilter').filter(({ filter }) => filter?.preFilter !== undefined),
      filters: pluginsAt('filter').filter(({ filter }) => filter !== undefined),
      scores: lists.score.flatMap(({ name, weight }) => {
        const plugin = this.pluginOf(name);
        return plugin?.score === undefined ? [] : [{ plugin, weight: weight === 0 ? 1 : weight }];
      }),
      preemption: lists.postFilter.some(({ name }) => name === PREEMPTION)
        ? profile.preemption
        : null,
    };
  }

  private expand(point: ExtensionPoint): NamedPlugin[] {
    const { enabled } = this.profile.points[point];
    enabled.forEach(({ name }, i) => {
      if (this.pointsOf(name).has(point)) return;
      const extended = [...this.pointsOf(name)].join(', ');
      this.issues.push({
        path: `${this.path}.${point}.enabled[${i}].name`,
        value: name,
        expected: `a plug-in with a part at ${point}`,
        hint: `${name} has ${extended === '' ? 'none' : extended}`,
      });
    });
    return expandPoint(this.profile, point, (name) => this.pointsOf(name).has(point));
  }

  private check(lists: Readonly<Record<ExtensionPoint, readonly NamedPlugin[]>>): void {
    const fail = (point: ExtensionPoint, expected: string): void => {
      this.issues.push({ path: `${this.path}.${point}`, expected });
    };
    if (lists.queueSort.length !== 1) fail('queueSort', 'exactly one plug-in, PrioritySort');
    if (lists.bind.length === 0) fail('bind', 'at least one plug-in, DefaultBinder');
    const prepared = new Set(lists.preScore.map(({ name }) => name));
    for (const { name } of lists.score) {
      if (!this.pointsOf(name).has('preScore') || prepared.has(name)) continue;
      fail('preScore', `${name}, whose score needs what it prepares there`);
    }
    const prefiltered = new Set(lists.preFilter.map(({ name }) => name));
    for (const { name } of lists.filter) {
      if (!this.pointsOf(name).has('preFilter') || prefiltered.has(name)) continue;
      fail('preFilter', `${name}, whose filter needs what it prepares there`);
    }
  }

  /** The points that a plug-in has a part at: as the table says, or as what was made shows. */
  private pointsOf(name: string): ReadonlySet<ExtensionPoint> {
    const known = findPlugin(name);
    if (known !== undefined) return new Set(known.points);
    const { preEnqueue, filter, score } = this.pluginOf(name)!;
    const points = new Set<ExtensionPoint>();
    if (preEnqueue !== undefined) points.add('preEnqueue');
    if (filter?.preFilter !== undefined) points.add('preFilter');
    if (filter !== undefined) points.add('filter');
    if (score?.preScore !== undefined) points.add('preScore');
    if (score !== undefined) points.add('score');
    return points;
  }

  /** The plug-in of a name; undefined for those that the engine implements itself. */
  private pluginOf(name: string): FrameworkPlugin | undefined {
    const known = findPlugin(name);
    if (known?.policy === null) return undefined;
    let plugin = this.made.get(name);
    if (plugin === undefined) {
      plugin = this.setup.framework(known?.policy ?? name, this.profile.args.get(name));
      this.made.set(name, plugin);
    }
    return plugin;
  }
}

/** Name of the plug-in behind PostFilter. */
const PREEMPTION = 'DefaultPreemption';
