import { area, curveStepAfter, line } from 'd3-shape';
import { px } from './frame.ts';

/** Where the points of a stepped line are, by index: each step reaches to the next point. */
export interface Steps {
  /** Points, the last one only to end the last step. */
  readonly count: number;
  readonly x: (i: number) => number;
  readonly y: (i: number) => number;
  /** False interrupts the line; absent is always true. */
  readonly isKnown?: (i: number) => boolean;
}

/** Draws a stepped line as the text of a path; empty where no point is known. */
export function stepLine(steps: Steps): string {
  const path = new ShortPath();
  const draw = line<number>()
    .curve(curveStepAfter)
    .defined(steps.isKnown ?? (() => true))
    .x(steps.x)
    .y(steps.y);
  draw.context(path as never)(indices(steps.count));
  return path.toString();
}

/** Fills between a stepped line and another one, `base`, as the text of a path; empty where no point is known. */
export function stepArea(steps: Steps, base: (i: number) => number): string {
  const path = new ShortPath();
  const draw = area<number>()
    .curve(curveStepAfter)
    .defined(steps.isKnown ?? (() => true))
    .x(steps.x)
    .y0(base)
    .y1(steps.y);
  draw.context(path as never)(indices(steps.count));
  return path.toString();
}

const indices = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/**
 * Collects the path that a shape of d3 draws, as short SVG text: coordinates to a tenth of a pixel, level and upright lines by
 * one number, points on the way of such a line left out. A stepped line takes about a third of the usual text.
 *
 * It offers what `area().context()` and `line().context()` call for straight segments; curves are not supported.
 */
class ShortPath {
  private text = '';
  private x = 0;
  private y = 0;
  /** The command of the last segment, whose number is still open. */
  private open: '' | 'H' | 'V' = '';
  /** Where that segment is heading: a turn back starts a new one, so that no peak is left out. */
  private heading = 0;
  private startX = 0;
  private startY = 0;

  /** Starts a new part of the path. */
  moveTo(x: number, y: number): void {
    this.flush();
    this.x = px(x);
    this.y = px(y);
    this.startX = this.x;
    this.startY = this.y;
    this.text += `M${this.x} ${this.y}`;
  }

  /** Draws a straight line. */
  lineTo(x: number, y: number): void {
    const toX = px(x);
    const toY = px(y);
    if (toX === this.x && toY === this.y) return;
    if (toY === this.y) this.run('H', Math.sign(toX - this.x));
    else if (toX === this.x) this.run('V', Math.sign(toY - this.y));
    else {
      this.flush();
      this.text += `L${toX} ${toY}`;
    }
    this.x = toX;
    this.y = toY;
  }

  /** Returns to the start of the part. */
  closePath(): void {
    this.flush();
    this.text += 'z';
    this.x = this.startX;
    this.y = this.startY;
  }

  /** Refuses: no chart here draws curves. */
  bezierCurveTo(): never {
    throw new Error('ShortPath draws straight segments only');
  }

  /** Refuses: no chart here draws arcs. */
  arc(): never {
    throw new Error('ShortPath draws straight segments only');
  }

  /** Gives the text so far; empty where nothing was drawn. */
  toString(): string {
    this.flush();
    return this.text;
  }

  private run(command: 'H' | 'V', heading: number): void {
    if (this.open === command && this.heading === heading) return;
    this.flush();
    this.open = command;
    this.heading = heading;
  }

  private flush(): void {
    if (this.open !== '') this.text += `${this.open}${this.open === 'H' ? this.x : this.y}`;
    this.open = '';
  }
}
