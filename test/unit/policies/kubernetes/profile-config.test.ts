/** A KubeSchedulerConfiguration as parameters: merging, expansion, and what is wrong with one. */
import { describe, expect, it } from 'vitest';
import { ScenarioError } from '../../../../src/base/errors.ts';
import type { FrameworkPlugin, FrameworkScheduler } from '../../../../src/contracts/framework.ts';
import type { SchedulingSetup } from '../../../../src/contracts/scheduling.ts';
import { kubernetesDefault } from '../../../../src/policies/kubernetes/default.ts';
import { DEFAULT_PLUGINS } from '../../../../src/policies/kubernetes/plugin-list.ts';
import { expandPoint, mergeDefaults } from '../../../../src/policies/kubernetes/profile-config.ts';

const named = (...names: readonly string[]) => names.map((name) => ({ name, weight: 0 }));
const none = { enabled: [], disabled: [] };

describe('merging a list with its defaults', () => {
  const defaults = [
    { name: 'A', weight: 1 },
    { name: 'B', weight: 2 },
    { name: 'C', weight: 3 },
  ];

  it('keeps them where nothing is said', () => {
    expect(mergeDefaults(defaults, none).enabled).toEqual(defaults);
  });

  it('drops what is disabled, or all', () => {
    const off = (...disabled: string[]) => mergeDefaults(defaults, { enabled: [], disabled });
    expect(off('B').enabled.map(({ name }) => name)).toEqual(['A', 'C']);
    expect(off('*').enabled).toEqual([]);
  });

  it('replaces in place what is listed again, and appends the rest', () => {
    const own = {
      enabled: [
        { name: 'D', weight: 4 },
        { name: 'B', weight: 9 },
      ],
      disabled: [],
    };
    expect(mergeDefaults(defaults, own).enabled).toEqual([
      { name: 'A', weight: 1 },
      { name: 'B', weight: 9 },
      { name: 'C', weight: 3 },
      { name: 'D', weight: 4 },
    ]);
  });

  it('moves to the end what is both disabled and listed', () => {
    const merged = mergeDefaults(defaults, { enabled: named('A'), disabled: ['A'] });
    expect(merged.enabled.map(({ name }) => name)).toEqual(['B', 'C', 'A']);
  });
});

describe('expanding multiPoint into a point', () => {
  const expand = (
    multiPoint: readonly string[],
    own: readonly string[],
    disabled: readonly string[] = [],
    without: readonly string[] = [],
  ): string[] =>
    expandPoint(
      {
        multiPoint: { enabled: named(...multiPoint), disabled: [] },
        points: { filter: { enabled: named(...own), disabled } } as never,
      },
      'filter',
      (name) => !without.includes(name),
    ).map(({ name }) => name);

  it('puts those of both lists first, in the order of the point', () => {
    expect(expand(['A', 'B', 'C'], ['X', 'C', 'A'])).toEqual(['C', 'A', 'B', 'X']);
  });

  it('leaves out what the point disables, and what does not implement it', () => {
    expect(expand(['A', 'B', 'C'], [], ['B'], ['C'])).toEqual(['A']);
  });

  it('is cancelled by disabling everything there', () => {
    expect(expand(['A', 'B'], ['X'], ['*'])).toEqual(['X']);
  });
});

/** Makes the scheduler of a configuration from plug-ins that are names. */
function make(raw: unknown): FrameworkScheduler {
  const checked = kubernetesDefault.params!(raw);
  if ('issues' in checked) throw new Error(JSON.stringify(checked.issues));
  const setup = {
    framework: (registered: string): FrameworkPlugin => {
      const entry = DEFAULT_PLUGINS.find(({ policy }) => policy === registered);
      const points = entry?.points ?? ['filter', 'score'];
      const has = (point: string) => points.includes(point as never);
      const filter = { dependsOn: 'class', test: () => 0, reasons: () => [], preFilter: () => 0 };
      const { preFilter: _off, ...plain } = filter;
      return {
        name: entry?.name ?? registered,
        hints: [],
        ...(has('preEnqueue') ? { preEnqueue: () => null } : {}),
        ...(has('filter') ? { filter: has('preFilter') ? filter : plain } : {}),
        ...(has('score')
          ? { score: { dependsOn: 'class', score: () => 0, normalise: 'none' } }
          : {}),
      } as unknown as FrameworkPlugin;
    },
  } as unknown as SchedulingSetup;
  return kubernetesDefault.create(checked.value, setup) as FrameworkScheduler;
}
const first = (raw: unknown) => make(raw).profiles[0]!;
const issuesOf = (raw: unknown) => {
  const checked = kubernetesDefault.params!(raw);
  return 'issues' in checked ? checked.issues : [];
};

describe('the default configuration', () => {
  it('has the points in upstream’s order and the default weights', () => {
    const profile = first({});
    expect(profile.schedulerName).toBe('default-scheduler');
    expect(profile.filters.map(({ name }) => name)).toEqual([
      'NodeUnschedulable',
      'NodeName',
      'TaintToleration',
      'NodeAffinity',
      'NodePorts',
      'NodeResourcesFit',
      'VolumeRestrictions',
      'NodeVolumeLimits',
      'VolumeBinding',
      'VolumeZone',
      'PodTopologySpread',
      'InterPodAffinity',
    ]);
    expect(profile.scores.map(({ plugin, weight }) => [plugin.name, weight])).toEqual([
      ['TaintToleration', 3],
      ['NodeAffinity', 2],
      ['NodeResourcesFit', 1],
      ['VolumeBinding', 1],
      ['PodTopologySpread', 2],
      ['InterPodAffinity', 2],
      ['NodeResourcesBalancedAllocation', 1],
      ['ImageLocality', 1],
    ]);
    expect(profile.preemption).toEqual({
      minCandidateNodesPercentage: 10,
      minCandidateNodesAbsolute: 100,
    });
  });

  it('backs off 1 s to 10 s, and looks through the pool after five minutes', () => {
    const { podInitialBackoffUs, podMaxBackoffUs, poolTimeoutUs } = make({});
    expect([podInitialBackoffUs, podMaxBackoffUs, poolTimeoutUs]).toEqual([1e6, 1e7, 3e8]);
  });
});

describe('a configuration', () => {
  const plugins = (lists: unknown) => ({ profiles: [{ plugins: lists }] });

  it('weighs a score anew at its point', () => {
    const { scores } = first(
      plugins({ score: { enabled: [{ name: 'ImageLocality', weight: 5 }] } }),
    );
    expect(scores[0]).toMatchObject({ plugin: { name: 'ImageLocality' }, weight: 5 });
    expect(scores).toHaveLength(8);
  });

  it('turns off only the score, or the plug-in everywhere', () => {
    const score = first(plugins({ score: { disabled: [{ name: 'TaintToleration' }] } }));
    const all = first(plugins({ multiPoint: { disabled: [{ name: 'TaintToleration' }] } }));
    const has = (list: readonly FrameworkPlugin[]) =>
      list.some(({ name }) => name === 'TaintToleration');
    expect([has(score.filters), has(score.scores.map(({ plugin }) => plugin))]).toEqual([
      true,
      false,
    ]);
    expect([has(all.filters), has(all.scores.map(({ plugin }) => plugin))]).toEqual([false, false]);
  });

  it('turns preemption off', () => {
    expect(first(plugins({ postFilter: { disabled: [{ name: '*' }] } })).preemption).toBeNull();
  });

  it('takes a plug-in of the user’s by its registered name, at every point that it has', () => {
    const { filters, scores } = first(
      plugins({ multiPoint: { enabled: [{ name: 'acme/quiet', weight: 4 }] } }),
    );
    expect(filters.at(-1)?.name).toBe('acme/quiet');
    expect(scores.at(-1)).toMatchObject({ plugin: { name: 'acme/quiet' }, weight: 4 });
  });

  it('shares its percentage with profiles that have none of their own', () => {
    const { profiles } = make({
      percentageOfNodesToScore: 30,
      profiles: [{ schedulerName: 'a' }, { schedulerName: 'b', percentageOfNodesToScore: 70 }],
    });
    expect(profiles.map((p) => p.percentageOfNodesToScore)).toEqual([30, 70]);
  });

  it('gives preemption its arguments', () => {
    const args = { minCandidateNodesPercentage: 5, minCandidateNodesAbsolute: 7 };
    const pluginConfig = [{ name: 'DefaultPreemption', args }];
    expect(first({ profiles: [{ pluginConfig }] }).preemption).toEqual(args);
  });
});

describe('a wrong configuration', () => {
  it.each([
    [{ profile: [] }, 'profile', /did you mean "profiles"/],
    [{ parallelism: 4 }, 'parallelism', /1, or 16/],
    [{ kind: 'Deployment' }, 'kind', /KubeSchedulerConfiguration/],
    [{ podMaxBackoffSeconds: 0.5 }, 'podMaxBackoffSeconds', /at least podInitialBackoffSeconds/],
    [{ profiles: [] }, 'profiles', /at least one/],
    [{ profiles: [{}, {}] }, 'profiles[1].schedulerName', /no other profile/],
    [
      { profiles: [{ plugins: { scores: {} } }] },
      'profiles[0].plugins.scores',
      /did you mean "score"/,
    ],
    [
      { profiles: [{ plugins: { score: { enabled: [{ name: 'NodeResourceFit' }] } } }] },
      'profiles[0].plugins.score.enabled[0].name',
      /did you mean NodeResourcesFit/,
    ],
    [
      {
        profiles: [
          { plugins: { filter: { enabled: [{ name: 'NodeName' }, { name: 'NodeName' }] } } },
        ],
      },
      'profiles[0].plugins.filter.enabled[1].name',
      /does not name twice/,
    ],
    [
      {
        profiles: [{ pluginConfig: [{ name: 'NodeResourcesFit', args: { scoringStrategi: 1 } }] }],
      },
      'profiles[0].pluginConfig[0].args.scoringStrategi',
      /scoringStrategy/,
    ],
    [
      { profiles: [{ pluginConfig: [{ name: 'NodeName', args: { a: 1 } }] }] },
      'profiles[0].pluginConfig[0].args.a',
      /apiVersion/,
    ],
  ])('%j is told at its place', (raw, path, message) => {
    const issues = issuesOf(raw);
    expect(issues.map((issue) => issue.path)).toContain(path);
    const issue = issues.find((one) => one.path === path)!;
    expect(`${issue.expected} ${issue.hint ?? ''}`).toMatch(message);
  });

  it('that lists a plug-in at a point which it does not have is refused when it is made', () => {
    const raw = { profiles: [{ plugins: { score: { enabled: [{ name: 'NodeName' }] } } }] };
    expect(() => make(raw)).toThrow(ScenarioError);
    expect(() => make(raw)).toThrow(/profiles\[0\]\.plugins\.score\.enabled\[0\]\.name/);
  });

  it('without its queue order, binder or what a score prepares is refused', () => {
    const off = (point: string) => ({
      profiles: [{ plugins: { [point]: { disabled: [{ name: '*' }] } } }],
    });
    expect(() => make(off('queueSort'))).toThrow(/PrioritySort/);
    expect(() => make(off('bind'))).toThrow(/DefaultBinder/);
    expect(() => make(off('preScore'))).toThrow(/score needs what it prepares/);
    expect(() => make(off('preFilter'))).toThrow(/filter needs what it prepares/);
  });
});
