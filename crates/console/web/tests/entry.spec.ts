// Before somebody is signed in: budgets, the first account, signing in and out.
import type { Page } from '@playwright/test';
import { firstAdmin } from './roster.js';
import { startServer, type Server } from './server.js';
import { ADMIN, expect, open, test } from './test.js';

test.use({ signedIn: false });

/** Stops a server of a test. The page leaves first: what it still asks for would be an error in its console. */
async function stop(page: Page, server: Server): Promise<void> {
  await page.goto('about:blank');
  await server.stop();
}

test('the sign-in page takes four requests and 60 KB, and has a strict policy', async ({ page }) => {
  const sizes: number[] = [];
  page.on('requestfinished', async (request) => {
    if (request.url().startsWith('data:')) return;
    const { responseBodySize, responseHeadersSize } = await request.sizes();
    sizes.push(responseBodySize + responseHeadersSize);
  });
  const answer = await page.goto('/');
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await page.waitForLoadState('networkidle');
  expect(sizes.length).toBeLessThanOrEqual(4);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(60 * 1024);
  const policy = answer?.headers()['content-security-policy'] ?? '';
  expect(policy).toContain("script-src 'self'");
  expect(policy).not.toContain('unsafe');
});

test.describe('with expected refusals', () => {
  test.use({ allowed: /status of 400/ });

  test('a wrong password is told in the words of the API, and a right one leads to the page of the URL', async ({ page }) => {
    await page.goto('/console/trail');
    await page.getByLabel('E-mail address').fill(ADMIN.email);
    await page.getByLabel('Password', { exact: true }).fill('wrong');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('alert')).toContainText(/password/i);
    await page.getByLabel('Password', { exact: true }).fill(ADMIN.password);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { level: 1, name: 'Trail' })).toBeVisible();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  });
});

test.describe('signing out while the page still reads', () => {
  test.use({ signedIn: true });

  /** Keeps what the page reads of the trail until `over`; it is then asked for with whatever session there is, and told of in `answered`. */
  async function holdReads(page: Page, over: Promise<void>): Promise<{ begun: Promise<void>; answered: Promise<number>[] }> {
    const answered: Promise<number>[] = [];
    let begin = () => {};
    const begun = new Promise<void>((resolve) => (begin = resolve));
    await page.route('**/api/v1/audit?**', (route) => {
      const done = over.then(async () => {
        const response = await route.fetch();
        // Nobody waits any more for what was given up.
        await route.fulfill({ response }).catch(() => undefined);
        return response.status();
      });
      answered.push(done);
      begin();
    });
    return { begun, answered };
  }

  test('nothing is refused, since nothing is asked any more', async ({ page }) => {
    let end = () => {};
    const { begun, answered } = await holdReads(page, new Promise<void>((resolve) => (end = resolve)));
    // The page learns that it is signed out when all that it read before was answered.
    await page.route('**/auths/signout', async (route) => {
      const response = await route.fetch();
      end();
      expect(new Set(await Promise.all(answered))).toEqual(new Set([401]));
      await route.fulfill({ response });
    });
    await open(page, 'trail', 'Trail');
    await begun;
    await page.getByRole('button', { name: 'Sign out' }).click();
    await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  });

  test.describe('where that fails', () => {
    test.use({ allowed: /status of 503/ });

    test('the page goes on', async ({ page }) => {
      let end = () => {};
      const { begun } = await holdReads(page, new Promise<void>((resolve) => (end = resolve)));
      await page.route('**/auths/signout', (route) => route.fulfill({ status: 503, json: { detail: 'The database cannot be reached.', code: 'UNAVAILABLE' } }));
      await open(page, 'trail', 'Trail');
      await begun;
      await page.getByRole('button', { name: 'Sign out' }).click();
      await expect(page.getByRole('alert')).toContainText('The database cannot be reached.');
      end();
      await expect(page.locator('.event').first()).toBeVisible();
      await expect(page.locator('.plot')).toBeVisible();
    });
  });
});

test.describe('with an attempt that the policy stops', () => {
  test.use({ allowed: /TrustedHTML|require-trusted-types-for/ });

  test('a text cannot become markup', async ({ page }) => {
    await page.goto('/');
    await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
    const made = await page.evaluate(() => {
      try {
        document.body.innerHTML = '<b>x</b>';
        return 'made';
      } catch {
        return 'refused';
      }
    });
    expect(made).toBe('refused');
  });
});

test('empty fields are told before anything is sent', async ({ page }) => {
  await page.goto('/console');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByLabel('E-mail address')).toBeFocused();
  await expect(page.getByLabel('E-mail address')).toHaveAttribute('aria-invalid', 'true');
});

test('the first account is made by the keyboard alone', async ({ page }) => {
  const server = await startServer();
  try {
    await page.goto(server.url);
    await expect(page.getByRole('heading', { name: 'Set up rosterd' })).toBeVisible();
    await expect(page.getByLabel('Name')).toBeFocused();
    for (const text of [ADMIN.name, ADMIN.email, ADMIN.password]) {
      await page.keyboard.type(text);
      await page.keyboard.press('Tab');
      // Beside a password is the button that shows it.
      if (text === ADMIN.password) await page.keyboard.press('Tab');
    }
    await page.keyboard.type(ADMIN.password);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { level: 1, name: 'People' })).toBeVisible();
    await expect(page).toHaveURL(/\/console\/people$/);
  } finally {
    await stop(page, server);
  }
});

test.describe('a server that others can reach', () => {
  test.use({ allowed: /status of 403/ });

  test('asks for the set-up token, and takes the link of its log', async ({ page }) => {
    const server = await startServer({ HOST: '0.0.0.0' });
    try {
      const url = server.url.replace('0.0.0.0', '127.0.0.1');
      // The line stands in the log soon after the server listens.
      await expect.poll(() => server.log()).toMatch(/[?]setup=\w+/);
      const token = /[?]setup=(\w+)/.exec(server.log())?.[1] as string;
      const enter = async () => {
        await page.getByLabel('Name').fill(ADMIN.name);
        await page.getByLabel('E-mail address').fill(ADMIN.email);
        await page.getByLabel('Password', { exact: true }).fill(ADMIN.password);
        await page.getByLabel('Password, again').fill(ADMIN.password);
        await page.keyboard.press('Enter');
      };
      await page.goto(url);
      await enter();
      await expect(page.getByLabel('Set-up token')).toBeVisible();
      await page.goto(`${url}/?setup=${token}`);
      await expect(page).not.toHaveURL(/setup=/);
      await enter();
      await expect(page.getByRole('heading', { level: 1, name: 'People' })).toBeVisible();
    } finally {
      await stop(page, server);
    }
  });
});

test('German has all texts, and the choice stays', async ({ page }) => {
  const server = await startServer();
  try {
    await firstAdmin(server.url);
    await page.goto(`${server.url}/console`);
    await page.getByLabel('Language').selectOption('de');
    await expect(page.getByRole('heading', { name: 'Anmelden' })).toBeVisible();
    await expect(page.locator('html')).toHaveAttribute('lang', 'de');
    await page.getByLabel('E-Mail-Adresse').fill(ADMIN.email);
    await page.getByLabel('Passwort', { exact: true }).fill(ADMIN.password);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { level: 1, name: 'Personen' })).toBeVisible();
    await expect(page.getByText('1 Person', { exact: true })).toBeVisible();
  } finally {
    await stop(page, server);
  }
});
