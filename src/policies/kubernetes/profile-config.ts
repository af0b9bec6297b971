/**
 * A KubeSchedulerConfiguration as parameters: read, checked and merged with the defaults.
 *
 * *Source*: Kubernetes v1.34, `pkg/scheduler/apis/config` (merging) and `pkg/scheduler/framework/runtime` (expansion).
 */
import { nearest } from '../../base/nearest.ts';
import type { PreemptionArgs } from '../../contracts/framework.ts';
import type { ParamIssue, ParamsCheck } from '../../contracts/policy.ts';
import { FieldReader } from '../params.ts';
import type { ExtensionPoint } from './plugin-list.ts';

/** Extension points of the framework, in the order of a cycle. */
export const POINTS = [
  'preEnqueue',
  'queueSort',
  'preFilter',
  'filter',
  'postFilter',
  'preScore',
  'score',
  'reserve',
  'permit',
  'preBind',
  'bind',
  'postBind',
] as const satisfies readonly ExtensionPoint[];

/** A plug-in as a list names it; weight 0 is none given. */
export interface NamedPlugin {
  readonly name: string;
  readonly weight: number;
}

/** One list of a profile: what is on, in order, and what is off (`*` is all). */
export interface PluginSet {
  readonly enabled: readonly NamedPlugin[];
  readonly disabled: readonly string[];
}

/** One profile after merging with the defaults, before expansion. */
export interface ProfileConfig {
  readonly schedulerName: string;
  /** 0 is adaptive. */
  readonly percentageOfNodesToScore: number;
  readonly multiPoint: PluginSet;
  readonly points: Readonly<Record<ExtensionPoint, PluginSet>>;
  /** Arguments by name of the plug-in, as written. */
  readonly args: ReadonlyMap<string, unknown>;
  readonly preemption: PreemptionArgs;
}

/** The configuration of one scheduler. */
export interface SchedulerConfig {
  readonly profiles: readonly ProfileConfig[];
  readonly podInitialBackoffUs: number;
  readonly podMaxBackoffUs: number;
  readonly poolTimeoutUs: number;
}

/** A plug-in of the default profile, as far as a configuration knows it. */
export interface KnownPlugin extends NamedPlugin {
  /** Checks its arguments; absent: it has none. */
  readonly args?: ParamsCheck<unknown> | undefined;
}

/** Reads one configuration and collects what is wrong with it. */
export class ConfigReader {
  private readonly known: readonly KnownPlugin[];
  private readonly names: readonly string[];
  private readonly issues: ParamIssue[] = [];

  /** @param known the default profile's plug-ins, in the order of its `multiPoint` list */
  constructor(known: readonly KnownPlugin[]) {
    this.known = known;
    this.names = known.map(({ name }) => name);
  }

  /** Reads a whole configuration. */
  read(raw: unknown): { value: SchedulerConfig } | { issues: readonly ParamIssue[] } {
    const fields = new FieldReader(raw);
    fields.choice('apiVersion', ['kubescheduler.config.k8s.io/v1'], VERSION);
    fields.choice('kind', ['KubeSchedulerConfiguration'], 'KubeSchedulerConfiguration');
    const percentage = fields.integer('percentageOfNodesToScore', 0, 0, 100);
    const initial = fields.number('podInitialBackoffSeconds', 1, 1e-6, MOST_SECONDS);
    const max = fields.number('podMaxBackoffSeconds', 10, 1e-6, MOST_SECONDS);
    if (max < initial) fields.fail('podMaxBackoffSeconds', 'at least podInitialBackoffSeconds');
    const pool = fields.number('podMaxInUnschedulablePodsSeconds', 300, 1, MOST_SECONDS);
    this.readParallelism(fields);
    const profiles = this.readProfiles(fields, percentage);
    this.issues.push(...fields.finish());
    if (this.issues.length > 0) return { issues: this.issues };
    return {
      value: {
        profiles,
        podInitialBackoffUs: Math.round(initial * 1e6),
        podMaxBackoffUs: Math.round(max * 1e6),
        poolTimeoutUs: Math.round(pool * 1e6),
      },
    };
  }

  private readParallelism(fields: FieldReader): void {
    const value = fields.any('parallelism');
    if (value === undefined || value === 1 || value === 16) return;
    fields.fail('parallelism', '1, or 16, whose races have no order: both search as 1 does');
  }

  private readProfiles(fields: FieldReader, percentage: number): ProfileConfig[] {
    const raw = fields.any('profiles');
    if (raw === undefined) return [this.readProfile({}, 'profiles[0]', percentage)];
    if (!Array.isArray(raw) || raw.length === 0) {
      fields.fail('profiles', 'a list of at least one profile');
      return [];
    }
    const profiles = raw.map((entry, i) => this.readProfile(entry, `profiles[${i}]`, percentage));
    profiles.forEach(({ schedulerName }, i) => {
      if (profiles.findIndex((other) => other.schedulerName === schedulerName) === i) return;
      const path = `profiles[${i}].schedulerName`;
      this.issues.push({ path, expected: 'a name that no other profile has' });
    });
    return profiles;
  }

  private readProfile(raw: unknown, path: string, percentage: number): ProfileConfig {
    const fields = new FieldReader(raw, path);
    const schedulerName = fields.any('schedulerName') ?? 'default-scheduler';
    if (typeof schedulerName !== 'string' || schedulerName === '') {
      fields.fail('schedulerName', 'a name such as default-scheduler');
    }
    const own = fields.integer('percentageOfNodesToScore', percentage, 0, 100);
    const lists = new FieldReader(fields.any('plugins'), `${path}.plugins`);
    const defaults = this.known.map(({ name, weight }) => ({ name, weight }));
    const multiPoint = mergeDefaults(defaults, this.readSet(lists, 'multiPoint'));
    const points = Object.fromEntries(
      POINTS.map((point) => [point, this.readSet(lists, point)]),
    ) as Record<ExtensionPoint, PluginSet>;
    fields.adopt(lists.finish());
    const args = this.readArgs(fields);
    const preemption = this.readPreemption(args);
    this.issues.push(...fields.finish());
    return {
      schedulerName: String(schedulerName),
      percentageOfNodesToScore: own,
      multiPoint,
      points,
      args: new Map([...args].map(([name, { value }]) => [name, value])),
      preemption,
    };
  }

  private readSet(lists: FieldReader, list: string): PluginSet {
    const fields = new FieldReader(lists.any(list), lists.pathOf(list));
    const enabled = this.readNames(fields, 'enabled');
    const disabled = this.readNames(fields, 'disabled');
    this.issues.push(...fields.finish());
    return { enabled, disabled: disabled.map(({ name }) => name) };
  }

  private readNames(fields: FieldReader, list: 'enabled' | 'disabled'): NamedPlugin[] {
    const raw = fields.any(list);
    if (raw === undefined || raw === null) return [];
    if (!Array.isArray(raw)) {
      fields.fail(list, 'a list such as [{name: ImageLocality}]');
      return [];
    }
    const seen = new Set<string>();
    return raw.map((entry, i) => {
      const one = new FieldReader(entry, `${fields.pathOf(list)}[${i}]`);
      const name = one.any('name');
      const weight = list === 'enabled' ? one.integer('weight', 0, 0, MOST_WEIGHT) : 0;
      if (typeof name !== 'string' || name === '') one.fail('name', 'the name of a plug-in');
      else if (seen.has(name)) one.fail('name', 'a plug-in that the list does not name twice');
      else if (list === 'enabled' || name !== '*') this.checkName(name, one.pathOf('name'));
      seen.add(String(name));
      this.issues.push(...one.finish());
      return { name: String(name), weight };
    });
  }

  /** A name with a slash is a plug-in of the registry, found when the scheduler is made. */
  private checkName(name: string, path: string): void {
    if (this.names.includes(name) || name.includes('/')) return;
    const near = nearest(name, this.names);
    const hint = near === undefined ? 'orrery policies lists them' : `did you mean ${near}?`;
    const expected = 'a plug-in of the default profile, or yours by its registered name';
    this.issues.push({ path, expected, hint });
  }

  private readArgs(fields: FieldReader): Map<string, { path: string; value: unknown }> {
    const args = new Map<string, { path: string; value: unknown }>();
    const raw = fields.any('pluginConfig') ?? [];
    if (!Array.isArray(raw)) {
      fields.fail('pluginConfig', 'a list such as [{name: NodeResourcesFit, args: {...}}]');
      return args;
    }
    raw.forEach((entry, i) => {
      const one = new FieldReader(entry, `${fields.pathOf('pluginConfig')}[${i}]`);
      const name = one.any('name');
      const value = one.any('args');
      if (typeof name !== 'string' || name === '') one.fail('name', 'the name of a plug-in');
      else {
        if (args.has(name)) one.fail('name', 'a plug-in that the list does not name twice');
        this.checkName(name, one.pathOf('name'));
        args.set(name, { path: one.pathOf('args'), value });
        this.checkArgs(name, one.pathOf('args'), value);
      }
      this.issues.push(...one.finish());
    });
    return args;
  }

  private checkArgs(name: string, path: string, value: unknown): void {
    const plugin = this.known.find((one) => one.name === name);
    if (plugin === undefined || name === 'DefaultPreemption') return;
    const checked = (plugin.args ?? takesNone)(value ?? {});
    if (!('issues' in checked)) return;
    for (const issue of checked.issues) {
      this.issues.push({ ...issue, path: issue.path === '' ? path : `${path}.${issue.path}` });
    }
  }

  private readPreemption(
    args: ReadonlyMap<string, { path: string; value: unknown }>,
  ): PreemptionArgs {
    const given = args.get('DefaultPreemption');
    const fields = new FieldReader(given?.value, given?.path ?? '');
    readHead(fields);
    const preemption = {
      minCandidateNodesPercentage: fields.integer('minCandidateNodesPercentage', 10, 0, 100),
      minCandidateNodesAbsolute: fields.integer('minCandidateNodesAbsolute', 100, 0, 1e9),
    };
    if (
      preemption.minCandidateNodesPercentage === 0 &&
      preemption.minCandidateNodesAbsolute === 0
    ) {
      fields.fail('minCandidateNodesAbsolute', 'above 0 where minCandidateNodesPercentage is 0');
    }
    this.issues.push(...fields.finish());
    return preemption;
  }
}

const VERSION = 'kubescheduler.config.k8s.io/v1';
/** A day. */
const MOST_SECONDS = 86400;
const MOST_WEIGHT = 1e6;

const takesNone: ParamsCheck<unknown> = (raw) => {
  const fields = new FieldReader(raw);
  readHead(fields);
  const issues = fields.finish();
  return issues.length > 0 ? { issues } : { value: undefined };
};

/** Lets the two fields pass that say what kind of arguments these are. */
function readHead(fields: FieldReader): void {
  fields.any('apiVersion');
  fields.any('kind');
}

/**
 * Merges a list with its defaults: those named in `disabled` go; one that is listed again is replaced in place; other
 * listed ones follow.
 */
export function mergeDefaults(defaults: readonly NamedPlugin[], own: PluginSet): PluginSet {
  const isOff = (name: string): boolean =>
    own.disabled.includes('*') || own.disabled.includes(name);
  const kept = defaults.filter(({ name }) => !isOff(name));
  const placed = kept.map(({ name, weight }) => {
    const again = own.enabled.find((plugin) => plugin.name === name);
    return again ?? { name, weight };
  });
  const more = own.enabled.filter(({ name }) => !kept.some((plugin) => plugin.name === name));
  return { enabled: [...placed, ...more], disabled: own.disabled };
}

/**
 * Expands `multiPoint` into one extension point: plug-ins listed in both go first, in the point's order; then the other
 * `multiPoint` ones that implement the point and are not off there; then the rest of the point's own list.
 *
 * @param hasPoint whether a plug-in implements the point
 */
export function expandPoint(
  profile: Pick<ProfileConfig, 'multiPoint' | 'points'>,
  point: ExtensionPoint,
  hasPoint: (name: string) => boolean,
): NamedPlugin[] {
  const { enabled, disabled } = profile.points[point];
  if (disabled.includes('*')) return [...enabled];
  const shared = profile.multiPoint.enabled.filter(
    ({ name }) => hasPoint(name) && !disabled.includes(name),
  );
  const isIn = (list: readonly NamedPlugin[], name: string): boolean =>
    list.some((plugin) => plugin.name === name);
  return [
    ...enabled.filter(({ name }) => isIn(shared, name)),
    ...shared.filter(({ name }) => !isIn(enabled, name)),
    ...enabled.filter(({ name }) => !isIn(shared, name)),
  ];
}
