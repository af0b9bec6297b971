import { describe, expect, it } from 'vitest';
import { ScenarioError } from '../../../src/base/errors.ts';
import { type AnyPolicy, definePlacement, defineQueueing } from '../../../src/contracts/policy.ts';
import { Registry } from '../../../src/contracts/registry.ts';
import { builtinRegistry } from '../../../src/policies/builtin.ts';

const queueing = (name: string) =>
  defineQueueing({
    name,
    summary: 'A queue for the test.',
    create: () => ({ blocking: false, rank: () => 0 }),
  });

describe('the registry', () => {
  it('lists names sorted, whatever the order of registration', () => {
    const registry = new Registry();
    for (const name of ['b', 'acme/z', 'a']) registry.register(queueing(name));
    expect(registry.names('queueing')).toEqual(['a', 'acme/z', 'b']);
    expect(registry.all().map((p) => p.name)).toEqual(['a', 'acme/z', 'b']);
  });

  it('finds by contract and exact name only', () => {
    const registry = new Registry();
    const mine = queueing('acme/mine');
    registry.register(mine);
    expect(registry.find('queueing', 'acme/mine')).toBe(mine);
    expect(registry.find('placement', 'acme/mine')).toBeUndefined();
    expect(registry.find('queueing', 'mine')).toBeUndefined();
    expect(registry.find('queueing', 'constructor')).toBeUndefined();
  });

  it('refuses a second policy of the same name in one contract, and takes it in another', () => {
    const registry = builtinRegistry();
    expect(() => registry.register(queueing('fifo'))).toThrow(ScenarioError);
    expect(() => registry.register(queueing('round-robin'))).not.toThrow();
  });

  it('suggests the nearest name of the same contract', () => {
    const registry = builtinRegistry();
    expect(registry.nearest('scheduling', 'frist-fit')).toBe('first-fit');
    expect(registry.nearest('placement', 'spillover')).toBe('spill-over');
    expect(registry.nearest('queueing', 'first-fit')).toBeUndefined();
  });

  it('refuses what is not a policy, naming the field', () => {
    const good = definePlacement({ name: 'p', summary: 's', create: () => ({ divide: () => 0 }) });
    const bad: readonly (readonly [unknown, string])[] = [
      [null, 'plugin'],
      [{ ...good, contract: 'sizing' }, 'plugin.contract'],
      [{ ...good, name: 'Has Space' }, 'plugin.name'],
      [{ ...good, summary: '' }, 'plugin.summary'],
      [{ ...good, create: 7 }, 'plugin.create'],
      [{ ...good, params: {} }, 'plugin.params'],
    ];
    for (const [policy, path] of bad) {
      try {
        new Registry().register(policy as AnyPolicy);
        expect.unreachable(path);
      } catch (error) {
        expect(error).toBeInstanceOf(ScenarioError);
        expect((error as ScenarioError).issues[0]!.path).toBe(path);
      }
    }
  });

  it('holds every built-in with summary, and help for exactly the parameters that it takes', () => {
    const registry = builtinRegistry();
    expect(registry.names('scheduling')).toEqual([
      'best-fit',
      'dot-product',
      'easy-backfill',
      'fgd/best-fit',
      'fgd/dot-product',
      'fgd/fgd',
      'fgd/gpu-clustering',
      'fgd/gpu-packing',
      'fgd/random',
      'first-fit',
      'kubernetes/default',
      'least-allocated',
      'most-allocated',
      'power-of-d',
      'profile',
      'random',
      'round-robin',
      'worst-fit',
    ]);
    expect(registry.names('placement')).toEqual([
      'most-free',
      'round-robin',
      'spill-over',
      'static-weight',
    ]);
    expect(registry.names('queueing')).toEqual(['fifo', 'priority']);
    expect(registry.names('scaling')).toEqual(['hpa']);
    expect(registry.names('framework')).toHaveLength(15);
    expect(registry.names('failures')).toEqual(['exponential', 'weibull']);
    for (const policy of registry.all()) {
      // Plug-ins that only filter have a rule, which is their summary.
      if (policy.contract !== 'framework') expect(policy.formula, policy.name).toBeTruthy();
      const checked = policy.params?.({ noSuchParameter: 1 });
      const issues = checked && 'issues' in checked ? checked.issues : [];
      // The issue about an unknown key lists every known one: the help must name the same.
      const known = issues.find((i) => i.path === 'noSuchParameter')?.expected ?? 'one of ';
      // Arguments of Kubernetes' plug-ins may say their kind, as every object of its API.
      const isOfApi = (name: string) => ['apiVersion', 'kind'].includes(name);
      const all = known.replace('one of ', '').split(', ');
      const names = all.filter((name) => name !== '' && !isOfApi(name));
      // Help may go deeper: `profiles[].plugins`.
      const helped = Object.keys(policy.paramsHelp ?? {}).map((key) => key.split(/[.[]/)[0]!);
      const top = [...new Set(helped)].filter((name) => !isOfApi(name));
      expect(top.sort(), policy.name).toEqual(names.sort());
    }
  });
});
