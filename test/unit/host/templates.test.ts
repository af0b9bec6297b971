/** The templates: each says what it is for and needs nothing else. That they run is tested in test/scenarios. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { purposeOf, readTemplate, templateNames, withSchema } from '../../../src/host/templates.ts';
import { loadScenario } from '../../../src/scenario/load.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
describe('the templates', () => {
  it('are there, with those that the documents name', () => {
    expect(templateNames()).toEqual([
      'capacity',
      'gpu-training',
      'hybrid-burst',
      'openb',
      'policies',
      'queue',
    ]);
  });

  it.each(templateNames())(
    '%s says what it is for, what to edit first and what it asks',
    (name) => {
      const text = readTemplate(name);
      expect(text).toMatch(new RegExp(`^# Template "${name}": \\S`, 'm'));
      expect(purposeOf(text)).toMatch(/^\w.{20,200}[.]$/);
      expect(text).toMatch(/^# Edit first: /m);
      expect(text).toMatch(/^question: /m);
      expect(text).toMatch(new RegExp(`^name: ${name}$`, 'm'));
    },
  );

  it('need no other file, but for openb, which says where its data are', () => {
    for (const name of templateNames()) {
      const load = () =>
        loadScenario({
          path: `${name}.yaml`,
          readText: (path) => {
            if (path === `${name}.yaml`) return readTemplate(name);
            throw new Error(`reads ${path}`);
          },
          env: {},
        });
      if (name === 'openb') expect(load).toThrow(/ORRERY_DATA/);
      else expect(load().scenario.name).toBe(name);
    }
  });

  it('are refused by a wrong name with the nearest one', () => {
    expect(() => readTemplate('quee')).toThrow(/did you mean queue/);
    expect(() => readTemplate('../mmc')).toThrow(/name of a template/);
  });

  it('point editors to the schema of this installation', () => {
    const text = withSchema(readTemplate('queue'), `${root}reports/mine`);
    expect(text.split('\n')[0]).toBe(
      '# yaml-language-server: $schema=../../schema/scenario.schema.json',
    );
    expect(text.slice(text.indexOf('\n'))).toBe(
      readFileSync(`${root}scenarios/templates/queue.yaml`, 'utf8').replace(/^.*/, ''),
    );
  });
});

describe('the theory that the templates quote', () => {
  /** Erlang C by recursion over b_k = a b_(k-1) / (k + a b_(k-1)). */
  function erlangC(load: number, servers: number): number {
    let blocking = 1;
    for (let k = 1; k <= servers; k++) blocking = (load * blocking) / (k + load * blocking);
    return blocking / (1 - (load / servers) * (1 - blocking));
  }

  it('is right', () => {
    expect(erlangC(14.4, 16)).toBeCloseTo(0.591, 3);
    expect((erlangC(14.4, 16) * 72) / (16 - 14.4)).toBeCloseTo(26.6, 1);
    expect(erlangC(2, 3)).toBeCloseTo(0.444, 3);
    expect((erlangC(2, 3) * 4) / (3 - 2)).toBeCloseTo(1.8, 1);
  });
});
