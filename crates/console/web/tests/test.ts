// What every test has: a page that is signed in, and an eye on what must not happen.
import { expect, test as base, type Locator, type Page } from '@playwright/test';
import { ADMIN, Api } from './roster.js';

export { expect };
export { ADMIN };

interface Fixtures {
  /** The API as the administrator. */
  api: Api;
  /** Console messages that a test expects, such as those of answers with an error. */
  allowed: RegExp;
  /** Whether the page begins with a session. */
  signedIn: boolean;
  quiet: void;
}

export const test = base.extend<Fixtures>({
  signedIn: [true, { option: true }],
  allowed: [/^$/, { option: true }],
  baseURL: async ({}, use) => use(process.env['CONSOLE_URL']),
  api: async ({ baseURL }, use) => use(new Api(baseURL as string, process.env['CONSOLE_TOKEN'] as string)),
  storageState: async ({ signedIn, baseURL }, use) => {
    if (!signedIn) return use({ cookies: [], origins: [] });
    const session = await new Api(baseURL as string, '').signIn(ADMIN.email, ADMIN.password);
    const cookie = { name: 'token', value: session.token, domain: '127.0.0.1', path: '/', expires: -1, httpOnly: true, secure: false, sameSite: 'Lax' as const };
    await use({ cookies: [cookie], origins: [] });
  },
  // No error in the console and no violation of the policy, in any test.
  quiet: [
    async ({ page, allowed }, use) => {
      const said: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') said.push(message.text());
      });
      page.on('pageerror', (error) => said.push(String(error)));
      await page.addInitScript(() => {
        addEventListener('securitypolicyviolation', (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
      });
      await use();
      expect(said.filter((text) => !allowed.test(text))).toEqual([]);
    },
    { auto: true },
  ],
});

/** Opens a page of the console and waits for its title. */
export async function open(page: Page, path: string, title: string | RegExp): Promise<void> {
  await page.goto(`/console/${path}`);
  await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible();
}

/** What stands in the short messages. */
export function toast(page: Page, text: string | RegExp): Promise<void> {
  return expect(page.locator('.toast', { hasText: text }).first()).toBeVisible();
}

/** Presses Tab until this has the focus. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let count = 0; count < 200; count += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never comes to ${target}`);
}
