// How a page is looked at.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './test.js';

/** What axe looks for. */
export const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** A picture; and that axe finds nothing, that nothing is wider than the window, that the page ends where its content does, and that no table and no dialog is cut off. */
export async function look(page: Page, name: string, fullPage: boolean): Promise<void> {
  await page.screenshot({ path: test.info().outputPath(`${name}.png`), fullPage });
  const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`)).toEqual([]);
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(over, 'the page is wider than the window').toBeLessThanOrEqual(0);
  const below = await page.evaluate(() => document.documentElement.scrollHeight - Math.max(innerHeight, scrollY + (document.getElementById('app')?.getBoundingClientRect().bottom ?? 0)));
  expect(below, 'nothing stands below the content').toBeLessThanOrEqual(1);
  const cut = await page.locator('.scroll:has(> .stack), dialog').evaluateAll((places) => places.filter((place) => place.scrollWidth > place.clientWidth).length);
  expect(cut, 'what is cut off').toBe(0);
}
