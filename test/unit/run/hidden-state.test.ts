/**
 * What a snapshot cannot see is what only closures hold. Here the debugger's view of closures is walked beside the state: in a
 * run nothing may change in there, or a resumed run would go another way.
 */

import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { fileURLToPath } from 'node:url';
import { runInThisContext } from 'node:vm';
import { afterAll, describe, expect, it } from 'vitest';
import type { Simulation } from '../../../src/run/run.ts';
import { kindOf } from '../../../src/run/snapshot-forms.ts';
import { loadScenario } from '../../../src/scenario/load.ts';
import { scaleScenario } from '../../../src/scenario/scale.ts';
import { prepare } from '../../builders/scenario.ts';

const session = new Session();
session.connect();
afterAll(() => session.disconnect());

/** A place that the debugger and this file both see. */
const shared = globalThis as { __audited?: unknown };

// biome-ignore lint/suspicious/noExplicitAny: the protocol's answers have many shapes.
function ask(method: string, params: object): any {
  let answer: unknown;
  session.post(method, params, (error, result) => {
    if (error !== null) throw new Error(error.message);
    answer = result;
  });
  return answer;
}

function propertiesOf(objectId: string) {
  return ask('Runtime.getProperties', { objectId, ownProperties: true });
}

/** The variables that a function closes over. */
function variablesOf(closure: object): [name: string, value: unknown][] {
  shared.__audited = closure;
  const { result } = ask('Runtime.evaluate', { expression: 'globalThis.__audited' });
  const scopes = propertiesOf(result.objectId).internalProperties?.find(
    (p: { name: string }) => p.name === '[[Scopes]]',
  );
  const found: [string, unknown][] = [];
  if (scopes === undefined) return found;
  for (const scope of propertiesOf(scopes.value.objectId).result) {
    if (!/^(Closure|Block)/.test(scope.value?.description ?? '')) continue;
    for (const { name, value } of propertiesOf(scope.value.objectId).result) {
      // What the runner of tests puts around each module.
      if (name.startsWith('__vite')) continue;
      if (value?.objectId === undefined) found.push([name, value?.value]);
      else {
        const functionDeclaration = 'function () { globalThis.__audited = this; }';
        ask('Runtime.callFunctionOn', { objectId: value.objectId, functionDeclaration });
        found.push([name, shared.__audited]);
      }
    }
  }
  return found;
}

/** What a thing holds, by name; columns as text. */
function partsOf(thing: object): [name: string, value: unknown][] {
  switch (kindOf(thing)) {
    case 'map':
      return [...(thing as Map<unknown, unknown>)].flatMap(([key, value], i) => [
        [`key ${i}`, key],
        [`value ${i}`, value],
      ]);
    case 'set':
      return [...(thing as Set<unknown>)].map((value, i) => [`${i}`, value]);
    case 'view':
      return [['columns', (thing as Uint8Array).join()]];
    case 'array':
    case 'object':
      return Object.entries(Object.getOwnPropertyDescriptors(thing))
        .filter(([, field]) => field.enumerable === true)
        .map(([name, field]) => [name, field.value]);
    default:
      return [];
  }
}

const isThing = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

/** Walks a run: what hangs on its state, then what only closures lead to, each with its way and its plain values. */
function hiddenIn(simulation: Pick<Simulation, 'stateParts'>): ReadonlyMap<string, string> {
  const { moving, still } = simulation.stateParts();
  const seen = new Set<object>();
  const closures: [object, string][] = [];
  const walk = (
    roots: readonly [object, string][],
    visit: (thing: object, way: string) => void,
  ) => {
    const queue = [...roots];
    for (const [thing] of queue) seen.add(thing);
    for (const [thing, way] of queue) {
      visit(thing, way);
      if (typeof thing === 'function') continue;
      for (const [name, value] of partsOf(thing)) {
        if (!isThing(value) || seen.has(value)) continue;
        seen.add(value);
        queue.push([value, `${way}.${name}`]);
      }
    }
  };
  walk(
    still.map((root) => [root, 'still']),
    () => {},
  );
  walk(
    moving.map((root) => [root, root.constructor.name]),
    (thing, way) => {
      if (typeof thing === 'function') closures.push([thing, way]);
    },
  );
  const hidden = new Map<string, string>();
  for (const [closure, way] of closures) {
    for (const [name, value] of variablesOf(closure)) {
      const at = `${way} closes over ${name}`;
      if (!isThing(value)) hidden.set(at, String(value));
      else if (!seen.has(value)) {
        walk([[value, at]], (thing, there) => {
          if (typeof thing === 'function') closures.push([thing, there]);
          else hidden.set(there, plainOf(thing));
        });
      }
    }
  }
  return hidden;
}

function plainOf(thing: object): string {
  return partsOf(thing)
    .map(([name, value]) => `${name}: ${isThing(value) ? 'a thing' : String(value)}`)
    .join(', ');
}

/** The memo of one pod's requests: found again by the next call. */
const MEMOS = /closes over (last|cpuAsked|memoryAsked)$/;

type Hidden = ReadonlyMap<string, string>;

function changedSince(before: Hidden, after: Hidden): [string, string][] {
  return [...before].filter(
    ([way, plain]) => after.has(way) && after.get(way) !== plain && !MEMOS.test(way),
  );
}

describe('the state of a run', { timeout: 180_000 }, () => {
  it.each([
    ['quickstart', '1/400'],
    ['outage', '1/40'],
    ['preemption', '1'],
    ['rolling-update', '1'],
    ['kubectl-snapshot', '1'],
  ])('is not hidden in closures: %s', (name, scale) => {
    const path = fileURLToPath(new URL(`../../../scenarios/${name}.yaml`, import.meta.url));
    const readText = (file: string) => readFileSync(file, 'utf8');
    const { scenario } = loadScenario({ path, readText, overrides: [], env: {} });
    const simulation = prepare(scaleScenario(scenario, scale), { check: false });
    const before = hiddenIn(simulation);
    while (simulation.runFor(Number.MAX_SAFE_INTEGER) !== 'done');
    expect(changedSince(before, hiddenIn(simulation))).toEqual([]);
  });

  it('would be found in closures', () => {
    // Without the variables of this file around it.
    const engine = runInThisContext(`(() => {
      let count = 0;
      const seen = [];
      return { next: () => { seen.push(count++); } };
    })()`) as { next(): void };
    const run = { stateParts: () => ({ moving: [engine], still: [], classes: [] }) };
    const before = hiddenIn(run);
    engine.next();
    expect(changedSince(before, hiddenIn(run)).map(([way]) => way)).toEqual([
      'Object.next closes over count',
      'Object.next closes over seen',
    ]);
  });
});
