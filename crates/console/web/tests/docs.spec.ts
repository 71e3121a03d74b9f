// The page of the API: schemas, curl lines, rules, the filter, and that it folds on a phone.
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from './test.js';

test.use({ signedIn: false });

test('the page of the API finds "api key", shows fields, rules and a curl line', async ({ page }) => {
  await page.goto('/docs/');
  await expect(page.getByText(/^Version .*OpenAPI/)).toBeVisible();
  const article = page.locator('article[id="createNamedAPIKey"]');
  await expect(article.getByText('required').first()).toBeVisible();
  await expect(article.locator('.curl pre')).toContainText("curl -X POST -H \"Authorization: Bearer $TOKEN\"");
  await page.getByRole('searchbox').fill('api key');
  await expect(page.getByRole('link', { name: 'createNamedAPIKey' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'getUserSettings' })).toBeHidden();
  await page.getByRole('searchbox').fill('');
  await expect(page.locator('#rule-P1')).toBeAttached();
  const linked = page.locator('#operations a[href^="#rule-"]').first();
  const target = await linked.getAttribute('href');
  await linked.click();
  await expect(page.locator(target as string)).toBeInViewport();
});

for (const [theme, width] of [['light', 1360], ['dark', 390]] as const) {
  test.describe(`${theme}, ${width} px`, () => {
    test.use({ colorScheme: theme, viewport: { width, height: 844 } });

    test('axe finds nothing on the page of the API', async ({ page }) => {
      await page.goto('/docs/');
      await expect(page.getByText(/^Version .*OpenAPI/)).toBeVisible();
      expect(await page.locator('#fold').evaluate((fold) => (fold as HTMLDetailsElement).open)).toBe(width > 800);
      const { violations } = await new AxeBuilder({ page }).exclude('#schemas').exclude('#rules').analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(over).toBeLessThanOrEqual(0);
    });
  });
}
