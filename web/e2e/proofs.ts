type Proof = { rule: string; because: string; element: RegExp; proof: string };

/**
 * What axe cannot decide by itself, with the proof that it holds. Each is bound to the reason
 * that axe gives and to the elements that the proof is about; all else fails the journey.
 */
export const proofs: Proof[] = [
  {
    rule: 'color-contrast',
    because: 'bgGradient',
    element: /^<button/,
    proof: 'White on the gradient: tokens.test.ts computes at least 5 : 1 at each of 200 points, as it is drawn.',
  },
  {
    rule: 'color-contrast',
    because: 'elmPartiallyObscured',
    element: /^</,
    proof: 'Scrolled halfway out of its row: the ground stays, and tokens.test.ts has every ink readable on each.',
  },
  {
    rule: 'color-contrast',
    because: 'elmPartiallyObscuring',
    element: /^</,
    proof: 'Lines of one text on several layers of a dialog, all on its opaque ground: tokens.test.ts, as above.',
  },
  {
    rule: 'color-contrast',
    because: 'shortTextContent',
    element: /^</,
    proof: 'A count of one digit, or an initial: tokens.test.ts has every ink readable on each ground.',
  },
  {
    rule: 'color-contrast',
    because: 'bgOverlap',
    element: /^</,
    proof:
      'Below the bar at the foot of a phone until one scrolls: tokens.test.ts has every ink readable on each ground.',
  },
];
