import { assert } from '../base/assert.ts';

/** The light page of the report: every colour of the charts is made for it. */
const PAPER = '#ffffff';
const INK = '#1c2024';

/**
 * Makes a chart of the report stand alone: XML declaration, size, ink and a background of its own, so that it looks the same
 * in a paper, a browser or a drawing program, whatever is behind it.
 *
 * @param svg as the report has it: one `svg` element with a `viewBox` from the origin
 * @returns a complete SVG file
 * @throws InvariantError if it is no such element
 */
export function standaloneSvg(svg: string): string {
  const root = /^<svg [^>]*viewBox="0 0 ([\d.]+) ([\d.]+)"[^>]*>/.exec(svg);
  assert(root !== null, 'a chart begins with an svg element that has a viewBox');
  const [tag, width, height] = root as unknown as [string, string, string];
  const sized = `${tag.slice(0, -1)} width="${width}" height="${height}" color="${INK}">`;
  // Title and description must stay the first children: that is where readers look for them.
  const head = /^(?:<title[^>]*>[^<]*<\/title>)?(?:<desc[^>]*>[^<]*<\/desc>)?/.exec(
    svg.slice(tag.length),
  )![0];
  const paper = `<rect width="${width}" height="${height}" fill="${PAPER}"/>`;
  const rest = svg.slice(tag.length + head.length);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${sized}${head}${paper}${rest}\n`;
}
