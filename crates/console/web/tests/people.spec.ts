// The list of people: finding, selecting, and work over many.
import { expect, open, test, toast } from './test.js';

const rows = '.people tbody tr';

test('people are found, filtered and sorted, and the filter is in the URL', async ({ page }) => {
  await open(page, 'people', 'People');
  await expect(page.getByText(/^100 of [\d,]+ shown$/)).toBeVisible();
  await page.getByRole('searchbox').fill('okafor');
  await expect(page).toHaveURL(/query=okafor/);
  await expect(page.locator(rows).first()).toContainText(/okafor/i);
  await page.getByLabel('Role').selectOption('pending');
  await expect(page).toHaveURL(/role=pending/);
  await expect(page.locator(`${rows} .tag.role-pending`).first()).toBeVisible();
  await expect(page.locator(`${rows} .tag.role-user`)).toHaveCount(0);
  await page.getByRole('button', { name: 'Name' }).click();
  await expect(page.locator('th[aria-sort="ascending"]')).toContainText('Name');
  const shown = await page.locator(`${rows} .who a`).allTextContents();
  expect(shown.length).toBeGreaterThan(5);
  await page.reload();
  await expect(page.getByRole('searchbox')).toHaveValue('okafor');
  await expect(page.getByLabel('Role')).toHaveValue('pending');
  await expect(page.locator(`${rows} .who a`).first()).toHaveText(shown[0] as string);
  await page.getByLabel('Group').selectOption({ label: 'Support' });
  await expect(page).toHaveURL(/group=/);
  await page.getByRole('searchbox').fill('nobody has this name');
  await expect(page.getByText('Nobody matches')).toBeVisible();
  await page.getByRole('button', { name: 'Clear the filter' }).click();
  await expect(page.locator(rows)).toHaveCount(100);
});

test('a range of 500 is given a role, with a result for each', async ({ page, api }) => {
  await open(page, 'people?by=email&direction=asc&role=user', 'People');
  await expect(page.locator(rows)).toHaveCount(100);
  for (let shown = 200; shown <= 500; shown += 100) {
    await page.getByRole('button', { name: 'Show more' }).click();
    await expect(page.locator(rows)).toHaveCount(shown);
  }
  const boxes = page.locator(`${rows} input`);
  await boxes.nth(0).click();
  await boxes.nth(499).click({ modifiers: ['Shift'] });
  await expect(page.getByText('500 selected')).toBeVisible();
  const first = await page.locator(`${rows} .who a`).first().getAttribute('href');
  await page.getByRole('button', { name: 'Give a role' }).click();
  await page.getByRole('dialog').getByLabel('Role').selectOption('pending');
  await page.getByRole('dialog').getByRole('button', { name: 'Start' }).click();
  await expect(page.getByText('Done: 500 of 500')).toBeVisible({ timeout: 60_000 });
  await expect(page.locator('.results tbody tr')).toHaveCount(500);
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
  const id = decodeURIComponent((first as string).split('/').pop() as string);
  expect((await api.send<{ role: string }>('GET', `/users/${id}`)).role).toBe('pending');
});

test.describe('with refusals', () => {
  test.use({ allowed: /status of 403/ });

  test('a deletion that is refused for one is told at its row, and can be tried again', async ({ page, api }) => {
    await api.add('Doomed One', 'doomed.one@example.com');
    await api.add('Doomed Two', 'doomed.two@example.com');
    await open(page, 'people?query=doomed', 'People');
    await page.getByLabel('Select everybody shown').check();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByRole('button', { name: 'Delete' })).toBeDisabled();
    await dialog.getByLabel(/Type “2”/).fill('2');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await expect(page.getByText('Done: 2 of 2')).toBeVisible();
    await page.keyboard.press('Escape');

    await open(page, 'people?query=ada%40example.com', 'People');
    await page.getByLabel('Select Ada Lovelace').check();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await dialog.getByLabel(/Type “1”/).fill('1');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await expect(page.getByText('Done: 0 of 1, 1 failed')).toBeVisible();
    await expect(page.locator('.results tr.failed')).toContainText('Ada Lovelace');
    await dialog.getByRole('button', { name: 'Try the failed ones again' }).click();
    await expect(page.getByText('Done: 0 of 1, 1 failed')).toBeVisible();
  });
});

test('rows are selected by the keyboard alone, and all who match with a click', async ({ page, api }) => {
  const { total } = await api.send<{ total: number }>('GET', '/users/?query=tanaka&limit=1');
  await open(page, 'people?query=tanaka&by=email&direction=asc', 'People');
  const boxes = page.locator(`${rows} input`);
  await boxes.nth(1).focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Shift+Space');
  await expect(page.getByText('4 selected')).toBeVisible();
  await page.getByRole('button', { name: /Select all \d+ who match/ }).click();
  await expect(page.getByText(`${total} selected`, { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Select nobody' }).click();
  await expect(page.locator('.chosen-bar')).toBeHidden();
});

test('everybody who matches is added to a group, also those who are not shown, by a call for many', async ({ page, api }) => {
  const group = await api.group('All Rossis');
  const { total } = await api.send<{ total: number }>('GET', '/users/?query=rossi&limit=1');
  await open(page, 'people?query=rossi', 'People');
  await page.getByLabel('Select everybody shown').check();
  await page.getByRole('button', { name: /Select all \d+ who match/ }).click();
  await expect(page.getByText(`${total} selected`)).toBeVisible();
  const calls: string[] = [];
  page.on('request', (request) => request.url().endsWith('/users/bulk') && calls.push(request.postData() ?? ''));
  await page.getByRole('button', { name: 'Add to a group' }).click();
  await page.getByRole('dialog').getByLabel('Group').selectOption(group.id);
  await page.getByRole('dialog').getByRole('button', { name: 'Start' }).click();
  await expect(page.getByText(`Done: ${total} of ${total}`)).toBeVisible({ timeout: 60_000 });
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
  expect(calls.map((body) => JSON.parse(body) as unknown)).toEqual([{ action: 'add_to_group', group_id: group.id, query: { query: 'rossi' } }]);
  expect((await api.send<{ member_count: number }>('GET', `/groups/id/${group.id}`)).member_count).toBe(total);
  // Who takes somebody out of everybody goes on with those who are shown.
  await page.getByLabel('Select everybody shown').check();
  await page.getByRole('button', { name: /Select all \d+ who match/ }).click();
  await page.locator(`${rows} input`).nth(2).click();
  await expect(page.getByText('99 selected')).toBeVisible();
});

test('work goes on in the background while another page is shown', async ({ page }) => {
  await open(page, 'people?query=garcia&by=email&direction=asc', 'People');
  await page.getByLabel('Select everybody shown').check();
  await page.getByRole('button', { name: 'Delete API keys' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete API keys' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Go on in the background' }).click();
  await page.getByRole('link', { name: 'Groups' }).click();
  await page.getByRole('button', { name: 'Done: 100 of 100' }).click();
  await expect(page.locator('.results tbody tr')).toHaveCount(100);
  await page.keyboard.press('Escape');
});

test('somebody is added by the keyboard alone, and a fault is shown at its field', async ({ page }) => {
  await open(page, 'people', 'People');
  await page.getByRole('button', { name: 'Add somebody' }).focus();
  await page.keyboard.press('Enter');
  await page.getByLabel('Name', { exact: true }).focus();
  await page.keyboard.type('Keyed In');
  await page.keyboard.press('Tab');
  await page.keyboard.type(`keyed.${Date.now()}@example.com`);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.type('Correct-Horse-8');
  await page.keyboard.press('Enter');
  await toast(page, 'Keyed In has an account.');
  await expect(page.getByRole('heading', { level: 1, name: 'Keyed In' })).toBeVisible();
});
