import { encode } from 'uqr';
import { encodePng } from './png.ts';

/** Modules of white around the code; readers need four (ISO/IEC 18004). */
const BORDER = 4;
/** Pixels of a module. */
const SCALE = 8;

/** The modules of a text's code: rows of black (true) and white. */
function modulesOf(text: string): boolean[][] {
  return encode(text, { border: BORDER, ecc: 'M' }).data;
}

/** The black runs of a row as strokes along its middle: a seventh of what a square for each module takes. */
function pathOf(row: readonly boolean[], y: number): string {
  const line = row.map((black) => (black ? '1' : '0')).join('');
  let at: number | undefined;
  return [...line.matchAll(/1+/g)]
    .map(({ index, 0: { length } }) => {
      const move = at === undefined ? `M${index} ${y}.5` : `m${index - at} 0`;
      at = index + length;
      return `${move}h${length}`;
    })
    .join('');
}

/** A text as a QR code in SVG, whose size is as one likes. Nothing of the text is in it as text. */
export function encodeSvg(text: string): string {
  const rows = modulesOf(text);
  const path = rows.map(pathOf).join('');
  const size = rows.length;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${size}v${size}H0z"/><path stroke="#000" d="${path}"/></svg>`;
}

/** A text as a QR code in PNG, 8 pixels a module. */
export function encodeQrPng(text: string): Buffer {
  return encodePng(modulesOf(text), SCALE);
}
