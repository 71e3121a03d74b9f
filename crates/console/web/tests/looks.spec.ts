// Every page in both themes and two sizes: no violation that axe finds, nothing that is wider than the window.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { look, TAGS } from './look.js';
import type { Api } from './roster.js';
import { expect, test } from './test.js';

const unique = (name: string) => `${name}.with.a.long.name.${Date.now()}@example.com`;

/** The page of somebody new. */
async function someone(api: Api, name: string, role = 'user'): Promise<string> {
  return `people/${(await api.add(name, unique(name.toLowerCase().replaceAll(' ', '.')), role)).id}`;
}

/** The page of somebody who is suspended. */
async function suspended(api: Api): Promise<string> {
  const path = await someone(api, 'Sam Suspended');
  await api.send('POST', `/${path.replace('people', 'users')}/suspend`, { reason: 'On leave until the new year, as agreed with the team', until: 4_102_444_800 });
  return path;
}

/** The page of somebody who has rights by two groups, one of them above the other. */
async function entitled(api: Api): Promise<string> {
  const path = await someone(api, 'Wanda Why');
  const above = await api.group(`Research and Development ${Date.now()}`);
  const below = await api.group(`Laboratory of Applied Linguistics ${Date.now()}`, above.id);
  await api.send('POST', `/groups/id/${below.id}/users/add`, { user_ids: [path.split('/')[1]] });
  return path;
}

/** The page of deleted people, with one. */
async function deleted(api: Api): Promise<string> {
  const path = await someone(api, 'Dan Deleted');
  await api.send('DELETE', `/${path.replace('people', 'users')}`);
  return 'people/deleted';
}

/** What a list has with this name or end of a URL, as a path of the console. */
async function listed(api: Api, list: 'groups' | 'webhooks' | 'scim/connections', end: string): Promise<string> {
  const all = await api.send<{ id: string; name?: string; url?: string }[]>('GET', `/${list}`);
  return `${list.replace('scim/', '')}/${all.find((one) => (one.name ?? one.url ?? '').endsWith(end))?.id}`;
}

/** Where each page is. */
const PAGES: Record<string, (api: Api) => string | Promise<string>> = {
  people: () => 'people',
  'people-suspended': async (api) => (await suspended(api), 'people?status=suspended'),
  person: async (api) => `people/${(await api.send<{ users: { id: string }[] }>('GET', '/users/?query=support&query=grace&limit=1')).users[0]?.id}`,
  link: async (api) => `link#${(await api.send<{ token: string }>('POST', `/${(await someone(api, 'Lena Linked')).replace('people', 'users')}/password/link`, {})).token}`,
  suspended,
  entitled,
  deleted,
  import: () => 'import',
  groups: () => 'groups',
  group: (api) => listed(api, 'groups', 'Platform'),
  trail: () => 'trail',
  webhooks: () => 'webhooks',
  webhook: (api) => listed(api, 'webhooks', '/busy'),
  connections: () => 'connections',
  connection: (api) => listed(api, 'scim/connections', 'Entra ID'),
  mail: () => 'mail',
  settings: () => 'settings',
  account: () => 'account',
  'no-such-page': () => 'no-such-page',
};

const press = (name: string | RegExp) => (page: Page) => page.getByRole('button', { name, exact: typeof name === 'string' }).click();

/** What opens over a page. */
const DIALOGS: Record<string, { at: (api: Api) => string | Promise<string>; open: (page: Page) => Promise<void> }> = {
  invite: { at: () => 'people', open: press('Invite somebody') },
  'password-link': { at: (api) => someone(api, 'Percy Password'), open: press('Make a link for a new password') },
  suspend: { at: (api) => someone(api, 'Susan Suspend'), open: press('Suspend') },
  'suspend-change': { at: suspended, open: press('Change reason or end') },
  delete: { at: entitled, open: press('Delete this account') },
  purge: { at: deleted, open: (page) => page.getByRole('button', { name: /^Delete for good/ }).first().click() },
  'new-connection': { at: () => 'connections', open: press('New connection') },
  'hand-over': { at: (api) => someone(api, 'Petra Primary', 'admin'), open: press('Make primary administrator') },
};

for (const theme of ['light', 'dark'] as const) {
  for (const width of [1360, 390]) {
    test.describe(`${theme}, ${width} px`, () => {
      test.use({ colorScheme: theme, viewport: { width, height: width > 500 ? 850 : 844 } });

      for (const [name, at] of Object.entries(PAGES)) {
        test(name, async ({ page, api }) => {
          await page.goto(`/console/${await at(api)}`);
          await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
          await expect(page.locator('.loading')).toHaveCount(0);
          await look(page, `${name}-${width}-${theme}`, !name.startsWith('people'));
        });
      }

      for (const [name, { at, open }] of Object.entries(DIALOGS)) {
        test(`dialog: ${name}`, async ({ page, api }) => {
          await page.goto(`/console/${await at(api)}`);
          await open(page);
          await expect(page.getByRole('dialog')).toBeVisible();
          await look(page, `dialog-${name}-${width}-${theme}`, false);
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
