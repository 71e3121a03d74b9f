import { configure, getUserSettings, updateUserSettings } from '@rosterd/client/open-webui';

export async function darken(baseUrl: string, token: string): Promise<unknown> {
  configure({ baseUrl });
  const settings = await getUserSettings(token).catch((detail: unknown) => {
    console.error(detail);
    return null;
  });
  return updateUserSettings(token, { ui: { ...settings?.ui, theme: 'dark' } });
}
