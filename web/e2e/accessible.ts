import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';
import { proofs } from './proofs';

type Look = { colorScheme: 'light' | 'dark'; width: number; height: number };

const usual: Look[] = [
  { colorScheme: 'light', width: 1280, height: 900 },
  { colorScheme: 'dark', width: 390, height: 844 },
];
// 320 px is also what a page of 1280 px has at a zoom of 400 %.
const every: Look[] = [
  { colorScheme: 'light', width: 1280, height: 900 },
  { colorScheme: 'dark', width: 1280, height: 900 },
  { colorScheme: 'dark', width: 320, height: 640 },
  { colorScheme: 'light', width: 320, height: 640 },
];

/**
 * Nothing that axe finds stands in the way of anybody, on a light desktop and on a dark phone,
 * where nothing is wider than the screen either.
 */
export const accessible = (page: Page, what: string) => looked(page, what, usual);

/** The same in every look, each on the widest and on the narrowest screen. */
export const accessibleEverywhere = (page: Page, what: string, within = 'html') => looked(page, what, every, within);

async function looked(page: Page, what: string, looks: Look[], within = 'html') {
  for (const { colorScheme, width, height } of looks) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height });
    const where = `${what}, ${colorScheme}, ${width} px`;
    const { violations, incomplete } = await new AxeBuilder({ page })
      .setLegacyMode(true)
      .include(within)
      .options({
        resultTypes: ['violations', 'incomplete'],
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      })
      .analyze();
    expect.soft(violations.flatMap(told), where).toEqual([]);
    expect.soft(incomplete.flatMap(unproven), `${where}: what axe leaves to us`).toEqual([]);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect.soft(over, `${what} is wider than ${width} px by`).toBe(0);
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: 'reduce' });
  await page.setViewportSize({ width: 1280, height: 900 });
}

type Found = Awaited<ReturnType<AxeBuilder['analyze']>>['violations'][number];
type Node = Found['nodes'][number];

const told = ({ id, nodes }: Found) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`);

/** What axe could not decide, and nobody has proved. */
const unproven = ({ id, nodes }: Found) =>
  nodes
    .filter((node) => !proofs.some((proof) => proof.rule === id && holds(proof, node)))
    .flatMap((node) => told({ id, nodes: [node] } as Found));

/** Whether a proof is about this element, for the reason that axe gives for not deciding. */
const holds = ({ because, element }: (typeof proofs)[number], { html, any, all, none }: Node) =>
  element.test(html) &&
  [...any, ...all, ...none].every((check) => because === (check.data as { messageKey?: string } | null)?.messageKey);
