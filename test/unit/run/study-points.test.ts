import { describe, expect, it } from 'vitest';
import { studyPoints } from '../../../src/run/study-points.ts';
import { loadStudy } from '../../../src/scenario/study-load.ts';

const pointsOf = (text: string, scenario = 'a.yaml', seed = 1) => {
  const study = loadStudy('s.yaml', `orrery-study: 1\nname: s\nscenario: ${scenario}\n${text}`);
  return studyPoints(study, seed, ['a', 'b'].slice(0, study.scenarios.length));
};
const settingsOf = (table: ReturnType<typeof pointsOf>) =>
  table.points.map(({ settings }) => settings.map(({ key, value }) => `${key}=${value}`).join(' '));

describe('the points of a grid', () => {
  it('are all combinations, the first axis slowest, with what every point sets in front', () => {
    const table = pointsOf('set: {h: 1h}\naxes: {p: [x, y], q: [1, 2]}');
    expect(table.axes).toEqual(['p', 'q']);
    expect(settingsOf(table)).toEqual([
      'h=1h p=x q=1',
      'h=1h p=x q=2',
      'h=1h p=y q=1',
      'h=1h p=y q=2',
    ]);
    expect(table.points.map(({ name }) => name)).toEqual(['x,q=1', 'x,q=2', 'y,q=1', 'y,q=2']);
    expect(table.points[1]!.at).toEqual(['x', '2']);
  });

  it('have names that are folders: safe, unique and not too long', () => {
    expect(
      pointsOf('axes: {p: [fgd/fgd, fgd-fgd, 50%, "..", " "]}').points.map(({ name }) => name),
    ).toEqual(['fgd-fgd', 'fgd-fgd~2', '50pct', 'point-4', 'point-5']);
    const long = 'x'.repeat(200);
    expect(pointsOf(`axes: {p: [${long}, y]}`).points.map(({ name }) => name)).toEqual([
      'point-1',
      'y',
    ]);
  });

  it('are taken by each of several scenarios', () => {
    const table = pointsOf('axes: {p: [x, y]}', '[a.yaml, b.yaml]');
    expect(table.axes).toEqual(['scenario', 'p']);
    expect(table.points.map(({ name, scenario }) => [name, scenario])).toEqual([
      ['a,x', 0],
      ['a,y', 0],
      ['b,x', 1],
      ['b,y', 1],
    ]);
  });

  it('are refused where nobody can run them', () => {
    // 400^2 = 160,000.
    const axis = `[${Array.from({ length: 400 }, (_, i) => i).join(', ')}]`;
    expect(() => pointsOf(`axes: {p: ${axis}, q: ${axis}}`)).toThrow(
      /160000 points, expected a study of at most/,
    );
  });
});

describe('the points of a Latin hypercube', () => {
  const TEXT = 'axes: {p: [x, y], r: "range(0,1)", k: "range(1,8,1)"}\ndesign: {lhs: {points: 8';

  it('cross every list with one sample of all ranges', () => {
    const table = pointsOf(`${TEXT}}}`);
    expect(table.axes).toEqual(['p', 'r', 'k']);
    expect(table.points).toHaveLength(16);
    expect(table.points.slice(0, 8).map(({ at }) => at.slice(1))).toEqual(
      table.points.slice(8).map(({ at }) => at.slice(1)),
    );
    expect(table.points.map(({ name }) => name).slice(6, 10)).toEqual(['x,7', 'x,8', 'y,1', 'y,2']);
    // Eight steps and eight strata: each step once.
    const steps = table.points.slice(0, 8).map(({ at }) => Number(at[2]));
    expect(steps.sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('depend on the seed of the study only where the design has none', () => {
    const at = (text: string, seed: number) =>
      pointsOf(text, 'a.yaml', seed).points.map((p) => p.at);
    expect(at(`${TEXT}}}`, 1)).not.toEqual(at(`${TEXT}}}`, 2));
    expect(at(`${TEXT}, seed: 5}}`, 1)).toEqual(at(`${TEXT}, seed: 5}}`, 2));
  });
});
