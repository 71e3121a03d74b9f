// Webhooks: making one, its test, secret and deliveries, by mouse and by the keyboard alone.
import type { Locator, Page } from '@playwright/test';
import { expect, open, tabTo, test, toast } from './test.js';

test.use({ allowed: /status of (404|422)/ });

const receiver = () => process.env['CONSOLE_RECEIVER'] as string;
const card = (page: Page, title: string) => page.locator('section.card', { has: page.getByRole('heading', { level: 2, name: title, exact: true }) });

/** Reads the deliveries again until one looks like this. */
async function until(page: Page, wanted: Locator): Promise<void> {
  await expect(async () => {
    await page.getByRole('button', { name: 'Read again' }).click();
    await expect(wanted.first()).toBeVisible({ timeout: 1000 });
  }).toPass({ timeout: 30_000 });
}

test('a webhook is made, tested, changed, switched off and on, and deleted', async ({ page, api }) => {
  await open(page, 'webhooks', 'Webhooks');
  await expect(page.getByRole('row', { name: /Billing/ })).toContainText('on');
  await page.getByRole('button', { name: 'New webhook' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('URL').fill(`${receiver()}/taken?of=mouse`);
  await dialog.getByLabel('Events').fill('group.created\nUsers');
  await dialog.getByRole('button', { name: 'Create the webhook' }).click();
  await expect(dialog.getByLabel('Events')).toHaveAttribute('aria-invalid', 'true');
  await dialog.getByLabel('Events').fill('group.created, group.deleted');
  await dialog.getByRole('button', { name: 'Create the webhook' }).click();
  await expect(dialog.getByLabel(/Copy the secret now/)).toHaveValue(/^whsec_/);
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(page.getByRole('heading', { level: 1, name: new URL(receiver()).host })).toBeVisible();

  await page.getByRole('button', { name: 'Send a test' }).click();
  await expect(page.getByText('The receiver took the test (status 204).')).toBeVisible();
  await api.group('Told by a webhook');
  const delivered = page.locator('.event', { hasText: 'group.created' }).filter({ hasText: 'delivered' });
  await until(page, delivered);
  await delivered.first().getByText('Details').click();
  await expect(delivered.first()).toContainText('webhook-id');
  await delivered.first().getByRole('button', { name: /Send again: group.created/ }).click();
  await toast(page, 'It is sent again.');
  await until(page, delivered);

  const profile = card(page, 'What is sent where');
  await profile.getByLabel('What it is for').fill('Tests by mouse');
  await profile.getByRole('button', { name: 'Save' }).click();
  await toast(page, 'Saved.');
  await page.getByRole('button', { name: 'Replace the secret' }).click();
  await dialog.getByLabel('The secret before signs too').selectOption('for an hour');
  await dialog.getByRole('button', { name: 'Replace the secret' }).click();
  await expect(dialog.getByLabel(/Copy the secret now/)).toHaveValue(/^whsec_/);
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(card(page, 'How it stands')).toContainText('Previous secret');
  await page.getByRole('button', { name: 'Switch off' }).click();
  await expect(card(page, 'How it stands')).toContainText('An administrator switched it off');
  await page.getByRole('button', { name: 'Switch on' }).click();
  await toast(page, 'It is on');
  await expect(page.getByRole('button', { name: 'Switch off' })).toBeVisible();

  await card(page, 'Delete this webhook').getByRole('button').click();
  await dialog.getByRole('button', { name: 'Delete this webhook' }).click();
  await toast(page, 'The webhook is deleted.');
  await expect(page.getByRole('heading', { level: 1, name: 'Webhooks' })).toBeVisible();
  await expect(page.getByRole('cell', { name: /of=mouse/ })).toHaveCount(0);
});

test('deliveries that fail are found by their state, which is in the URL, and a receiver that wants no more is told', async ({ page, api }) => {
  const busy = await api.webhook(`${receiver()}/busy`, ['group.created'], 'Fails');
  await api.group('Nobody takes it');
  await open(page, `webhooks/${busy.id}?state=waiting`, new URL(receiver()).host);
  await expect(page.getByLabel('State')).toHaveValue('waiting');
  await until(page, page.locator('.event', { hasText: 'the receiver answered with status 503' }));
  await page.getByLabel('State').selectOption('failed');
  await expect(page).toHaveURL(/state=failed/);
  await expect(page.getByText('No delivery is in this state.')).toBeVisible();
  await page.getByRole('button', { name: 'Send a test' }).click();
  await expect(page.getByText('Not delivered: the receiver answered with status 503.')).toBeVisible();

  const gone = await api.webhook(`${receiver()}/gone`, ['group.created'], 'Gone');
  await api.group('Nobody wants it');
  await expect(async () => {
    const all = await api.send<{ id: string; enabled: boolean }[]>('GET', '/webhooks');
    expect(all.find((webhook) => webhook.id === gone.id)?.enabled).toBe(false);
  }).toPass({ timeout: 30_000 });
  await open(page, `webhooks/${gone.id}`, new URL(receiver()).host);
  await expect(card(page, 'How it stands')).toContainText('the receiver answered 410');
  for (const { id } of [busy, gone]) await api.send('DELETE', `/webhooks/${id}`);
  await page.reload();
  await expect(page.getByRole('heading', { level: 1, name: 'There is no such webhook' })).toBeVisible();
});

test('a webhook is made, tested, rotated and deleted by the keyboard alone', async ({ page }) => {
  await open(page, 'webhooks', 'Webhooks');
  const press = async (target: Locator) => {
    await tabTo(page, target);
    await page.keyboard.press('Enter');
  };
  const dialog = page.getByRole('dialog');
  await press(page.getByRole('button', { name: 'New webhook' }));
  await tabTo(page, dialog.getByLabel('URL'));
  await page.keyboard.type(`${receiver()}/taken?of=keys`);
  await page.keyboard.press('Tab');
  await page.keyboard.type('webhook.*');
  await page.keyboard.press('Tab');
  await page.keyboard.type('Tests by keys');
  await page.keyboard.press('Enter');
  await expect(dialog.getByLabel(/Copy the secret now/)).toHaveValue(/^whsec_/);
  await press(dialog.getByRole('button', { name: 'Close' }));
  await expect(page.getByRole('heading', { level: 1, name: new URL(receiver()).host })).toBeVisible();
  await press(page.getByRole('button', { name: 'Send a test' }));
  await expect(page.getByText(/The receiver took the test/)).toBeVisible();
  await press(page.getByRole('button', { name: 'Replace the secret' }));
  await tabTo(page, dialog.getByLabel('The secret before signs too'));
  await page.keyboard.press('Home');
  await press(dialog.getByRole('button', { name: 'Replace the secret' }));
  await expect(dialog.getByLabel(/Copy the secret now/)).toHaveValue(/^whsec_/);
  await press(dialog.getByRole('button', { name: 'Close' }));
  await expect(card(page, 'How it stands')).not.toContainText('Previous secret');
  await tabTo(page, page.getByLabel('State'));
  await page.keyboard.press('End');
  await expect(page).toHaveURL(/state=failed/);
  await page.keyboard.press('Home');
  await expect(page).not.toHaveURL(/state=/);
  await until(page, page.locator('.event', { hasText: 'webhook.rotated' }));
  await press(card(page, 'Delete this webhook').getByRole('button'));
  await press(dialog.getByRole('button', { name: 'Delete this webhook' }));
  await toast(page, 'The webhook is deleted.');
});

test.describe('what goes wrong', () => {
  test.use({ allowed: /status of (409|412)/ });

  test('a conflict shows both versions, and a refusal of the API is shown in its words', async ({ page, api }) => {
    const hook = await api.webhook(`${receiver()}/taken`, ['group.updated'], 'Before');
    await open(page, `webhooks/${hook.id}`, new URL(receiver()).host);
    await page.getByLabel('What it is for').fill('Mine');
    await api.send('POST', `/webhooks/${hook.id}/update`, { description: 'Theirs', events: ['group.deleted'] });
    await page.getByRole('button', { name: 'Save' }).click();
    const dialog = page.getByRole('dialog', { name: 'Somebody else was faster' });
    await expect(dialog.getByRole('row', { name: /Mine.*Theirs/ })).toBeVisible();
    await dialog.getByRole('button', { name: 'Save this choice' }).click();
    await toast(page, 'Saved.');
    const all = await api.send<{ id: string; description: string; events: string[] }[]>('GET', '/webhooks');
    expect(all.find((one) => one.id === hook.id)).toMatchObject({ description: 'Mine', events: ['group.deleted'] });
    await api.send('DELETE', `/webhooks/${hook.id}`);

    await page.route('**/api/v1/webhooks', (route) =>
      route.fulfill({ status: 409, json: { detail: 'Webhooks are sent from the audit log, which is switched off.', code: 'CONFLICT' } }),
    );
    await page.goto('/console/webhooks');
    await expect(page.getByRole('alert')).toContainText('the audit log, which is switched off');
    await page.unroute('**/api/v1/webhooks');
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect(page.getByRole('row', { name: /Billing/ })).toBeVisible();
  });

  test('without webhooks it says what to do next, in German too', async ({ page }) => {
    await page.route('**/api/v1/webhooks', (route) => route.fulfill({ json: [] }));
    await open(page, 'webhooks', 'Webhooks');
    await expect(page.getByText('No webhooks')).toBeVisible();
    await page.evaluate(() => localStorage.setItem('rosterd.language', 'de'));
    await page.reload();
    await expect(page.getByText('Keine Webhooks')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Neuer Webhook' })).toBeVisible();
  });
});
