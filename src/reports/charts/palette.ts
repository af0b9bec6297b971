/**
 * Colours and their second cue. The hues are Okabe and Ito's; orange and sky blue are darkened and black and yellow left out,
 * so that every colour keeps 3 : 1 against the paper of the light page (#fff) and of the dark one (#1d2125).
 *
 * Source: M. Okabe and K. Ito, Color Universal Design (2008); WCAG 2.2, criterion 1.4.11.
 */

/** Seven colours by position: blue, orange, green, purple, sky, vermillion, slate. */
export const PALETTE = [
  '#0072b2',
  '#bd7f00',
  '#009e73',
  '#cc79a7',
  '#3d9ad1',
  '#d55e00',
  '#6b7785',
];
/** How a line is dashed, the second cue beside its colour. */
export const DASHES = ['', '7 3', '2 3', '10 3 2 3', '4 2', '1 2', '12 4'];

/** Quiet, so that what is named stands out. */
export const REST_COLOR = '#858d96';

/** Gives a colour by position; positions past the palette repeat it, and must differ by a second cue. */
export const colorOf = (i: number): string => PALETTE[i % PALETTE.length]!;
/** Gives a dash pattern by position. */
export const dashOf = (i: number): string => DASHES[i % DASHES.length]!;

/** Draws a mark by position, the second cue of points: disc, square, diamond, triangle, in turn hollow. */
export function markOf(i: number, x: number, y: number): string {
  const color = colorOf(i);
  const paint =
    Math.floor(i / 4) % 2 === 0
      ? `fill="${color}" stroke="${color}"`
      : `fill="none" stroke="${color}" stroke-width="2"`;
  switch (i % 4) {
    case 0:
      return `<circle cx="${x}" cy="${y}" r="3.5" ${paint}/>`;
    case 1:
      return `<path d="M${x} ${y}m-3.2 -3.2h6.4v6.4h-6.4z" ${paint}/>`;
    case 2:
      return `<path d="M${x} ${y}m0 -4.6l4.6 4.6l-4.6 4.6l-4.6 -4.6z" ${paint}/>`;
    default:
      return `<path d="M${x} ${y}m0 -4.4l4.4 7.8h-8.8z" ${paint}/>`;
  }
}

/**
 * Gives the texture of an area by position, the second cue beside its colour: neighbours always differ, and each of the
 * first 28 pairs of colour and texture is unique. The empty string is plain.
 *
 * @param id of the chart
 */
export function textureOf(id: string, i: number): string {
  const kind = i < PALETTE.length ? i % 2 : 2 + (i % 2);
  return kind === 0 ? '' : `url(#${id}-x${kind})`;
}

/** Draws the definitions of the textures that {@link textureOf} names, as far as `count` areas need them. */
export function textures(id: string, count: number): string {
  const last = count > PALETTE.length ? 3 : count > 1 ? 1 : 0;
  let out = '';
  for (let kind = 1; kind <= last; kind++) {
    const [size, width, angle] = (
      [
        [7, 1.2, 45],
        [7, 2.4, 135],
        [6, 2, 90],
      ] as const
    )[kind - 1]!;
    out += `<pattern id="${id}-x${kind}" width="${size}" height="${size}" patternUnits="userSpaceOnUse" patternTransform="rotate(${angle})"><rect width="${width}" height="${size}" fill="#fff" opacity="0.6"/></pattern>`;
  }
  return out === '' ? '' : `<defs>${out}</defs>`;
}

/** A legend's line with its dash. */
export function lineSwatch(i: number): string {
  return `<line x1="0" x2="22" y1="7" y2="7" stroke="${colorOf(i)}" stroke-width="2.5" stroke-dasharray="${dashOf(i)}"/>`;
}

/** A legend's box with a fill, and a texture over it where one is given. */
export function boxSwatch(fill: string, texture = ''): string {
  const over = texture === '' ? '' : `<rect width="22" height="12" fill="${texture}"/>`;
  return `<rect width="22" height="12" fill="${fill}" stroke="currentColor" stroke-width="0.5"/>${over}`;
}
