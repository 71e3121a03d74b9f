// E-mail addresses that are to be confirmed, at a server of its own.
import type { Page } from '@playwright/test';
import { look } from './look.js';
import { mailsFor, startMailbox, type Mailbox } from './mailbox.js';
import { Api, firstAdmin, PASSWORD } from './roster.js';
import { startServer, type Server } from './server.js';
import { expect, tabTo, test } from './test.js';

test.use({ signedIn: false, allowed: /status of (400|401|409|429)/ });

let mailbox: Mailbox;
let server: Server;
let admin: Api;

test.beforeAll(async () => {
  mailbox = await startMailbox();
  const mail = { ROSTERD_SMTP_URL: mailbox.smtp, ROSTERD_MAIL_FROM: 'rosterd <rosterd@example.com>' };
  server = await startServer({ ...mail, ROSTERD_CONFIRM_EMAIL: 'true', ROSTERD_PUBLIC_URL: 'https://chat.example.com' });
  admin = await firstAdmin(server.url);
  const config = await admin.send<object>('GET', '/auths/admin/config');
  await admin.send('POST', '/auths/admin/config', { ...config, ENABLE_SIGNUP: true, DEFAULT_USER_ROLE: 'user' });
});

test.afterAll(async () => {
  await server.stop();
  await mailbox.stop();
});

let made = 0;
const unique = (name: string) => `${name}.${Date.now()}.${(made += 1)}@example.com`;

/** Where the link in the mail for somebody leads, once there is one. */
async function linkFor(email: string): Promise<string> {
  const find = async () => (await mailsFor(email, mailbox.url)).map(({ text }) => /link#rl_\S+/.exec(text)?.[0]).find((link) => link !== undefined) ?? '';
  await expect.poll(find, { timeout: 30_000 }).not.toBe('');
  return `${server.url}/console/${await find()}`;
}

/** Signs up by the API; the token of the session. */
async function signUp(name: string, email: string): Promise<{ id: string; token: string }> {
  return new Api(server.url, '').send('POST', '/auths/signup', { name, email, password: PASSWORD });
}

/** Lets the browser have this session. */
const enter = (page: Page, token: string) => page.context().addCookies([{ name: 'token', value: token, url: server.url, httpOnly: true, sameSite: 'Lax' }]);

const title = (page: Page, name: string) => page.getByRole('heading', { level: 1, name });

test('who signs up confirms the e-mail address by the keyboard alone, and is in', async ({ page, context }) => {
  const email = unique('zoe');
  await page.goto(`${server.url}/console`);
  await page.getByRole('button', { name: 'Create an account' }).click();
  await page.getByLabel('Name').fill('Zoe Unconfirmed');
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByLabel('Password, again').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create the account' }).click();
  await expect(page.getByText('Confirm your e-mail address')).toBeVisible();
  await expect(page.getByText(`on its way to ${email}`)).toBeVisible();
  // One mail was sent just now.
  await tabTo(page, page.getByRole('button', { name: 'Send another mail' }));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText('You can ask for another one in 5 minutes.');
  const link = await linkFor(email);
  const other = await context.newPage();
  await other.goto(link);
  await expect(title(other, 'Confirm your e-mail address')).toBeVisible();
  // The token has left the address bar.
  expect(other.url()).toMatch(/\/console\/link$/);
  await tabTo(other, other.getByRole('button', { name: 'Confirm the e-mail address' }));
  await other.keyboard.press('Enter');
  await expect(title(other, 'The e-mail address is confirmed')).toBeVisible();
  await expect(other.getByText('You are signed in already.')).toBeVisible();
  // The session of the sign-up goes on, with the role of new accounts.
  await tabTo(other, other.getByRole('link', { name: 'Go on' }));
  await other.keyboard.press('Enter');
  await expect(title(other, 'Own account')).toBeVisible();
  await expect(other.getByRole('heading', { name: 'Profile' })).toBeVisible();
  await other.close();
  // Whoever comes back to the tab that waited is in there, too. A browser without windows never hides one.
  await expect(page.getByText('Confirm your e-mail address')).toBeVisible();
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await expect(page.getByRole('heading', { name: 'Profile' })).toBeVisible();
  await expect(page.getByText('Confirm your e-mail address')).toBeHidden();
  // It works once.
  await page.goto(link);
  await expect(title(page, 'This link does not work')).toBeVisible();
});

test('a link is followed in a browser where nobody is signed in, and in German', async ({ page }) => {
  const email = unique('dora');
  await signUp('Dora Elsewhere', email);
  await page.goto(await linkFor(email));
  await page.getByLabel('Language').selectOption('de');
  await expect(title(page, 'Ihre E-Mail-Adresse bestätigen')).toBeVisible();
  await page.getByLabel('Sprache').selectOption('en');
  await page.getByRole('button', { name: 'Confirm the e-mail address' }).click();
  await expect(page.getByText(`${email} is yours. You can sign in with it.`)).toBeVisible();
  await page.getByRole('link', { name: 'To the sign-in page' }).click();
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Profile' })).toBeVisible();
});

test('an administrator sees who waits, and lets somebody in without the link', async ({ page }) => {
  const email = unique('ursula');
  const { id } = await signUp('Ursula Waiting', email);
  // Once somebody is let in, a mail that waits is not sent.
  const link = await linkFor(email);
  await enter(page, admin.token);
  await page.goto(`${server.url}/console/people/${id}`);
  const notice = page.getByRole('region', { name: 'The e-mail address is not confirmed yet' });
  await expect(notice).toContainText('Role afterwards: User.');
  await expect(page.getByLabel('Role')).toHaveValue('pending');
  await page.getByLabel('Role').selectOption('user');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(notice).toBeHidden();
  await expect(page.getByLabel('Role')).toHaveValue('user');
  // Another e-mail address has to be confirmed, too.
  await page.getByLabel('E-mail address').fill(`new.${email}`);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(notice).toContainText('Role afterwards: User.');
  await expect(page.getByLabel('Role')).toHaveValue('pending');
  await page.goto(`${server.url}/console/trail?action=user.confirm_link_made&subject=${id}`);
  await expect(page.locator('.event')).toHaveCount(2);
  // The link to the e-mail address before is dead.
  await page.goto(link);
  await expect(title(page, 'This link does not work')).toBeVisible();
});

test('who was let in meanwhile and asks for another mail is in', async ({ page }) => {
  const { id, token } = await signUp('Mia Meanwhile', unique('mia'));
  await enter(page, token);
  await page.goto(`${server.url}/console`);
  await expect(page.getByText('Confirm your e-mail address')).toBeVisible();
  const { name, email, profile_image_url } = await admin.send<Record<string, unknown>>('GET', `/users/${id}`);
  await admin.send('POST', `/users/${id}/update`, { name, email, profile_image_url, role: 'user' });
  await page.getByRole('button', { name: 'Send another mail' }).click();
  await expect(page.getByRole('heading', { name: 'Profile' })).toBeVisible();
  await expect(page.getByText('Confirm your e-mail address')).toBeHidden();
});

for (const theme of ['light', 'dark'] as const) {
  for (const width of [1360, 390]) {
    test.describe(`${theme}, ${width} px`, () => {
      test.use({ colorScheme: theme, viewport: { width, height: width > 500 ? 850 : 844 } });

      test('looks', async ({ page }) => {
        const email = unique('willhelmina.with.a.long.name');
        const { id, token } = await signUp('Willhelmina Waits', email);
        await page.goto(await linkFor(email));
        await expect(title(page, 'Confirm your e-mail address')).toBeVisible();
        await look(page, `confirm-link-${width}-${theme}`, true);
        await enter(page, token);
        await page.goto(`${server.url}/console/account`);
        const again = page.getByRole('button', { name: 'Send another mail' });
        await again.click();
        await expect(page.getByRole('alert')).toBeVisible();
        await expect(page.locator('.loading')).toHaveCount(0);
        await look(page, `confirm-account-${width}-${theme}`, true);
        await enter(page, admin.token);
        await page.goto(`${server.url}/console/people/${id}`);
        await expect(page.getByRole('region', { name: 'The e-mail address is not confirmed yet' })).toBeVisible();
        await expect(page.locator('.loading')).toHaveCount(0);
        await look(page, `confirm-person-${width}-${theme}`, true);
        await enter(page, token);
        await page.goto(await linkFor(email));
        await page.getByRole('button', { name: 'Confirm the e-mail address' }).click();
        await expect(title(page, 'The e-mail address is confirmed')).toBeVisible();
        await look(page, `confirm-done-${width}-${theme}`, true);
      });
    });
  }
}
