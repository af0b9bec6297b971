/** Logarithmic axes of durations: where marks stand and what they say. */
import { scaleLog } from 'd3-scale';
import { formatDuration } from '../../base/units.ts';
import { type Frame, px } from './frame.ts';

/** Marks where many powers of ten are shown, seconds. */
const MARKS = [
  1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10, 60, 600, 3600, 36000, 86400, 864000, 8640000,
];
/** Marks where the range is too narrow for those above. */
const FINE_MARKS = [
  1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200,
  1800, 3600, 7200, 14400, 28800, 86400, 172800, 432000, 864000,
];

/** Durations below this are drawn at the end of the axis: nobody feels them. */
export const LEAST_SECONDS = 1e-3;

/** Chooses the marks of a logarithmic axis from one duration to another, seconds. */
export function durationMarks(least: number, most: number): readonly number[] {
  const isInside = (m: number): boolean => m >= least && m <= most;
  const coarse = MARKS.filter(isInside);
  const fine = FINE_MARKS.filter(isInside);
  return coarse.length < 4 && fine.length <= 12 ? fine : coarse;
}

/** Makes a vertical logarithmic axis of durations, seconds; values outside stand at its ends. */
export function durationAxis(
  least: number,
  most: number,
  frame: Frame,
): { readonly at: (seconds: number) => number; readonly axis: string } {
  const bottom = frame.height - frame.bottom;
  const at = scaleLog([least, most], [bottom, frame.top]).clamp(true);
  const right = frame.width - frame.right;
  let axis = '';
  for (const mark of durationMarks(least, most)) {
    const y = px(at(mark));
    axis += `<line x1="${frame.left}" x2="${right}" y1="${y}" y2="${y}" stroke="currentColor" opacity="0.15"/><text x="${frame.left - 6}" y="${px(y + 4)}" text-anchor="end">${formatDuration(mark * 1e6)}</text>`;
  }
  const middle = px((frame.top + bottom) / 2);
  axis += `<text transform="translate(13 ${middle}) rotate(-90)" text-anchor="middle" opacity="0.85">wait, logarithmic</text>`;
  return { at, axis };
}
