// E-mail addresses that are to be confirmed, at a server of its own.
import { mailsFor, startMailbox, type Mailbox } from './mailbox.js';
import { firstAdmin, PASSWORD } from './roster.js';
import { startServer, type Server } from './server.js';
import { expect, tabTo, test } from './test.js';

test.use({ signedIn: false, allowed: /status of (400|401|429)/ });

let mailbox: Mailbox;
let server: Server;

test.beforeAll(async () => {
  mailbox = await startMailbox();
  const mail = { ROSTERD_SMTP_URL: mailbox.smtp, ROSTERD_MAIL_FROM: 'rosterd <rosterd@example.com>' };
  server = await startServer({ ...mail, ROSTERD_CONFIRM_EMAIL: 'true', ROSTERD_PUBLIC_URL: 'https://chat.example.com' });
  const api = await firstAdmin(server.url);
  const config = await api.send<object>('GET', '/auths/admin/config');
  await api.send('POST', '/auths/admin/config', { ...config, ENABLE_SIGNUP: true, DEFAULT_USER_ROLE: 'user' });
});

test.afterAll(async () => {
  await server.stop();
  await mailbox.stop();
});

test('who signs up confirms the e-mail address by the keyboard alone, and is in', async ({ page }) => {
  const email = `zoe.${Date.now()}@example.com`;
  await page.goto(`${server.url}/console`);
  await page.getByRole('button', { name: 'Create an account' }).click();
  await page.getByLabel('Name').fill('Zoe Unconfirmed');
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  const again = page.getByLabel('Password, again');
  if (await again.isVisible()) await again.fill(PASSWORD);
  await page.getByRole('button', { name: 'Create the account' }).click();
  await expect(page.getByText('Confirm your e-mail address')).toBeVisible();
  await expect(page.getByText(`on its way to ${email}`)).toBeVisible();
  // One mail was sent just now.
  await tabTo(page, page.getByRole('button', { name: 'Send another mail' }));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert').filter({ hasText: 'Wait' })).toBeVisible();
  const find = async () => (await mailsFor(email, mailbox.url)).map(({ text }) => /link#rl_\S+/.exec(text)?.[0]).find((link) => link !== undefined) ?? '';
  await expect.poll(find, { timeout: 30_000 }).not.toBe('');
  await page.goto(`${server.url}/console/${await find()}`);
  await expect(page.getByRole('heading', { level: 1, name: 'Confirm your e-mail address' })).toBeVisible();
  expect(page.url()).toMatch(/\/console\/link$/);
  await tabTo(page, page.getByRole('button', { name: 'Confirm the e-mail address' }));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'The e-mail address is confirmed' })).toBeVisible();
  await page.getByRole('link', { name: 'To the sign-in page' }).click();
  // The session of the sign-up goes on, with the role of new accounts.
  await expect(page.getByRole('heading', { level: 1, name: 'Own account' })).toBeVisible();
  await expect(page.getByText('Confirm your e-mail address')).toBeHidden();
  await page.goto(`${server.url}/console/${await find()}`);
  await expect(page.getByRole('heading', { level: 1, name: 'This link does not work' })).toBeVisible();
});
