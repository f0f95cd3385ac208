import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');
const [plain, more] = [css.slice(0, css.indexOf('@media')), css.slice(css.indexOf('@media'), css.indexOf('@theme'))];

/** The colour of a role, [light, dark]. */
function role(name: string, from = plain): [string, string] {
  const both = new RegExp(`--${name}: light-dark\\((#[0-9a-f]{6}), (#[0-9a-f]{6})\\)`).exec(from);
  const one = new RegExp(`--${name}: (#[0-9a-f]{6});`).exec(from);
  const found: [string, string] | null = both ? [both[1]!, both[2]!] : one ? [one[1]!, one[1]!] : null;
  if (!found) throw new Error(`no colour for ${name}`);
  return found;
}

type Rgb = [number, number, number];
const rgb = (hex: string) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255) as Rgb;
const linear = (c: number) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
const luminance = ([r, g, b]: Rgb) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
const ratio = (a: Rgb, b: Rgb) => {
  const [hi, lo] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (hi + 0.05) / (lo + 0.05);
};
const contrast = (ink: string, paper: string) => ratio(rgb(ink), rgb(paper));

describe.each([0, 1] as const)('theme %i', (theme) => {
  const at = (name: string, from?: string) => role(name, from)[theme];
  it.each(['ink', 'ink-2', 'ink-3', 'link', 'focus'])('%s is readable on every ground', (ink) => {
    for (const ground of ['canvas', 'surface', 'sunken', 'raised'])
      expect(contrast(at(ink), at(ground)), ground).toBeGreaterThanOrEqual(4.5);
  });
  it.each(['positive', 'caution', 'critical', 'info'])('%s is readable on its tint and on the surface', (ink) => {
    expect(contrast(at(ink), at(`${ink}-tint`))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(at(ink), at('surface'))).toBeGreaterThanOrEqual(4.5);
  });
  it('shows the edges of controls', () => {
    for (const ground of ['canvas', 'surface', 'raised'])
      expect(contrast(at('edge'), at(ground)), ground).toBeGreaterThanOrEqual(3);
  });
  it('shows the bridge on its track', () => {
    for (const end of ['bridge-a', 'bridge-b']) expect(contrast(at(end), at('track'))).toBeGreaterThanOrEqual(4);
  });
  it.each(['ink', 'ink-2', 'link', 'positive', 'caution', 'critical'])('%s has more contrast where asked', (ink) => {
    expect(contrast(at(ink, more), at('surface', more))).toBeGreaterThanOrEqual(7);
  });
});

const mix = (a: Rgb, b: Rgb, t: number): Rgb => a.map((v, i) => v + (b[i]! - v) * t) as Rgb;

/** Oklab, as the gradient is drawn. */
const toLab = (c: Rgb): Rgb => {
  const [r, g, b] = c.map(linear) as Rgb;
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
};
const fromLab = ([L, a, b]: Rgb): Rgb => {
  const l = (L + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (L - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (L - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const bent = (c: number) => (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055);
  return [
    bent(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    bent(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    bent(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
};

it.each([
  ['cross', plain, 5],
  ['cross-hover', plain, 5],
  ['cross-pressed', plain, 5],
  ['cross', more, 7],
] as const)('white is readable at every point of %s', (name, from, least) => {
  const [a, b] = [toLab(rgb(role(`${name}-a`, from)[0])), toLab(rgb(role(`${name}-b`, from)[0]))];
  for (let i = 0; i <= 200; i++) {
    expect(ratio([1, 1, 1], fromLab(mix(a, b, i / 200))), `at ${i / 2} %`).toBeGreaterThanOrEqual(least);
  }
});
