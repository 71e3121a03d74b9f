// Every page in both themes and two sizes: no violation that axe finds, nothing that is wider than the window.
import AxeBuilder from '@axe-core/playwright';
import type { Api } from './roster.js';
import { expect, test } from './test.js';

/** The page of somebody who is suspended. */
async function shutOut(api: Api): Promise<string> {
  const { id } = await api.add('Sam Suspended', `sam.${Date.now()}@example.com`);
  await api.send('POST', `/users/${id}/suspend`, { reason: 'On leave', until: 4_102_444_800 });
  return `people/${id}`;
}

/** The page of deleted people, with one. */
async function gone(api: Api): Promise<string> {
  const { id } = await api.add('Dan Deleted', `dan.deleted.with.a.long.name.${Date.now()}@example.com`);
  await api.send('DELETE', `/users/${id}`);
  return 'people/deleted';
}

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

for (const theme of ['light', 'dark'] as const) {
  for (const width of [1360, 390]) {
    test.describe(`${theme}, ${width} px`, () => {
      test.use({ colorScheme: theme, viewport: { width, height: width > 500 ? 850 : 844 } });

      for (const name of ['people', 'person', 'suspended', 'deleted', 'import', 'groups', 'group', 'trail', 'webhooks', 'webhook', 'settings', 'account', 'no-such-page']) {
        test(name, async ({ page, api }) => {
          const someone = async () => (await api.send<{ users: { id: string }[] }>('GET', '/users/?query=support&query=grace&limit=1')).users[0]?.id;
          const group = async () => (await api.send<{ id: string; name: string }[]>('GET', '/groups/')).find((one) => one.name === 'Platform')?.id;
          const hook = async () => (await api.send<{ id: string; url: string }[]>('GET', '/webhooks')).find((one) => one.url.endsWith('/busy'))?.id;
          const path = name === 'deleted' ? await gone(api) : name === 'suspended' ? await shutOut(api) : name === 'webhook' ? `webhooks/${await hook()}` : name === 'person' ? `people/${await someone()}` : name === 'group' ? `groups/${await group()}` : name;
          await page.goto(`/console/${path}`);
          await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
          await expect(page.locator('.loading')).toHaveCount(0);
          const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze();
          expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`)).toEqual([]);
          const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          expect(over, 'the page is wider than the window').toBeLessThanOrEqual(0);
          const cut = await page.locator('.scroll:has(> .stack)').evaluateAll((places) => places.filter((place) => place.scrollWidth > place.clientWidth).length);
          expect(cut, 'tables that are cut off').toBe(0);
          await page.screenshot({ path: test.info().outputPath(`${name}-${width}-${theme}.png`) });
        });
      }
    });
  }

  test.describe(`${theme}, a stranger`, () => {
    test.use({ colorScheme: theme, signedIn: false });
    test('sign-in', async ({ page }) => {
      await page.goto('/');
      await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
      const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze();
      expect(violations.map(({ id }) => id)).toEqual([]);
    });
  });
}

for (const width of [1360, 390, 360]) {
  test(`with a selection, nothing is wider than a window of ${width} px`, async ({ page }) => {
    await page.setViewportSize({ width, height: 800 });
    await page.goto('/console/people');
    const boxes = page.locator('.people tbody input');
    await boxes.nth(1).click();
    await boxes.nth(9).click({ modifiers: ['Shift'] });
    await expect(page.getByText('9 selected')).toBeInViewport();
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  });

  test(`the names in the plot can be read at ${width} px, and none covers another`, async ({ page }) => {
    await page.setViewportSize({ width, height: 800 });
    await page.goto('/console/trail');
    await expect(page.locator('.plot')).toBeVisible();
    const places = await page.locator('.plot .axis').evaluateAll((names) => names.map((name) => name.getBoundingClientRect().toJSON() as DOMRect));
    expect(places.length).toBeGreaterThan(4);
    for (const [number, place] of places.entries()) {
      expect(place.height).toBeGreaterThanOrEqual(11);
      expect(place.left).toBeGreaterThanOrEqual(0);
      expect(place.right).toBeLessThanOrEqual(width);
      const covered = places.slice(number + 1).filter((other) => other.left < place.right && place.left < other.right && other.top < place.bottom && place.top < other.bottom);
      expect(covered).toEqual([]);
    }
  });
}
