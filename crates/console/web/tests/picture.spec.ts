// The picture at the top of the README: `npm run picture` makes it anew.
import { open, test } from './test.js';

const target = process.env['ROSTERD_PICTURE'];

test('the list of people, for the README', async ({ page }) => {
  test.skip(!target, 'nobody asked for the picture');
  await page.setViewportSize({ width: 1280, height: 720 });
  await open(page, 'people?by=name&direction=asc', 'People');
  const boxes = page.locator('.people tbody input');
  await boxes.nth(1).click();
  await boxes.nth(4).click({ modifiers: ['Shift'] });
  await page.mouse.move(0, 0);
  await page.screenshot({ path: target as string });
});
