/** Each template runs in a moment, and all of its thresholds hold. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { templateNames } from '../../src/host/templates.ts';
import { simulate } from '../../src/index.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const data = process.env.ORRERY_DATA ?? `${root}../shared`;
const hasData = existsSync(`${data}/traces/openb`) || process.env.CI === 'true';
if (!hasData) console.warn('template openb: no data, set ORRERY_DATA: skipped');

/** Processor time, because the clock of a busy machine says little. */
const SECONDS_MAX = 10;

describe('the templates', () => {
  it.skipIf(!hasData)('openb has its data', () => {
    process.env.ORRERY_DATA = data;
  });

  it.each(templateNames().filter((name) => name !== 'openb' || hasData))(
    '%s runs in less than ten seconds, and its thresholds hold with other luck too',
    async (name) => {
      for (const seed of [1, 2]) {
        const before = process.cpuUsage();
        const { result } = await simulate(`${root}scenarios/templates/${name}.yaml`, { seed });
        const { user, system } = process.cpuUsage(before);
        expect((user + system) / 1e6).toBeLessThan(SECONDS_MAX);
        expect(result.thresholds.filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
        expect(result.thresholds.length).toBeGreaterThan(0);
      }
    },
  );
});
